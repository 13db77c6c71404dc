"""The words of a page and where they stand, as a reader of PDFs gives them: in any order, labels and values apart."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """A word and its box, in points from the left and from the top of its page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


#: The words of one page, in no order that means anything.
Page = list[Word]
