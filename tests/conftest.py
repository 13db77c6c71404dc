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
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import TransactionTestCase, override_settings
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict

from afiliacion.cases import counters, enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import Act, Actor, ActorKind, Outcome
from afiliacion.cases.papers import evidence
from afiliacion.cases.states import BajaKind, State
from afiliacion.operations.simulation.invented_people import People
from students.models import Ciclo, Enrolment, Plantel, StaffPost, Student
from tests import roles
from tests.mailsink import MailSink
from tests.planteles import make_plantel
from tests.servers import servers
from tests.sown import Sown

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser import Watched

# How long an example takes says something of the machine, nothing of the code. CI asks the same questions every time; people ask new ones.
hypothesis.settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("house")

TODAY = dt.date(2026, 8, 20)
ENROLLED = dt.date(2026, 8, 6)
ON = dt.date(2026, 8, 10)


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches beyond this machine is a bug, not a slow test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not ipaddress.ip_address("127.0.0.1" if address[0] == "localhost" else address[0]).is_loopback:
            pytest.fail(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A hash that takes no time: the one of the office is made slow on purpose."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def running_servers() -> None:
    """The servers the environment names answer, for a test that has no use for Django's database."""
    servers.database()


@pytest.fixture(scope="session")
def sown(django_test_environment: None, django_db_blocker: Any) -> Iterator[Sown]:
    """The tests' own database, migrated already. After a test that committed it holds again what the migrations left in it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        connection.close()
        connection.settings_dict["NAME"] = conninfo_to_dict(servers.database())["dbname"]
        roles.act_as_application()
        sown = Sown()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: sown.restore())
        yield sown
        connection.close()


@pytest.fixture(scope="session")
def django_db_setup(sown: Sown) -> None:
    """The name under which pytest-django asks for the database."""


@pytest.fixture
def own_ground(db: None, sown: Sown) -> None:
    """For a test of plans or of the rows visited, first among its arguments: tables as new, about which the planner knows nothing yet."""
    sown.clear()


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
    return make_plantel(
        "A0112345321", clave="PREPA7", name="Preparatoria Regional Núm. 7", cct="14EBH0007X", subdelegacion="Iguala",
        umf="UMF 5", contact_name="Ángela Núñez Ordóñez", contact_email="afiliacion@prepa7.example.mx",
    )  # fmt: skip


@pytest.fixture
def other_plantel(db: None) -> Plantel:
    return make_plantel("B0298765329", clave="PREPA9", name="Preparatoria Regional Núm. 9")


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
    """A case opened by the real path on the day of its enrolment. `nss` on the student opens it in NSS_OBTENIDO."""

    def make(**fields: Any) -> Case:
        enrolment = make_enrolment(**fields)
        enrolled = timezone.make_aware(dt.datetime.combine(enrolment.enrolled_on, dt.time(12)))
        return Case.objects.get(pk=enrol.enrol([enrolment.pk], act=Act(actor, min(enrolled, now))).opened[0])

    return make


@pytest.fixture(autouse=True)
def _whole(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that really commits, whatever it killed or let race, the counters are the real counts and the copies what they copy."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames) or (marker and marker.kwargs.get("transaction"))
    if commits:
        # A test before may have had the database end this connection (tests/processes.py, end_every_connection).
        if connection.connection is not None and not connection.in_atomic_block and not connection.is_usable():
            connection.close()
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        assert [*counters.differences(), *counters.wrong_copies()] == []


@pytest.fixture
def committed(transactional_db: None) -> None:
    """The test really commits: others see what it writes, as they would in the office."""


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


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[MailSink]:
    sink = MailSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def smtp_sink(smtp_server: MailSink, settings: Any) -> MailSink:
    """An empty sink, with Django's mail really sent to it over SMTP."""
    smtp_server.messages.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_server.hostname, smtp_server.port
    return smtp_server


@pytest.fixture(scope="session")
def plain_static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Static files straight from their folders: what is hashed and compressed is collected when the office starts."""
    storages = {**django_settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def make_in(make_case: Callable[..., Case], people: People, actor: Any, now: dt.datetime) -> Callable[..., Case]:
    """A case brought to a state by the real verbs; further fields are the enrolment's."""
    act = Act(actor, now)

    def proof(case: Case) -> str:
        body = b'{"expediente": %d}' % case.pk
        return evidence.keep([body], kind=Evidence.Kind.IMSS_ANSWER, media_type="application/json", now=now)[0]

    def steps(case: Case, state: State) -> list[Callable[[], Outcome]]:
        told = {case.pk: Happening(ON, evidence=proof(case), reason="Prueba")}
        nss = [lambda: verbs.obtain_nss({case.pk: people.one().nss}, on=ON, act=act)]
        acuse = [*nss, lambda: verbs.deliver_acuse([case.pk], on=ON, papers=["acuse"], act=act)]
        alta = [*acuse, lambda: verbs.send_alta({case.pk: {"lote": "118274", "recibo": "R-1"}}, on=ON, act=act)]
        return {
            State.SIN_NSS: [],
            State.NSS_OBTENIDO: nss,
            State.ACUSE_ENTREGADO: acuse,
            State.ALTA_ENVIADA: alta,
            State.VIGENTE: [*alta, lambda: verbs.confirm_vigencia(told, act=act)],
            State.SIN_VIGENCIA: [*alta, lambda: verbs.miss_vigencia(told, act=act)],
            State.EN_SUBDELEGACION: [lambda: verbs.escalate(told, act=act)],
            State.RENUNCIA: [lambda: verbs.renounce([case.pk], on=ON, tutor="Su mamá", act=act)],
            State.BAJA: [*alta, lambda: verbs.leave([case.pk], BajaKind.TEMPORAL, on=ON, act=act)],
        }[state]

    def make(state: State, **fields: Any) -> Case:
        case = make_case(**fields)
        for step in steps(case, state):
            outcome = step()
            assert outcome.done == [case.pk], outcome.skipped
        case.refresh_from_db()
        return case

    return make


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from tests.browser import launched  # noqa: PLC0415 - a library only the tests with a browser wait for

    with launched() as browser:
        yield browser


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Watched]]:
    """Open a page of the office for a user (None: not logged in), at a size. Anything the browser complains of fails the test."""
    from tests.browser import opening  # noqa: PLC0415 - as above

    with opening(chromium, live_server.url) as open_:
        yield open_
