"""The words of a PDF with their places.

Letters become words in the order in which they are drawn: where a label lies over a value, a reading by place alone would mix them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from pdf_reader.page import Page, Word

#: The longest side of a page in points: about a metre. A larger one is no paper.
LARGEST: Final = 3_000
#: What parts two words, in parts of the height of a letter: a gap, another line.
_GAP: Final = 0.3
_OTHER_LINE: Final = 0.5


class NoPaper(ValueError):
    """The PDF is none that is read; str() is a short English word for which rule it breaks: "broken", "encrypted", "pages", "size"."""


class _Letter(NamedTuple):
    sign: str
    left: float
    top: float
    right: float
    bottom: float


def pages_of(body: bytes, most: int) -> list[Page]:
    """Return the words of each page of a PDF of at most `most` pages; a page that is a picture has none.

    Raises:
        NoPaper: if it cannot be opened, needs a password, or is longer or larger than papers are.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise NoPaper("encrypted" if "password" in str(error).lower() else "broken") from error
    with document:
        if len(document) > most:
            raise NoPaper("pages")
        return [_words(document, number) for number in range(len(document))]


def _words(document: Any, number: int) -> Page:
    try:
        page = document[number]
    except pypdfium2.PdfiumError as error:
        raise NoPaper("broken") from error
    if max(page.get_size()) > LARGEST:
        raise NoPaper("size")
    text = page.get_textpage()
    try:
        return list(_joined(_letters(text.raw, page.get_height())))
    finally:
        text.close()
        page.close()


def _letters(text: Any, height: float) -> Iterator[_Letter]:
    """The letters of a page as they are drawn, measured from its top; blanks too."""
    box = pdfium.FS_RECTF()
    for at in range(pdfium.FPDFText_CountChars(text)):
        pdfium.FPDFText_GetLooseCharBox(text, at, ctypes.byref(box))
        sign = chr(pdfium.FPDFText_GetUnicode(text, at))
        yield _Letter(sign, box.left, height - box.top, box.right, height - box.bottom)


def _joined(letters: Iterator[_Letter]) -> Iterator[Word]:
    word: list[_Letter] = []
    for letter in letters:
        blank = not letter.sign.isprintable() or letter.sign.isspace()
        if word and (blank or _parts(word[-1], letter)):
            yield _word(word)
            word = []
        if not blank:
            word.append(letter)
    if word:
        yield _word(word)


def _parts(before: _Letter, letter: _Letter) -> bool:
    height = max(before.bottom - before.top, 1.0)
    return (
        letter.left - before.right > _GAP * height or letter.left < before.left or abs(letter.bottom - before.bottom) > _OTHER_LINE * height
    )


def _word(letters: list[_Letter]) -> Word:
    return Word(
        "".join(letter.sign for letter in letters),
        min(letter.left for letter in letters), min(letter.top for letter in letters),
        max(letter.right for letter in letters), max(letter.bottom for letter in letters),
    )  # fmt: skip
