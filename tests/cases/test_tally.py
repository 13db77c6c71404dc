"""The counters: always the counts, whoever writes at the same time, and nobody waits for them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from afiliacion.cases import tally, verbs
from afiliacion.cases.models import Case, FunnelDay, StandingTally
from afiliacion.cases.states import Milestone, State, Turn
from afiliacion.operations.people import People
from students.models import Ciclo, Enrolment, Plantel

ON = dt.date(2026, 8, 10)


def test_a_reader_of_some_planteles_and_of_all_read_the_same_counts(
    make_case: Callable[..., Case], plantel: Plantel, other_plantel: Plantel, people: People, actor: Any, now: dt.datetime
) -> None:
    here, there = make_case(), make_case(plantel=other_plantel)
    verbs.obtain_nss({here.pk: people.one().nss}, on=ON, actor=actor, now=now)
    verbs.hold([there.pk], on=ON, reason="Huelga", actor=actor, now=now)
    by_state = {row.state: row.n for row in tally.standing([plantel.pk])}
    assert by_state == {State.NSS_OBTENIDO: 1}
    assert {row.reached for row in tally.standing([plantel.pk])} == {Milestone.NSS}
    assert {(row.state, row.n) for row in tally.standing(None)} == {(State.NSS_OBTENIDO, 1), (State.SIN_NSS, 1)}
    assert [(row.turn, row.due_on) for row in tally.due([other_plantel.pk])] == [(Turn.ALUMNO, None)]
    assert sum(row.n for row in tally.due([plantel.pk, other_plantel.pk])) == sum(row.n for row in tally.due(None)) == 2


def test_folding_keeps_every_sum(make_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        make_case()
    before, rows = tally.standing(None), StandingTally.objects.count()
    assert tally.fold() == 0
    monkeypatch.setattr(tally, "SLACK", 1)
    assert tally.fold() > 0
    assert StandingTally.objects.count() < rows
    assert tally.standing(None) == before
    assert list(tally.differences()) == []


def test_a_counter_that_lies_is_found(make_case: Callable[..., Case]) -> None:
    make_case()
    StandingTally.objects.filter(plantel=None).update(n=2)
    assert ["cuenta +1 de más" in told for told in tally.differences()] == [True]
    with pytest.raises(CommandError, match="1 diferencias"):
        call_command("check_cases", verbosity=0)


def test_the_registry_cannot_be_used_to_move_a_case(make_case: Callable[..., Case]) -> None:
    case = make_case()
    Case.objects.filter(pk=case.pk).update(grupo="9-Z")
    assert len(list(tally.wrong_copies())) == 1
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
    verbs.obtain_nss({make_case().pk: people.one().nss}, on=ON, actor=actor, now=now)
    assert tally.note_funnel(ON) == tally.note_funnel(ON) == 1
    assert list(FunnelDay.objects.values_list("plantel", "ciclo", "date", "reached")) == [(plantel.pk, ciclo.pk, ON, [2, 1, 0, 0, 0, 0])]
    assert tally.note_funnel(ciclo.ends_on + dt.timedelta(days=1)) == 0


@pytest.mark.usefixtures("committed")
def test_writers_of_one_plantel_do_not_wait_for_each_other_s_counters(
    make_case: Callable[..., Case], people: People, actor: Any, now: dt.datetime
) -> None:
    """A chase's set stays uncommitted while an officer registers an NSS at the same plantel."""
    chased, seen = make_case(), make_case()
    done = threading.Event()

    def officer() -> None:
        verbs.obtain_nss({seen.pk: people.one().nss}, on=ON, actor=actor, now=now)
        connection.close()
        done.set()

    with transaction.atomic():
        verbs.obtain_nss({chased.pk: people.one().nss}, on=ON, actor=actor, now=now)
        other = threading.Thread(target=officer)
        other.start()
        assert done.wait(20)
        assert {row.n for row in tally.standing(None) if row.state == State.NSS_OBTENIDO} == {2}
    other.join()
    assert list(tally.differences()) == []
