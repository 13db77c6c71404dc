"""H3: who prints a student's link and knows the birth date from the CURP cannot act as the student in what cannot be taken back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State, Verb
from afiliacion.reminders.decide import codes
from afiliacion.reminders.delivery.outbox import drop_obsolete
from afiliacion.reminders.delivery.send import send_due
from afiliacion.reminders.letters import links
from afiliacion.reminders.letters.codes import HIDDEN, code_of
from afiliacion.reminders.models import AddressChange, BadAddress, MailPause, MailStop, OneTimeCode, Reminder
from afiliacion.student_page.try_limits import BIRTHDAYS, TryLimit
from students.models import Student
from tests.reminders.conftest import faulty_server, sink  # noqa: F401 - fixtures

GROWN_UP = dt.date(2000, 5, 6)
SAID = {"born": "06/05/2000", "understood": "on"}


def printed_path(case: Case, issuer: Any) -> str:
    """The path in the QR code of the paper that `issuer` prints."""
    url = links.printed_urls([case.pk], timezone.localdate(), issuer.pk)[case.pk]
    return "/" + url.split("/", 3)[3]


@pytest.fixture
def case(make_case: Callable[..., Case], make_student: Any) -> Case:
    return make_case(student=make_student(birth_date=GROWN_UP, email="ana@alumnos.example.mx"))


def newest(case: Case) -> Reminder:
    return Reminder.objects.filter(case=case, kind__key="codigo").latest("pk")


def renounced(case: Case) -> bool:
    return case.events.filter(verb=Verb.RENOUNCE).exists()


def test_h3_a_printed_link_and_a_birth_date_renounce_nothing_and_name_who_printed(phone: Client, case: Case, officer: Any) -> None:
    path = printed_path(case, officer)
    page = phone.post(path + "/renuncia", SAID).content.decode()
    assert "a•••@alumnos.example.mx" in page
    assert not renounced(case)
    for guess in ("000000", "", "abc", code_of(newest(case))[::-1] + "0"):
        phone.post(path + "/renuncia", {**SAID, "code": guess})
        assert not renounced(case)
    phone.post(path + "/renuncia", {**SAID, "code": code_of(newest(case))})
    assert case.events.get(verb=Verb.RENOUNCE).actor_name == "Alumno, por su página (liga impresa por Begoña Ñáñez)"


def test_h3_whoever_changes_the_address_first_gets_no_code(phone: Client, case: Case, officer: Any) -> None:
    path = printed_path(case, officer)
    phone.post(path + "/datos", {"email": "ladron@x.example.mx", "born": SAID["born"]})
    assert Student.objects.get(pk=case.student_id).email == "ladron@x.example.mx"
    assert "cambió hace menos de 15 días" in phone.post(path + "/renuncia", SAID).content.decode()
    assert not OneTimeCode.objects.exists()
    AddressChange.objects.update(at=timezone.now() - dt.timedelta(days=16))
    assert "l•••@x.example.mx" in phone.post(path + "/renuncia", SAID).content.decode(), "the old address was told, and had its days"


def test_h3_an_address_that_replaced_none_by_the_link_is_no_proof_however_old(phone: Client, case: Case, officer: Any) -> None:
    Student.objects.filter(pk=case.student_id).update(email="")
    path = printed_path(case, officer)
    phone.post(path + "/datos", {"email": "ladron@x.example.mx", "born": SAID["born"]})
    AddressChange.objects.update(at=timezone.now() - dt.timedelta(days=400))
    assert "Lleva tu carta firmada a la ventanilla" in phone.post(path + "/renuncia", SAID).content.decode()
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize("obstacle", ["none", "bad", "stopped", "paused"])
def test_without_an_address_that_can_be_written_to_it_is_done_at_the_counter(
    phone: Client, case: Case, coordinator: Any, obstacle: str
) -> None:
    now = timezone.now()
    if obstacle == "none":
        case.student.email = ""
        case.student.save()
        AddressChange.objects.all().delete()
    elif obstacle == "bad":
        BadAddress.objects.create(address=case.student.email, since=now, words="550")
    elif obstacle == "stopped":
        MailStop.objects.create(plantel=case.plantel, since=now, by=coordinator)
    else:
        MailPause.objects.create(since=now, until=now + dt.timedelta(hours=1), why="límite", words="550")
    page = phone.post(printed_path(case, coordinator) + "/renuncia", SAID)
    assert page.status_code == 422
    assert "arta firmada a la ventanilla de tu plantel" in page.content.decode()
    assert not OneTimeCode.objects.exists()


def test_a_code_is_right_once_for_a_while_and_few_tries(phone: Client, case: Case) -> None:
    now = timezone.now()
    codes.send(case, "renuncia", "renunciar", now=now)
    first = code_of(newest(case))
    codes.send(case, "renuncia", "renunciar", now=now)
    second = code_of(newest(case))
    assert first == second or not codes.redeem(case, "renuncia", first, now=now), "only the newest counts"
    assert not codes.redeem(case, "otra", second, now=now), "a code is for one act"
    assert not codes.redeem(case, "renuncia", second, now=now + dt.timedelta(minutes=16))
    assert codes.redeem(case, "renuncia", f" {second[:3]} {second[3:]} ", now=now)
    assert not codes.redeem(case, "renuncia", second, now=now)
    codes.send(case, "renuncia", "renunciar", now=now)
    for _ in range(codes.TRIES):
        assert not codes.redeem(case, "renuncia", "x", now=now)
    assert not codes.redeem(case, "renuncia", code_of(newest(case)), now=now)


def test_few_codes_are_sent_in_an_hour(phone: Client, case: Case, officer: Any) -> None:
    path = printed_path(case, officer) + "/renuncia"
    pages = [phone.post(path, SAID).content.decode() for _ in range(4)]
    assert ["varios códigos" in page for page in pages] == [False, False, False, True]
    assert Reminder.objects.count() == 3


def test_neither_the_ledger_nor_the_office_keeps_the_digits(
    committed: None,
    phone: Client,
    case: Case,
    officer: Any,
    sink: Any,  # noqa: F811
) -> None:
    phone.post(printed_path(case, officer) + "/renuncia", SAID)
    code = code_of(newest(case))
    night = timezone.now().replace(hour=9, minute=0)
    Reminder.objects.update(send_after=night - dt.timedelta(days=1))
    OneTimeCode.objects.update(expires_at=night + dt.timedelta(minutes=15))
    assert send_due(night, 10).sent == 1, "at three in the morning too"
    (message,) = sink.messages
    body = message.get_body(("plain",)).get_content()
    assert code in body
    assert "/a/" not in body
    kept = newest(case)
    assert HIDDEN in kept.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text, c::text FROM reminders_reminder r JOIN reminders_onetimecode c ON c.mail_id = r.id")
        assert not [row for row in cursor.fetchall() if code in row[0].replace(kept.message_id, "") or code in row[1]]


def test_an_expired_code_is_not_sent(case: Case) -> None:
    now = timezone.now()
    codes.send(case, "renuncia", "renunciar", now=now)
    assert drop_obsolete(now + dt.timedelta(minutes=10)) == 0
    assert drop_obsolete(now + dt.timedelta(minutes=16)) == 1


def test_seven_tries_at_once_are_no_more_than_five(committed: None) -> None:
    limit = TryLimit("race", BIRTHDAYS.n, 3600)
    start = threading.Barrier(7)

    def attempt() -> bool:
        start.wait()
        try:
            return limit.count("caso")
        finally:
            connection.close()

    with ThreadPoolExecutor(7) as pool:
        assert sum(each.result() for each in [pool.submit(attempt) for _ in range(7)]) == BIRTHDAYS.n


def test_a_link_of_an_earlier_version_still_opens_and_says_so(phone: Client, case: Case) -> None:
    signer = links._signer(links.Purpose.PAGE, 0)
    last_day = links._written((timezone.localdate() + dt.timedelta(days=30)).toordinal())
    token = signer.sign(f"{links._written(case.pk)}.{last_day}")
    assert links.opened(token, timezone.localdate()).origin is None
    phone.post(f"/a/{token}/renuncia", SAID)
    phone.post(f"/a/{token}/renuncia", {**SAID, "code": code_of(newest(case))})
    assert case.events.get(verb=Verb.RENOUNCE).actor_name == "Alumno, por su página (liga anterior)"
    case.refresh_from_db()
    assert case.state == State.RENUNCIA
