"""The columns of a list of opening covers: those of the roll that name a person, and what is said of the cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from afiliacion.cases.states import Proof
from afiliacion.roll.findings import WrongColumns
from afiliacion.roll.parse import dates
from afiliacion.roll.parse.columns import BY_NAME, RollColumn, positions
from afiliacion.roll.parse.parsers import Parse
from afiliacion.roll.parse.tidy import CellError
from file_reader.facts import ColumnFacts
from file_reader.words import key
from students.registro_patronal import parse

_PROOFS: Final = {
    **dict.fromkeys(("constancia", "constanciavigencia", "constanciavigenciaderechos", "vigencia"), Proof.CONSTANCIA),
    **dict.fromkeys(("sua", "idse", "suaidse", "lista", "listasua", "listaidse", "emision"), Proof.LIST),
    **dict.fromkeys(("palabra", "escuela", "palabraescuela", "dichoescuela"), Proof.WORD),
}


def _proof(written: str) -> Proof:
    found = _PROOFS.get(key(written))
    if found is None:
        raise CellError("No se entiende: escriba Constancia, SUA, IDSE o Escuela.")
    return found


def _always(read: Parse) -> Any:
    return lambda _: read


COLUMNS: Final = (
    BY_NAME["matricula"], BY_NAME["curp"], BY_NAME["nss"],
    RollColumn("registro_patronal", "Registro patronal", "", _always(parse), repeats=True,
               aliases="registropatronal regpatronal regpat registropat rp registro"),
    RollColumn("desde", "Asegurado desde", "", dates.reader, asks=dates.by_proof, repeats=True,
               aliases="desde fechaalta fechaaltaimss alta altaimss fechamovimiento vigentedesde aseguradodesde iniciovigencia"),
    RollColumn("prueba", "Cómo consta", "", _always(_proof), repeats=True,
               aliases="prueba constancia fuente comoconsta comprobante origen"),
)  # fmt: skip
_KNOWN: Final = {spelling: column for column in COLUMNS for spelling in column.keys}
HEADINGS: Final = frozenset(_KNOWN)


def bind(headers: Sequence[str]) -> dict[str, int]:
    """Which position of a row holds which column. Raises WrongColumns."""
    found = positions(headers, _KNOWN)
    doubled = next((name for name, at in found.items() if len(at) > 1), None)
    if doubled:
        raise WrongColumns(f"Más de una columna dice ser «{_label(doubled)}». Deje solo una.")
    if not {"matricula", "curp"} & found.keys():
        raise WrongColumns("Falta por quién es cada fila: agregue la columna Matrícula o la columna CURP.")
    return {name: at[0] for name, at in found.items()}


def parsers_of(where: dict[str, int], facts: Sequence[ColumnFacts]) -> dict[str, Parse]:
    """The parser of each column found, by what the whole column says."""
    by_name = {column.name: column for column in COLUMNS}
    told = {name: facts[at] if at < len(facts) else ColumnFacts() for name, at in where.items()}
    return {name: by_name[name].parser(by_name[name].asks(told[name])) for name in where}


def _label(name: str) -> str:
    return next(column.label for column in COLUMNS if column.name == name)
