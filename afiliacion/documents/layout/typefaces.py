"""Fonts: which font has which glyph, how wide a word is, and where a line breaks. No text is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from afiliacion.documents.layout.blocks import clean

REGULAR: Final = "DejaVuSans"
BOLD: Final = "DejaVuSans-Bold"
#: Chinese, Japanese and Korean characters; four megabytes that are read only when a text has one.
FALLBACK: Final = "DroidSansFallbackFull"
FONTS: Final = Path(__file__).parent / "fonts"
#: Stands for a character that no font of ours has: its code point, so that nothing disappears unseen.
_UNKNOWN: Final = "[U+{:04X}]"

#: A stretch of text in one font.
Run = tuple[str, str]
#: One line: its runs and its width in points.
TextLine = tuple[tuple[Run, ...], float]


@lru_cache(maxsize=4)
def face(name: str) -> TTFont:
    """The font, read from disk the first time."""
    font = TTFont(name, FONTS / f"{name}.ttf")
    pdfmetrics.registerFont(font)
    return font


def _has(name: str, text: str) -> bool:
    glyphs: dict[int, int] = face(name).face.charToGlyph
    return glyphs.keys() >= set(map(ord, text))


# Large enough for what every paper of a job says; names hardly come twice, and must not pile up.
@lru_cache(maxsize=2048)
def _word(word: str, font: str, size: float) -> tuple[tuple[Run, ...], float]:
    """Return a word as runs in the fonts that have its characters, and its width in points."""
    if _has(font, word):
        return ((font, word),), face(font).stringWidth(word, size)
    runs = tuple(_runs(word, font))
    return runs, sum(face(name).stringWidth(text, size) for name, text in runs)


def _runs(word: str, font: str) -> Iterator[Run]:
    name, text = font, ""
    for sign in word:
        wanted, shown = _placed(sign, font)
        if wanted != name and text:
            yield name, text
            text = ""
        name, text = wanted, text + shown
    if text:
        yield name, text


def _placed(sign: str, font: str) -> Run:
    """Return the font that has the character `sign`, and how it is shown."""
    found = next((name for name in (font, FALLBACK) if _has(name, sign)), None)
    return (found, sign) if found else (font, _UNKNOWN.format(ord(sign)))


@lru_cache(maxsize=1024)
def broken(text: str, font: str, size: float, width: float) -> tuple[TextLine, ...]:
    """`text` as lines no wider than `width` points; a word that is wider alone is parted. Always at least one line."""
    space = face(font).stringWidth(" ", size)
    done: list[TextLine] = []
    runs: list[Run] = []
    used = 0.0
    for word in _fitting(clean(text), font, size, width):
        pieces, breadth = _word(word, font, size)
        if runs and used + space + breadth > width:
            done.append((_joined(runs), used))
            runs, used = [], 0.0
        if runs:
            runs.append((font, " "))
            used += space
        runs += pieces
        used += breadth
    return (*done, (_joined(runs), used))


def _fitting(text: str, font: str, size: float, width: float) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while rest and _word(rest, font, size)[1] > width:
            head = _longest(rest, font, size, width)
            yield head
            rest = rest[len(head) :]
        if rest:
            yield rest


def _longest(word: str, font: str, size: float, width: float) -> str:
    """The longest beginning of `word` that fits, up to its last hyphen if there is one; never less than a sign."""
    fits, used = 0, 0.0
    while fits < len(word) and (used := used + _word(word[fits], font, size)[1]) <= width:
        fits += 1
    hyphen = word.rfind("-", 0, fits) + 1
    return word[: hyphen or max(1, fits)]


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    """Neighbours in the same font become one run."""
    joined: list[Run] = []
    for name, text in runs:
        if joined and joined[-1][0] == name:
            joined[-1] = (name, joined[-1][1] + text)
        else:
            joined.append((name, text))
    return tuple(joined)
