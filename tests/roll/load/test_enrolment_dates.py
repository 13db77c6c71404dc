"""A wrong enrolment date corrected by a list: asked with what moves, done for those alone, and taken back with the list."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases.models import Case
from afiliacion.roll.check.enrolment_dates import KEEP, MOVE
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Import, ImportState
from afiliacion.roll.upload import answering, jobs
from students.models import Enrolment
from tests.roll.conftest import as_csv, row

pytestmark = pytest.mark.django_db
WRONG, RIGHT = dt.date(2026, 8, 6), dt.date(2026, 8, 28)
Listed = Callable[..., Import]


@pytest.fixture
def clock(now: dt.datetime) -> JobClock:
    return JobClock(lambda: now)


@pytest.fixture
def listed(plantel: Any, ciclo: Any, people: Any, bring: Any, now: dt.datetime, clock: JobClock) -> Listed:
    """A list that brings the right date of one of two students, checked and answered."""
    pair = [people.one(), people.one()]
    bring([row(person, str(n), fecha_inscripcion=WRONG) for n, person in enumerate(pair)])

    def corrected(answer: str) -> Import:
        rows = [row(pair[0], "0", fecha_inscripcion=RIGHT), row(pair[1], "1", fecha_inscripcion=WRONG)]
        job = jobs.bring(io.BytesIO(as_csv(rows)), "otra.csv", plantel=plantel, ciclo=ciclo, now=now)
        work.finish(job, clock)
        if answer:
            answering.answer(job, dates={}, words={}, enrolled=answer, name="Ana", now=now)
            work.finish(job, clock)
        return job

    return corrected


def loaded(job: Import, clock: JobClock) -> Case:
    jobs.confirm(job, now=clock.now(), name="Ana", own=None)
    work.finish(job, clock)
    assert job.state == ImportState.DONE
    assert Enrolment.objects.get(matricula="0").enrolled_on == RIGHT
    return Case.objects.get(enrolment__matricula="0")


def test_it_is_asked_with_what_moves(listed: Listed) -> None:
    (question,) = listed("").questions
    name, old, new, due, after = question["samples"][0]
    assert (question["kind"], question["count"], question["answer"], bool(name)) == ("enrolled", 1, "", True)
    assert (old, new) == (WRONG.isoformat(), RIGHT.isoformat())
    assert due < after


@pytest.mark.parametrize("answer", ["", KEEP])
def test_unless_the_officer_says_so_the_clock_stays(listed: Listed, clock: JobClock, answer: str) -> None:
    case = loaded(listed(answer), clock)
    assert (case.enrolled_on, case.events.filter(verb="correct_enrolment").exists()) == (WRONG, False)


def test_the_clock_of_those_alone_moves_and_goes_back_with_the_list(listed: Listed, clock: JobClock, now: dt.datetime) -> None:
    job = listed(MOVE)
    (question,) = job.questions
    assert question["answer"] == MOVE
    case = loaded(job, clock)
    assert (case.enrolled_on, case.due_on and case.due_on.isoformat()) == (RIGHT, question["samples"][0][4])
    assert Case.objects.get(enrolment__matricula="1").enrolled_on == WRONG
    assert case.events.filter(verb="correct_enrolment").count() == 1
    assert jobs.undo(job, now=now, name="Ana") == []
    work.finish(job, clock)
    case.refresh_from_db()
    assert (case.enrolled_on, case.due_on and case.due_on.isoformat()) == (WRONG, question["samples"][0][3])
