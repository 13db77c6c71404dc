"""Lists that bring a person whose two records were merged, and lists of before that are undone."""

# ruff: noqa: F811 - fixtures of another folder

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.states import OPEN_STATES, Verb
from afiliacion.operations.simulation.invented_people import People, Person
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Enrolment, Student
from tests.insurance.conftest import D, joined, parted
from tests.insurance.test_merging import stands
from tests.insurance.test_unmerging import later
from tests.roll.conftest import bring, look, row, where  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(people: People) -> tuple[Person, Person]:
    return people.one(), people.one()


@pytest.fixture
def loaded(bring: Callable[..., Any], two: tuple[Person, Person]) -> tuple[Case, Case]:
    bring([row(two[0], "26000001"), row(two[1], "26000002")])
    first, second = Case.objects.order_by("pk")
    return first, second


def whole() -> None:
    assert [*broken_chains(), *differences()] == []
    gone = Student.objects.exclude(merged_into=None)
    assert not Enrolment.objects.filter(student__in=gone).exists()
    assert Student.objects.filter(merged_into=None).count() == Enrolment.objects.count() == 1
    assert Case.objects.filter(state__in=OPEN_STATES).count() == 1


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("matricula", ["26000001", "26000002"])
@pytest.mark.parametrize("right_is_other", [False, True])
def test_a_list_with_either_curp_and_either_matricula_is_about_the_person(
    loaded: tuple[Case, Case], two: tuple[Person, Person], bring: Callable[..., Any], who: int, matricula: str, right_is_other: bool,
) -> None:  # fmt: skip
    """And names no student as missing. Of what the two records said, nothing but the CURP is alike."""
    assert joined(*loaded, right_is_other=right_is_other).skipped == {}
    report = bring([row(two[who], matricula)], name="otra.csv")
    assert (report.preview.missing, report.done.students_new) == ([], 0)
    whole()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("right_is_other", [False, True])
@pytest.mark.parametrize("ciclo_of", ["same", "next"])
def test_of_a_list_with_both_curps_the_present_one_is_loaded(
    loaded: tuple[Case, Case], two: tuple[Person, Person], bring: Callable[..., Any], order: Any, right_is_other: bool, ciclo_of: str,
) -> None:  # fmt: skip
    joined(*loaded, right_is_other=right_is_other)
    other = {} if ciclo_of == "same" else {"ciclo": Ciclo.objects.create(clave="27", starts_on=D(2026, 8, 11), ends_on=D(2027, 7, 15))}
    matriculas = ["26000001", "26000002"]
    report = bring([row(two[n], matriculas[n]) for n in order], name="otra.csv", **other)
    (error,) = report.preview.errors
    former = 0 if right_is_other else 1
    assert (error.column, error.value) == ("curp", two[former].curp)
    assert set(Enrolment.objects.values_list("matricula", flat=True)) == {matriculas[1 - former]}
    assert (report.preview.missing, Case.objects.filter(state__in=OPEN_STATES).count()) == ([], 1)


def test_who_is_brought_by_a_former_curp_has_returned(
    loaded: tuple[Case, Case], two: tuple[Person, Person], look: Callable[..., Any]
) -> None:
    joined(*loaded)
    Ciclo.objects.update(ends_on=D(2026, 8, 15))
    later_one = Ciclo.objects.create(clave="27", starts_on=D(2026, 8, 16), ends_on=D(2027, 7, 15))
    assert look([row(two[1], "26000002")], ciclo=later_one).missing == []


def test_a_list_of_before_is_not_undone_and_the_case_is_named(bring: Callable[..., Any], two: tuple[Person, Person]) -> None:
    first = bring([row(two[0], "26000001")])
    second = bring([row(two[0], "26000001"), row(two[1], "26000002")], name="otra.csv")
    cases = list(Case.objects.order_by("pk"))
    assert joined(cases[0], cases[1]).skipped == {}
    for job in (second.preview.job, first.preview.job):
        moved = jobs.undo(job, now=later().now)
        assert {step.what for step in moved} == {Verb.MERGE.label}
        assert moved[0].case_id in {case.pk for case in cases}
    whole()


def test_a_list_of_after_is_undone(loaded: tuple[Case, Case], two: tuple[Person, Person], bring: Callable[..., Any]) -> None:
    joined(*loaded)
    before = stands()
    now = later().now
    job = bring([row(two[1], "26000002", grupo="2-B", nss=two[1].nss)], name="otra.csv", now=now).preview.job
    assert stands() != before
    assert jobs.undo(job, now=now) == []
    work.finish(job, JobClock.at(now.date(), now))
    assert stands() == before
    whole()


def test_loaded_again_after_they_are_taken_apart(loaded: tuple[Case, Case], two: tuple[Person, Person], bring: Callable[..., Any]) -> None:
    joined(*loaded)
    assert parted(loaded[0]).skipped == {}
    report = bring([row(two[0], "26000001"), row(two[1], "26000002")], name="otra.csv")
    assert (report.preview.counts.unchanged, report.done.students_new) == (2, 0)
