"""How large a request may be, by its path, and how long it may take to arrive: decided before its body is read and Django sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final
from urllib.parse import unquote, urlsplit

#: Bytes of the request line and all headers.
HEADER_BYTES: Final = 32 * 2**10
#: Bytes of a form: of a user who has logged in (a thousand cases chosen in a list), and of a user who has not.
FORM_BYTES: Final = 2_500_000
ANONYMOUS_BYTES: Final = 64 * 2**10
#: A file is sent with some bytes around it.
AROUND_A_FILE: Final = 2**20
#: Seconds for the headers to arrive, and between two pieces of a body.
HEADER_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 10.0
#: Seconds that any body gets, and the bytes a second that a larger one must at least bring.
BODY_SECONDS: Final = 30.0
SLOWEST_BYTES_A_SECOND: Final = 8 * 2**10
#: Of a connection that was refused, so many bytes and seconds are still read, or the client would not see the answer.
DRAINED_BYTES: Final = 8 * 2**20
DRAIN_SECONDS: Final = 2.0


class Sender(Enum):
    """Who may send as much as a path allows."""

    ANONYMOUS = auto()
    USER = auto()


@dataclass(frozen=True, slots=True)
class Cap:
    """The most bytes of a body, and who must be logged in to send more than ANONYMOUS_BYTES."""

    size: int
    sender: Sender


#: Paths that answer people who are not logged in: no form of theirs is large.
_ANONYMOUS: Final = re.compile(r"/(?:entrar|salir|v|x|a|inicio|admin/login)(?:/|$)")


class Caps:
    """The caps of an office. `list_bytes`: of a list of students; `paper_bytes`: of a photo or PDF of one paper."""

    def __init__(self, list_bytes: int, paper_bytes: int) -> None:
        lists, papers = list_bytes + AROUND_A_FILE, paper_bytes + AROUND_A_FILE
        self._files: Sequence[tuple[re.Pattern[str], Cap]] = (
            (re.compile(r"/listas/$"), Cap(lists, Sender.USER)),
            (re.compile(r"/admin/roll/"), Cap(lists, Sender.USER)),
            (re.compile(r"/expedientes/\d+/acciones/"), Cap(papers, Sender.USER)),
            (re.compile(r"/a/[^/]+/hoja$"), Cap(papers, Sender.ANONYMOUS)),
        )

    def of(self, target: str) -> Cap:
        """Return the cap of a request target (a path, or an absolute URL)."""
        path = unquote(urlsplit(target).path)
        for pattern, cap in self._files:
            if pattern.match(path):
                return cap
        return Cap(ANONYMOUS_BYTES, Sender.ANONYMOUS) if _ANONYMOUS.match(path) else Cap(FORM_BYTES, Sender.USER)


def body_deadline(length: int) -> float:
    """Return the seconds in which a body of `length` bytes must have arrived."""
    return max(BODY_SECONDS, length / SLOWEST_BYTES_A_SECOND)
