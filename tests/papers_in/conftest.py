"""Documents that come in by each door, and are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.papers_in import bringing, work
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.models import BroughtPaper, Door
from students.models import Plantel

Bring = Callable[..., BroughtPaper]


@pytest.fixture
def act(officer: Any, plantel: Plantel) -> Act:
    """The officer of `plantel` now."""
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez", officer.pk), timezone.now(), frozenset({plantel.pk}))


@pytest.fixture
def bring(act: Act) -> Bring:
    """Bring a document by a door, of a case or of no known one yet, and have it read."""

    def bring(body: bytes, case: Case | None = None, door: Door = Door.OFFICE, *, read: bool = True) -> BroughtPaper:
        with transaction.atomic():
            paper, _ = bringing.bring(body, "hoja.pdf", Origin(door, timezone.localdate(), act), case)
        if read:
            work.work_due(60)
        paper.refresh_from_db()
        return paper

    return bring
