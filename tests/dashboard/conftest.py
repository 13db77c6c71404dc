"""The office as its tests find it: people who are logged in, cases in every state, static files without a build."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from afiliacion.cases import evidence, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.states import BajaKind, State
from afiliacion.operations.people import People
from students.models import Plantel, StaffPost

PASSWORD = "una frase larga de prueba"  # noqa: S105 - of people who exist for one test
ON = dt.date(2026, 8, 10)


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Static files straight from their folders: what is hashed and compressed is collected when the office starts."""
    storages = {**django_settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def foreign_officer(other_plantel: Plantel) -> Any:
    user = get_user_model().objects.create_user("ajena", first_name="Itzel", last_name="Uc", is_staff=True)
    StaffPost.objects.create(user=user, plantel=other_plantel)
    return user


@pytest.fixture
def no_post(db: None) -> Any:
    return get_user_model().objects.create_user("nadie")


@pytest.fixture
def enter() -> Callable[[Any], Client]:
    """A browser in which this person is logged in."""

    def enter(user: Any, **how: Any) -> Client:
        client = Client(**how)
        client.force_login(user)
        return client

    return enter


@pytest.fixture
def desk(officer: Any, enter: Callable[[Any], Client]) -> Client:
    """The officer of `plantel` at work."""
    return enter(officer)


@pytest.fixture
def make_in(make_case: Callable[..., Case], people: People, actor: Any, now: dt.datetime) -> Callable[..., Case]:
    """A case brought to a state by the real verbs; further fields are the enrolment's."""
    who = {"actor": actor, "now": now}

    def proof(case: Case) -> str:
        body = b'{"expediente": %d}' % case.pk
        return evidence.keep([body], kind=Evidence.Kind.IMSS_ANSWER, media_type="application/json", now=now)[0]

    def steps(case: Case, state: State) -> list[Callable[[], Outcome]]:
        told = {case.pk: Happening(ON, evidence=proof(case), reason="Prueba")}
        nss = [lambda: verbs.obtain_nss({case.pk: people.one().nss}, on=ON, **who)]
        acuse = [*nss, lambda: verbs.deliver_acuse([case.pk], on=ON, papers=["acuse"], **who)]
        alta = [*acuse, lambda: verbs.send_alta({case.pk: {"lote": "118274", "recibo": "R-1"}}, on=ON, **who)]
        return {
            State.SIN_NSS: [],
            State.NSS_OBTENIDO: nss,
            State.ACUSE_ENTREGADO: acuse,
            State.ALTA_ENVIADA: alta,
            State.VIGENTE: [*alta, lambda: verbs.confirm_vigencia(told, **who)],
            State.SIN_VIGENCIA: [*alta, lambda: verbs.miss_vigencia(told, **who)],
            State.EN_SUBDELEGACION: [lambda: verbs.escalate(told, **who)],
            State.RENUNCIA: [lambda: verbs.renounce([case.pk], on=ON, tutor="Su mamá", **who)],
            State.BAJA: [*alta, lambda: verbs.leave([case.pk], BajaKind.TEMPORAL, on=ON, **who)],
        }[state]

    def make(state: State, **fields: Any) -> Case:
        case = make_case(**fields)
        for step in steps(case, state):
            outcome = step()
            assert outcome.done == [case.pk], outcome.skipped
        case.refresh_from_db()
        return case

    return make


@pytest.fixture
def local_today() -> dt.date:
    """The day the screens are seen on: they ask the clock, as people do."""
    return timezone.localdate()


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    """The public page counts who asks how often, from one test to the next."""
    cache.clear()
