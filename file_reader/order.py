"""What is asked of the reader, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: A row of a file: its line (or the sheet's row) and its cells as text.
NumberedRow = tuple[int, list[str]]

MEGABYTE: Final = 2**20
#: What a list of students must have.
STUDENT_COLUMNS: Final = "Matrícula, CURP, Nombre, Primer apellido, Segundo apellido y Fecha de inscripción"


class FileRefused(ValueError):
    """The file is no list; str() is one Spanish sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """Which file to read, what a heading may be called, and what may be spent on it.

    `headings`: keys (`words.key`) of every heading known; `sought`: those a list must have, in Spanish, for one without.
    `unpacked` in bytes. `shown_only`: rows that the workbook hides are left out.
    """

    path: str
    filename: str
    headings: frozenset[str]
    max_rows: int
    max_columns: int
    max_cell: int
    unpacked: int
    sought: str = STUDENT_COLUMNS
    shown_only: bool = False
