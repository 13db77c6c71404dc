"""What the differences of a day depend on besides the cases: ciclos that are over, answers that are late, the registros patronales."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from afiliacion.cases import schedule
from afiliacion.cases.schedule import Schedule, ScheduleRows
from afiliacion.database.batch_queries import Batch, together
from afiliacion.reconciliation.models import InsuredList
from afiliacion.reconciliation.terms import CICLOS, TAUGHT, Terms
from afiliacion.reconciliation.waiting import Waiting
from students.models import Plantel, RegistroPatronal
from students.registros import Registros


class _Rows(NamedTuple):
    rules: ScheduleRows
    ciclos: list[tuple[Any, ...]]
    taught: list[tuple[Any, ...]]
    planteles: list[tuple[Any, ...]]
    registros: list[tuple[Any, ...]]
    lists: list[tuple[Any, ...]]


_QUERIES: Final = Batch(
    _Rows, rules=schedule.QUERIES, ciclos=CICLOS, taught=TAUGHT, planteles=Plantel.objects.order_by().values_list("pk"),
    registros=RegistroPatronal.objects.order_by().values_list("plantel_id", "registro", "valid_from"),
    lists=InsuredList.objects.filter(ended="").order_by().values_list("registro", "on"),
)  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """The ground of one day, the same for everybody: all ciclos, planteles and registros patronales."""

    today: dt.date
    terms: Terms
    waiting: Waiting
    registros: Registros
    #: Clave by id, the newest first.
    ciclos: Mapping[int, str]
    #: The day of the list of insured persons that stands, by registro patronal.
    lists: Mapping[str, dt.date]

    @classmethod
    def read(cls, today: dt.date) -> Self:
        """Read it, in one statement. Raises NoRule if a rule of the clock is missing."""
        rows = together(_QUERIES)
        waiting = Waiting(Schedule(rows.rules), (pk for (pk,) in rows.planteles), today)
        registros = Registros(row for row in rows.registros if row[2] is None or row[2] <= today)
        ciclos = {pk: clave for pk, _, _, clave in rows.ciclos}
        return cls(today, Terms(rows.ciclos, rows.taught, today), waiting, registros, ciclos, dict(rows.lists))
