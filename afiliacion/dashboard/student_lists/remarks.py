"""The remarks on a list as its page shows them: alike ones as one, with what mends them; and whether the list is strange to the plantel."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from afiliacion.roll import grouped
from afiliacion.roll.findings import RowCounts
from afiliacion.roll.models import Import, Severity
from afiliacion.roll.parse.columns import BY_NAME

#: Rows of each part of a page.
SHOWN: Final = 50


def alike(job: Import, severity: Severity) -> list[tuple[grouped.Alike, str, tuple[str, str] | None]]:
    """The remarks of a kind, alike ones as one: with their column as people call it, and what mends all of them."""
    return [(group, labelled(group.column), _remedy(group)) for group in grouped.alike(job, severity, SHOWN)]


def _remedy(group: grouped.Alike) -> tuple[str, str] | None:
    """The page where one answer mends all rows of a group, and how it is called."""
    if group.column == "fecha_inscripcion" and group.reason.startswith("Falta"):
        return "upload-mapping", "Dar una fecha para todos, o decir en qué columna viene"
    if "Aclarar la lista" in group.reason or (group.column in ("estatus", "sexo") and group.reason.startswith("No se")):
        return "upload-questions", "Aclararlo una vez para todas"
    if group.count > 1 and group.reason.startswith("Falta"):
        return "upload-mapping", "Decir en qué columna viene"
    return None


def stranger(counts: RowCounts) -> dict[str, int] | None:
    """If a list brings hardly any student enrolled here (ROLL_STRANGE_PERCENT): how many it brings, of how many."""
    brought = counts.changed + counts.unchanged + counts.asked
    enrolled = brought + counts.absent
    if counts.absent and 100 * brought < settings.ROLL_STRANGE_PERCENT * enrolled:
        return {"brought": brought, "enrolled": enrolled}
    return None


def labelled(column: str) -> str:
    """A column as people call it; empty for a remark on the whole row."""
    return BY_NAME[column].label if column in BY_NAME else ""
