"""One HTTP/1.1 request on its way in: its bytes are kept until it is whole, or refused as soon as it can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from django.http.cookie import parse_cookie

from afiliacion.web_server.limits import (
    ANONYMOUS_BYTES,
    HEADER_BYTES,
    HEADER_SECONDS,
    SILENCE_SECONDS,
    Caps,
    Sender,
    body_deadline,
)  # fmt: skip

#: Bytes that are kept in memory; what is more goes to a temporary file.
IN_MEMORY: Final = 256 * 2**10
_END: Final = b"\r\n\r\n"


class Progress(Enum):
    """What is to be done about a request."""

    INCOMPLETE = auto()
    #: Its headers are in, its body is large: find out whether its sender may.
    LARGE = auto()
    WHOLE = auto()
    REFUSED = auto()


@dataclass(slots=True)
class Arrival:
    """Give it what arrives with `add`; read the request from `content` when it is WHOLE. Times are of the monotonic clock."""

    caps: Caps
    begun_at: float
    session_cookie: str = "sessionid"
    content: IO[bytes] = field(default_factory=lambda: SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed by `close`
    #: What the client sent after this request.
    rest: bytes = b""
    refusal: HTTPStatus | None = None
    #: The session key of a large body whose sender must be logged in; empty if no login is needed.
    session_key: str = ""
    sender: Sender = Sender.ANONYMOUS
    #: Whether the client waits to be told to send its body.
    expects_continue: bool = False
    deadline: float = field(init=False)
    _header: bytearray = field(default_factory=bytearray)
    _missing: int | None = None
    _whole_by: float = 0.0

    def __post_init__(self) -> None:
        self.deadline = self.begun_at + HEADER_SECONDS

    @property
    def is_silent(self) -> bool:
        """Whether nothing has arrived yet."""
        return self._missing is None and not self._header

    def add(self, data: bytes, now: float) -> Progress:
        """Take the next bytes. `refusal` says why, if they make it REFUSED."""
        if self._missing is not None:
            return self._add_body(data, now)
        searched = max(0, len(self._header) - len(_END))
        self._header += data
        end = self._header.find(_END, searched)
        if end < 0:
            return self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) if len(self._header) > HEADER_BYTES else Progress.INCOMPLETE
        if end > HEADER_BYTES:
            return self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        return self._read_header(end + len(_END), now)

    def _read_header(self, end: int, now: float) -> Progress:
        lines = bytes(self._header[: end - len(_END)]).decode("latin-1").split("\r\n")
        _, _, target = lines[0].partition(" ")
        target = target.partition(" ")[0]
        fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        self.expects_continue = ("expect", "100-continue") in fields
        length, refusal = _length(fields)
        if refusal:
            return self._refuse(refusal)
        progress = self._admit(length, target, fields)
        if progress is Progress.REFUSED:
            return progress
        body, self.rest = bytes(self._header[end : end + length]), bytes(self._header[end + length :])
        self.content.write(self._header[:end])
        self._header.clear()
        self._missing, self._whole_by = length, now + body_deadline(length)
        added = self._add_body(body, now)
        return progress if added is Progress.INCOMPLETE else added

    def _admit(self, length: int, target: str, fields: list[tuple[str, str]]) -> Progress:
        cap = self.caps.of(target)
        if length > cap.size:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if length <= ANONYMOUS_BYTES:
            return Progress.INCOMPLETE
        self.sender = cap.sender
        if cap.sender is Sender.USER:
            self.session_key = _cookie(fields, self.session_cookie)
            if not self.session_key:
                return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return Progress.LARGE

    def _add_body(self, data: bytes, now: float) -> Progress:
        missing = self._missing or 0
        self.content.write(data[:missing])
        self.rest += data[missing:]
        self._missing = missing - min(len(data), missing)
        self.deadline = min(now + SILENCE_SECONDS, self._whole_by)
        if self._missing:
            return Progress.INCOMPLETE
        self.content.seek(0)
        return Progress.WHOLE

    def _refuse(self, status: HTTPStatus) -> Progress:
        self.refusal = status
        return Progress.REFUSED

    def close(self) -> None:
        """Let go of what was kept."""
        self.content.close()


def _length(fields: list[tuple[str, str]]) -> tuple[int, HTTPStatus | None]:
    """Return the length of the body, or why there is none: it must be said, once, and no browser sends it in chunks."""
    if any(name == "transfer-encoding" for name, _ in fields):
        return 0, HTTPStatus.LENGTH_REQUIRED
    lengths = {value for name, value in fields if name == "content-length"}
    if not lengths:
        return 0, None
    value = lengths.pop()
    if lengths or not (value.isascii() and value.isdigit() and len(value) <= 15):
        return 0, HTTPStatus.BAD_REQUEST
    return int(value), None


def _cookie(fields: list[tuple[str, str]], name: str) -> str:
    """Return the value of a cookie, or an empty string."""
    return str(parse_cookie("; ".join(value for field_name, value in fields if field_name == "cookie")).get(name, ""))
