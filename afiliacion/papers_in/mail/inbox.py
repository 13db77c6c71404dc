"""Attachments of every sender enter the queue, matched by what they say and by the sender, and are answered once.

The sender proves nothing: an answer goes only to an address on record, says what the attachments are and what is missing, and carries no
data and no status; nothing acts by itself by mail.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from email.utils import parseaddr
from enum import Enum
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.queries import pursued, visible_cases
from afiliacion.mailboxes import Message, unseen
from afiliacion.papers_in import bringing, telling, work
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.mail.mime import Attachment, Incoming, read
from afiliacion.papers_in.models import BroughtPaper, Door, MailMessage
from afiliacion.reminders.decide import receipts

log = logging.getLogger(__name__)

#: What a message may weigh: 25 MB of attachments, as they travel.
LARGEST: Final = 36 * 2**20
_TOO_LARGE: Final = "nada, porque el correo pesa demasiado: envía solo el PDF o la foto de tu hoja"
_NOTHING: Final = "nada que podamos leer: adjunta el PDF que te dio el IMSS o una foto donde se lea todo"
_A_PERSON: Final = "Una persona de tu plantel lo va a revisar; si falta algo, te escribirá"
Status = BroughtPaper.Status


class MailResult(Enum):
    """What became of a message; the value is how the command names it."""

    BROUGHT = "trajo documentos"
    NOTHING = "no traía documentos"
    TOO_LARGE = "pesaba demasiado"
    BY_MACHINE = "respuesta automática o lista: se dejó"
    AGAIN = "ya se había recibido"
    BROKEN = "no se pudo abrir: quedó en el buzón"
    TOO_MANY = "ese remitente ya envió demasiados hoy"


def receive(url: str, now: dt.datetime) -> Counter[MailResult]:
    """Take in the unseen messages of the mailbox at `url` and answer those that are due; count what became of them.

    Raises:
        NoMailbox: the server does not answer, or refuses the login or the folder.
    """
    results = Counter(_receive_one(message, now) for message in unseen(url, LARGEST))
    answer_due(now)
    return results


def answer_due(now: dt.datetime) -> int:
    """Answer the messages whose documents are read; how many. A message is answered once, however often this runs or is killed."""
    unanswered = MailMessage.objects.filter(answered_at=None).exclude(papers__status=Status.UNREAD)
    waiting = list(unanswered.order_by("pk").values_list("pk", flat=True)[:500])
    for message_id in waiting:
        with transaction.atomic():
            message = MailMessage.objects.select_for_update(skip_locked=True).filter(pk=message_id, answered_at=None).first()
            if message:
                _answer(message, now)
    return len(waiting)


def _receive_one(message: Message, now: dt.datetime) -> MailResult:
    try:
        incoming = read(message.raw, _own())
    except Exception:
        # Python's parser of mail ends in many ways of what is no mail: one such message must not hold up all others.
        log.exception("a message in the mailbox of documents could not be parsed")
        return MailResult.BROKEN
    return _take(incoming, now, whole=message.whole)


def _own() -> frozenset[str]:
    addresses = (settings.DEFAULT_FROM_EMAIL, settings.REMINDER_BOUNCES_TO, settings.PAPERS_IN_ADDRESS)
    return frozenset(filter(None, (parseaddr(each)[1].lower() for each in addresses)))


def _take(incoming: Incoming, now: dt.datetime, *, whole: bool) -> MailResult:
    if incoming.by_machine:
        return MailResult.BY_MACHINE
    with transaction.atomic():
        message, new = MailMessage.objects.get_or_create(
            key=incoming.key, defaults={"sender": incoming.sender, "at": now, "case": _case_of(incoming.sender), "too_large": not whole}
        )
        if not new:
            return MailResult.AGAIN
        if _taken_today(incoming.sender, now) >= settings.STUDENT_PAPERS_A_DAY:
            MailMessage.objects.filter(pk=message.pk).update(answered_at=now)
            return MailResult.TOO_MANY
        papers = [_bring(message, attachment, now) for attachment in incoming.attachments]
    work.read_now(papers)
    return MailResult.TOO_LARGE if not whole else MailResult.BROUGHT if papers else MailResult.NOTHING


def _bring(message: MailMessage, attachment: Attachment, now: dt.datetime) -> BroughtPaper:
    origin = Origin(Door.MAIL, timezone.localdate(now), Act(Actor(ActorKind.STUDENT, f"Correo de {message.sender}"[:320]), now))
    paper, _ = bringing.bring(attachment.body, attachment.name, origin)
    message.papers.add(paper)
    return paper


def _case_of(sender: str) -> Case | None:
    """The case of the one student who has this address; None if several share it, or none has it."""
    cases = list(visible_cases(None).filter(student__email__iexact=sender).select_related("student")[:20])
    return pursued(cases) if len({case.student_id for case in cases}) == 1 else None


def _taken_today(sender: str, now: dt.datetime) -> int:
    """How many documents came from this address in a day: a sender who uses its name does not fill the queue."""
    return BroughtPaper.objects.filter(messages__sender=sender, messages__at__gt=now - dt.timedelta(days=1)).count()


def _answer(message: MailMessage, now: dt.datetime) -> None:
    MailMessage.objects.filter(pk=message.pk).update(answered_at=now)
    if message.case is None:
        return
    papers = list(message.papers.order_by("pk"))
    said = "; ".join(map(telling.by_mail, papers)) or (_TOO_LARGE if message.too_large else _NOTHING)
    case = Case.objects.select_related("student", "plantel").get(pk=message.case_id or 0)
    missing = telling.lacking(case, case.plantel.day(now)) if papers else ""
    try:
        receipts.answer(case, message.key[:40], said, missing.rstrip(".") or _A_PERSON, now=now)
    except receipts.NoReceipt:
        # They cannot be written to: their page says the same, and the document waits for a person all the same.
        return
