"""Which lists went wrong since yesterday, by plantel."""

from __future__ import annotations

import datetime as dt

import pytest

from afiliacion.roll.models import Import, State
from afiliacion.roll.trouble import since_yesterday

pytestmark = pytest.mark.django_db


def test_lists_that_failed_or_left_rows_out_are_told_for_a_day(plantel, other_plantel, ciclo, now):
    def brought(state: State, hours: int, at=plantel) -> None:
        finished = now - dt.timedelta(hours=hours)
        Import.objects.create(
            plantel=at, ciclo=ciclo, filename="lista.csv", sha256=f"{Import.objects.count():064}", state=state, uploaded_at=finished,
            finished_at=finished,
        )  # fmt: skip

    for state in (State.FAILED, State.DONE_WITH_ERRORS, State.DONE, State.CANCELLED):
        brought(state, hours=2)
    brought(State.FAILED, hours=30)
    brought(State.FAILED, hours=1, at=other_plantel)
    assert since_yesterday(now) == {plantel.pk: 2, other_plantel.pk: 1}
