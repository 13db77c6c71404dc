"""Several queries run as one bring what they bring one by one, under their names."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final, NamedTuple

import pytest
from django.db import transaction
from django.db.models import F, QuerySet
from django.forms import model_to_dict

from afiliacion.cases import verbs
from afiliacion.cases.models import Case, ClockRule, Event, OutageDay
from afiliacion.cases.outcome import Act
from afiliacion.database.batch_queries import Batch, Parameter, RowCount, _prepared, rows_of, together, tuples_of
from afiliacion.imss.models import Errand
from students.models import Student


class Found(NamedTuple):
    events: list[Event]
    rules: list[ClockRule]
    outages: list[OutageDay]
    errands: list[Errand]
    cases: list[Any]


def test_each_query_finds_what_it_finds_alone(
    make_case: Callable[..., Case], actor: Any, now: dt.datetime, django_assert_num_queries: Callable[[int], Any]
) -> None:
    case = make_case()
    verbs.receive_papers([case.pk], ["curp"], on=case.enrolled_on, act=Act(actor, now))
    queries: dict[str, QuerySet[Any]] = {
        "events": Event.objects.filter(case=case).order_by("-seq"), "rules": ClockRule.objects.order_by("-valid_from", "pk"),
        "outages": OutageDay.objects.all(), "errands": Errand.objects.filter(case=case),
        "cases": Case.objects.annotate(of=F("student__nombre")),
    }  # fmt: skip
    alone: dict[str, list[Any]] = {name: list(query) for name, query in queries.items()}
    with django_assert_num_queries(1):
        answers = together(Batch(Found, **queries))
        assert {name: [model_to_dict(row) for row in rows] for name, rows in answers._asdict().items()} == {
            name: [model_to_dict(row) for row in rows] for name, rows in alone.items()
        }
    assert {name: [row.pk for row in rows] for name, rows in answers._asdict().items()} == {
        name: [row.pk for row in rows] for name, rows in alone.items()
    }
    (event, first), (found,) = answers.events, answers.cases
    assert (event.at, event.on, event.data) == (now, case.enrolled_on, alone["events"][0].data)
    assert event.seq > first.seq
    assert (found.of, found.due_order, found.papers) == (case.student.nombre, alone["cases"][0].due_order, [["curp", "received"]])


class People(NamedTuple):
    students: list[Student]
    n: int


class Kept(NamedTuple):
    n: int
    people: People
    cases: list[Case]


def test_a_kept_query_runs_with_what_it_is_given(make_case: Callable[..., Case], django_assert_num_queries: Callable[[int], Any]) -> None:
    first, second = (Case.objects.select_related("student").get(pk=make_case().pk) for _ in range(2))
    many, of_case = RowCount(Case.objects.filter(pk__among=Parameter("cases"))), Case.objects.filter(pk=Parameter("case"))
    people = Batch(People, n=many, students=Student.objects.filter(cases=Parameter("case")).only("curp"))
    kept = Batch(Kept, cases=of_case, people=people, n=many)
    for case, cases in ((first, [first.pk, second.pk]), (second, [second.pk]), (first, [])):
        with django_assert_num_queries(1):
            found = together(kept, case=case.pk, cases=cases)
            assert [(row.pk, row.state_since) for row in found.cases] == [(case.pk, case.state_since)]
            assert [row.curp for row in found.people.students] == [case.student.curp]
            assert (found.n, found.people.n) == (len(cases), len(cases))
        assert rows_of(of_case, case=case.pk) == [case]
    with pytest.raises(KeyError):
        together(kept, case=first.pk)


class Listed(NamedTuple):
    cases: list[tuple[Any, ...]]
    n: int


def test_a_values_list_gives_tuples_with_the_values_of_its_fields(
    make_case: Callable[..., Case], actor: Any, now: dt.datetime, django_assert_num_queries: Callable[[int], Any]
) -> None:
    first, second = make_case(), make_case()
    verbs.receive_papers([first.pk], ["curp"], on=first.enrolled_on, act=Act(actor, now))
    names = ("pk", "student__curp", "student_id", "state_since", "due_on", "nss_on", "papers", "keeps_cover", "rule_id", "student__nss")
    kept = Case.objects.filter(pk__among=Parameter("cases")).order_by("-pk").values_list(*names)
    alone = [tuple(row) for row in Case.objects.order_by("-pk").values_list(*names)]
    with django_assert_num_queries(1):
        found = together(Batch(Listed, cases=kept, n=RowCount(Case.objects.all())), cases=[first.pk, second.pk])
    assert found == (alone, 2)
    assert found.cases[1][names.index("papers")] == [["curp", "received"]]
    with django_assert_num_queries(1):
        (row,) = tuples_of(kept, cases=[second.pk])
    assert row[:-4] == alone[0][:-4]


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only() -> None:
    locking = Student.objects.order_by("pk").select_for_update().values_list("pk")
    with transaction.atomic():
        assert tuples_of(locking) == []
    with pytest.raises(transaction.TransactionManagementError):
        tuples_of(locking)


@pytest.mark.parametrize("names", [["students"], ["students", "n", "more"]])
def test_a_batch_has_a_query_for_each_name_and_no_other(names: list[str]) -> None:
    with pytest.raises(TypeError, match="People has students, n"):
        Batch(People, **dict.fromkeys(names, Student.objects.all()))


_LOOKUP: Final = "from django.db.models import Field; import afiliacion.database.lookups; print(Field.class_lookups.get('among'))"


@pytest.mark.parametrize(("start", "known"), [("", False), ("import django; django.setup(); ", True)])
def test_the_lookup_is_registered_by_the_start_of_the_application_and_by_no_import(start: str, known: bool) -> None:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", start + _LOOKUP], check=True, capture_output=True, text=True, env=os.environ
    )
    assert (done.stdout.strip() == "<class 'afiliacion.database.lookups.Among'>") is known


def test_threads_that_compile_a_query_at_once_get_the_same() -> None:
    switches, all_at_once = sys.getswitchinterval(), Barrier(4)

    def put(question: QuerySet[Case]) -> str:
        all_at_once.wait()
        return _prepared(question).sql

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(50):
                question = Case.objects.order_by("pk")
                assert set(threads.map(put, [question] * 4)) == {_prepared(question.all()).sql}
    finally:
        sys.setswitchinterval(switches)
