"""Who sees to a case: the two choices that are not a colleague, and which assignments hold no longer.

An assignment holds while the user may enter and works at the case's plantel. Without one that holds, a case has no officer (UNASSIGNED).
"""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from afiliacion.dashboard.models import Assignment
from students.models import StaffPost

#: The values of `asignado` for the officer's own cases and for unassigned ones; any other is the id of a colleague.
ME: Final = "yo"
UNASSIGNED: Final = "nadie"

#: That assignment `a` of user `u` to case `c` holds, for lists asked in SQL; `lapsed` asks the same of the ORM.
HOLDS: Final = (
    "u.is_active AND EXISTS (SELECT FROM students_staffpost p WHERE p.user_id = u.id "
    "AND (p.plantel_id IS NULL OR p.plantel_id = c.plantel_id))"
)
_ASSIGNED: Final = "FROM dashboard_assignment a JOIN auth_user u ON u.id = a.user_id"
#: That no assignment of case `c` holds.
WITHOUT: Final = f"NOT EXISTS (SELECT {_ASSIGNED} WHERE a.case_id = c.id AND {HOLDS})"
#: The ids of the cases whose assignment holds no longer.
LEFT: Final = f"SELECT a.case_id {_ASSIGNED} JOIN cases_case c ON c.id = a.case_id WHERE NOT ({HOLDS})"
#: The assignee of case `c` by name, and whether they work there no longer.
WHO: Final = (
    f"(SELECT u.first_name || ' ' || u.last_name || CASE WHEN {HOLDS} THEN '' ELSE ' (ya no trabaja aquí)' END "
    f"{_ASSIGNED} WHERE a.case_id = c.id)"
)
_POSTS: Final = StaffPost.objects.filter(
    Q(plantel=None) | Q(plantel=OuterRef("case__plantel")), user=OuterRef("user"), user__is_active=True
)


def lapsed() -> QuerySet[Assignment]:
    """The assignments that hold no longer: of users who may not enter any more, or do not work at the case's plantel."""
    return Assignment.objects.filter(~Exists(_POSTS))
