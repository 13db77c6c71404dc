"""S23: whatever goes wrong in a chase, no line of the log and no message in the broker says about whom."""

import datetime as dt
import logging

import pytest
import redis
from aiohttp import web
from django.conf import settings
from django.db import IntegrityError, transaction

from afiliacion import wake
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import ImssSettings
from afiliacion.imss.queue.plan import ask_now, plan
from students.models import Student
from tests.imss.authority import nss_of, refuses, says, then, well
from tests.imss.conftest import at

TODAY = dt.date(2026, 8, 20)
EMAIL = "canario.cantor@alumnos.example.mx"


async def tears_the_line(request, asked):
    request.transport.close()
    return web.Response()


@pytest.fixture
def canaries(case_in):
    cases = [case_in(State.SIN_NSS) for _ in range(6)]
    Student.objects.filter(pk=cases[0].student_id).update(email=EMAIL)
    curps = [case.student.curp for case in cases]
    return cases, [EMAIL, *curps, *map(nss_of, curps)]


def test_no_line_of_a_bad_night_names_anybody(committed, authority, quick, canaries, lines):
    cases, personal = canaries
    ImssSettings.objects.update(failures_to_open=100)
    plan(TODAY, at(TODAY))
    authority.behave = then(
        says(raw=personal[1].encode()), refuses("X-1", curp=personal[2]), tears_the_line, says({"curp": personal[3]}, status=500), well
    )
    report = chase(TODAY, at(TODAY), budget_seconds=20)
    with pytest.raises(IntegrityError), transaction.atomic():
        Student.objects.filter(pk=cases[1].student_id).update(curp=personal[1])
    try:
        int(f"{personal[1]} de {EMAIL}")
    except ValueError:
        logging.getLogger("anybody").exception("with %s in it", personal[-1])

    told = lines.getvalue()
    assert report.troubles, "nothing went wrong: the test proves little"
    assert "UPDATE" in told
    assert "[CURP]" in told
    assert "[correo]" in told
    assert [canary for canary in personal if canary in told] == []


def test_no_message_in_the_broker_names_anybody(committed, authority, quick, canaries):
    cases, personal = canaries
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL.replace("redis+socket", "unix"))
    broker.flushdb()
    assert ask_now([case.pk for case in cases], act=Act(NIGHT, at(TODAY)))
    assert wake.publish()

    waiting = [broker.lrange(key, 0, -1) for key in broker.scan_iter() if broker.type(key) == b"list"]
    broker.flushdb()
    told = repr(waiting)
    assert "sweep" in told
    assert [canary for canary in personal if canary in told] == []
