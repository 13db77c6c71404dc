"""A page as a program drew it: words in the order of drawing, turned upright, with the chain each belongs to and how it is drawn."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import pypdfium2.raw as pdfium

from paper_reader.page import bare
from paper_reader.text import Letter, joined, letters

#: What keeps two words in one chain: how far apart (in heights of a letter) and how little they may lie over each other.
_BESIDE: Final = 1.1
_OVER: Final = -0.25
_SAME_LINE: Final = 0.45
#: How many letters tell which way a page's text runs.
_ASKED: Final = 40
_INVISIBLE: Final = 3  # text render mode of ISO 32000-1, 9.3.6
#: A label and its value drawn as one word: "NSS:03230500013".
_GLUED: Final = re.compile(r"([^\W\d_][^:|/]*:)([^:|/]+)")

Box = tuple[float, float, float, float]


class Piece(NamedTuple):
    """A word, its box upright from the top left in points, its chain (words drawn one after the other on one line), and its drawing.

    `height`: the size of its font, by which distances are measured: boxes of letters differ from program to program.
    """

    text: str
    bare: str
    left: float
    top: float
    right: float
    bottom: float
    chain: int
    height: float
    font: str
    hidden: bool

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def box_of(pieces: Sequence[Piece]) -> Box:
    """The box around some pieces."""
    return (
        min(piece.left for piece in pieces), min(piece.top for piece in pieces),
        max(piece.right for piece in pieces), max(piece.bottom for piece in pieces),
    )  # fmt: skip


class Drawn(NamedTuple):
    """A page: its pieces in the order of drawing, how many quarter turns (counterclockwise) its text makes, its size, its own turn."""

    number: int
    pieces: tuple[Piece, ...]
    turn: int
    width: float
    height: float
    shown_turn: int
    pictured: bool

    def place(self, box: Box) -> Box:
        """Return an upright box as parts of the page as it is shown."""
        return shown(box, self.turn, self.shown_turn, (self.width, self.height))


def drawn(page: Any, number: int) -> Drawn:
    """Return a page of an open PDF (pypdfium2)."""
    text = page.get_textpage()
    try:
        size, left_bottom = _ground(page)
        turn = _turn(text.raw)
        words = joined(_upright(letter, turn, size, left_bottom) for letter in letters(text.raw))
        pieces = tuple(chained(_pieces(words, text.raw)))
        return Drawn(number, pieces, turn, *size, page.get_rotation() // 90, _is_pictured(page, size))
    finally:
        text.close()


def _ground(page: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """Width and height of the page before it is turned, and where its lower left corner is."""
    left, bottom, right, top = page.get_cropbox()
    return (right - left, top - bottom), (left, bottom)


def _turn(text: Any) -> int:
    """How many quarter turns counterclockwise most letters make."""
    count = pdfium.FPDFText_CountChars(text)
    every = max(count // _ASKED, 1)
    angles = Counter(round(-pdfium.FPDFText_GetCharAngle(text, at) / (math.pi / 2)) % 4 for at in range(0, count, every))
    return angles.most_common(1)[0][0] if angles else 0


def _upright(letter: Letter, turn: int, size: tuple[float, float], origin: tuple[float, float]) -> Letter:
    """The letter measured from the upper left corner of its page, once that is turned so that its text is upright."""
    (width, height), (x, y) = size, origin
    left, bottom, right, top = letter.left - x, letter.bottom - y, letter.right - x, letter.top - y
    box = (
        (left, height - top, right, height - bottom), (bottom, left, top, right),
        (width - right, bottom, width - left, top), (height - top, width - right, height - bottom, width - left),
    )[turn]  # fmt: skip
    return letter._replace(left=box[0], top=box[1], right=box[2], bottom=box[3])


def shown(box: Box, turn: int, shown_turn: int, size: tuple[float, float]) -> Box:
    """Return an upright box (points) of a page whose text makes `turn`, as parts of the page as shown, itself turned by `shown_turn`.

    Text turns counterclockwise, a page is shown turned clockwise; `size` is the page's before it is turned.
    """
    wide, high = size if turn % 2 == 0 else size[::-1]
    left, top, right, bottom = box[0] / wide, box[1] / high, box[2] / wide, box[3] / high
    for _ in range((shown_turn - turn) % 4):
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return tuple(min(max(each, 0.0), 1.0) for each in (left, top, right, bottom))  # type: ignore[return-value]


def _pieces(words: Iterator[list[Letter]], text: Any) -> Iterator[Piece]:
    fonts: dict[int, str] = {}
    for word in words:
        object_ = pdfium.FPDFText_GetTextObject(text, word[0].at)
        hidden = bool(object_) and pdfium.FPDFTextObj_GetTextRenderMode(object_) == _INVISIBLE
        font = _font(object_, fonts) if object_ else ""
        written = "".join(letter.sign for letter in word)
        glued = _GLUED.fullmatch(written)
        cut = len(glued[1]) if glued else len(word)
        for part in filter(None, (word[:cut], word[cut:])):
            yield _piece(part, _size(text, word[0].at), font, hidden=hidden)


def _size(text: Any, at: int) -> float:
    """The size of a letter's font on the page, in points."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, at, matrix)
    size: float = pdfium.FPDFText_GetFontSize(text, at)
    return max(size * math.hypot(matrix.c, matrix.d), 1.0)


def _piece(word: list[Letter], size: float, font: str, *, hidden: bool) -> Piece:
    written = unicodedata.normalize("NFC", "".join(letter.sign for letter in word))
    left, right = min(letter.left for letter in word), max(letter.right for letter in word)
    top, bottom = min(letter.top for letter in word), max(letter.bottom for letter in word)
    return Piece(written, bare(written), left, top, right, bottom, 0, size, font, hidden)


def _font(object_: Any, known: dict[int, str]) -> str:
    """The name of the font without the marks of its subset and its weight."""
    font = pdfium.FPDFTextObj_GetFont(object_)
    key = hash(bytes(font)) if font else 0
    if key not in known:
        name = (b"\0" * 128) if font else b""
        length = pdfium.FPDFFont_GetBaseFontName(font, name, len(name)) if font else 0
        known[key] = re.sub("^[A-Z]{6}[+]|[-,].*$", "", name[: max(length - 1, 0)].decode("utf-8", "replace"))
    return known[key]


def chained(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, told which were drawn one after the other on one line."""
    before, chain = None, 0
    for piece in pieces:
        if before and not _goes_on(before, piece):
            chain += 1
        before = piece
        yield piece._replace(chain=chain)


def _goes_on(before: Piece, piece: Piece) -> bool:
    height = max(before.height, piece.height)
    gap = piece.left - before.right
    return _OVER * height < gap < _BESIDE * height and abs(before.bottom - piece.bottom) < _SAME_LINE * height


def _is_pictured(page: Any, size: tuple[float, float]) -> bool:
    """Whether pictures cover most of a page: its text then was laid over a scan by a program that read it."""
    covered = 0.0
    for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = each.get_bounds()
        covered += max(right - left, 0) * max(top - bottom, 0)
    return covered > size[0] * size[1] / 2
