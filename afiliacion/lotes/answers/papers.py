"""IDSE's papers as PDF: which one it is, and what it says. Words come with their places, in no order (docs/domain.md, 7.2 and 7.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from afiliacion.lotes.answers import cells
from afiliacion.lotes.answers.blocks import Blocks
from afiliacion.lotes.answers.checks import must_add_up, must_be_of_its_time, must_be_single
from afiliacion.lotes.answers.counts import counts_of
from afiliacion.lotes.answers.lines import Line, beside, lines_of
from afiliacion.lotes.answers.values import Acuse, Constancia, Heading, Verdict
from afiliacion.lotes.refusal import DocumentRefused
from paper_reader.page import Page

_NO_TEXT: Final = "El PDF no trae texto: es una imagen, quizá la constancia impresa y escaneada. Suba el PDF tal como se descargó de IDSE."
_UNKNOWN: Final = "No se reconoce el documento: no es el acuse de recibo ni la constancia de presentación de movimientos de IDSE."
#: Papers of IMSS that are brought here by mistake, by words of their titles (docs/domain.md, 8.7).
_OTHERS: Final = {
    "vigenciadederechos": "Es una constancia de vigencia de derechos, de un alumno: va en su expediente.",
    "semanascotizadas": "Es una constancia de semanas cotizadas: no dice qué pasó con el lote.",
    "numerodeseguridadsocial": "Es la hoja o tarjeta del NSS de un alumno: va en su expediente.",
    "claveunicaderegistrodepoblacion": "Es una CURP: no dice qué pasó con el lote.",
}
_ACUSE: Final = "acusederecibo"
_CONSTANCIA: Final = "constanciadepresentaciondemovimientosafiliatorios"
_LABELS: Final = {
    "lote": "numerodelote", "folio": "numerodefolio", "rfc": "rfcdelpatron", "registro_patronal": "registropatronal",
    "received_at": "fechayhoraderecepcion", "razon": "razonsocial", "serial": "serialdelcertificado", "sent": "movimientosrecibidos",
    "refused": "movimientosrechazados",
}  # fmt: skip
_FORMS: Final = {
    "lote": re.compile("[0-9]{1,12}", re.ASCII),
    "folio": re.compile("[0-9]{6,30}", re.ASCII),
    "rfc": re.compile("[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}"),
    "registro_patronal": re.compile("[A-Z0-9]{3}-?[0-9]{5}-?[0-9]{2}(-?[0-9])?"),
    "received_at": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?"),
    "refused": re.compile("[0-9]{1,6}", re.ASCII),
}
_SPANISH: Final = {"lote": "el número de lote", "folio": "el folio", "received_at": "la fecha y hora de recepción", "rfc": "el RFC"}
_PAGE: Final = re.compile("(?:pagina|hoja)([0-9]{1,6})de([0-9]{1,6})$")


def read_paper(pages: Sequence[Page]) -> Acuse | Constancia:
    """Return what an acuse de recibo or a constancia de presentación says.

    Raises:
        DocumentRefused: if it is none of the two, has no text, is not whole, cannot be understood, or does not add up.
    """
    lines = lines_of(pages)
    if not lines:
        raise DocumentRefused(_NO_TEXT)
    read = _reader(lines)
    _must_be_whole(lines, len(pages))
    return read(lines)


def _reader(lines: Sequence[Line]) -> Callable[[Sequence[Line]], Acuse | Constancia]:
    """How the document is read, by the title on its first page."""
    first = "".join(line.bare for line in lines if line.page == 1)
    if _CONSTANCIA in first:
        return _constancia
    if _ACUSE in first:
        return _acuse
    raise DocumentRefused(next((reason for words, reason in _OTHERS.items() if words in first), _UNKNOWN))


def _must_be_whole(lines: Sequence[Line], pages: int) -> None:
    """Refuse a document of which a page is missing, doubled or in another place, where its pages are numbered."""
    for line in lines:
        found = _PAGE.search(line.bare)
        if found and (int(found[1]), int(found[2])) != (line.page, pages):
            raise DocumentRefused(
                f"El documento no está completo o en orden: su página {line.page} de {pages} dice ser la {found[1]} de {found[2]}."
            )


def _constancia(lines: Sequence[Line]) -> Constancia:
    begin, end = _section(lines, "informaciongeneral"), _section(lines, "huelladigital")
    heading = _heading(lines[begin:end], ("lote", "folio", "rfc", "received_at"))
    tables = next((at for at in range(end, len(lines)) if lines[at].bare.startswith("patron")), len(lines))
    counts = counts_of(lines[end:tables])
    results = Blocks().read(lines[tables:])
    received, operated, rejected = (counts[title] for title in ("recibidos", "operados", "rechazados"))
    must_add_up(received, operated, rejected, results)
    must_be_single(results)
    must_be_of_its_time(heading, results)
    return Constancia(heading, received, operated, rejected, tuple(row._replace(lote=heading.lote) for row in results))


def _acuse(lines: Sequence[Line]) -> Acuse:
    tables = next((at for at, line in enumerate(lines) if "relaciondemovimientosrechazados" in line.bare), len(lines))
    heading = _heading(lines[:tables], ("lote", "folio"))
    refused = Blocks(heading.registro_patronal, Verdict.RECHAZADO).read(lines[tables:])
    said = _value(lines[:tables], "refused")
    if said and int(said) != len(refused):
        raise DocumentRefused(f"No cuadra: el acuse dice {said} movimientos rechazados y trae {len(refused)} renglones. No se aplicó nada.")
    must_be_single(refused)
    must_be_of_its_time(heading, refused)
    return Acuse(heading, refused)


def _section(lines: Sequence[Line], words: str) -> int:
    at = next((at for at, line in enumerate(lines) if words in line.bare), None)
    if at is None:
        raise DocumentRefused(f"{_UNKNOWN} Le falta una de sus partes: guárdelo para revisarlo.")
    return at


def _heading(lines: Sequence[Line], needed: Sequence[str]) -> Heading:
    """What stands above the movements.

    Raises:
        DocumentRefused: if one of the `needed` is not found.
    """
    said = {name: _value(lines, name) for name in ("lote", "folio", "rfc", "registro_patronal", "received_at")}
    if missing := next((name for name in needed if not said[name]), ""):
        raise DocumentRefused(f"No se encontró {_SPANISH[missing]} en el documento: guárdelo para revisarlo. No se aplicó nada.")
    try:
        received = cells.moment(said["received_at"]) if said["received_at"] else None
    except ValueError as error:
        raise DocumentRefused(f"No se entiende la fecha de recepción: {error} No se aplicó nada.") from None
    return Heading(said["lote"], said["folio"], said["rfc"], cells.registro(said["registro_patronal"]), received)


def _value(lines: Sequence[Line], name: str) -> str:
    return beside(lines, _LABELS[name], [*_LABELS.values()], _FORMS[name])
