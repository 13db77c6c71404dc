"""From the bytes of a document to what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from paper_reader import check
from paper_reader.cadena import aside, said_in_cadenas
from paper_reader.codes import codes_of, may_hold_code
from paper_reader.credible import doubts_of_file, doubts_of_fonts, doubts_of_places
from paper_reader.drawn import Drawn, drawn
from paper_reader.fields import Found, values_of
from paper_reader.kinds import kind_of
from paper_reader.pictures import NoPicture, is_picture, opened_picture, rendered
from paper_reader.reading import Kind, Reading, Source, Value
from paper_reader.text import NoPaper, opened, page_of

#: The most pages of a paper, and of those looked through for codes.
PAGES: Final = 12
_LOOKED_THROUGH: Final = 4
_PDF: Final = b"%PDF-"
#: How far from its beginning some programs look for a PDF (so a file can be two things at once).
_NEAR: Final = 1_024
#: Pages that are written one by one are counted before anything is looked through.
_PAGE: Final = re.compile(rb"/Type\s*/Page\b")
_MANY: Final = 200
#: What a PDF ends with, and how much may follow.
_END: Final = b"%%EOF"
_AFTER: Final = 128
_FINE, _FINER = 150, 300


def read(body: bytes) -> Reading:
    """Return what a document says; `refused` if nothing was read, by a word of REFUSED_READINGS (docs/adr/0031)."""
    try:
        return _read(body)
    except (NoPaper, NoPicture) as refused:
        return Reading(Kind.UNKNOWN, 0, refused=str(refused))
    except (MemoryError, RecursionError):
        return Reading(Kind.UNKNOWN, 0, refused="too_large")


def _read(body: bytes) -> Reading:
    if not body:
        raise NoPaper("empty")
    if body.startswith(_PDF):
        return _read_pdf(body)
    if _PDF in body[:_NEAR]:
        raise NoPaper("two_in_one")
    if is_picture(body):
        return _read_picture(body)
    raise NoPaper("unknown")


def _read_pdf(body: bytes) -> Reading:
    if len(body) - body.rfind(_END) > _AFTER:
        raise NoPaper("two_in_one" if _END in body else "broken")
    if len(_PAGE.findall(body)) > _MANY:
        raise NoPaper("pages")
    if carried := check.finding(body):
        raise NoPaper(carried)
    with opened(body, PAGES) as document:
        if not len(document):
            raise NoPaper("broken")
        drawings, codes = [], []
        for number in range(len(document)):
            page = page_of(document, number)
            drawings.append(drawn(page, number))
            codes += _codes(page, number) if number < _LOOKED_THROUGH else []
            page.close()
        return reading_of(drawings, codes, tuple(doubts_of_file(body, document)))


def _codes(page: Any, number: int) -> list[Value]:
    if not may_hold_code(page):
        return []
    return next(filter(None, (codes_of(rendered(page, dpi), number) for dpi in (_FINE, _FINER))), [])


def _read_picture(body: bytes) -> Reading:
    codes = codes_of(opened_picture(body), 0)
    kind = Kind.NSS_CARD if codes else Kind.UNKNOWN
    return Reading(kind, 1, tuple(_once(codes)), refused="" if codes else "no_text")


def reading_of(pages: Sequence[Drawn], codes: Sequence[Value] = (), doubts: Iterable[str] = ()) -> Reading:
    """Put together what pages say, their codes and what is doubted of their file."""
    kind, several = kind_of(pages)
    found: list[Found] = []
    values: list[Value] = []
    warnings = [*doubts, *(["several_documents"] if several else [])]
    for page in pages:
        own = values_of(page, aside(page))
        found += own
        said = [each.value for each in own] + said_in_cadenas(page)
        laid_over = page.pictured or any(piece.hidden for each in own for piece in each.pieces)
        values += [value._replace(source=Source.OCR) for value in said] if laid_over else said
        warnings += ["text_over_picture"] if laid_over and said else []
        warnings += doubts_of_places(page, own)
    values += codes
    warnings += doubts_of_fonts(found)
    if codes and kind is Kind.UNKNOWN and not any(page.pieces for page in pages):
        kind = Kind.NSS_CARD
    refused = "" if values or kind is not Kind.UNKNOWN else "no_text" if not any(page.pieces for page in pages) else "unknown_paper"
    return Reading(kind, len(pages), tuple(_once(values)), tuple(dict.fromkeys(warnings)), refused)


def _once(values: Iterable[Value]) -> Iterator[Value]:
    """Each value once a source."""
    seen = set()
    for value in values:
        key = (value.field, value.text, value.source)
        if key not in seen:
            seen.add(key)
            yield value
