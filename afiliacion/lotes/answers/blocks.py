"""The tables of movements on IDSE's papers: which column a word stands in is told by the headings' places (docs/domain.md, 7.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from afiliacion.lotes.answers import cells
from afiliacion.lotes.answers.lines import Line
from afiliacion.lotes.answers.values import Result, Verdict
from afiliacion.lotes.refusal import DocumentRefused
from paper_reader.page import Word, bare
from students.nss import Nss

#: The headings of the operated movements, in their order; three are called Tipo.
OPERATED: Final = ("type", "nss", "nombre", "salario", "extemporaneo", "umf", "tipo_salario", "fecha", "tipo_trabajador", "causa")
_TYPES: Final = ("type", "tipo_salario", "tipo_trabajador")
_HEADINGS: Final = {
    "tipo": "", "nss": "nss", "nombreasegurado": "nombre", "nombre": "nombre", "salbase": "salario", "ext": "extemporaneo", "umf": "umf",
    "fecmov": "fecha", "fechamov": "fecha", "cbaja": "causa", "codigo": "codigo", "error": "codigo", "codigoerror": "codigo",
    "cveerror": "codigo", "motivo": "mensaje", "mensaje": "mensaje", "descripcion": "mensaje", "causarechazo": "mensaje",
    "causaderechazo": "mensaje", "motivorechazo": "mensaje", "motivoderechazo": "mensaje", "clave": "clave", "clavetrabajador": "clave",
    "curp": "curp",
}  # fmt: skip
_BEGINS: Final = {"relaciondemovimientosoperados": Verdict.OPERADO, "relaciondemovimientosrechazados": Verdict.RECHAZADO}
#: What ends the tables.
_ENDS: Final = ("sellodigital", "representacionimpresa", "cadenaoriginal")
_REGISTRO: Final = re.compile(r"[A-Z][0-9]{2}-?[0-9]{5}-?[0-9]{2}(-?[0-9])?")
_NUMBER: Final = re.compile(r"[0-9]{10,11}|[0-9]{10}-[0-9]|[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{4}-[0-9]")
#: A line with these is a row of headings.
_MARKS: Final = frozenset({"nss", "tipo"})
#: How far left of its heading a column may begin, in points.
_SLACK: Final = 8.0
#: What may go on in the next line of a row.
_WRAPS: Final = frozenset({"nombre", "mensaje"})
_NEEDED: Final = ("type", "fecha")
_READERS: Final[dict[str, Callable[[str], object]]] = {
    "type": cells.movement_type, "fecha": cells.day, "nombre": cells.text, "extemporaneo": cells.yes_or_no, "umf": cells.text,
    "causa": cells.text, "codigo": cells.text, "mensaje": cells.text, "clave": cells.text, "curp": cells.text,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table begin, from left to right."""

    names: tuple[str, ...]
    begins: tuple[float, ...]

    def cells(self, line: Line) -> dict[str, str]:
        """The texts of a line by column; words left of all columns are in the first."""
        found: dict[str, list[str]] = {}
        for word in line.words:
            found.setdefault(self._of(word), []).append(word.text)
        return {name: " ".join(texts) for name, texts in found.items()}

    def _of(self, word: Word) -> str:
        middle = (word.left + word.right) / 2
        return next(
            (name for name, begin in zip(reversed(self.names), reversed(self.begins), strict=True) if middle >= begin), self.names[0]
        )


def columns_of(line: Line) -> Columns | None:
    """The columns that a line heads; None if it is no row of headings. Every word of it must be part of a heading that is known."""
    if not all(mark in line.bare for mark in _MARKS) or not _MARKS.issubset(bare(word.text) for word in line.words):
        return None
    spans = list(_headings(line))
    kinds = iter(_TYPES)
    names = tuple(_HEADINGS[heading] or next(kinds, "") for heading, _ in spans)
    if len({*names}) < len(names) or not {"type", "nss", "fecha"} <= {*names}:
        raise DocumentRefused(f"No se reconocen las columnas de {line.where}: guarde el documento para revisarlo. No se aplicó nada.")
    return Columns(names, tuple(_begin(words, before) for (_, words), before in zip(spans, [None, *spans], strict=False)))


def _begin(words: Sequence[Word], before: tuple[str, Sequence[Word]] | None) -> float:
    """Where a column begins: somewhat left of its heading, but not over the heading before it."""
    gap = words[0].left - before[1][-1].right if before else _SLACK
    return words[0].left - min(_SLACK, max(gap, 0) / 2)


def _headings(line: Line) -> Iterator[tuple[str, Sequence[Word]]]:
    """The headings of a line with their words: of those that fit, the longest.

    Raises:
        DocumentRefused: if a word is part of none.
    """
    words, at = [word for word in line.words if bare(word.text)], 0
    while at < len(words):
        fits = [end for end in range(at + 1, len(words) + 1) if "".join(bare(word.text) for word in words[at:end]) in _HEADINGS]
        if not fits:
            raise DocumentRefused(f"No se reconoce la columna «{words[at].text[:40]}» de {line.where}: guarde el documento para revisarlo.")
        yield "".join(bare(word.text) for word in words[at : fits[-1]]), words[at : fits[-1]]
        at = fits[-1]


class Blocks:
    """Reads the tables of movements line by line: under which registro patronal, with which verdict, under which headings."""

    def __init__(self, registro: str = "", verdict: Verdict | None = None) -> None:
        self._registro, self._verdict = registro, verdict
        self._columns: Columns | None = None
        self._rows: list[tuple[Line, str, Verdict, dict[str, str]]] = []

    def read(self, lines: Sequence[Line]) -> tuple[Result, ...]:
        """Return the movements of these lines.

        Raises:
            DocumentRefused: if a table's headings or a row of it cannot be understood.
        """
        for line in lines:
            self._take(line)
        return tuple(_result(*row) for row in self._rows)

    def _take(self, line: Line) -> None:
        text = line.bare
        if registro := self._patron(line):
            self._registro, self._verdict, self._columns = registro, None, None
        elif begins := next((verdict for words, verdict in _BEGINS.items() if words in text), None):
            self._verdict, self._columns = begins, None
        elif any(words in text for words in _ENDS):
            self._verdict, self._columns = None, None
        elif self._verdict is not None and (columns := columns_of(line)):
            self._columns = self._known(columns, line)
        else:
            self._row(line)

    @staticmethod
    def _patron(line: Line) -> str:
        """The registro patronal of a line that begins the block of one; "" if it does not."""
        if not line.bare.startswith("patron") and not line.bare.startswith("registropatronal"):
            return ""
        return next((cells.registro(word.text) for word in line.words if _REGISTRO.fullmatch(word.text.upper())), "")

    def _known(self, columns: Columns, line: Line) -> Columns:
        if self._verdict is Verdict.OPERADO and columns.names != OPERATED:
            raise DocumentRefused(f"Las columnas de {line.where} no son las de los movimientos operados: el formato cambió.")
        return columns

    def _row(self, line: Line) -> None:
        looks_like_one = any(_NUMBER.fullmatch(word.text) for word in line.words)
        if self._columns is None or self._verdict is None:
            if looks_like_one and self._registro:
                raise DocumentRefused(f"Hay un NSS fuera de las tablas de movimientos, en {line.where}: no se aplicó nada.")
            return
        row = self._columns.cells(line)
        if "nss" in row and looks_like_one:
            self._rows.append((line, self._registro, self._verdict, row))
        elif looks_like_one:
            raise DocumentRefused(f"El NSS de {line.where} no está en su columna: no se aplicó nada.")
        elif self._rows and {*row} <= _WRAPS and _follows(line, self._rows[-1][0]):
            _, registro, verdict, before = self._rows[-1]
            joined = {name: f"{before.get(name, '')} {text}".strip() for name, text in row.items()}
            self._rows[-1] = (line, registro, verdict, {**before, **joined})


def _follows(line: Line, before: Line) -> bool:
    """Whether a line stands right under another, as the rest of a text that was too long for its column."""
    return line.page == before.page and line.top - before.bottom < line.bottom - line.top


def _result(line: Line, registro: str, verdict: Verdict, row: dict[str, str]) -> Result:
    if not registro:
        raise DocumentRefused(f"El movimiento de {line.where} no está debajo de ningún registro patronal: no se aplicó nada.")
    try:
        nss = Nss.parse(row["nss"])
        values: dict[str, Any] = {name: read(row[name]) for name, read in _READERS.items() if name in row or name in _NEEDED}
        _check_wage(row.get("salario", ""))
    except (ValueError, KeyError) as error:
        reason = error if isinstance(error, ValueError) else "le falta el tipo o la fecha."
        raise DocumentRefused(f"No se entiende {line.where}: {reason} No se aplicó nada.") from None
    # The column Ext. is empty for who is not late.
    late = {"extemporaneo": values.get("extemporaneo", False)} if verdict is Verdict.OPERADO else {}
    return Result(where=line.where, nss=nss, verdict=verdict, registro_patronal=registro, **{**values, **late})


def _check_wage(written: str) -> None:
    """A wage that is none says that columns were mixed up."""
    if not re.fullmatch(r"(\$?[0-9,]+(\.[0-9]{2})?)?", written.replace(" ", "")):
        raise ValueError(f"«{written[:40]}» no es un salario.")
