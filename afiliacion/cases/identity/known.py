"""Who has a CURP, or had it before it was corrected."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from students.models import FormerValue, Student


def by_curp(curp: str, people: QuerySet[Student] | None = None) -> Student | None:
    """The person with that CURP, else the only one who had it; of `people` (None: of all)."""
    among = Student.objects.all() if people is None else people
    had = FormerValue.objects.filter(field=FormerValue.Field.CURP, search=curp, student=OuterRef("pk"))
    if found := among.filter(curp=curp).first():
        return found
    formerly = list(among.filter(Exists(had))[:2])
    return formerly[0] if len(formerly) == 1 else None
