"""The nightly root over all histories: what it finds that the chains alone do not."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from afiliacion.cases.history import roots
from afiliacion.cases.history.chain import seal
from afiliacion.cases.models import Case, Event, HistoryRoot
from tests.conftest import TODAY
from tests.roles import histories_open

NEXT = TODAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def rewrite(case: Case) -> None:
    """Change an event and compute all hashes of its case anew, as a person with the owner's password could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with histories_open(["cases_event", "cases_case"]) as cursor:
        previous = ""
        for event in Event.objects.filter(case=case).order_by("seq"):
            event.actor_name, event.prev_hash = "Otra persona", previous
            previous = seal(event)
            cursor.execute(
                "UPDATE cases_event SET actor_name = %s, prev_hash = %s, hash = %s WHERE id = %s",
                [event.actor_name, event.prev_hash, previous, event.pk],
            )
        cursor.execute("UPDATE cases_case SET head_hash = %s WHERE id = %s", [previous, case.pk])


def test_h2_a_history_rewritten_with_its_hashes_is_found(
    make_case: Callable[..., Case], now: dt.datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [make_case(), make_case()]
    roots.seal_day(TODAY, now)
    call_command("verify_history")
    rewrite(cases[0])
    with pytest.raises(CommandError, match="0 expedientes con la historia rota, 1 sellos"):
        call_command("verify_history")
    assert "fueron reescritas" in capsys.readouterr().out


def test_what_is_written_after_a_root_does_not_change_it(make_case: Callable[..., Case], now: dt.datetime) -> None:
    make_case()
    first = roots.seal_day(TODAY, now)
    make_case()
    second = roots.seal_day(NEXT, now)
    assert first is not None
    assert second is not None
    assert (first.cases, second.cases) == (1, 2)
    assert list(roots.faults(every=True)) == []


def test_a_day_has_one_root(make_case: Callable[..., Case], now: dt.datetime) -> None:
    first = roots.seal_day(TODAY, now)
    make_case()
    assert roots.seal_day(TODAY, now) == first


@pytest.mark.usefixtures("make_case")
def test_h2_the_file_outside_the_database_is_compared(data: Path, now: dt.datetime) -> None:
    roots.seal_day(TODAY, now)
    roots.seal_day(NEXT, now)
    with histories_open(["cases_historyroot"]) as cursor:
        cursor.execute("DELETE FROM cases_historyroot WHERE date = %s", [TODAY])
        cursor.execute("UPDATE cases_historyroot SET root = %s WHERE date = %s", [hashlib.sha256(b"x").hexdigest(), NEXT])
    found = "\n".join(roots.faults())
    assert f"falta en la base de datos el sello del {TODAY}" in found
    assert f"el sello del {NEXT} no es el que está en history-roots.tsv" in found
    assert f"el sello del {NEXT} no corresponde" in found
    assert len((data / "history-roots.tsv").read_text().splitlines()) == 2


def test_a_key_that_was_replaced_still_verifies(make_case: Callable[..., Case], now: dt.datetime, settings: Any) -> None:
    make_case()
    roots.seal_day(TODAY, now)
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    assert list(roots.faults()) != []
    settings.SECRET_KEY_FALLBACKS = [before]
    assert list(roots.faults()) == []


@pytest.mark.django_db
def test_the_root_is_printed_short(now: dt.datetime) -> None:
    assert roots.printed() == ""
    roots.seal_day(TODAY, now)
    assert roots.printed() == f"{HistoryRoot.objects.get().root[:16]} ({TODAY:%d/%m/%Y})"
