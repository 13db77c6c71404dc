"""Documents that come by mail: taken in once, matched by what they say and by the sender, answered once and without a word of data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.mailboxes import NoMailbox
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in.mail import inbox
from afiliacion.papers_in.mail.inbox import MailResult
from afiliacion.papers_in.models import BroughtPaper, Door, MailMessage, PaperRules
from afiliacion.reminders.letters.batch import LetterBatch
from afiliacion.reminders.models import Reminder
from imss_mock.procedures import pdf
from students.models import Plantel, Student
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets
from tests.papers_in.mail import dovecot, shapes

pytestmark = pytest.mark.django_db
MakeIn = Callable[..., Case]
Status = BroughtPaper.Status


@pytest.fixture(scope="module")
def server() -> Iterator[dovecot.Server]:
    with dovecot.running() as running:
        yield running


@pytest.fixture
def case(make_in: MakeIn) -> Case:
    made = make_in(State.SIN_NSS)
    Student.objects.filter(pk=made.student_id).update(email="ana.uc@alumnos.example.mx")
    return Case.objects.select_related("student").get(pk=made.pk)


@pytest.fixture
def sheet(case: Case, people: People) -> bytes:
    return sheets.nss_sheet(case, own_nss(case, people), timezone.localdate())


def receive(server: dovecot.Server, *messages: bytes) -> dict[MailResult, int]:
    server.put(*messages)
    return dict(inbox.receive(server.url, timezone.now()))


def answers() -> list[Reminder]:
    return list(Reminder.objects.filter(kind__key="hoja_por_correo").select_related("kind", "case__student", "case__plantel"))


@pytest.mark.parametrize("program", shapes.SHAPES)
def test_each_program_s_attachment_is_taken_matched_and_answered_without_data(
    program: str, server: dovecot.Server, case: Case, sheet: bytes, plantel: Plantel
) -> None:
    PaperRules.objects.create(plantel=plantel, clear_acts=True)
    raw = shapes.SHAPES[program](case.student.email, ("Constancia NSS.pdf", "application/pdf", sheet))
    assert receive(server, raw) == {MailResult.BROUGHT: 1}
    paper = BroughtPaper.objects.get()
    assert (paper.case_id, paper.door, paper.status, paper.filename) == (case.pk, Door.MAIL, Status.WAITING, "Constancia NSS.pdf")
    assert Case.objects.get(pk=case.pk).version == case.version
    (answer,) = answers()
    letter = LetterBatch([answer], timezone.now()).compose(answer)
    assert answer.recipient == "ana.uc@alumnos.example.mx"
    assert "la hoja de asignación o localización del NSS" in letter.text
    nss = next(text for field, text, *_ in (paper.reading or {})["values"] if field == "nss")
    for secret in (nss, str(case.student.curp), case.student.primer_apellido, case.get_state_display()):
        assert secret not in letter.text + letter.html + letter.subject
    assert all(b"\\Seen" in flags for flags in server.flags())


def test_the_same_mail_again_changes_nothing(server: dovecot.Server, case: Case, sheet: bytes) -> None:
    raw = shapes.gmail(case.student.email, ("h.pdf", "application/pdf", sheet))
    receive(server, raw)
    assert receive(server, raw) == {MailResult.AGAIN: 1}
    assert (BroughtPaper.objects.count(), len(answers())) == (1, 1)


def test_a_worker_that_died_before_it_answered_is_followed_by_one_answer(server: dovecot.Server, case: Case, sheet: bytes) -> None:
    receive(server, shapes.gmail(case.student.email, ("h.pdf", "application/pdf", sheet)))
    Reminder.objects.all().delete()
    MailMessage.objects.update(answered_at=None)
    for _ in range(2):
        inbox.answer_due(timezone.now())
    assert len(answers()) == 1


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        "Return-Path: <>",
        "List-Id: <avisos.example.mx>",
    ],
)
def test_a_machine_is_not_answered_and_brings_nothing(header: str, server: dovecot.Server, case: Case, sheet: bytes) -> None:
    raw = shapes.outlook(case.student.email, ("h.pdf", "application/pdf", sheet), more=f"{header}\r\n")
    assert receive(server, raw) == {MailResult.BY_MACHINE: 1}
    assert not BroughtPaper.objects.exists()
    assert not answers()


def test_our_own_address_is_not_answered(server: dovecot.Server, sheet: bytes, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Avisos <avisos@escuela.example.mx>"
    raw = shapes.gmail("avisos@escuela.example.mx", ("h.pdf", "application/pdf", sheet))
    assert receive(server, raw) == {MailResult.BY_MACHINE: 1}


def test_the_logo_of_a_signature_is_no_document_and_a_mail_without_any_is_told(server: dovecot.Server, case: Case) -> None:
    assert receive(server, shapes.outlook(case.student.email)) == {MailResult.NOTHING: 1}
    (answer,) = answers()
    assert "nada que podamos leer" in LetterBatch([answer], timezone.now()).compose(answer).text


def test_a_photo_a_phone_sends_inline_is_one(server: dovecot.Server, case: Case, sheet: bytes) -> None:
    photo = sheets.photo(sheet, quality=90)
    receive(server, shapes.iphone(case.student.email, ("IMG_0042.jpeg", "image/jpeg", photo)))
    paper = BroughtPaper.objects.get()
    # Nothing in it says whose it is: it is taken for the sender's, and waits.
    assert (paper.case_id, paper.status) == (case.pk, Status.WAITING)


def test_from_an_address_that_is_not_on_record_nothing_is_answered_and_the_doubt_is_told(
    server: dovecot.Server, case: Case, sheet: bytes
) -> None:
    receive(server, shapes.gmail("otra@persona.example.mx", ("h.pdf", "application/pdf", sheet)))
    paper = BroughtPaper.objects.get()
    assert (paper.case_id, paper.certainty) == (case.pk, "doubtful")
    assert "sender" in [code for code, _ in paper.reasons]
    assert not answers()


def test_a_mail_of_25_mb_is_told_and_not_fetched(server: dovecot.Server, case: Case) -> None:
    raw = shapes.gmail(case.student.email, ("video.pdf", "application/pdf", b"%PDF-1.4" + bytes(28 * 2**20)))
    assert len(raw) > inbox.LARGEST
    assert receive(server, raw) == {MailResult.TOO_LARGE: 1}
    assert not BroughtPaper.objects.exists()
    (answer,) = answers()
    assert "pesa demasiado" in LetterBatch([answer], timezone.now()).compose(answer).text


def test_a_paper_by_mistake_is_answered_by_its_name(server: dovecot.Server, case: Case, people: People) -> None:
    body = pdf.render("semanas_cotizadas", sheets.facts(case, own_nss(case, people), timezone.localdate(), semanas="10"))
    receive(server, shapes.gmail(case.student.email, ("s.pdf", "application/pdf", body)))
    assert BroughtPaper.objects.get().status == Status.REFUSED
    (answer,) = answers()
    assert "Hay que traer" in LetterBatch([answer], timezone.now()).compose(answer).text


def test_whoever_writes_in_a_student_s_name_does_not_fill_the_queue(server: dovecot.Server, case: Case, settings: Any) -> None:
    settings.STUDENT_PAPERS_A_DAY = 2
    mails = [shapes.gmail(case.student.email, (f"{n}.pdf", "application/pdf", b"%%PDF-1.4 %d" % n)) for n in range(4)]
    assert receive(server, *mails) == {MailResult.BROUGHT: 2, MailResult.TOO_MANY: 2}
    assert len(answers()) == 2


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"From: <>\r\n\r\n", b"From: a@b.mx\r\nContent-Type: multipart/mixed\r\n\r\n--x"])
def test_what_is_no_mail_brings_nothing_and_stops_nothing(raw: bytes, server: dovecot.Server, case: Case, sheet: bytes) -> None:
    good = shapes.gmail(case.student.email, ("h.pdf", "application/pdf", sheet))
    received = receive(server, raw or b"\r\n", good)
    assert received[MailResult.BROUGHT] == 1
    assert BroughtPaper.objects.get().case_id == case.pk


def test_a_mailbox_that_does_not_answer_says_so() -> None:
    with pytest.raises(NoMailbox, match="no se puede leer"):
        inbox.receive("imap://a:b@127.0.0.1:1/INBOX", timezone.now() + dt.timedelta())
