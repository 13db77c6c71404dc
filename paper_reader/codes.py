"""The QR codes of a picture: only NSS and CURP that stand in one code together are taken from it (docs/domain.md, 8.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pypdfium2.raw as pdfium
import zxingcpp

from paper_reader.cadena import said_by
from paper_reader.drawn import Box
from paper_reader.reading import Field, Source, Value

#: What a code may say; of anything else in it nothing is known.
_TAKEN: Final = frozenset({Field.NSS, Field.CURP, Field.FULL_NAME, Field.FOLIO})
#: The smallest picture that is a code, in points a side; and how many corners the paths of a page have that draw one (its smallest has
#: some two hundred).
_SIDE: Final = 30
_CORNERS: Final = 150
#: More bytes than this are no card's.
_LONGEST: Final = 2_000
_FORMATS: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def may_hold_code(page: Any) -> bool:
    """Whether something is drawn on a page of an open PDF (pypdfium2) that may be a QR code: drawing it as a picture costs the most."""
    corners = 0
    for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING], max_depth=3):
        if each.type == pdfium.FPDF_PAGEOBJ_PATH:
            corners += pdfium.FPDFPath_CountSegments(each.raw)
        else:
            left, bottom, right, top = each.get_bounds()
            if min(right - left, top - bottom) >= _SIDE:
                return True
    return corners >= _CORNERS


def codes_of(picture: Any, page: int) -> list[Value]:
    """Return what the QR codes in a picture (Pillow, grey) say, with their places."""
    return [value for code in zxingcpp.read_barcodes(picture, formats=_FORMATS) for value in _values(code, picture, page)]


def _values(code: Any, picture: Any, page: int) -> Iterator[Value]:
    said = dict(said_by(_text(code.bytes))) if len(code.bytes) < _LONGEST else {}
    if Field.NSS in said and Field.CURP in said:
        for field, text in said.items():
            if field in _TAKEN:
                yield Value(field, text, Source.QR, page, _box(code.position, picture.size))


def _text(written: bytes) -> str:
    """The text of a code. The library guesses the alphabet, and takes ÚRSULA ÑÁÑEZ for Japanese."""
    try:
        return written.decode()
    except UnicodeDecodeError:
        return written.decode("latin-1")


def _box(place: Any, size: tuple[int, int]) -> Box:
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, down = [corner.x / size[0] for corner in corners], [corner.y / size[1] for corner in corners]
    left, top, right, bottom = (min(max(each, 0.0), 1.0) for each in (min(across), min(down), max(across), max(down)))
    return left, top, right, bottom
