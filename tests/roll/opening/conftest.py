"""Lists of covers that exist already, at a plantel whose registro patronal is A01-12345-32-1."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import Proof
from afiliacion.roll.models import Opening
from afiliacion.roll.opening import jobs
from students.models import Plantel
from tests.imss.conftest import _authority, authority, case_in, night, quick, stand_in  # noqa: F401
from tests.insurance.conftest import noon, second, sister  # noqa: F401

TODAY = dt.date(2026, 8, 20)
SINCE = dt.date(2024, 2, 5)
HEAD = "Matrícula,CURP,NSS,Registro patronal,Asegurado desde,Cómo consta"
Bring = Callable[..., Opening]


@pytest.fixture
def officer(plantel: Plantel) -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña"), noon(TODAY), frozenset({plantel.pk}))


@pytest.fixture
def bring(plantel: Plantel, officer: Act) -> Bring:
    """A list as CSV lines under HEAD (or other content), brought by the officer."""

    def bring(*lines: str, content: bytes | None = None, name: str = "seguros.csv", act: Act = officer, **fields: Any) -> Opening:
        body = "\r\n".join([HEAD, *lines]).encode() if content is None else content
        said = {"plantel": plantel, "since": SINCE, "proof": Proof.WORD, "act": act, **fields}
        return jobs.bring(io.BytesIO(body), name, **said)

    return bring
