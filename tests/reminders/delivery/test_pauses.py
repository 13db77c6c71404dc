"""A server that says «you send too much» stops all sending for a while, and no address is to blame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from afiliacion.cases.states import State
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.delivery import pauses
from afiliacion.reminders.delivery.send import send_due
from afiliacion.reminders.delivery.smtp_replies import STOP_RULES, Reply, SmtpVerdict, judged, stop_rule
from afiliacion.reminders.models import BadAddress, MailPause, Reminder

NIGHT = dt.date(2026, 8, 12)
HOUR = dt.timedelta(minutes=60)
Status = Reminder.Status

STOPS = [
    "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to a page",
    "550 5.7.1 Daily SMTP relay limit exceeded for customer",
    "452 4.5.3 Your message has too many recipients",
    "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
    "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message",
    "550 5.7.232 Your message can't be sent because your trial tenant has exceeded its daily limit",
    "550 5.1.8 Access denied, bad outbound sender",
    "550 5.7.705 Access denied, tenant has exceeded threshold",
    "421 4.7.0 Our system has detected an unusual rate of mail",
    "421 4.4.5 Server busy, try again later",
    "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
    "450 4.7.3 Organization throttled",
    "451 4.7.500 Server busy. Please try again later",
]
NOT_STOPS = [
    "550 5.1.1 no existe", "550 5.7.1 parece basura", "552 5.2.2 lleno", "452 4.2.2 lleno", "451 4.7.1 lista gris", "450 4.7.1 lista gris",
    "421 cerramos", "421 4.3.0 cerramos", "550 5.4.4 sin dominio", "554 5.7.1 Relay access denied", "550 5.4.50 otra cosa",
]  # fmt: skip


@pytest.fixture
def queued(make_in: Any, now: dt.datetime) -> Callable[[int], list[Reminder]]:
    def make(n: int) -> list[Reminder]:
        domains = cycle(("a.example.mx", "b.example.mx", "c.example.mx"))
        for number in range(n):
            make_in(State.SIN_NSS, email=f"alumno{number}@{next(domains)}")
        decide(NIGHT, now)
        return list(Reminder.objects.order_by("pk"))

    return make


def statuses() -> set[str]:
    return set(Reminder.objects.values_list("status", flat=True))


@pytest.mark.parametrize("words", STOPS)
def test_every_rule_knows_its_answer(words: str) -> None:
    code, _, text = words.partition(" ")
    assert judged(int(code), text.encode()) == Reply(SmtpVerdict.STOP, words)


def test_each_rule_is_tried() -> None:
    assert {stop_rule(words) for words in STOPS} == set(STOP_RULES)


@pytest.mark.parametrize("words", NOT_STOPS)
def test_what_is_about_one_letter_stops_nothing(words: str) -> None:
    code, _, text = words.partition(" ")
    assert judged(int(code), text.encode()).verdict is not SmtpVerdict.STOP


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("words", [STOPS[0], STOPS[4], STOPS[7], STOPS[8]])
@pytest.mark.parametrize("where", ["recipient", "sender", "text"])
def test_a_limit_pauses_everything_marks_nothing_and_goes_on_by_itself(
    sink: Any, queued: Any, now: dt.datetime, words: str, where: str
) -> None:
    letters = queued(6)
    if where == "recipient":
        sink.answers = {letter.recipient: words for letter in letters}
    elif where == "sender":
        sink.answer_to_sender = words
    else:
        sink.last_word = words
    report = send_due(now, 10)
    assert (report.sent, report.failed, report.uncertain, report.postponed) == (0, 0, 0, 1)
    assert words in report.trouble
    assert statuses() == {Status.QUEUED}
    assert not BadAddress.objects.exists()
    pause = MailPause.objects.get()
    assert (pause.since, len(pause.letters)) == (now, 1)
    tried = sink.connections
    assert words in send_due(now + dt.timedelta(minutes=1), 10).trouble
    assert sink.connections == tried, "during a pause the server is not asked"
    sink.calm()
    assert send_due(pause.until, 10).sent == 6
    assert set(sink.ids().values()) == {1}
    assert set(Reminder.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("words", ["554 5.7.1 Relay access denied", "550 Rechazado 8f7a.12 por política", "550 5.1.1 no existe"])
def test_a_server_that_refuses_everything_burns_no_queue(sink: Any, queued: Any, now: dt.datetime, words: str) -> None:
    letters = queued(20)
    sink.answers = {letter.recipient: f"{words} <{letter.recipient}> x{letter.pk}" for letter in letters}
    report = send_due(now, 50)
    assert (report.sent, report.failed, report.postponed) == (0, 0, pauses.IN_A_ROW)
    assert "rechaza todo" in report.trouble
    assert statuses() == {Status.QUEUED}
    assert not BadAddress.objects.exists()
    sink.calm()
    assert send_due(now + HOUR, 50).sent == 20


@pytest.mark.usefixtures("committed")
def test_addresses_of_one_domain_that_do_not_exist_are_themselves_to_blame(sink: Any, make_in: Any, now: dt.datetime) -> None:
    for number in range(8):
        make_in(State.SIN_NSS, email=f"alumno{number}@mal-escrito.example.mx")
    decide(NIGHT, now)
    sink.answers = dict.fromkeys(Reminder.objects.values_list("recipient", flat=True), "550 5.1.2 no hay ese dominio")
    assert send_due(now, 50).failed == 8
    assert BadAddress.objects.count() == 8
    assert not MailPause.objects.exists()


@pytest.mark.usefixtures("committed")
def test_letters_refused_once_others_got_through_pause_nothing_again(sink: Any, queued: Any, now: dt.datetime) -> None:
    letters = queued(9)
    refused = {letter.recipient: "554 5.7.1 no" for letter in letters[:5]}
    sink.answers = dict(refused)
    assert send_due(now, 50).failed == 0
    report = send_due(now + HOUR, 50)
    assert (report.sent, report.failed) == (4, 5)
    assert set(Reminder.objects.filter(recipient__in=refused).values_list("status", flat=True)) == {Status.FAILED}


@pytest.mark.usefixtures("committed")
def test_a_letter_that_alone_is_answered_as_a_limit_ends_by_itself(sink: Any, queued: Any, now: dt.datetime, settings: Any) -> None:
    settings.REMINDER_ATTEMPTS = 2
    letters = queued(4)
    sink.answers[letters[0].recipient] = "554 5.2.0 STOREDRV.Deliver"
    moment = now
    for _ in range(settings.REMINDER_ATTEMPTS):
        assert send_due(moment, 1).postponed == 1
        assert send_due(moment + HOUR, 1).sent == 1
        Reminder.objects.filter(pk=letters[0].pk).update(send_after=now)
        moment += 2 * HOUR
    assert send_due(moment, 1).failed == 1
    assert not BadAddress.objects.exists()
