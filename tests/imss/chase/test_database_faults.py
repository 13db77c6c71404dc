"""F9: the database breaks off what the chase writes. It is done again, whole, at most three times; what fails for good is seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from afiliacion.cases.models import Event
from afiliacion.cases.states import State
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import Answer, Errand, WorkerShare
from afiliacion.imss.queue.plan import plan
from afiliacion.operations.models import NightRun
from afiliacion.operations.night import Budget, run_night
from tests.imss.conftest import at
from tests.roles import as_owner

TODAY = dt.date(2026, 8, 20)
#: PostgreSQL's words: deadlock_detected, serialization_failure, query_canceled (a timeout), lock_not_available.
BROKEN_OFF = {"deadlock": "40P01", "serialization": "40001", "statement timeout": "57014", "lock timeout": "55P03"}


@contextmanager
def breaks_off(sqlstate: str, times: int) -> Iterator[None]:
    """The last statement of a batch, the archive, fails that often with this error. Sequences count what was rolled back too."""
    with as_owner() as cursor:
        cursor.execute(f"""
            CREATE SEQUENCE broken_off;
            GRANT USAGE, SELECT ON broken_off TO PUBLIC;
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('broken_off') <= {times} THEN RAISE 'injected' USING ERRCODE = '{sqlstate}'; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER break_off AFTER INSERT ON imss_answer FOR EACH STATEMENT EXECUTE FUNCTION break_off();
        """)
    try:
        yield
    finally:
        with as_owner() as cursor:
            cursor.execute("DROP TRIGGER break_off ON imss_answer; DROP FUNCTION break_off; DROP SEQUENCE broken_off")


def tried() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM broken_off")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("sqlstate", BROKEN_OFF.values(), ids=BROKEN_OFF.keys())
def test_what_is_broken_off_is_done_again_whole(committed, authority, quick, case_in, sqlstate):
    cases = [case_in(State.SIN_NSS) for _ in range(5)]
    plan(TODAY, at(TODAY))
    with breaks_off(sqlstate, 2):
        report = chase(TODAY, at(TODAY), budget_seconds=20)
        # Broken off twice, then written: once, or once for each of two batches where the answers came apart.
        assert tried() in {3, 4}
    assert (report.left, report.asked, report.steps) == (0, 5, {"obtain_nss": 5})
    assert len(authority.asked) == Answer.objects.count() == 5
    assert {case.events.count() for case in cases} == {2}


def test_what_fails_for_good_is_tried_three_times_leaves_nothing_half_written_and_fails_the_night(
    committed, authority, quick, case_in, caplog
):
    for _ in range(5):
        case_in(State.SIN_NSS)
    with breaks_off(BROKEN_OFF["serialization"], 1000):
        night = run_night(TODAY, at(TODAY), budget=Budget(chase_seconds=20))
        assert tried() == 3
    assert night.status == NightRun.Status.FAILED
    assert [line["step"] for line in night.report if "SerializationFailure" in line["error"]] == ["IMSS"]
    assert "night step failed: IMSS" in caplog.text
    assert (Answer.objects.count(), Event.objects.filter(verb="obtain_nss").count(), WorkerShare.objects.count()) == (0, 0, 0)
    # Its errands are free as soon as a colleague looks; asked again, nothing is done twice.
    assert chase(TODAY, at(TODAY), budget_seconds=20).left == 0
    assert Event.objects.filter(verb="obtain_nss").count() == 5
    assert not Errand.objects.filter(lease_until__isnull=False).exists()
