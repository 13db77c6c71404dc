"""A mail server that takes nothing: the night says so, Trabajos and coordination's Inicio too, until a mail goes out again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.operations import mail_health
from afiliacion.operations.models import MailOutage, NightRun
from afiliacion.operations.night import Budget, run_night
from afiliacion.reminders.delivery.send import SendReport
from afiliacion.reminders.models import MailPause, MailRule, Reminder
from tests.mailsink import MailSink

#: A night on which the students enrolled two weeks before are written to.
TODAY = dt.date(2026, 8, 20)


class RefusingSink(MailSink):
    """Answers every recipient with `reply`, until that is empty."""

    reply = "554 5.7.1 Relay access denied"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.reply:
            return self.reply
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def refusing(settings: Any) -> Iterator[RefusingSink]:
    sink = RefusingSink()
    sink.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.IMSS_URL = sink.hostname, sink.port, ""
    yield sink
    sink.stop()


@pytest.fixture
def at_any_hour(committed: None) -> None:
    MailRule.objects.update(opens_at=dt.time(0), closes_at=dt.time.max, quiet_days=[], rests_on_holidays=False)


def enter(user: Any) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.mark.usefixtures("committed", "at_any_hour", "plain_static_files")
@pytest.mark.parametrize("reply", ["554 5.7.1 Relay access denied", "451 4.3.0 Try again later"])
def test_a_night_whose_mail_is_refused_fails_and_is_told(
    refusing: RefusingSink, make_case: Callable[..., Any], coordinator: Any, officer: Any, now: dt.datetime, reply: str
) -> None:
    refusing.reply = reply
    for _ in range(6):
        make_case()
    night = run_night(TODAY, now, budget=Budget())
    assert Reminder.objects.exclude(audience="alarm").count() >= 6
    assert night.status == NightRun.Status.FAILED
    (error,) = [line["error"] for line in night.report if line["step"] == "Correo"]
    assert error.startswith("Ningún correo pudo salir.")

    chief = enter(coordinator)
    assert "Ningún correo pudo salir" in chief.get("/trabajos/").content.decode()
    MailOutage.objects.update(since=timezone.now())
    assert "Ningún correo ha podido salir" not in chief.get("/").content.decode(), "a server that starts is waited for"
    MailOutage.objects.update(since=timezone.now() - mail_health.PATIENCE)
    assert "Ningún correo ha podido salir" in chief.get("/").content.decode()
    assert "Ningún correo ha podido salir" not in enter(officer).get("/").content.decode()

    refusing.reply = ""
    MailPause.objects.update(until=now + dt.timedelta(seconds=1))
    make_case()
    run_night(TODAY, now + dt.timedelta(minutes=1), again=True, budget=Budget())
    assert refusing.messages
    assert MailOutage.objects.get().until
    assert "Ningún correo ha podido salir" not in chief.get("/").content.decode()


@pytest.mark.parametrize(
    ("post", "in_vain"),
    [
        (SendReport(), False),
        (SendReport(sent=1, failed=50), False),
        (SendReport(failed=4), False),
        (SendReport(failed=5), True),
        (SendReport(postponed=3, uncertain=2), True),
        (SendReport(trouble="ConnectionRefusedError"), True),
        (SendReport(sent=1, trouble="421 Too many"), False),
    ],
)
def test_a_run_is_in_vain_when_nothing_went_out_and_not_for_the_addresses(post: SendReport, in_vain: bool) -> None:
    assert mail_health.is_in_vain(post) is in_vain


def test_an_outage_of_mail_is_one_row_from_its_first_run_to_the_first_mail(db: None) -> None:
    began = timezone.now()
    for minute in range(3):
        mail_health.record(SendReport(trouble="No responde."), began + dt.timedelta(minutes=minute))
    mail_health.record(SendReport(), began + dt.timedelta(minutes=4))
    assert MailOutage.objects.get().since == began
    mail_health.record(SendReport(sent=1), began + dt.timedelta(minutes=5))
    assert MailOutage.objects.get().until == began + dt.timedelta(minutes=5)
