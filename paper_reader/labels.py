"""The labels of IMSS' papers: which value each names. Compared bare: without accents, case and signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from paper_reader.drawn import Piece
from paper_reader.reading import Field

#: Of the values that are read.
_OF_FIELDS: Final = {
    Field.NSS: "nss numerodeseguridadsocial numerodeseguridadsocialnss tunumerodeseguridadsociales nosegsocial noseguridadsocial",
    Field.CURP: "curp asociadoalacurp clavecurp clave",
    Field.FULL_NAME: "nombresprimerapellidoysegundoapellido nombre nombrecompleto nombredelasegurado nombredelapersona",
    Field.FIRST_NAMES: "nombres",
    Field.FIRST_SURNAME: "primerapellido apellidopaterno",
    Field.SECOND_SURNAME: "segundoapellido apellidomaterno",
    Field.SEX: "sexo",
    Field.BIRTH_DATE: "fechadenacimiento",
    Field.BIRTH_PLACE: "lugardenacimiento entidaddenacimiento",
    Field.FOLIO: "folio foliodelasolicitud foliodelaconstancia",
    Field.ISSUED_ON: "fechadeconstancia fechadelaconstancia fechadesolicituddeltramite fechadeemision fecha",
    Field.RIGHT: "conderechoalserviciomedico derechoalserviciomedico",
    Field.VIGENCIA_UNTIL: "vigente vigentehasta",
    Field.REGISTRO_PATRONAL: "registropatronal",
    Field.EMPLOYER: "nombreorazonsocial razonsocial",
    Field.DELEGACION: "delegacion delegaciondeadscripcion ooad",
    Field.UMF: "umf umfdeadscripcion unidadmedica unidaddemedicinafamiliar unidadmedicafamiliar",
    Field.TURNO: "turno",
    Field.CONSULTORIO: "consultorio consultoriono",
    Field.AGREGADO_MEDICO: "agregadomedico",
}
#: Of what else is printed: where they stand, no value of another label ends up.
_OTHERS: Final = (
    "homoclavedeltramite homoclavedelformato fechadepublicaciondelformatoeneldof cadenaoriginal sellodigital secuencianotarial "
    "numerodeserie estado iniciodevigencia edad subdelegacion direccion calle numero numerointerior numeroexterior "
    "colonia delegacionomunicipio entidadfederativa codigopostal correoelectronico telefonofijo telefonocelular "
    "modalidad horario parentesco nombredelpatron fechadealta fechadebaja salariobase domicilio"
)
LABELS: Final[dict[str, Field | None]] = {
    **dict.fromkeys(_OTHERS.split()),
    **{label: field for field, labels in _OF_FIELDS.items() for label in labels.split()},
}
#: What may be a value too: a label only with its colon.
_WITH_COLON: Final = frozenset({"vigente"})
_BEGINNINGS: Final = frozenset(label[:length] for label in LABELS for length in range(1, len(label) + 1))
#: How far under the first line of a label its second begins, in heights.
_WRAPPED: Final = 1.9
_ALIGNED: Final = 3.0


class Label(NamedTuple):
    """A label on a page: its field (None: not one that is read), between which pieces it stands, whether a colon ends it, and its box."""

    field: Field | None
    first: int
    after: int
    colon: bool
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def labels_of(pieces: Sequence[Piece]) -> list[Label]:
    """Return the labels of a page, in the order of drawing. A word in a sentence is none: a label has a colon, or is a whole chain."""
    found, at = [], 0
    while at < len(pieces):
        label = max(_labels_at(pieces, at), key=lambda each: each.after, default=None)
        found += [label] if label else []
        at = label.after if label else at + 1
    return found


def _labels_at(pieces: Sequence[Piece], first: int) -> Iterator[Label]:
    seen = ""
    begins = first == 0 or pieces[first - 1].chain != pieces[first].chain
    for after in range(first + 1, len(pieces) + 1):
        last = pieces[after - 1]
        if after - 1 > first and last.chain != pieces[after - 2].chain and not _wraps(pieces[first], pieces[after - 2], last):
            return
        seen += last.bare
        if seen and seen not in _BEGINNINGS:
            return
        colon = last.text.endswith(":") or (after < len(pieces) and pieces[after].text == ":")
        if seen in LABELS and (colon or (begins and _ends(pieces, after) and seen not in _WITH_COLON)):
            yield _label(LABELS[seen], pieces[first:after], first, after, colon=colon)


def _ends(pieces: Sequence[Piece], after: int) -> bool:
    return after == len(pieces) or pieces[after].chain != pieces[after - 1].chain


def _wraps(first: Piece, before: Piece, piece: Piece) -> bool:
    """Whether a label goes on in the next line, under its first word."""
    return abs(piece.left - first.left) < _ALIGNED and 0 < piece.middle - before.middle < _WRAPPED * before.height


def _label(field: Field | None, pieces: Sequence[Piece], first: int, after: int, *, colon: bool) -> Label:
    left, top = min(piece.left for piece in pieces), min(piece.top for piece in pieces)
    return Label(field, first, after, colon, left, top, max(piece.right for piece in pieces), max(piece.bottom for piece in pieces))
