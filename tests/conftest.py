"""The nagging harness: what a test of this house may not do, and the school most tests start from."""

from __future__ import annotations

import datetime as dt
import io
import ipaddress
import logging
import os
import random
import socket
from collections.abc import Callable, Iterator
from logging.config import DictConfigurator
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from afiliacion.cases import enrol, tally
from afiliacion.cases.models import Case, Transition
from afiliacion.cases.outcome import Actor, ActorKind
from afiliacion.operations.people import People
from students.models import Ciclo, Enrolment, Plantel, StaffPost, Student

# How long an example takes says something of the machine, nothing of the code. CI asks the same questions every time; people ask new ones.
hypothesis.settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("house")

TODAY = dt.date(2026, 8, 20)
ENROLLED = dt.date(2026, 8, 6)


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches beyond this machine is a bug, not a slow test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not ipaddress.ip_address("127.0.0.1" if address[0] == "localhost" else address[0]).is_loopback:
            pytest.fail(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Only here may a history be truncated: between tests that commit."""
    options = connections["default"].settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c afiliacion.may_truncate=on".strip()


@pytest.fixture
def today() -> dt.date:
    return TODAY


@pytest.fixture
def now() -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(TODAY, dt.time(12)))


@pytest.fixture
def people() -> People:
    return People(random.Random(7))


@pytest.fixture
def plantel(db: None) -> Plantel:
    return Plantel.objects.create(
        clave="PREPA7", name="Preparatoria Regional Núm. 7", cct="14EBH0007X", registro_patronal="A0112345321", subdelegacion="Iguala",
        umf="UMF 5", contact_name="Ángela Núñez Ordóñez", contact_email="afiliacion@prepa7.example.mx",
    )  # fmt: skip


@pytest.fixture
def other_plantel(db: None) -> Plantel:
    return Plantel.objects.create(clave="PREPA9", name="Preparatoria Regional Núm. 9", registro_patronal="B0298765329")


@pytest.fixture
def ciclo(db: None) -> Ciclo:
    return Ciclo.objects.create(clave="2026-2", starts_on=dt.date(2026, 8, 1), ends_on=dt.date(2027, 1, 30))


@pytest.fixture
def officer(plantel: Plantel) -> Any:
    user = get_user_model().objects.create_user("oficial", first_name="Begoña", last_name="Ñáñez", is_staff=True)
    StaffPost.objects.create(user=user, plantel=plantel)
    return user


@pytest.fixture
def coordinator(db: None) -> Any:
    user = get_user_model().objects.create_user("coordinacion", first_name="Óscar", last_name="Güemes", is_staff=True)
    StaffPost.objects.create(user=user)
    return user


@pytest.fixture
def actor() -> Actor:
    return Actor(ActorKind.NIGHT, "Proceso nocturno")


@pytest.fixture
def make_student(people: People, db: None) -> Callable[..., Student]:
    def make(**fields: Any) -> Student:
        p = people.one()
        known = {
            "curp": p.curp, "nombre": p.nombre, "primer_apellido": p.primer_apellido, "segundo_apellido": p.segundo_apellido,
            "birth_date": p.birth_date, "sex": p.sex, "entity": p.entity, "email": f"alumno{Student.objects.count()}@alumnos.example.mx",
        }  # fmt: skip
        return Student.objects.create(**{**known, **fields})

    return make


@pytest.fixture
def make_enrolment(make_student: Callable[..., Student], plantel: Plantel, ciclo: Ciclo) -> Callable[..., Enrolment]:
    def make(*, student: Student | None = None, **fields: Any) -> Enrolment:
        known = {
            "plantel": plantel,
            "ciclo": ciclo,
            "matricula": f"26{Enrolment.objects.count():06d}",
            "grupo": "1-A",
            "enrolled_on": ENROLLED,
        }
        return Enrolment.objects.create(student=student or make_student(), **{**known, **fields})

    return make


@pytest.fixture
def make_case(make_enrolment: Callable[..., Enrolment], actor: Actor, now: dt.datetime) -> Callable[..., Case]:
    """A case just opened, by the real path. `nss` on the student opens it in NSS_OBTENIDO."""

    def make(**fields: Any) -> Case:
        return Case.objects.get(pk=enrol.enrol([make_enrolment(**fields).pk], actor=actor, now=now).opened[0])

    return make


@pytest.fixture(autouse=True)
def _sown(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests that really commit: the rows the migrations sow, which the flush after an earlier test took away, are sown again.

    Whatever such a test killed, broke off or let race: afterwards the counters are the real counts, and the copies what the registry says.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames) or (marker and marker.kwargs.get("transaction"))
    if commits:
        request.getfixturevalue("transactional_db")
        _sow()
    yield
    if commits:
        assert [*tally.differences(), *tally.wrong_copies()] == []


@pytest.fixture
def committed(transactional_db: None) -> None:
    """The test really commits: others see what it writes, as they would in the office."""


def _sow() -> None:
    if Transition.objects.exists():
        return
    graph = MigrationLoader(connection).graph
    for app_label, name in graph._generate_plan(graph.leaf_nodes(), at_end=True):
        for operation in graph.nodes[app_label, name].operations:
            if isinstance(operation, RunPython) and apps.get_app_config(app_label).name.startswith(("afiliacion", "students")):
                sow: Any = operation.code
                sow(apps, None)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything anybody logs, down to each SQL statement with its values, through the office's own formatter."""
    known: Any = django_settings.LOGGING
    (formatter,) = {handler["formatter"] for handler in known["handlers"].values()}
    written, root, sql = io.StringIO(), logging.getLogger(), logging.getLogger("django.db.backends")
    handler, before = logging.StreamHandler(written), (root.level, sql.level)
    handler.setFormatter(DictConfigurator(known).configure_formatter(known["formatters"][formatter]))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    sql.setLevel(logging.DEBUG)
    connection.force_debug_cursor = True
    yield written
    connection.force_debug_cursor = False
    root.setLevel(before[0])
    sql.setLevel(before[1])
    root.removeHandler(handler)
