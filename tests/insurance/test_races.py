"""Two cases of one person at once: the second step sees what the first one did."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, State
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from students.models import Plantel
from tests.insurance.conftest import D, by_night, now_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed")]

LEFT = D(2026, 8, 20)


def at_once(*works: Callable[[], object]) -> None:
    """Run these, each in a thread with a connection of its own, all let go at one moment."""
    gate, errors = threading.Barrier(len(works)), list[Exception]()

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.parametrize("_", range(5))
def test_of_two_siblings_that_leave_at_once_one_owes_the_baja(
    _: int, case_in: Callable[..., Case], second: Callable[..., Case], sister: Plantel
) -> None:
    first = case_in(State.VIGENTE)
    other = second(first, LEFT, plantel=sister)
    at_once(*(lambda pk=case.pk: verbs.leave([pk], BajaKind.EGRESO, on=LEFT, act=by_night(LEFT)) for case in (first, other)))
    assert sorted(case.facts.baja_owed for case in now_of(first, other)) == [False, True]
    assert Cover.objects.get().owed_by_id in (first.pk, other.pk)
    assert list(disagreements(LEFT)) == []


@pytest.mark.parametrize("_", range(5))
def test_of_two_altas_received_at_once_one_cover_is_made(
    _: int, case_in: Callable[..., Case], second: Callable[..., Case], sister: Plantel
) -> None:
    first = case_in(State.ACUSE_ENTREGADO)
    other = second(first, LEFT, State.ACUSE_ENTREGADO, plantel=sister)
    at_once(*(lambda pk=case.pk: verbs.send_alta({pk: {"lote": "1"}}, on=LEFT, act=by_night(LEFT)) for case in (first, other)))
    assert {case.state for case in now_of(first, other)} == {State.ALTA_ENVIADA}
    assert Cover.objects.count() == 1
