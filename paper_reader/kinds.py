"""What a document is, by its titles: a title is a line of its own, not a mention in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from paper_reader.drawn import Drawn
from paper_reader.reading import Kind

#: How many letters more than its words a title may have.
_MORE: Final = 45
_TITLES: Final = (
    (Kind.SEMANAS_COTIZADAS, "constanciadesemanascotizadas tuhistorialaboral totaldesemanascotizadas"),
    (Kind.NO_DERECHOHABIENCIA, "constanciadenoderechohabiencia constanciadenoderechohabiente constanciadenoafiliacion"),
    (Kind.CURP_SHEET, "claveunicaderegistrodepoblacion constanciadelaclaveunicaderegistrodepoblacion constanciadecurp"),
    (
        Kind.EMPLOYER_CONSTANCIA,
        "constanciadepresentaciondemovimientosafiliatorios imssdesdesuempresa constancialaboral constanciadetrabajo cartalaboral",
    ),
    (Kind.ALTA_PATRONAL, "altapatronal altaderegistropatronal avisodeinscripcionpatronal tarjetadeidentificacionpatronal"),
    (
        Kind.WEB_PAGE,
        (
            "httpsserviciosdigitalesimssgobmx wwwimssgobmxderechoh tramiteconcluido solicitudprocesada descargarcomprobante "
            "finalizartramite tunsses gestionaseguradoswebexterno imssdigital"
        ),
    ),
    (Kind.VIGENCIA, "constanciadevigenciadederechos"),
    (Kind.SAV_002, "solicitudderegistrooavisodebajadebeneficiario"),
    (Kind.CLINIC, "registroasegurado cambiodeclinica carnetdecitasmedicas cartillanacionaldesalud"),
    (Kind.NSS_CARD, "tarjetadenumerodeseguridadsocial tarjetadenss tunumerodeseguridadsociales imprimeyrecorta"),
    (
        Kind.NSS_SHEET,
        (
            "asignaciondenumerodeseguridadsocial localizaciondenumerodeseguridadsocial asignacionolocalizaciondenumerodeseguridadsocial "
            "elinstitutomexicanodelsegurosocialhaceconstarque"
        ),
    ),
)
#: What may stand in one file: the first names it.
_TOGETHER: Final = ((Kind.NSS_SHEET, Kind.NSS_CARD), (Kind.CLINIC, Kind.SAV_002))
_SHEET_ONLY: Final = "haceconstarque"


def kind_of(pages: Sequence[Drawn]) -> tuple[Kind, bool]:
    """Return what the document is, and whether it is more than one."""
    lines = [line for page in pages for line in _lines(page)]
    found = {kind for kind, words in _TITLES if any(_is_title(line, title) for title in words.split() for line in lines)}
    if {Kind.NSS_SHEET, Kind.NSS_CARD} <= found and not any(_SHEET_ONLY in line for line in lines):
        found -= {Kind.NSS_SHEET}
    for first, other in _TOGETHER:
        if first in found:
            found -= {other}
    ordered = [kind for kind, _ in _TITLES if kind in found]
    return (ordered[0], len(ordered) > 1) if ordered else (Kind.UNKNOWN, False)


def _lines(page: Drawn) -> Iterator[str]:
    """The chains of a page, each as its bare words put together; and each with the one drawn next, for a title of two lines."""
    lines = ["".join(piece.bare for piece in chain) for _, chain in groupby(page.pieces, key=lambda piece: piece.chain)]
    yield from lines
    yield from map("".join, pairwise(lines))


def _is_title(line: str, title: str) -> bool:
    return line.startswith(title) and len(line) <= len(title) + _MORE
