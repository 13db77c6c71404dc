"""Cases of a plantel go to its new registro patronal, many at once: shown first, then done, then undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case, Event
from afiliacion.cases.states import State
from students.models import Plantel
from tests.dashboard.worklist.test_bulk_actions import does, undoes
from tests.dashboard.worklist.test_bulk_bajas import confirms
from tests.planteles import add_registro

pytestmark = pytest.mark.django_db

NEW = "C0355512321"
MakeIn = Callable[..., Case]


def test_it_is_shown_first_then_done_then_undone(desk: Client, make_in: MakeIn, plantel: Plantel) -> None:
    proved, without = make_in(State.VIGENTE), make_in(State.ACUSE_ENTREGADO)
    add_registro(plantel, NEW, timezone.localdate())
    events = Event.objects.count()
    preview = does(desk, "nuevo-registro", [proved, without])
    assert "<strong>1</strong>se puede hacer" in preview
    assert "<strong>1</strong>con alta nuestra" in preview
    assert "«Acuse entregado» y ese paso no procede desde ahí" in preview
    assert Event.objects.count() == events
    assert "<strong>1</strong> hecho" in confirms(desk, preview)
    proved.refresh_from_db()
    assert (proved.state, proved.registro) == (State.ACUSE_ENTREGADO, NEW)
    assert "Deshacer" in undoes(desk)
    proved.refresh_from_db()
    assert (proved.state, proved.registro) == (State.VIGENTE, "A0112345321")


def test_who_is_under_the_registro_in_force_is_not_moved_and_is_told(desk: Client, make_in: MakeIn) -> None:
    preview = does(desk, "nuevo-registro", [make_in(State.VIGENTE)])
    assert "Su alta ya está bajo el registro patronal vigente del plantel." in preview
