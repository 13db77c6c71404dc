"""How the columns of an answer may be headed: IMSS publishes none, so they are told by synonyms (docs/domain.md, 7.5 and 7.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.lotes.refusal import DocumentRefused
from file_reader.words import key


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A column of an answer. `spellings`: headings it is told by, as `key` has them."""

    name: str
    label: str
    spellings: str
    needed: bool = False


COLUMNS: Final = (
    AnswerColumn(
        "nss", "NSS", "nss numeroseguridadsocial noseguridadsocial nseguridadsocial numeroseguridad nosegsocial nonss", needed=True
    ),
    AnswerColumn(
        "type", "Tipo de movimiento", "tipomov tipomovimiento movimiento tipo cvemov clavemovimiento tmov tipomovto", needed=True
    ),
    AnswerColumn(
        "fecha", "Fecha del movimiento", "fechamov fechamovimiento fecha fecmov fmovimiento fechamovto fechaaltabaja", needed=True
    ),
    AnswerColumn(
        "codigo", "Código", "codigoerrormovimiento codigoerror codigo error cveerror claveerror coderror codigorechazo claverechazo"
    ),
    AnswerColumn(
        "mensaje", "Mensaje",
        "mensajeerrormovimientos mensajeerror mensaje descripcion descripcionerror motivo motivorechazo causarechazo observaciones",
    ),
    AnswerColumn("estado", "Resultado", "estado estatus status resultado estatusmovimiento estadomovimiento resultadomovimiento"),
    AnswerColumn("clave", "Clave", "clavetrabajador clave cvetrabajador matricula numerotrabajador numerocontrol nocontrol idtrabajador"),
    AnswerColumn("curp", "CURP", "curp"),
    AnswerColumn("nombre", "Nombre", "nombreasegurado nombre asegurado nombretrabajador nombrecompleto"),
    AnswerColumn("nombre_sindo", "Nombre en el IMSS", "nombresindo sindo nombreimss nombreregistroimss"),
    AnswerColumn("extemporaneo", "Extemporáneo", "extemporaneo ext extemporanea"),
    AnswerColumn("registro_patronal", "Registro patronal", "registropatronal registro nrp regpatronal patron registropat"),
    AnswerColumn("digito", "Dígito del registro", "digitoverificadorrp digitoverificador dvrp dv"),
    AnswerColumn("causa", "Causa de baja", "causabaja cbaja causa motivobaja"),
    AnswerColumn("umf", "UMF", "umf unidadmedicinafam unidadmedicinafamiliar"),
    AnswerColumn("lote", "Lote", "lote idlote numerolote nolote numlote"),
)  # fmt: skip
_BY_SPELLING: Final = {spelling: column.name for column in COLUMNS for spelling in column.spellings.split()}
_LABELS: Final = {column.name: column.label for column in COLUMNS}
#: Every heading known: the row with most of them is the header (for `file_reader`).
HEADINGS: Final = frozenset(_BY_SPELLING)
#: At least one of these says what became of a movement.
SAYING: Final = ("codigo", "estado")


class UnknownColumns(DocumentRefused):
    """The headings do not say all that is needed: an officer maps them once. `found`: column name -> position, as far as they do."""

    def __init__(self, missing: Sequence[str], found: Mapping[str, int]) -> None:
        self.missing, self.found = tuple(missing), dict(found)
        super().__init__(
            f"No se encontró en los encabezados: {', '.join(missing)}. Diga qué columna es cada una; se recordará para el próximo archivo."
        )


def bind(headers: Sequence[str], given: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return which position holds which column. `given`: as an officer said of these headings; then nothing is looked for.

    Raises:
        UnknownColumns: if what a row must say is missing.
        DocumentRefused: if two headings say the same.
    """
    found = _said(headers, given) if given is not None else recognised(headers)
    missing = [column.label for column in COLUMNS if column.needed and column.name not in found]
    if not any(name in found for name in SAYING):
        missing.append(f"{_LABELS['codigo']} o {_LABELS['estado']}")
    if missing:
        raise UnknownColumns(missing, found)
    return found


def _said(headers: Sequence[str], given: Mapping[str, int]) -> dict[str, int]:
    return {name: at for name, at in given.items() if name in _LABELS and 0 <= at < len(headers)}


def recognised(headers: Sequence[str]) -> dict[str, int]:
    """The columns that their headings tell. Raises DocumentRefused if two say the same."""
    found: dict[str, int] = {}
    for position, header in enumerate(headers):
        name = _BY_SPELLING.get(key(header))
        if name and found.setdefault(name, position) != position:
            first, second = headers[found[name]], header
            raise DocumentRefused(f"Dos columnas dicen ser «{_LABELS[name]}»: «{first}» y «{second}». Deje solo una.")
    return found
