"""A merge at the same moment as another merge, a list, a step or the night: one waits for the other, and sees what it did."""

# ruff: noqa: F811 - fixtures of another folder

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from afiliacion.cases import consent, decisions, verbs
from afiliacion.cases.decisions import EnrolmentWay
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, ConsentRequest, Merge
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.states import OPEN_STATES, BajaKind, State
from afiliacion.insurance import log
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements, settle_all
from students.models import Enrolment, Plantel, Student
from tests.at_once import at_once
from tests.insurance.conftest import DAY, by_night, joined, officer, parted
from tests.locks import PERSONS, locked_table
from tests.roll.conftest import bring, row, where  # noqa: F401
from tests.roll.load.test_load import somebody_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed")]
Make = Callable[..., Case]


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    yield
    assert [*broken_chains(), *differences(), *log.broken(), *(str(left) for left in disagreements(dt.date(2027, 7, 1)))] == []
    gone = Student.objects.exclude(merged_into=None)
    for model in (Case, Enrolment, Cover):
        assert not model.objects.filter(student__in=gone).exists()
    pairs = list(Case.objects.filter(state__in=OPEN_STATES).values_list("student", "plantel"))
    assert len(pairs) == len(set(pairs))


@contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[list[Any]]:
    """What is done in the block is committed while `work` waits for it; gives its result, or its error."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        yield results
        thread.start()
        assert somebody_waits()
    thread.join(timeout=60)


@pytest.mark.parametrize("_", range(3))
def test_two_officers_merge_the_same_pair_from_both_sides(_: int, older: Make, newer: Make) -> None:
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    outcomes: list[Outcome] = at_once(lambda: joined(old, new), lambda: joined(new, old))
    assert sorted(bool(outcome.done) for outcome in outcomes) == [False, True]
    assert Merge.objects.count() == 1


@pytest.mark.parametrize("_", range(3))
def test_a_record_merged_on_both_sides_at_once(_: int, older: Make, newer: Make, case_in: Make) -> None:
    old, new, third = older(State.SIN_NSS), newer(State.NSS_OBTENIDO), case_in(State.SIN_NSS, matricula="26000003")
    outcomes: list[Outcome] = at_once(lambda: joined(old, new), lambda: joined(new, third))
    assert any(outcome.done for outcome in outcomes)
    assert Student.objects.exclude(merged_into=None).count() == sum(bool(outcome.done) for outcome in outcomes)


def test_taken_apart_by_two_at_once(older: Make, newer: Make) -> None:
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    joined(old, new)
    outcomes: list[Outcome] = at_once(lambda: parted(old), lambda: parted(new))
    assert sorted(bool(outcome.done) for outcome in outcomes) == [False, True]


@pytest.mark.parametrize("known", [False, True])
def test_a_list_with_the_person_waits_for_the_merge_and_brings_whom_it_made(
    bring: Callable[..., Any],
    people: Any,
    other_plantel: Plantel,
    now: dt.datetime,
    known: bool,
) -> None:
    """Checked before the merge, written after it: of a person new at the plantel, or with something that changes."""
    one, two = people.one(), people.one()
    bring([row(one, "26000001")])
    bring([row(two, "26000002")], **({} if known else {"plantel": other_plantel}))
    cases = list(Case.objects.order_by("pk"))
    with meanwhile(lambda: bring([row(two, "26000002", grupo="3-C")], name="otra.csv", own=None)) as reports:
        assert joined(cases[0], cases[1]).skipped == {}
    (report,) = reports
    assert not isinstance(report, Exception)
    assert report.done.students_new == 0
    assert set(Enrolment.objects.filter(plantel=cases[0].plantel).values_list("student", "grupo")) == {(cases[0].student_id, "3-C")}


def test_a_step_of_a_case_that_becomes_another_person_s(older: Make, newer: Make, sister: Plantel) -> None:
    """It locks the person whose case it is by then, or of two that leave the second would not see the first."""
    old, new = older(State.VIGENTE), newer(State.SIN_NSS, plantel=sister)
    locked: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, *how: Any) -> Any:
        locked.extend([PERSONS] if locked_table(sql) == PERSONS else [])
        return execute(sql, *how)

    def leave() -> Outcome:
        with connection.execute_wrapper(watch):
            return verbs.leave([new.pk], BajaKind.EGRESO, on=DAY, act=by_night(DAY))

    with meanwhile(leave) as outcomes:
        assert joined(old, new).skipped == {}
    assert outcomes[0].done == [new.pk]
    assert len(locked) == 2
    assert not any(case.facts.baja_owed for case in Case.objects.all())


def test_the_night_settles(older: Make, newer: Make, sister: Plantel) -> None:
    old, new = older(State.VIGENTE), newer(State.SIN_NSS, plantel=sister)
    with meanwhile(lambda: settle_all(by_night(DAY))) as results:
        assert joined(old, new).skipped == {}
    assert results == [0]


def test_others_agree_to_enrol_whom_a_merge_gave_another_record(older: Make, newer: Make, plantel: Plantel, other_plantel: Plantel) -> None:
    old, new = older(State.SIN_NSS), newer(State.SIN_NSS)
    said = {"matricula": "77", "nombre": "B", "primer_apellido": "N", "fecha_inscripcion": "2026-08-06"}
    request = ConsentRequest(
        kind=consent.Kind.ENROL, student_id=new.student_id, plantel_id=other_plantel.pk, ciclo_id=new.ciclo_id,
        curp=new.student.curp, payload=said,
    )  # fmt: skip
    consent.ask([request], officer(other_plantel))
    (asked,) = ConsentRequest.objects.values_list("pk", flat=True)
    with meanwhile(lambda: decisions.accept(asked, EnrolmentWay.SECOND, act=by_night(DAY), also={})) as results:
        assert joined(old, new).skipped == {}
    assert [type(result) for result in results] == [ConsentRequest]
    assert Enrolment.objects.get(plantel=other_plantel).student_id == old.student_id
