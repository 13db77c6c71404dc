"""Read the unseen messages of a mailbox over IMAP. A message is marked as seen only once its reader has done with it.

After a crash the next run gives the rest, and at most one message again.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

SECONDS: Final = 30
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


class NoMailbox(Exception):
    """The mailbox cannot be read; str() says why, in Spanish."""


class Message(NamedTuple):
    """A message as it came. `whole`: False if it is larger than was asked for; then `raw` has its headers alone."""

    raw: bytes
    whole: bool


def unseen(url: str, largest: int) -> Iterator[Message]:
    """Give each unseen message of the mailbox at `url` (imaps://user:password@host/FOLDER; imap:// without TLS) of at most so many bytes
    whole; each is marked as seen when the next one is asked for.

    Raises:
        NoMailbox: the server does not answer, or refuses the login or the folder.
    """
    try:
        with _opened(url) as box:
            for number in box.search(None, "UNSEEN")[1][0].split():
                yield _fetched(box, number.decode(), largest)
                box.store(number.decode(), "+FLAGS", r"(\Seen)")
    except (OSError, imaplib.IMAP4.error) as error:
        raise NoMailbox(f"El buzón no se puede leer: {error}") from error


def _fetched(box: imaplib.IMAP4, number: str, largest: int) -> Message:
    sized = box.fetch(number, "(RFC822.SIZE)")[1]
    found = _SIZE.search(b" ".join(part if isinstance(part, bytes) else part[0] for part in sized if part))
    whole = found is None or int(found[1]) <= largest
    # Of one without a size, a byte more than it may have is enough to see that it is too large.
    answer = box.fetch(number, f"(BODY.PEEK[]<0.{largest + 1}>)" if whole else "(BODY.PEEK[HEADER])")[1]
    raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    return Message(raw, whole and len(raw) <= largest)


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
