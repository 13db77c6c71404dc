"""Several questions asked as one bring what they bring one by one."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db.models import F, QuerySet
from django.forms import model_to_dict

from afiliacion.cases import verbs
from afiliacion.cases.models import Case, ClockRule, Event, OutageDay
from afiliacion.imss.models import Errand
from students.models import Student
from students.together import Given, HowMany, _put, together


def test_each_question_is_answered_as_if_asked_alone(
    make_case: Callable[..., Case], actor: Any, now: dt.datetime, django_assert_num_queries: Callable[[int], Any]
) -> None:
    case = make_case()
    verbs.receive_papers([case.pk], ["curp"], on=case.enrolled_on, actor=actor, now=now)
    asked = (
        Event.objects.filter(case=case).order_by("-seq"), ClockRule.objects.order_by("-valid_from", "pk"), OutageDay.objects.all(),
        Errand.objects.filter(case=case), Case.objects.annotate(of=F("student__nombre")),
    )  # fmt: skip
    alone: list[list[Any]] = [list(question) for question in asked]
    with django_assert_num_queries(1):
        answers = together(*asked)
        assert [[model_to_dict(row) for row in rows] for rows in answers] == [[model_to_dict(row) for row in rows] for rows in alone]
    assert [[row.pk for row in rows] for rows in answers] == [[row.pk for row in rows] for rows in alone]
    (event, first), *_, (found,) = answers
    assert (event.at, event.on, event.data) == (now, case.enrolled_on, alone[0][0].data)
    assert event.seq > first.seq
    assert (found.of, found.due_order, found.papers) == (case.student.nombre, alone[4][0].due_order, [["curp", "received"]])


def test_a_kept_question_is_answered_for_what_it_is_given(
    make_case: Callable[..., Case], django_assert_num_queries: Callable[[int], Any]
) -> None:
    first, second = (Case.objects.select_related("student").get(pk=make_case().pk) for _ in range(2))
    kept = (
        Case.objects.filter(pk=Given("case")), Student.objects.filter(cases=Given("case")).only("curp"),
        HowMany(Case.objects.filter(pk__among=Given("cases"))),
    )  # fmt: skip
    for case, cases in ((first, [first.pk, second.pk]), (second, [second.pk]), (first, [])):
        with django_assert_num_queries(1):
            found, students, n = together(*kept, case=case.pk, cases=cases)
            assert [(row.pk, row.state_since) for row in found] == [(case.pk, case.state_since)]
            assert [row.curp for row in students] == [case.student.curp]
            assert n == len(cases)
    with pytest.raises(KeyError):
        together(*kept, case=first.pk)


def test_threads_that_ask_for_the_first_time_at_once_ask_the_same() -> None:
    switches, all_at_once = sys.getswitchinterval(), Barrier(4)

    def put(question: QuerySet[Case]) -> str:
        all_at_once.wait()
        return _put(question).sql

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(50):
                question = Case.objects.order_by("pk")
                assert set(threads.map(put, [question] * 4)) == {_put(question.all()).sql}
    finally:
        sys.setswitchinterval(switches)
