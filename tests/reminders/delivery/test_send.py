"""Sending over real SMTP: each once, one refusal one mail, a dead server the fault of no address."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from itertools import pairwise

import pytest
from django.db import connection, transaction

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.delivery.rate import SendRate
from afiliacion.reminders.delivery.send import SendReport, send_due
from afiliacion.reminders.models import BadAddress, Reminder
from students.models import Student

NIGHT = dt.date(2026, 8, 12)
Status = Reminder.Status

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def queued(make_in, now):
    def make(n: int) -> list[Reminder]:
        for _ in range(n):
            make_in(State.SIN_NSS)
        decide(NIGHT, now)
        return list(Reminder.objects.order_by("pk"))

    return make


def _status(reminder: Reminder) -> Reminder:
    return Reminder.objects.get(pk=reminder.pk)


def test_a_mail_goes_out_and_what_it_said_is_kept(sink, queued, now):
    (reminder,) = queued(1)
    assert send_due(now, 10) == SendReport(sent=1)
    kept, (message,) = _status(reminder), sink.messages
    assert (kept.status, kept.sent_at, kept.attempts, kept.lease) == (Status.SENT, now, 1, None)
    assert message["Message-ID"] == kept.message_id == kept.own_message_id()
    assert (message["To"], message["Subject"]) == (kept.recipient, kept.subject)
    assert message["Reply-To"] == "afiliacion@prepa7.example.mx"
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n").strip() == kept.text.strip()
    assert len(kept.version) == 12


def test_the_budget_is_kept_and_the_rest_waits(sink, queued, now):
    queued(5)
    assert send_due(now, 3).sent == 3
    assert send_due(now, 3).sent == 2
    assert send_due(now, 3) == SendReport()
    assert set(sink.ids().values()) == {1}


def test_inside_a_transaction_nothing_is_sent(sink, queued, now):
    queued(1)
    with pytest.raises(RuntimeError, match="after the commit"), transaction.atomic():
        send_due(now, 10)
    assert sink.messages == []


def test_what_is_not_committed_is_not_sent(sink, make_in, now):
    """Another process sends while the decision is still open."""
    make_in(State.SIN_NSS)
    reports: list[SendReport] = []

    def sender() -> None:
        try:
            reports.append(send_due(now, 10))
        finally:
            connection.close()

    with transaction.atomic():
        decide(NIGHT, now)
        thread = threading.Thread(target=sender)
        thread.start()
        thread.join(30)
    assert reports == [SendReport()]
    assert send_due(now, 10).sent == 1


def test_few_connections_each_used_for_many_mails(sink, queued, now, settings):
    settings.REMINDER_CONNECTIONS = 4
    queued(120)
    assert send_due(now, 1000).sent == 120
    assert len(sink.ids()) == len(sink.messages) == 120
    assert sink.connections == 2


def test_two_senders_at_once_send_each_mail_once(sink, queued, now):
    queued(60)
    together, reports = threading.Barrier(2), []

    def sender() -> None:
        try:
            together.wait(10)
            reports.append(send_due(now, 1000))
        finally:
            connection.close()

    threads = [threading.Thread(target=sender) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(report.sent for report in reports) == 60
    assert len(sink.ids()) == len(sink.messages) == 60


def test_one_refused_recipient_costs_one_mail(sink, queued, now):
    refused, *others = queued(4)
    sink.answers[refused.recipient] = "550 5.1.1 no existe"
    assert send_due(now, 10) == SendReport(sent=3, failed=1)
    assert (_status(refused).status, _status(refused).error) == (Status.FAILED, "550 5.1.1 no existe")
    assert {_status(other).status for other in others} == {Status.SENT}
    assert sink.connections == 1


def test_a_temporary_refusal_is_tried_again_later_and_later(sink, queued, now, settings):
    settings.REMINDER_ATTEMPTS = 3
    (reminder,) = queued(1)
    sink.answers[reminder.recipient] = "451 4.7.1 espere"
    waits = []
    for _ in range(2):
        assert send_due(now, 10) == SendReport(postponed=1)
        waits.append(_status(reminder).send_after - now)
        assert send_due(now, 10) == SendReport()
        now = _status(reminder).send_after
    assert waits == [settings.REMINDER_BACKOFF, 2 * settings.REMINDER_BACKOFF]
    assert send_due(now, 10) == SendReport(failed=1)
    assert (_status(reminder).attempts, _status(reminder).error) == (3, "451 4.7.1 espere")


def test_a_dead_server_leaves_everything_waiting(sink, queued, now, settings):
    reminders = queued(3)
    alive = settings.EMAIL_PORT
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody.getsockname()[1]
        report = send_due(now, 10)
    assert report.trouble
    assert (report.sent, report.failed, report.uncertain) == (0, 0, 0)
    for reminder in reminders:
        waiting = _status(reminder)
        assert (waiting.status, waiting.lease, waiting.send_after) == (Status.QUEUED, None, now + settings.REMINDER_BACKOFF)
        assert waiting.error
    settings.EMAIL_PORT = alive
    assert send_due(now, 10) == SendReport()
    assert send_due(now + settings.REMINDER_BACKOFF, 10) == SendReport(sent=3)


def test_a_dead_server_never_uses_up_the_attempts(sink, queued, now, settings):
    settings.REMINDER_ATTEMPTS = 2
    (reminder,) = queued(1)
    sink.answer_to_sender = "530 5.7.0 primero identifíquese"
    for _ in range(4):
        assert send_due(now, 10).trouble == "530 5.7.0 primero identifíquese"
        now = _status(reminder).send_after
    assert _status(reminder).status == Status.QUEUED
    sink.answer_to_sender = ""
    assert send_due(now, 10) == SendReport(sent=1)


def test_a_server_that_hangs_up_after_some_mails_is_called_again(sink, queued, now):
    queued(5)
    sink.mails_per_connection = 2
    assert send_due(now, 10) == SendReport(sent=5)
    assert len(sink.ids()) == len(sink.messages) == 5
    assert sink.connections == 3


def test_a_connection_lost_after_the_text_leaves_one_mail_in_doubt_for_ever(sink, queued, now):
    queued(3)
    sink.hang_up_after_text = True
    report = send_due(now, 1)
    assert (report.sent, report.uncertain) == (0, 1)
    sink.hang_up_after_text = False
    assert send_due(now, 10) == SendReport(sent=2)
    assert send_due(now + dt.timedelta(days=2), 10) == SendReport()
    assert set(sink.ids().values()) == {1}
    assert len(sink.messages) == 3


def test_what_was_done_while_the_mail_waited_is_not_asked_for(sink, queued, actor, now, people):
    done, moved, held, late = queued(4)
    verbs.obtain_nss({done.case_id: people.one().nss}, on=NIGHT, act=Act(actor, now))
    Student.objects.filter(pk=moved.student_id).update(email="otro@alumnos.example.mx")
    verbs.hold([held.case_id], on=NIGHT, act=Act(actor, now), reason="Pausa")
    assert send_due(now, 10) == SendReport(sent=1, dropped=3)
    assert [str(message["To"]) for message in sink.messages] == [late.recipient]
    assert {_status(gone).status for gone in (done, moved, held)} == {Status.DROPPED}


def test_what_waited_too_long_is_not_sent(sink, queued, now, kinds):
    queued(1)
    too_late = now + dt.timedelta(days=kinds["nss_vencido"].window)
    assert send_due(too_late, 10) == SendReport(dropped=1)


def test_who_is_told_to_stop_finishes_the_letters_begun_and_doubts_none(sink, queued, now):
    queued(30)
    report = send_due(now, 100, lambda: len(sink.messages) >= 3)
    assert 3 <= report.sent < 30
    assert (report.uncertain, len(sink.messages)) == (0, report.sent)
    assert not Reminder.objects.exclude(lease=None).exists()
    assert send_due(now, 100) == SendReport(sent=30 - report.sent)
    assert set(sink.ids().values()) == {1}


def test_a_mailbox_that_is_not_there_is_remembered_and_one_that_is_full_is_not(sink, queued, now):
    gone, full = queued(2)
    sink.answers = {gone.recipient: "550 5.1.1 no existe", full.recipient: "552 5.2.2 lleno"}
    assert send_due(now, 10) == SendReport(failed=2)
    assert list(BadAddress.objects.values_list("address", "words")) == [(gone.recipient, "550 5.1.1 no existe")]
    assert decide(NIGHT + dt.timedelta(days=2), now).total == 1


def test_nothing_goes_out_at_a_quiet_hour(sink, queued, now):
    queued(2)
    night, sunday = now.replace(hour=21), now.replace(day=23)
    assert [send_due(moment, 10) for moment in (night, sunday)] == [SendReport(), SendReport()]
    assert send_due(now.replace(hour=20, minute=59), 10) == SendReport(sent=2)


def test_what_is_left_of_a_mail_goes_out_when_the_rest_is_done(sink, make_in, make_case, other_plantel, actor, now):
    first = make_in(State.NSS_OBTENIDO)
    other = make_case(student=first.student, plantel=other_plantel)
    decide(NIGHT, now)
    head = Reminder.objects.get(part_of=None)
    assert head.case_id
    verbs.deliver_acuse([head.case_id], on=NIGHT, act=Act(actor, now))
    assert send_due(now, 10) == SendReport(sent=1, dropped=1)
    left = other if head.case_id == first.pk else first
    (message,) = sink.messages
    assert message["To"] == head.recipient
    assert left.folio in message.get_body(("plain",)).get_content()
    assert list(Reminder.objects.order_by("pk").values_list("status", flat=True)) == [Status.DROPPED, Status.SENT]


def test_parts_of_a_mail_share_its_fate(sink, make_in, make_case, other_plantel, now):
    first = make_in(State.NSS_OBTENIDO)
    make_case(student=first.student, plantel=other_plantel)
    decide(NIGHT, now)
    assert send_due(now, 10) == SendReport(sent=1)
    rows = Reminder.objects.values_list("status", "message_id", "version")
    assert len(rows) == 2
    assert len(set(rows)) == 1


def test_a_refused_sheet_s_mail_says_why_in_the_officer_s_words_without_anybody_s_number(sink, make_in, actor, now):
    case = make_in(State.NSS_OBTENIDO)
    why = f"El NSS {case.student.nss} (CURP {case.student.curp}) es de <otra> persona\r\nBcc: otra@x.mx."
    verbs.receive_papers([case.pk], [ACUSE_PAPER], on=NIGHT, act=Act(actor, now))
    verbs.reject_papers([case.pk], [ACUSE_PAPER], on=NIGHT, act=Act(actor, now), reason=why)
    decide(NIGHT, now)
    assert send_due(now, 10) == SendReport(sent=1)
    (message,) = sink.messages
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "«El NSS [NSS] (CURP [CURP]) es de <otra> persona Bcc: [correo]»" in text
    assert "&lt;otra&gt;" in html
    assert message["Subject"] == "Tu hoja no sirvió: sube otra"
    assert case.student.nss not in message.as_string()
    assert message["Bcc"] is None


def test_senders_share_one_pace(db):
    first, second = SendRate(60).reserve(5), SendRate(60).reserve(5)
    gaps = [later - earlier for earlier, later in pairwise([*first, *second])]
    assert all(gap == pytest.approx(1.0, abs=0.2) for gap in gaps)
    assert SendRate(0).reserve(3) == [0.0] * 3
