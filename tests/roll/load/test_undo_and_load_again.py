"""The law of undoing: what was undone is as if never loaded; loaded again, as if the first time: dates, clocks, counters, reports."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from afiliacion.cases import counters
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import COUNTED, Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.upkeep import alert_overdue, reschedule
from afiliacion.dashboard.reports.views import report
from afiliacion.dashboard.shared.access import Scope
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import ImportState
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Enrolment, Student
from tests.roll.conftest import row
from tests.sweeps import sampled

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(days=4)


@dataclass(frozen=True)
class Listed:
    """A student: what an earlier list said of them (None: of the term before; the status, of this one; absent: nothing), and this list."""

    past: str
    nss_then: bool
    status: str
    nss: bool
    grupo: str
    day: str
    address: str


listed = st.builds(
    Listed,
    past=st.sampled_from(["", "before", "before, left", "now", "now, away", "now, left"]),
    nss_then=st.booleans(),
    status=st.sampled_from(["activo", "", "licencia", "baja temporal", "baja definitiva", "egresado"]),
    nss=st.booleans(),
    grupo=st.sampled_from(["1-A", "2-B"]),
    day=st.sampled_from(["2026-08-06", "2026-08-12", "2026-08-30"]),
    address=st.sampled_from(["a@alumnos.example.mx", "b@alumnos.example.mx"]),
)
LEFT = {"before": "activo", "before, left": "baja definitiva", "now": "activo", "now, away": "baja temporal", "now, left": "egresado"}


class School:
    """Lists of the same students, as they come; the world is rolled back after each story."""

    def __init__(self, bring: Callable[..., Any], people: Any, officer: Any, ciclo: Ciclo, now: dt.datetime) -> None:
        self._bring, self._people, self._officer, self.ciclo, self._now = bring, people, officer, ciclo, now
        self.before = Ciclo.objects.create(clave="2026-1", starts_on=dt.date(2026, 2, 1), ends_on=dt.date(2026, 7, 15))
        self.everybody = [people.one() for _ in range(4)]

    def history(self, students: list[Listed]) -> None:
        """What was on record before: enrolled, then left, by lists of the past."""
        for status in ("activo", "then"):
            for term, ciclo in (("before", self.before), ("now", self.ciclo)):
                rows = [self._past(n, said, status) for n, said in enumerate(students) if said.past.startswith(term)]
                if rows:
                    day = "2026-02-03" if term == "before" else "2026-08-05"
                    self._bring([{**each, "fecha_inscripcion": day} for each in rows], f"{term} {status}.csv", ciclo=ciclo, now=self._now)

    def _past(self, n: int, said: Listed, status: str) -> dict[str, Any]:
        person = self.everybody[n]
        return row(person, str(n), nss=person.nss if said.nss_then else "", estatus=LEFT[said.past] if status == "then" else status)

    def load(self, students: list[Listed], days: int = 0) -> Any:
        rows = [self._listed(n, said) for n, said in enumerate(students)]
        return self._bring(rows, now=self._now + dt.timedelta(days=1 + days))

    def _listed(self, n: int, said: Listed) -> dict[str, Any]:
        person = self.everybody[n]
        return row(
            person, str(n), nss=person.nss if said.nss else "", estatus=said.status, grupo=said.grupo, fecha_inscripcion=said.day,
            correo=f"{n}{said.address}",
        )  # fmt: skip

    def undo(self, loaded: Any) -> None:
        """The morning after, when the night has alerted and moved due dates."""
        at = self._now + dt.timedelta(days=2)
        alert_overdue(at.date(), act=Act(NIGHT, at))
        reschedule(at.date(), act=Act(NIGHT, at))
        job = loaded.preview.job
        job.refresh_from_db()
        assert jobs.undo(job, now=at, by=self._officer, name="Begoña") == []
        work.finish(job, JobClock(lambda: at))
        assert (job.state, [*differences(), *broken_chains(), *counters.differences()]) == (ImportState.UNDONE, [])

    def as_it_stands(self) -> dict[str, Any]:
        """Everything that is said of anybody, by CURP and clave: ids are no one's business."""
        cases = Case.objects.filter(COUNTED).select_related("student", "enrolment__ciclo").order_by("student__curp", "pk")
        known = [
            (c.student.curp, c.enrolment.ciclo.clave, c.ciclo.clave, c.grupo, c.turn, c.due_on, c.facts._replace(alerted_on=None))
            for c in cases.select_related("ciclo")
        ]
        enrolled = Enrolment.objects.exclude(matricula__contains="·").values_list(
            "student__curp", "ciclo__clave", "matricula", "grupo", "status", "enrolled_on"
        )
        seen = {curp for curp, *_ in enrolled}
        scope = Scope(self._officer, None)
        return {
            "cases": {curp: list(each) for curp, each in groupby(known, key=lambda said: said[0])},
            "enrolments": sorted(enrolled),
            "people": sorted(Student.objects.filter(curp__in=seen).values_list("curp", "email", "nss", "name_order")),
            "standing": sorted(counters.standing(None)),
            "due": sum((Counter({(due.state, due.turn, due.due_on): due.n}) for due in counters.due(None)), Counter()),
            "reports": [report(c.pk, por, None, scope) for c in (self.ciclo, self.before) for por in ("grupo", "semana", "plantel")],
        }


@pytest.fixture
def school(bring, people, officer, ciclo, now):
    return School(bring, people, officer, ciclo, now)


def stories(school: School, students: list[Listed], *tells: Callable[[], Any]) -> list[Any]:
    """What each of these tells, of a world of its own that begins with the same history."""
    with transaction.atomic():
        school.history(students)
        told = []
        for tell in tells:
            with transaction.atomic():
                told.append(tell())
                transaction.set_rollback(True)
        transaction.set_rollback(True)
    return told


@sampled(8, 3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(students=st.lists(listed, min_size=1, max_size=4))
def test_undone_and_loaded_again_is_as_loaded_the_first_time(school, students):
    def once() -> Any:
        school.load(students, days=LATER.days)
        return school.as_it_stands()

    def again() -> Any:
        school.undo(school.load(students))
        loaded = school.load(students, days=LATER.days)
        assert loaded.preview.errors == []
        return school.as_it_stands()

    told_again, told_once = stories(school, students, again, once)
    assert told_again == told_once


@sampled(8, 3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(students=st.lists(listed, min_size=1, max_size=4))
def test_undone_it_is_as_never_loaded(school, students):
    def never() -> Any:
        return school.as_it_stands()

    def undone() -> Any:
        school.undo(school.load(students))
        return school.as_it_stands()

    told_undone, told_never = stories(school, students, undone, never)
    assert told_undone == told_never
