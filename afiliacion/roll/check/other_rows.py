"""Rows of a list that are no students: titles of pages and groups, the headings again, totals, signatures. A title may say the group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from afiliacion.roll.parse.columns import ColumnMapping
from afiliacion.roll.parse.parsers import why_no_curp
from file_reader.words import key

#: How many texts such a row has, at most; and how many headings, at least, make a row the headings again.
_FEW: Final = 3
_HEADINGS: Final = 3
_SUMMARY: Final = re.compile(r"(gran)?total|subtotal|suma[sd]?$|sumatoria")
_CODE: Final = re.compile(r"(?=(?:\D*\d){5})[\w./'-]+")
_CURP: Final = re.compile(r"[A-Z]{4}[-\s]?\d{6}[A-Z0-9\s-]{4,12}", re.IGNORECASE)
_GROUP: Final = re.compile(
    r"(?:(?:grado|semestre) y )?(?:grupo|gpo\.?)\s*[:.-]?\s*([\w°º\"'.-]{1,8}(?: [A-Za-z]\b)?)(?=\s*$|\s+turno\b|\s{2,}|\s*[|,;])",
    re.IGNORECASE,
)  # fmt: skip
_GROUP_ALONE: Final = re.compile(r"\d{1,2}\s*[°ºo.]?\s*[-\"']?\s*[A-Z]{1,2}\s*[\"']?", re.IGNORECASE)
_NAMED: Final = 4
_SHOWN: Final = 60


class OtherRows:
    """Tells the rows of a list that are no students from the others; `group`: what the last title of a group said."""

    def __init__(self, mapping: ColumnMapping, titles: Iterable[Sequence[str]] = ()) -> None:
        where = mapping.where
        self._headers = mapping.headers
        self._matricula, self._curp, self._nombre, self._primero = (
            where[name] for name in ("matricula", "curp", "nombre", "primer_apellido")
        )
        self.group = ""
        self.groups: dict[str, None] = {}
        self._found: list[tuple[int, str]] = []
        self._again: list[int] = []
        for cells in titles:
            self._hear_group(cells)

    def takes(self, line: int, cells: Sequence[str]) -> bool:
        """Whether a row is none of a student's; then it is noted."""
        width = len(cells)
        if self._curp < width and len(cells[self._curp].strip()) == 18 and self._nombre < width and cells[self._nombre]:
            return False
        texts = [text for cell in cells if (text := cell.strip())]
        if self._headings_again(cells, texts):
            self._again.append(line)
            return True
        if not self._no_student(cells, texts):
            return False
        self._hear_group(texts)
        self._found.append((line, " ".join(texts)[:_SHOWN]))
        return True

    def _headings_again(self, cells: Sequence[str], texts: Sequence[str]) -> bool:
        same = sum(1 for cell, header in zip(cells, self._headers, strict=False) if header and key(cell) == key(header))
        return same >= _HEADINGS and 2 * same > len(texts)

    def _no_student(self, cells: Sequence[str], texts: Sequence[str]) -> bool:
        def at(position: int) -> str:
            return cells[position].strip() if position < len(cells) else ""

        named = bool(at(self._nombre)) and bool(at(self._primero))
        if not named and texts and _SUMMARY.match(key(texts[0])):
            return True
        if len(texts) > _FEW or _CODE.fullmatch(at(self._matricula)) or _CURP.fullmatch(at(self._curp)):
            return False
        # A matrícula without digits, with a name, is a student's who lacks the rest.
        return not (named and at(self._matricula) and (len(texts) == _FEW or why_no_curp(at(self._curp))))

    def _hear_group(self, cells: Sequence[str]) -> None:
        texts = [text for cell in cells if (text := cell.strip())]
        said = next((found[1] for text in texts if (found := _GROUP.match(text))), "")
        if not said and len(texts) == 1 and _GROUP_ALONE.fullmatch(texts[0]):
            said = texts[0]
        if said:
            self.group = said.strip()

    def group_of_next(self) -> str:
        """The group that the titles say, noted as used."""
        if self.group:
            self.groups[self.group] = None
        return self.group

    @property
    def notes(self) -> list[str]:
        """What is told of them, in Spanish."""
        said = []
        if self._again:
            said.append(f"Encabezado repetido en {_lines(self._again)}: no se contó.")
        if self._found:
            shown = "; ".join(f"fila {line} «{text}»" for line, text in self._found[:_NAMED])
            more = f" y {len(self._found) - _NAMED} más" if len(self._found) > _NAMED else ""
            said.append(f"Títulos, totales o firmas, que no son alumnos y no se contaron: {shown}{more}.")
        if self.groups:
            shown = ", ".join(list(self.groups)[:_NAMED]) + ("…" if len(self.groups) > _NAMED else "")
            said.append(f"Grupo: se tomó de los títulos de la lista ({shown}).")
        return said


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:_NAMED]))
    return f"la fila {shown}" if len(lines) == 1 else f"las filas {shown}{f' y {len(lines) - _NAMED} más' if len(lines) > _NAMED else ''}"
