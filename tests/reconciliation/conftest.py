"""A term before the one of today, and what happens to students and movements on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases.models import Case
from students.models import Ciclo, Plantel, RegistroPatronal
from tests.reconciliation.deeds import Deeds


@pytest.fixture
def before(db: None) -> Ciclo:
    """The term before."""
    return Ciclo.objects.create(clave="2026-1", starts_on=dt.date(2026, 2, 1), ends_on=dt.date(2026, 7, 15))


@pytest.fixture
def sister(other_plantel: Plantel) -> Plantel:
    """Another plantel under the registro patronal of the first one."""
    RegistroPatronal.objects.filter(plantel=other_plantel).update(registro="A0112345321")
    return other_plantel


@pytest.fixture
def deeds(make_in: Callable[..., Case], make_enrolment: Callable[..., Any], people: Any, before: Ciclo, other_plantel: Plantel) -> Deeds:
    return Deeds(make_in, make_enrolment, people, before, other_plantel)
