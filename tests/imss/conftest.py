from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import IMSS, NIGHT, Act
from afiliacion.cases.states import BajaKind, State
from afiliacion.imss.chase.report import ChaseReport
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import Errand, ImssSettings
from afiliacion.imss.queue.plan import plan
from tests.imss.authority import Authority, nss_of, well
from tests.imss_mock.harness import StandIn

BEFORE = dt.date(2026, 8, 10)
PROOF = "ab" * 32


def at(day: dt.date) -> dt.datetime:
    """The night that begins `day`."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(2, 30)))


@pytest.fixture(scope="module")
def _authority() -> Iterator[Authority]:
    server = Authority()
    yield server
    server.stop()


@pytest.fixture
def authority(_authority: Authority, settings: Any) -> Authority:
    """A healthy server the office talks to, until the test changes how it behaves."""
    _authority.behave, _authority.asked, _authority.at = well, [], []
    settings.IMSS_URL, settings.IMSS_FOLLOWS_DATE = _authority.url, False
    settings.IMSS_TIMEOUT_SECONDS = 5.0
    return _authority


@pytest.fixture
def stand_in(tmp_path: Any, settings: Any) -> Iterator[StandIn]:
    """The real stand-in in its own process, whose clock follows the night's date."""
    stand_in = StandIn(tmp_path / "imss")
    settings.IMSS_URL, settings.IMSS_FOLLOWS_DATE = f"http://127.0.0.1:{stand_in.connection.port}", True
    yield stand_in
    assert stand_in.stop() == (0, "")


@pytest.fixture
def quick(db: None) -> ImssSettings:
    """Pauses short enough for a test, and an authority known to take a thousand questions a second."""
    ImssSettings.objects.update(backoff_seconds=0.01, backoff_most_seconds=0.05, probe_seconds=0.2, requests_per_second=1000)
    return ImssSettings.objects.get()


@pytest.fixture
def night() -> Callable[..., ChaseReport]:
    def one(day: dt.date, seconds: float = 20) -> ChaseReport:
        plan(day, at(day))
        return chase(day, at(day), budget_seconds=seconds)

    return one


@pytest.fixture
def case_in(make_case: Callable[..., Case]) -> Callable[..., Case]:
    """A case brought to a state by the real verbs, on 10 August."""

    def bring(state: State, **fields: Any) -> Case:
        case = make_case(**fields)
        act: dict[str, Any] = {"on": BEFORE, "act": Act(NIGHT, at(BEFORE))}
        told: dict[str, Any] = {"act": Act(IMSS, at(BEFORE))}
        path: list[tuple[State, Callable[[], Any]]] = [
            (State.SIN_NSS, lambda: None),
            (State.NSS_OBTENIDO, lambda: verbs.obtain_nss({case.pk: nss_of(case.student.curp)}, **act)),
            (State.ACUSE_ENTREGADO, lambda: verbs.deliver_acuse([case.pk], **act)),
            (State.ALTA_ENVIADA, lambda: verbs.send_alta({case.pk: {"lote": "1"}}, **act)),
            (State.VIGENTE, lambda: verbs.confirm_vigencia({case.pk: Happening(BEFORE, {}, PROOF)}, **told)),
            (State.BAJA, lambda: verbs.leave([case.pk], BajaKind.DEFINITIVA, **act)),
        ]
        for reached, step in path:
            outcome = step()
            assert outcome is None or outcome.done == [case.pk], outcome
            if reached is state:
                break
        case.refresh_from_db()
        return case

    return bring


@pytest.fixture
def the_errand() -> Callable[[Case], Errand]:
    """The case's newest errand."""
    return lambda case: Errand.objects.filter(case=case).order_by("-pk")[0]
