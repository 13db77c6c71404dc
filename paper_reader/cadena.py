"""The cadena original of a page, between double bars: what the sheet says, said again by the machine (docs/domain.md, 8.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from paper_reader.drawn import Drawn, Piece, box_of
from paper_reader.page import bare
from paper_reader.reading import Field, Source, Value
from paper_reader.shapes import read_as

_BARS: Final = "||"
#: Names of its parts, bare. A part without a name is told by its shape.
_NAMED: Final = {
    "folio": Field.FOLIO, "curp": Field.CURP, "nss": Field.NSS, "numerodeseguridadsocial": Field.NSS, "nombreorazonsocial": Field.FULL_NAME,
    "nombre": Field.FULL_NAME, "fecha": Field.ISSUED_ON,
}  # fmt: skip
_SHAPED: Final = (Field.CURP, Field.NSS, Field.FOLIO, Field.ISSUED_ON)
#: How far under a line of it the next one may be, in heights, and how far aside it may begin, in points.
_NEXT_LINE: Final = 2.0
_ALIGNED: Final = 3.0


def aside(page: Drawn) -> frozenset[int]:
    """Positions of the pieces of a page that are no labels and no values: whole chains with bars."""
    chains = {piece.chain for piece in page.pieces if "|" in piece.text}
    return frozenset(at for at, piece in enumerate(page.pieces) if piece.chain in chains)


def said_in_cadenas(page: Drawn) -> list[Value]:
    """Return what the cadenas of a page say, with their places."""
    chains: dict[int, list[Piece]] = {}
    for piece in page.pieces:
        chains.setdefault(piece.chain, []).append(piece)
    begins = [chain for chain in chains.values() if chain[0].text.startswith(_BARS)]
    return [value for chain in begins for value in _values(page, _whole(chain, list(chains.values())))]


def _whole(first: list[Piece], chains: Sequence[list[Piece]]) -> list[list[Piece]]:
    """The lines of a cadena, from the one it begins with, in whatever order they were drawn; none if it does not end."""
    lines = [first]
    while not _ends("".join(piece.text for line in lines for piece in line)):
        above = lines[-1][0]
        below = (
            each for each in chains if abs(each[0].left - first[0].left) < _ALIGNED and each[0].middle > above.middle + above.height / 4
        )
        under = min(below, key=lambda each: each[0].middle, default=None)
        if not under or under[0].middle - above.middle > _NEXT_LINE * above.height:
            return []
        lines.append(under)
    return lines


def _ends(text: str) -> bool:
    return text.endswith(_BARS) and len(text) > 2 * len(_BARS)


def _values(page: Drawn, lines: Sequence[Sequence[Piece]]) -> Iterator[Value]:
    pieces = [piece for line in lines for piece in line]
    # Where a line ends its word may go on: names are compared without blanks.
    for field, text in said_by("".join(" ".join(piece.text for piece in line) for line in lines)):
        yield Value(field, text, Source.CADENA, page.number, page.place(box_of(pieces)))


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
