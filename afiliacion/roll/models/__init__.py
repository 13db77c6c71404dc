"""The tables of the roll: imports, what their checks found, their chunks."""

from afiliacion.roll.models.found import Absent, Change, Finding, Kind, Row, Severity
from afiliacion.roll.models.job import AT_WORK, OPEN, WRITING, Chunk, File, Headings, Import, Part, State

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
    "Kind",
    "Part",
    "Row",
    "Severity",
    "State",
]
