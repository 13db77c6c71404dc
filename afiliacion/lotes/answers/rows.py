"""The answer of a lote as rows of CSV, text or a workbook, read before by `file_reader` (docs/domain.md, 7.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from afiliacion.cell_text import clean
from afiliacion.lotes.answers import cells
from afiliacion.lotes.answers.checks import must_be_single
from afiliacion.lotes.answers.columns import bind
from afiliacion.lotes.answers.values import Detail, Result
from afiliacion.lotes.refusal import DocumentRefused
from file_reader.order import NumberedRow
from students.registro_patronal import LENGTH

_READERS: Final[dict[str, Callable[[str], object]]] = {
    "type": cells.movement_type, "fecha": cells.day, "lote": cells.text, "clave": cells.text, "curp": cells.text, "nombre": cells.text,
    "nombre_sindo": cells.text, "codigo": cells.text, "mensaje": cells.text, "extemporaneo": cells.yes_or_no, "causa": cells.text,
    "umf": cells.text,
}  # fmt: skip


def read_rows(headers: Sequence[str], lines: Iterable[NumberedRow], given: Mapping[str, int] | None = None) -> Detail:
    """Return what the rows of an answer say. `lines`: each with its line in the file; `given`: see `bind`.

    Raises:
        UnknownColumns: if the headings do not say which column is which.
        DocumentRefused: if there are no rows, or one cannot be understood, or two speak of one movement.
    """
    where = bind(headers, given)
    restored: list[str] = []
    results = [_result(line, row, where, restored) for line, row in lines if any(map(str.strip, row))]
    if not results:
        raise DocumentRefused("El archivo no trae ningún movimiento debajo de sus encabezados.")
    must_be_single(results)
    return Detail(tuple(results), tuple(restored))


def _registro(said: Mapping[str, str]) -> str:
    """The registro patronal of a row, whose check digit may stand in a column of its own."""
    registro = cells.registro(said.get("registro_patronal", ""))
    return registro + said.get("digito", "").strip() if len(registro) == LENGTH - 1 else registro


def _result(line: int, row: Sequence[str], where: Mapping[str, int], restored: list[str]) -> Result:
    place = f"la fila {line}"
    said = {name: clean(row[at]) if at < len(row) else "" for name, at in where.items()}
    try:
        nss, lost = cells.nss(said["nss"])
        verdict = cells.verdict(cells.text(said.get("codigo", "")), said.get("estado", ""))
        values = {name: read(said[name]) for name, read in _READERS.items() if name in said}
    except ValueError as error:
        raise DocumentRefused(f"No se entiende {place}: {error} No se aplicó nada.") from None
    if lost:
        restored.append(place)
    return Result(where=place, nss=nss, verdict=verdict, registro_patronal=_registro(said), **values)  # type: ignore[arg-type]  # by _READERS
