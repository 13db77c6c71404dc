"""The demo's mails: what would have been sent, as the demo's mail server filed it. Nothing of this exists in a real office."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default as modern
from pathlib import Path
from typing import Final, Self

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from afiliacion.dashboard.shared.access import OfficeRequest

SHOWN: Final = 200
#: As the mail server names its files; nothing else in the directory can be asked for.
_NAME: Final = re.compile(r"\d{8}T\d{12}-\d+")
#: A mail is HTML of others: it may be styled, and nothing more.
_MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a mail says of itself before it is opened."""

    name: str
    to: str
    sender: str
    subject: str
    sent_at: dt.datetime | None

    @classmethod
    def of(cls, name: str, message: EmailMessage) -> Self:
        return cls(
            name=name,
            to=str(message["To"] or message["X-RcptTo"] or ""),
            sender=str(message["From"] or ""),
            subject=str(message["Subject"] or "(sin asunto)"),
            # A date that cannot be read has none.
            sent_at=message["Date"].datetime if message["Date"] else None,
        )


@dataclass(frozen=True, slots=True)
class Mail:
    envelope: Envelope
    text: str
    html: str
    headers: list[tuple[str, str]]


@require_safe
def mails(request: OfficeRequest) -> HttpResponse:
    paths = sorted(_directory().glob("*.eml"), reverse=True)
    latest = [_glance(path) for path in paths[:SHOWN]]
    return render(request, "dashboard/mail/mails.html", {"mails": latest, "total": len(paths), "shown": SHOWN})


@require_safe
def mail(request: OfficeRequest, name: str) -> HttpResponse:
    return render(request, "dashboard/mail/mail.html", {"mail": _named(name)})


@require_safe
@xframe_options_sameorigin
def mail_body(request: OfficeRequest, name: str) -> HttpResponse:
    """The HTML of a mail, to be shown in a sandboxed frame."""
    return HttpResponse(_named(name).html, headers={"Content-Security-Policy": _MAIL_POLICY})


def _directory() -> Path:
    if not (settings.DEMO and settings.DEMO_MAIL_DIR):
        raise Http404
    return Path(settings.DEMO_MAIL_DIR)


def _named(name: str) -> Mail:
    path = _directory() / f"{name}.eml"
    if not (_NAME.fullmatch(name) and path.is_file()):
        raise Http404
    return _read(path)


def _glance(path: Path) -> Envelope:
    with path.open("rb") as file:
        return Envelope.of(path.stem, BytesHeaderParser(policy=modern).parse(file))


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=modern)
    return Mail(
        envelope=Envelope.of(path.stem, message),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=[(name, str(value)) for name, value in message.items()],
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:
        # An unknown charset: better some letters wrong than no mail.
        return bytes(part.get_payload(decode=True)).decode(errors="replace")
