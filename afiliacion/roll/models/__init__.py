"""The tables of the roll: imports, what their checks found, their chunks."""

from afiliacion.roll.models.found import Absent, Change, Finding, PersonAnswer, Row, RowKind, Severity
from afiliacion.roll.models.job import AT_WORK, OPEN, WRITING, Chunk, File, Headings, Import, ImportState, Part
from afiliacion.roll.models.opening import Opening, OpeningRow, OpeningState, OpeningVerdict
from afiliacion.roll.models.words import SchoolWord

__all__ = [
    "AT_WORK",
    "OPEN",
    "WRITING",
    "Absent",
    "Change",
    "Chunk",
    "File",
    "Finding",
    "Headings",
    "Import",
    "ImportState",
    "Opening",
    "OpeningRow",
    "OpeningState",
    "OpeningVerdict",
    "Part",
    "PersonAnswer",
    "Row",
    "RowKind",
    "SchoolWord",
    "Severity",
]
