"""Mail that comes back: told apart, believed only about our own letters, heard twice without harm."""

from __future__ import annotations

import datetime as dt
from io import BytesIO, TextIOWrapper

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afiliacion.reminders.bounces.parse import BounceResult, receive
from afiliacion.reminders.decide.digest import queue
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.models import BadAddress, Reminder
from tests.reminders.conftest import NIGHT

pytestmark = pytest.mark.django_db

REPORT = """From: MAILER-DAEMON@correo.example.mx\r
To: afiliacion@escuela.example.mx\r
Subject: Undelivered Mail\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
No se pudo.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; correo.example.mx\r
\r
Final-Recipient: rfc822; {recipient}\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: smtp; {words}\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: {message_id}\r
Subject: Aviso\r
\r
--b--\r
"""


def _report(mail: Reminder, **said: str) -> bytes:
    known = {"recipient": mail.recipient, "message_id": mail.message_id, "action": "failed", "status": "5.1.1", "words": "550 no existe"}
    return REPORT.format(**{**known, **said}).encode()


@pytest.mark.parametrize(
    ("said", "heard", "status", "marked"),
    [
        ({}, BounceResult.GONE, "bounced", True),
        ({"status": "5.2.2", "words": "552 lleno"}, BounceResult.REFUSED, "bounced", False),
        ({"status": "5.7.1", "words": "554 spam"}, BounceResult.REFUSED, "bounced", False),
        ({"action": "delayed", "status": "4.4.1"}, BounceResult.DELAYED, "sent", False),
        ({"action": "delivered", "status": "2.0.0"}, BounceResult.NOTHING, "sent", False),
        ({"recipient": "otra@x.mx"}, BounceResult.NOTHING, "sent", False),
        ({"message_id": "<x@y>"}, BounceResult.NOTHING, "sent", False),
    ],
)
def test_what_a_report_does(sent, now, said, heard, status, marked):
    for _ in range(2):
        assert receive(_report(sent, **said), now) is heard
    sent.refresh_from_db()
    assert (sent.status, BadAddress.objects.filter(pk=sent.recipient).exists()) == (status, marked)


def test_the_officer_hears_of_it_in_the_morning_and_the_student_no_more(sent, now):
    receive(_report(sent), now)
    assert decide(NIGHT + dt.timedelta(days=2), now).total == 0
    queue(NIGHT + dt.timedelta(days=2), now)
    said = {line["what"]: line["n"] for line in Reminder.objects.get(case=None).data["planteles"][0]["lines"]}
    assert said["Avisos que regresaron sin entregarse"] == 1
    assert said["Alumnos por avisar que no tienen un correo válido"] == 1


def test_it_comes_by_a_pipe_or_in_files(sent, tmp_path, monkeypatch, capsys):
    (tmp_path / "uno.eml").write_bytes(_report(sent))
    (tmp_path / "otro.eml").write_bytes(b"Subject: Hola\r\n\r\nEstoy de vacaciones")
    call_command("hear_bounces", str(tmp_path / "uno.eml"), str(tmp_path / "otro.eml"))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(_report(sent))))
    call_command("hear_bounces")
    out = capsys.readouterr().out
    assert "uno.eml: regresó: la dirección no existe" in out
    assert "otro.eml: no es una devolución" in out


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400), place=st.integers(0, 900), whole=st.booleans())
def test_no_message_whatever_breaks_it(sent, now, junk, place, whole):
    report = _report(sent, message_id="<nobody@x>")
    receive(junk if whole else report[:place] + junk + report[place:], now)
    sent.refresh_from_db()
    assert sent.status == "sent"
