"""What a paper says, as plain data: composed without a printer, compared, hashed. pieces.py and pagination.py lay it out."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Title:
    text: str
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `look` names one of pieces.STYLES."""

    text: str
    look: str = "body"


@dataclass(frozen=True, slots=True)
class Points:
    """A list of points, numbered or bulleted; `box` gives each a square to tick by hand."""

    lines: tuple[str, ...]
    numbered: bool = False
    box: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Label and value, one below the other; a value may have several lines. Rows without value are not printed."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `shares` part the width among the columns; the heads come again on every page. BOX in a cell is a square to tick."""

    heads: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Signers:
    """A line to sign on for each, side by side, with its texts below."""

    signers: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code for a phone, with what it is for beside it."""

    payload: str
    caption: str


Block = Title | Heading | Text | Points | Fields | Grid | Signers | Code

BOX: Final = "□"
#: The name a block had when the first papers were issued: their digests, and so their folios, must not change.
_DIGEST_NAMES: Final[dict[type, str]] = {Fields: "Facts"}


@dataclass(frozen=True, slots=True)
class Head:
    """Who writes: the institution's and the plantel's names, and the small lines below them."""

    names: tuple[str, ...]
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, ready to be issued: everything that is printed but the folio and the footer, which come of issuing it.

    `kind` is a models.Kind; `case_id` is None for a paper about many; `title` names the file.
    """

    kind: str
    plantel_id: int | None
    case_id: int | None
    head: Head
    title: str
    blocks: tuple[Block, ...] = field(default=())

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all it says: two papers with the same digest are the same paper."""
        named = [[_DIGEST_NAMES.get(type(block), type(block).__name__), asdict(block)] for block in self.blocks]
        content = [self.kind, self.plantel_id, self.case_id, asdict(self.head), self.title, named]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What issuing adds: the folio, the address that vouches for it, and the line at the foot of every page."""

    folio: str
    url: str
    foot: str


def lines(*texts: str) -> tuple[str, ...]:
    """Return the texts that are not empty."""
    return tuple(text for text in texts if text)


def clean(text: str) -> str:
    """`text` composed (an accent is part of its letter), on one line, without invisible characters."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in composed if unicodedata.category(c) != "Cf").split())


def short_date(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def counted(n: int, one: str, many: str) -> str:
    """«1 día», «2 días»."""
    return f"{n} {one if n == 1 else many}"
