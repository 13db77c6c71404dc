"""S8 and S23: whatever a list or a text holds, a mail has the one recipient of its row, our headers only, and no number of a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.reminders.bounces.parse import receive
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.delivery.mime import mail_bytes
from afiliacion.reminders.delivery.outbox import claim
from afiliacion.reminders.delivery.send import SendReport, send_due
from afiliacion.reminders.delivery.settle import settle
from afiliacion.reminders.delivery.smtp import SmtpConnection, envelope_sender
from afiliacion.reminders.letters import editions, links
from afiliacion.reminders.letters.templates import texts
from afiliacion.reminders.models import Reminder
from students.models import Plantel, Student
from tests.reminders.bounces.test_bounces import REPORT
from tests.reminders.conftest import NIGHT

pytestmark = pytest.mark.usefixtures("plain_static_files")

#: What a letter of ours has, and what the sink and smtplib add.
HEADERS: Final = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type", "Reply-To",
    "X-RcptTo",
}  # fmt: skip
#: A header begun, folded, encoded or smuggled in; a second address in one.
TRICKS: Final = (
    "\r\nBcc: otra@x.mx", "\n Bcc: otra@x.mx", "\r\n\tX: y", "\rSubject: otro", "\u2028Bcc: otra@x.mx", "\x85Bcc: otra@x.mx",
    "\x0b\x0c\x1c", "=?utf-8?q?=0D=0ABcc:_otra@x.mx?=", "=?utf-8?b?DQpCY2M6IG90cmFAeC5teA==?=", ", otra@x.mx", "; otra@x.mx",
    "> <otra@x.mx", '"@x.mx', "\r\n\r\n--=_\r\nContent-Type: text/html\r\n\r\n", "\r\n.\r\nMAIL FROM:<otra@x.mx>\r\n",
    "%0d%0aBcc: otra@x.mx", "\ue000nombre\ue001", "$nombre",
)  # fmt: skip
PLAIN: Final = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
HOSTILE: Final = st.builds(
    lambda before, trick, after: before + trick + after, PLAIN, st.sampled_from(("", *TRICKS)), st.just("largo " * 30) | PLAIN
)
ADDRESSES: Final = st.builds(
    lambda before, address, after: before + address + after,
    st.sampled_from(("", " ", "otra@x.mx,", "Ana <", "\r\n")), st.sampled_from(("ana@alumnos.example.mx", "ANA@Alumnos.example.mx")),
    st.sampled_from(("", "\n", ">", ", otra@x.mx", "\r\nBcc: otra@x.mx", ";otra@x.mx", " otra@x.mx", "\u200b")),
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(name="Ana", school="Prepa 7", email="ana@alumnos.example.mx", contact="", reply_to="", subject="=?utf-8?q?=0D=0ABcc:_b@x.mx?=")
@example(name="=?utf-8?q?=0D=0ABcc:_b@x.mx?=", school="P", email="ana@alumnos.example.mx", contact="", reply_to="", subject="")
@given(name=HOSTILE, school=HOSTILE, contact=HOSTILE, email=ADDRESSES, reply_to=ADDRESSES, subject=HOSTILE)
def test_a_mail_has_one_recipient_and_our_headers_only(sink, make_in, officer, now, name, school, contact, email, reply_to, subject):
    with transaction.atomic():
        sink.calm()
        case = make_in(State.SIN_NSS)
        # As a list or a form of another program would leave them: no form of ours has seen them.
        Student.objects.filter(pk=case.student_id).update(nombre=name[:120], email=email)
        Plantel.objects.update(name=school[:160], contact_name=contact[:160], contact_email=reply_to[:254])
        _say(f"$nombre, $plantel {subject}", officer, now)
        if decide(NIGHT, now).total:
            _deliver(now)
        recipients = list(Reminder.objects.values_list("recipient", flat=True))
        assert recipients in ([], ["ana@alumnos.example.mx"])
        for row, message in zip(Reminder.objects.all(), sink.messages, strict=True):
            assert message["X-RcptTo"] == row.recipient
            assert [box.addr_spec for box in message["To"].addresses] == [row.recipient]
            assert set(message.keys()) <= HEADERS
            assert len(message.keys()) == len(set(message.keys()))
            assert message["Subject"] == row.subject
            assert message.defects == []
            assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        transaction.set_rollback(True)


def _say(subject: str, officer, now) -> None:
    """Have the plantel edit its words, if the form would let it."""
    parts = {**asdict(texts("nss_vencido")), "subject": subject[:78].strip()}
    if not editions.problems(parts):
        editions.edit("nss_vencido", None, parts, by=officer, now=now)


def _deliver(now) -> None:
    with SmtpConnection() as line:
        for claimed in claim(10, now):
            assert settle([], [claimed], now).ours
            content = mail_bytes(claimed.letter, recipient=claimed.row.recipient, message_id=claimed.row.message_id, now=now)
            settle([(claimed, line.deliver(envelope_sender(), claimed.row.recipient, content))], [], now)


def test_no_mail_link_or_line_of_the_log_holds_anybody_s_number(committed, sink, make_in, client, actor, now, lines):
    """S23. Whatever is said to whom, and whatever the mail server answers."""
    cases = [make_in(state) for state in (State.SIN_NSS, State.NSS_OBTENIDO, State.EN_SUBDELEGACION, State.SIN_VIGENCIA, State.VIGENTE)]
    refused, bounced, *_ = cases
    verbs.receive_papers([cases[1].pk], [ACUSE_PAPER], on=NIGHT, act=Act(actor, now))
    verbs.reject_papers([cases[1].pk], [ACUSE_PAPER], on=NIGHT, act=Act(actor, now), reason=f"Es el NSS {cases[4].student.nss}")
    sink.answers[refused.student.email] = f"550 5.1.1 <{refused.student.email}> no existe"
    decide(NIGHT, now)
    assert send_due(now, 10) == SendReport(sent=4, failed=1)
    mail = Reminder.objects.get(case=bounced, part_of=None)
    receive(
        REPORT.format(recipient=mail.recipient, action="failed", status="5.2.2", words="lleno", message_id=mail.message_id).encode(), now
    )
    pages = [client.get("/" + links.page_url(case, timezone.localdate()).split("/", 3)[3]) for case in cases]

    numbers = [number for student in (case.student for case in cases) for number in (student.curp, student.nss) if number]
    assert len(numbers) == 9
    mails = "".join(part.get_content() for message in sink.messages for part in message.iter_parts())
    headers = "".join(f"{name}: {value}" for message in sink.messages for name, value in message.items())
    told = lines.getvalue()
    assert {page.status_code for page in pages} == {200}
    assert "UPDATE" in told
    assert "[correo]" in told
    written = mails + headers + told + "".join(page.content.decode() for page in pages)
    assert [number for number in numbers if number in written] == []
    assert [case.student.email for case in cases if case.student.email in told] == []
