"""What is done at a plantel is dated by the day it is there, whatever day it is at the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State, Verb
from afiliacion.imss.models import Errand
from afiliacion.imss.queue.movements import request_altas
from afiliacion.roll.job_time import JobClock
from students.models import Plantel
from tests.dashboard.deeds import do
from tests.dashboard.worklist.test_bulk_actions import does
from tests.student_page.conftest import path_of

pytestmark = pytest.mark.django_db
#: Of these, at any moment one has another date than Mexico does: the furthest ahead, and the furthest behind.
FAR = ("Pacific/Kiritimati", "Etc/GMT+12")


@pytest.fixture
def there(plantel: Plantel) -> dt.date:
    """The date at `plantel`, which is another than the office's."""
    days = {zone: timezone.localdate(timezone=ZoneInfo(zone)) for zone in FAR}
    plantel.zone = next(zone for zone, day in days.items() if day != timezone.localdate())
    plantel.save()
    return days[plantel.zone]


def dated(case: Case, verb: Verb) -> dt.date:
    on: dt.date = case.events.get(verb=verb).on
    return on


def test_an_officers_act(desk: Client, make_in: Callable[..., Case], there: dt.date) -> None:
    case = make_in(State.NSS_OBTENIDO)
    assert f'value="{there.isoformat()}"' in desk.get(f"/expedientes/{case.pk}/acciones/pausa/").content.decode()
    assert do(desk, case, "pausa", {"on": there.isoformat(), "reason": "Huelga"}).status_code == 302
    assert dated(case, Verb.HOLD) == there
    ahead = {"on": (there + dt.timedelta(1)).isoformat(), "reason": "Huelga"}
    assert do(desk, make_in(State.NSS_OBTENIDO), "pausa", ahead).status_code == 422


def test_an_act_on_cases_of_several_zones_is_dated_in_each(
    enter: Callable[..., Client], coordinator: Any, make_in: Callable[..., Case], other_plantel: Plantel, there: dt.date
) -> None:
    here, far = make_in(State.NSS_OBTENIDO, plantel=other_plantel), make_in(State.NSS_OBTENIDO)
    today = timezone.localdate()
    does(enter(coordinator), "pausa", [here, far], **{"pausa-on": today.isoformat(), "pausa-reason": "Huelga"})
    assert (dated(here, Verb.HOLD), dated(far, Verb.HOLD)) == (today, min(today, there))


def test_a_students_act(client: Client, make_in: Callable[..., Case], there: dt.date) -> None:
    case = make_in(State.RENUNCIA)
    client.post(path_of(case) + "/quiero")
    assert dated(case, Verb.WITHDRAW_RENUNCIA) == there


def test_a_movement(make_in: Callable[..., Case], actor: Any, there: dt.date, settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:1"
    case = make_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=Act(actor, timezone.now()))
    errand = Errand.objects.get(case=case)
    # The chase asks by the office's day.
    assert (errand.requested_on, errand.next_on) == (there, timezone.localdate())


def test_the_days_of_a_list_are_those_of_its_plantel(plantel: Plantel, there: dt.date) -> None:
    assert JobClock().today(plantel) == there
