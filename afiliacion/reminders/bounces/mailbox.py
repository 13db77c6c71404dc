"""Read delivery reports from the return mailbox over IMAP. A message is marked as seen only once it is recorded."""

from __future__ import annotations

import datetime as dt
import imaplib
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote, urlsplit

from afiliacion.reminders.bounces.parse import LARGEST_BYTES, BounceResult, receive

SECONDS: Final = 30


class NoMailbox(Exception):
    """The mailbox cannot be read; str() says why."""


def receive_mailbox(url: str, now: dt.datetime) -> Counter[BounceResult]:
    """Receive the unseen messages of the mailbox at `url` (imaps://user:password@host/FOLDER; imap:// without TLS); count the results.

    After a crash the next run receives the rest, and at most one message again, which changes nothing.

    Raises:
        NoMailbox: the server does not answer, or refuses the login or the folder.
    """
    results: Counter[BounceResult] = Counter()
    try:
        with _opened(url) as box:
            for number in box.search(None, "UNSEEN")[1][0].split():
                results[_message(box, number, now)] += 1
    except (OSError, imaplib.IMAP4.error) as error:
        raise NoMailbox(f"El buzón de devoluciones no se puede leer: {error}") from error
    return results


def _message(box: imaplib.IMAP4, number: bytes, now: dt.datetime) -> BounceResult:
    name = number.decode()
    # One byte more than a report may weigh is enough to see that it is none.
    answer = box.fetch(name, f"(BODY.PEEK[]<0.{LARGEST_BYTES + 1}>)")[1]
    raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    result = receive(raw, now)
    box.store(name, "+FLAGS", r"(\Seen)")
    return result


@contextmanager
def _opened(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "imaps":
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=ssl.create_default_context(), timeout=SECONDS)
    else:
        box = imaplib.IMAP4(host, parts.port or 143, timeout=SECONDS)
    with box:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        if box.select(f'"{folder}"')[0] != "OK":
            raise imaplib.IMAP4.error(f"no hay una carpeta {folder}")
        yield box
