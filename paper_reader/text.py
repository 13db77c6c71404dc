"""The words of a PDF with their places.

Letters become words in the order in which they are drawn: where a label lies over a value, a reading by place alone would mix them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from paper_reader.page import Page, Word

#: The longest side of a page in points: about a metre. A larger one is no paper.
LARGEST: Final = 3_000
#: What parts two words, in parts of the height of a letter: a gap, another line.
_GAP: Final = 0.3
_OTHER_LINE: Final = 0.5


class NoPaper(ValueError):
    """The PDF is none that is read; str() is a short English word for which rule it breaks: "broken", "encrypted", "pages", "size"."""


class Letter(NamedTuple):
    """A sign, its box in points, and its place in the order of drawing."""

    sign: str
    left: float
    top: float
    right: float
    bottom: float
    at: int


def pages_of(body: bytes, most: int) -> list[Page]:
    """Return the words of each page of a PDF of at most `most` pages; a page that is a picture has none.

    Raises:
        NoPaper: if it cannot be opened, needs a password, or is longer or larger than papers are.
    """
    with opened(body, most) as document:
        return [_words(page_of(document, number)) for number in range(len(document))]


def opened(body: bytes, most: int) -> Any:
    """Return the PDF, open (pypdfium2), to be closed by `with`.

    Raises:
        NoPaper: if it cannot be opened, needs a password, or has more than `most` pages.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise NoPaper("encrypted" if "password" in str(error).lower() else "broken") from error
    if len(document) > most:
        document.close()
        raise NoPaper("pages")
    return document


def page_of(document: Any, number: int) -> Any:
    """Return a page of an open PDF.

    Raises:
        NoPaper: if it cannot be read or is larger than papers are.
    """
    try:
        page = document[number]
    except pypdfium2.PdfiumError as error:
        raise NoPaper("broken") from error
    if max(page.get_size()) > LARGEST:
        raise NoPaper("size")
    return page


def _words(page: Any) -> Page:
    text, height = page.get_textpage(), page.get_height()
    try:
        return [_word(word, height) for word in joined(letters(text.raw))]
    finally:
        text.close()
        page.close()


def letters(text: Any) -> Iterator[Letter]:
    """The letters of a page as they are drawn, measured from its lower left; blanks too."""
    box = pdfium.FS_RECTF()
    for at in range(pdfium.FPDFText_CountChars(text)):
        pdfium.FPDFText_GetLooseCharBox(text, at, ctypes.byref(box))
        yield Letter(chr(pdfium.FPDFText_GetUnicode(text, at)), box.left, box.top, box.right, box.bottom, at)


def joined(drawn: Iterable[Letter]) -> Iterator[list[Letter]]:
    """The letters of each word, in the order of drawing."""
    word: list[Letter] = []
    for letter in drawn:
        blank = not letter.sign.isprintable() or letter.sign.isspace()
        if word and (blank or _parts(word[-1], letter)):
            yield word
            word = []
        if not blank:
            word.append(letter)
    if word:
        yield word


def _parts(before: Letter, letter: Letter) -> bool:
    height = max(abs(before.bottom - before.top), 1.0)
    return (
        letter.left - before.right > _GAP * height or letter.left < before.left or abs(letter.bottom - before.bottom) > _OTHER_LINE * height
    )


def _word(word: list[Letter], height: float) -> Word:
    return Word(
        "".join(letter.sign for letter in word),
        min(letter.left for letter in word), height - max(letter.top for letter in word),
        max(letter.right for letter in word), height - min(letter.bottom for letter in word),
    )  # fmt: skip
