"""Nothing of anybody is in the broker (S23): what wakes a worker says only that there is something to do."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from redis import Redis

from afiliacion import wake
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.documents.models import PrintJob
from afiliacion.operations.print_worker import PRINT
from afiliacion.operations.simulation.invented_people import People
from afiliacion.roll.models import Import
from afiliacion.roll.upload import jobs
from students.models import Student
from tests.dashboard.lists import a_list

_READ: dict[Any, Callable[[Redis, bytes], Any]] = {
    b"string": lambda broker, key: broker.get(key),
    b"list": lambda broker, key: [(message, base64.b64decode(json.loads(message)["body"])) for message in broker.lrange(key, 0, -1)],
    b"hash": lambda broker, key: broker.hgetall(key),
    b"set": lambda broker, key: broker.smembers(key),
    b"zset": lambda broker, key: broker.zrange(key, 0, -1, withscores=True),
}


@pytest.fixture
def broker() -> Iterator[Redis]:
    """The broker, with nothing in it."""
    with Redis.from_url(django_settings.REDIS_URL.replace("redis+socket://", "unix://")) as broker:
        broker.flushdb()
        yield broker
        broker.flushdb()


def _everything_in(broker: Redis) -> str:
    return "\n".join(f"{key!r} {_READ[broker.type(key)](broker, key)!r}" for key in broker.scan_iter())


@pytest.mark.usefixtures("committed")
def test_what_is_asked_of_the_workers_names_nobody(
    broker: Redis, desk: Client, make_in: Callable[..., Case], people: People, officer: Any, plantel: Any, ciclo: Any
) -> None:
    case = make_in(State.VIGENTE)
    Student.objects.filter(pk=case.student_id).update(email="canario@alumnos.example.mx", phone="7335550142")
    listed = a_list(people)
    jobs.bring(io.BytesIO(listed), "canario.csv", owner=officer, plantel=plantel, ciclo=ciclo, now=timezone.now())
    desk.post("/expedientes/imprimir/", {"caso": f"{case.pk}:{case.version}", "documento": "renuncia"})
    desk.post("/imss/preguntar/", {"caso": str(case.pk)})
    wake.publish()
    assert (Import.objects.count(), PrintJob.objects.count()) == (1, 1)

    said = _everything_in(broker)
    assert all(task in said for task in (wake.SWEEP, PRINT, jobs.TASK)), "the messages are there to be read"
    student = Student.objects.get(pk=case.student_id)
    names = (student.curp, student.nss, student.email, student.phone, student.primer_apellido, "canario.csv")
    in_the_list = [cell for line in listed.decode("utf-8", "replace").splitlines()[1:] for cell in line.split(",") if len(cell) > 9]
    assert in_the_list
    assert [secret for secret in (*names, *in_the_list) if secret and secret in said] == []
