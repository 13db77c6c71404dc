"""Which students without CURP a person sees, in the order in which they are asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from afiliacion.cases.identity import without_curp
from afiliacion.cases.models import WithoutCurp
from afiliacion.dashboard.shared.access import Scope
from afiliacion.database.batch_queries import Parameter, RowCount
from students.names import search_key

#: Rows a file is read at a time.
_FETCHED: Final = 500
HEADINGS: Final = (
    "Preguntar el", "Matrícula", "Alumno", "Plantel", "Ciclo", "Grupo", "Por qué", "Correo", "Teléfono", "Fecha de inscripción",
    "Anotado el", "Lo anotó",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WithoutCurpFilters:
    """What the page is asked for: a plantel (id), part of a name or matrícula, and whether those closed."""

    plantel: str = ""
    q: str = ""
    closed: bool = False

    @classmethod
    def of(cls, said: QueryDict) -> WithoutCurpFilters:
        """From what an address says; what means nothing is left out."""
        plantel = said.get("plantel", "")
        known = plantel if plantel.isascii() and plantel.isdigit() and len(plantel) < 10 else ""
        return cls(known, said.get("q", "").replace("\x00", "").strip()[:120], said.get("ver") == "cerrados")

    @property
    def query(self) -> str:
        said = {"plantel": self.plantel, "q": self.q, "ver": "cerrados" if self.closed else ""}
        return urlencode({name: value for name, value in said.items() if value})

    def found(self, scope: Scope) -> QuerySet[WithoutCurp]:
        """The rows asked for, of those this person may see."""
        rows = without_curp.visible(scope.plantel_ids).select_related("plantel", "ciclo")
        rows = rows.exclude(closed_at=None).order_by("-closed_at", "pk") if self.closed else rows.filter(closed_at=None)
        if self.plantel:
            rows = rows.filter(plantel=int(self.plantel))
        return rows.filter(Q(matricula__istartswith=self.q) | Q(name_search__contains=search_key(self.q))) if self.q else rows


@cache
def waiting(*, everywhere: bool, late: bool = False) -> RowCount:
    """How many wait for their CURP in the `planteles`; `late`: those whose day was before `today`. To be asked `together`."""
    rows = WithoutCurp.objects.filter(closed_at=None)
    rows = rows if everywhere else rows.filter(plantel__pk__among=Parameter("planteles"))
    return RowCount(rows.filter(follow_up_on__lt=Parameter("today")) if late else rows)


def lines(rows: QuerySet[WithoutCurp]) -> Iterator[list[str]]:
    """The rows as a file has them, read as they are asked for."""
    yield list(HEADINGS)
    for row in rows.iterator(chunk_size=_FETCHED):
        yield [_text(value) for value in _cells(row)]


def _cells(row: WithoutCurp) -> tuple[Any, ...]:
    return (
        row.follow_up_on, row.matricula, row.list_name, row.plantel.name, row.ciclo.clave, row.grupo, row.get_why_display(), row.email,
        row.phone, row.enrolled_on, row.noted_at.date(), row.noted_by,
    )  # fmt: skip


def _text(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else str(value)
