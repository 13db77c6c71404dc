"""The ledger refuses, in the database, what must never be: doubles, two mails a night, an address that is more than one."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from afiliacion.cases.states import State
from afiliacion.reminders.decide import enqueue
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.models import Reminder

NIGHT = dt.date(2026, 8, 12)


@pytest.fixture
def row(make_in, kinds, now):
    def make(**fields):
        case = fields.pop("case", None) or make_in(State.SIN_NSS)
        known = {
            "kind": kinds["obten_nss"], "case": case, "student": case.student, "step": "1-1", "recipient": "a@alumnos.example.mx",
            "night": NIGHT, "created_at": now, "send_after": now,
        }  # fmt: skip
        return Reminder(**{**known, **fields})

    return make


def _refused(reminder: Reminder, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        reminder.save()


@pytest.mark.django_db
def test_invariant_5_reminder_once(row):
    first = row()
    first.save()
    _refused(row(case=first.case, night=NIGHT + dt.timedelta(days=1)), "reminder_once")


@pytest.mark.django_db
def test_reminder_student_once_a_night(row, kinds):
    first = row()
    first.save()
    _refused(row(case=first.case, kind=kinds["nss_vencido"]), "reminder_student_once_a_night")


@pytest.mark.django_db
def test_reminder_digest_once_a_night(row, kinds):
    digest = {"kind": kinds["resumen"], "step": "", "recipient": "jefa@escuela.example.mx"}
    for _ in range(2):
        reminder = row(**digest)
        reminder.case = reminder.student = None
        if Reminder.objects.exists():
            _refused(reminder, "reminder_digest_once_a_night")
        else:
            reminder.save()


@pytest.mark.django_db
@pytest.mark.parametrize("recipient", ["", "a", "A@x.mx", "a@x.mx ", "a@x.mx\nBcc: b@x.mx", "a@x.mx,b@x.mx", "á@x.mx", "<a@x.mx>"])
def test_reminder_recipient_is_one_address(row, recipient):
    _refused(row(recipient=recipient), "reminder_recipient_is_one_address")


@pytest.mark.django_db
def test_reminder_sent_says_when_and_what(row):
    _refused(row(status="sent"), "reminder_sent_says_when_and_what")


@pytest.mark.django_db
def test_reminder_case_with_student(row):
    reminder = row()
    reminder.student = None
    _refused(reminder, "reminder_case_with_student")


@pytest.mark.django_db
def test_reminder_status_known(row):
    _refused(row(status="maybe"), "reminder_status_known")


@pytest.mark.usefixtures("committed")
def test_queueing_outside_a_transaction_is_refused(kinds, now):
    with pytest.raises(enqueue.NotInTransaction):
        enqueue.queue_due(NIGHT, now, outage=False)
    with pytest.raises(enqueue.NotInTransaction):
        enqueue.queue_reports(kinds["resumen"], [], NIGHT, now, now)


@pytest.mark.usefixtures("committed")
def test_two_deciders_at_once_tell_everybody_once(make_in, now):
    for _ in range(40):
        make_in(State.SIN_NSS)
    together, totals = threading.Barrier(4), []

    def decider() -> None:
        try:
            together.wait(10)
            totals.append(decide(NIGHT, now).total)
        finally:
            connection.close()

    threads = [threading.Thread(target=decider) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(totals) == Reminder.objects.count() == 40
    assert len(totals) == 4
