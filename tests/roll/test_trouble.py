"""Which lists went wrong since yesterday, by plantel."""

from __future__ import annotations

import datetime as dt

import pytest

from afiliacion.roll.failed_lists import since_yesterday
from afiliacion.roll.models import Import, ImportState

pytestmark = pytest.mark.django_db


def test_lists_that_went_wrong_are_told_for_a_day_by_what_is_to_be_done(plantel, other_plantel, ciclo, now):
    def brought(state: ImportState, hours: int, at=plantel) -> None:
        finished = now - dt.timedelta(hours=hours)
        Import.objects.create(
            plantel=at, ciclo=ciclo, filename="lista.csv", sha256=f"{Import.objects.count():064}", state=state, uploaded_at=finished,
            finished_at=finished,
        )  # fmt: skip

    for state in (
        ImportState.FAILED,
        ImportState.REFUSED,
        ImportState.DONE_WITH_ERRORS,
        ImportState.DONE_WITH_ERRORS,
        ImportState.CANCELLED,
    ):
        brought(state, hours=2)
    brought(ImportState.FAILED, hours=30)
    brought(ImportState.FAILED, hours=1, at=other_plantel)
    again, rows, another = (
        "que detuvo una falla, por reintentar",
        "con filas sin cargar, por corregir",
        "cuyo archivo no sirvió, por traer otro",
    )
    told = {pk: {what.removeprefix("Listas de inscritos "): n for what, n in said.items()} for pk, said in since_yesterday(now).items()}
    assert told == {plantel.pk: {again: 1, rows: 2, another: 1}, other_plantel.pk: {again: 1}}
    brought(ImportState.CHECKED, hours=1)
    assert not any(another in what for what in since_yesterday(now)[plantel.pk])
