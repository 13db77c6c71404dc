"""The counters: always the counts, however many write at the same time, and no writer waits for them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from afiliacion.cases import counters, verbs
from afiliacion.cases.models import Case, FunnelDay, StandingTally
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Milestone, State, Turn
from afiliacion.operations.simulation.invented_people import People
from students.models import Ciclo, Enrolment, Plantel

ON = dt.date(2026, 8, 10)
RECOUNT = Path(counters.__file__).parent / "sql" / "recount.sql"


def test_a_reader_of_some_planteles_and_of_all_read_the_same_counts(
    make_case: Callable[..., Case], plantel: Plantel, other_plantel: Plantel, people: People, actor: Any, now: dt.datetime
) -> None:
    here, there = make_case(), make_case(plantel=other_plantel)
    verbs.obtain_nss({here.pk: people.one().nss}, on=ON, act=Act(actor, now))
    verbs.hold([there.pk], on=ON, reason="Huelga", act=Act(actor, now))
    by_state = {row.state: row.n for row in counters.standing([plantel.pk])}
    assert by_state == {State.NSS_OBTENIDO: 1}
    assert {row.reached for row in counters.standing([plantel.pk])} == {Milestone.NSS}
    assert {(row.state, row.n) for row in counters.standing(None)} == {(State.NSS_OBTENIDO, 1), (State.SIN_NSS, 1)}
    assert [(row.turn, row.due_on) for row in counters.due([other_plantel.pk])] == [(Turn.ALUMNO, None)]
    assert sum(row.n for row in counters.due([plantel.pk, other_plantel.pk])) == sum(row.n for row in counters.due(None)) == 2


def test_folding_keeps_every_sum(make_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        make_case()
    before, rows = counters.standing(None), StandingTally.objects.count()
    assert counters.fold() == 0
    monkeypatch.setattr(counters, "SLACK", 1)
    assert counters.fold() > 0
    assert StandingTally.objects.count() < rows
    assert counters.standing(None) == before
    assert list(counters.differences()) == []


def test_a_counter_that_lies_is_found(make_case: Callable[..., Case]) -> None:
    make_case()
    StandingTally.objects.filter(plantel=None).update(n=2)
    assert ["cuenta +1 de más" in told for told in counters.differences()] == [True]
    with pytest.raises(CommandError, match="1 diferencias"):
        call_command("check_cases", verbosity=0)


def test_emptied_counters_are_counted_anew(make_case: Callable[..., Case], other_plantel: Plantel) -> None:
    make_case()
    make_case(plantel=other_plantel)
    before = counters.standing(None), counters.due(None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_standingtally")
        cursor.execute("DELETE FROM cases_duetally")
        assert list(counters.differences()) != []
        cursor.execute(RECOUNT.read_text())
    assert list(counters.differences()) == []
    assert (counters.standing(None), counters.due(None)) == before


def test_the_registry_cannot_be_used_to_move_a_case(make_case: Callable[..., Case]) -> None:
    case = make_case()
    Case.objects.filter(pk=case.pk).update(grupo="9-Z")
    assert len(list(counters.wrong_copies())) == 1
    with pytest.raises(Exception, match="was not moved by an event"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(grupo="9-Y", due_on=ON)


def test_a_group_and_a_name_changed_in_the_registry_change_in_the_lists(make_case: Callable[..., Case]) -> None:
    case = make_case()
    Enrolment.objects.filter(pk=case.enrolment_id).update(grupo="6-F")
    case.student.primer_apellido = "Zúñiga"
    case.student.save()
    case.refresh_from_db()
    assert (case.grupo, case.name_order.partition("\x1f")[0]) == ("6-F", "zun~iga")


def test_the_day_s_funnel_is_written_once_a_day(
    make_case: Callable[..., Case], people: People, plantel: Plantel, ciclo: Ciclo, actor: Any, now: dt.datetime
) -> None:
    make_case()
    verbs.obtain_nss({make_case().pk: people.one().nss}, on=ON, act=Act(actor, now))
    assert counters.note_funnel(ON) == counters.note_funnel(ON) == 1
    assert list(FunnelDay.objects.values_list("plantel", "ciclo", "date", "reached")) == [(plantel.pk, ciclo.pk, ON, [2, 1, 0, 0, 0, 0])]
    assert counters.note_funnel(ciclo.ends_on + dt.timedelta(days=1)) == 0


@pytest.mark.usefixtures("committed")
def test_writers_of_one_plantel_do_not_wait_for_each_other_s_counters(
    make_case: Callable[..., Case], people: People, actor: Any, now: dt.datetime
) -> None:
    """A chase's set stays uncommitted while an officer registers an NSS at the same plantel."""
    chased, seen = make_case(), make_case()
    done = threading.Event()

    def officer() -> None:
        verbs.obtain_nss({seen.pk: people.one().nss}, on=ON, act=Act(actor, now))
        connection.close()
        done.set()

    with transaction.atomic():
        verbs.obtain_nss({chased.pk: people.one().nss}, on=ON, act=Act(actor, now))
        other = threading.Thread(target=officer)
        other.start()
        assert done.wait(20)
        assert {row.n for row in counters.standing(None) if row.state == State.NSS_OBTENIDO} == {2}
    other.join()
    assert list(counters.differences()) == []
