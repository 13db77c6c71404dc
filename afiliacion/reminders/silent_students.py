"""Students who are never written to, nor their families, of any case: one of theirs was closed by a kind of baja that is silent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from afiliacion.cases.baja_kinds import SILENT
from afiliacion.cases.models import Case

_KINDS: Final = ", ".join(f"'{kind}'" for kind in SILENT)
#: The same in SQL; {student}: the student's id. The kinds are literals, so that the index of these cases alone is used.
IS_SILENT: Final = f"EXISTS (SELECT 1 FROM cases_case silent WHERE silent.student_id = {{student}} AND silent.baja_kind IN ({_KINDS}))"  # noqa: S608
WHY: Final = "consta su defunción, y no se le escribe más, ni a él ni a su familia."


def silent_students(students: Iterable[int]) -> set[int]:
    """Of these students (ids), those who are never written to."""
    return set(Case.objects.filter(student__in=list(students), baja_kind__in=SILENT).values_list("student_id", flat=True))
