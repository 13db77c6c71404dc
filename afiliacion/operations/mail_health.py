"""Whether mail goes out at all: a server that refuses everything, or does not answer, is noted as an outage of mail."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from afiliacion.operations.models import MailOutage
from afiliacion.reminders.delivery.send import SendReport

#: So many refusals without one mail sent are not the addresses' fault.
_SEVERAL: Final = 5
#: An outage younger than this may be a server that is starting, or one that defers the first mail of a sender.
PATIENCE: Final = dt.timedelta(minutes=15)
_REASON_LENGTH: Final = 500


def record(post: SendReport, now: dt.datetime) -> None:
    """Open an outage at `now` if a run sent nothing although it tried, end it if it sent something."""
    if post.sent:
        MailOutage.objects.filter(until=None).update(until=now)
    elif is_in_vain(post):
        with transaction.atomic():
            MailOutage.objects.get_or_create(until=None, defaults={"since": now, "reason": reason(post)[:_REASON_LENGTH]})


def is_in_vain(post: SendReport) -> bool:
    """Whether a run sent nothing, because the server did not answer or refused several mails."""
    return not post.sent and (bool(post.trouble) or post.failed + post.uncertain + post.postponed >= _SEVERAL)


def reason(post: SendReport) -> str:
    """Return in Spanish why a run sent nothing."""
    refused = f"El servidor de correo no aceptó ninguno de {post.failed + post.uncertain + post.postponed} correos."
    return f"El servidor de correo dijo: {post.trouble}" if post.trouble else refused


def going_on() -> QuerySet[MailOutage]:
    """Return the query of the outage going on: at most one row."""
    return MailOutage.objects.filter(until=None)


def sentence(outage: MailOutage) -> str:
    """Return the banner's words, in Spanish."""
    since = timezone.localtime(outage.since)
    return f"Ningún correo ha podido salir desde el {since:%d/%m/%Y a las %H:%M}. {outage.reason}"
