"""The words of a page and where they stand, as a reader of PDFs gives them: in any order, labels and values apart."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

_NOT_SIGN: Final = re.compile("[^a-z0-9]+")


class Word(NamedTuple):
    """A word and its box, in points from the left and from the top of its page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


#: The words of one page, in no order that means anything.
Page = list[Word]


def bare(text: str) -> str:
    """A text without accents, case and signs: how labels and headings are compared."""
    return _NOT_SIGN.sub("", "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)))
