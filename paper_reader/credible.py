"""What makes a PDF less credible: changed after it was made, made by a program to compose texts, another font, words over words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from paper_reader.drawn import Drawn, Piece
from paper_reader.fields import Found
from paper_reader.labels import labels_of

#: Programs with which documents are written or changed, as they name themselves. Those that only print say nothing.
_EDITORS: Final = re.compile(
    r"ilovepdf|sejda|smallpdf|pdfescape|nitro|foxit phantom|foxit pdf editor|pdf-?xchange editor|pdffiller|dochub|canva|photoshop"
    r"|illustrator|inkscape|gimp|libreoffice|openoffice|microsoft.{0,4} word|powerpoint|google docs|wps"
    r"|master pdf|pdfelement|soda ?pdf|pdf24",
    re.IGNORECASE,
)
_LINEARIZED: Final = re.compile(rb"/Linearized\s+1")


def doubts_of_file(body: bytes, document: Any) -> Iterator[str]:
    """Why a PDF is doubted before it is read: "changed" (saved again upon what it was, or later), "editor"."""
    told = document.get_metadata_dict()
    saved = body.count(b"startxref") - (1 if _LINEARIZED.search(body[:2048]) else 0)
    made, changed = told.get("CreationDate", "")[:16], told.get("ModDate", "")[:16]
    if saved > 1 or (made and changed and made[:12] != changed[:12]):
        yield "changed"
    if _EDITORS.search(f"{told.get('Producer', '')} {told.get('Creator', '')}"):
        yield "editor"


def doubts_of_fonts(found: Sequence[Found]) -> Iterator[str]:
    """ "fonts", if one value of a page is drawn with another font than all the others."""
    fonts = Counter(piece.font for each in found for piece in {piece.font: piece for piece in each.pieces}.values())
    if len(found) >= 4 and len(fonts) > 1 and min(fonts.values()) == 1:
        yield "fonts"


def doubts_of_places(page: Drawn, found: Sequence[Found]) -> Iterator[str]:
    """ "covered", if a value of a page lies over other words that are no label: one was put in place of another."""
    labelled = {at for label in labels_of(page.pieces) for at in range(label.first, label.after)}
    others = [piece for at, piece in enumerate(page.pieces) if at not in labelled]
    if any(_covers(piece, other) for each in found for piece in each.pieces for other in others):
        yield "covered"


def _covers(piece: Piece, other: Piece) -> bool:
    across = min(piece.right, other.right) - max(piece.left, other.left)
    down = min(piece.bottom, other.bottom) - max(piece.top, other.top)
    return piece is not other and across > 0.3 * min(piece.right - piece.left, other.right - other.left) and down > piece.height / 2
