"""The cadena original of a page, between double bars: what the sheet says, said again by the machine (docs/domain.md, 8.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from paper_reader.drawn import Drawn, bare
from paper_reader.reading import Field, Source, Value
from paper_reader.shapes import read_as

_BARS: Final = "||"
#: Names of its parts, bare. A part without a name is told by its shape.
_NAMED: Final = {
    "folio": Field.FOLIO, "curp": Field.CURP, "nss": Field.NSS, "numerodeseguridadsocial": Field.NSS, "nombreorazonsocial": Field.FULL_NAME,
    "nombre": Field.FULL_NAME, "fecha": Field.ISSUED_ON,
}  # fmt: skip
_SHAPED: Final = (Field.CURP, Field.NSS, Field.FOLIO, Field.ISSUED_ON)
#: A chain longer than this is none.
_MOST_WORDS: Final = 120


class Cadena(NamedTuple):
    """Positions of its pieces on the page, and what it says."""

    pieces: frozenset[int]
    values: tuple[Value, ...]


def cadenas_of(page: Drawn) -> list[Cadena]:
    """Return the cadenas of a page."""
    return [Cadena(frozenset(range(first, after)), tuple(_values(page, first, after))) for first, after in _spans(page)]


def _spans(page: Drawn) -> Iterator[tuple[int, int]]:
    first = None
    for at, piece in enumerate(page.pieces):
        if first is None and piece.text.startswith(_BARS):
            first = at
        if first is not None and _closes(piece.text, begins=at == first):
            yield first, at + 1
            first = None
        elif first is not None and at - first > _MOST_WORDS:
            first = None


def _closes(text: str, *, begins: bool) -> bool:
    return text.endswith(_BARS) and (not begins or len(text) > 2 * len(_BARS))


def _values(page: Drawn, first: int, after: int) -> Iterator[Value]:
    pieces = page.pieces[first:after]
    box = (
        min(piece.left for piece in pieces), min(piece.top for piece in pieces),
        max(piece.right for piece in pieces), max(piece.bottom for piece in pieces),
    )  # fmt: skip
    for field, text in said_by(_lines([(piece.text, piece.chain) for piece in pieces])):
        yield Value(field, text, Source.CADENA, page.number, page.place(box))


def _lines(words: Sequence[tuple[str, int]]) -> str:
    """The words together, with a blank within a line. Where a line ends its word may go on: names are compared without blanks."""
    text, before = "", -1
    for word, chain in words:
        text += (" " if chain == before else "") + word
        before = chain
    return text


def said_by(text: str) -> Iterator[tuple[Field, str]]:
    """What the parts of a text between bars say, each once; a part that does not look like its value says nothing."""
    seen = set()
    for part in filter(None, (each.strip() for each in text.split("|"))):
        name, colon, value = part.partition(":")
        field = _NAMED.get(bare(name)) if colon else None
        for each, written in [(field, value)] if field else ((shape, part) for shape in _SHAPED):
            said = read_as(each, re.sub(r"\s", "", written) if each is Field.CURP else written)
            if said and each not in seen:
                seen.add(each)
                yield each, said
                break
