"""What a PDF carries besides pages: programs, launch actions, files, XFA, encryption (ISO 32000-1, 7.5.7, 7.6, 7.11.4, 12.6.4, 12.7.8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

#: Names that say what a PDF carries, and how the answer names it.
FORBIDDEN: Final = {
    "/JavaScript": "script", "/JS": "script", "/Launch": "launch", "/ImportData": "launch", "/EmbeddedFile": "files",
    "/EmbeddedFiles": "files", "/FileAttachment": "files", "/GoToE": "files", "/RichMedia": "files", "/XFA": "xfa", "/Encrypt": "encrypted",
}  # fmt: skip
BROKEN: Final = "broken"
#: Shorter names stand by chance in a compressed picture.
_LONG: Final = 7
_NAME: Final = re.compile(rb"/[^\0\t\n\f\r ()<>\[\]{}/%]+")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


def finding(body: bytes) -> str:
    """Return what the PDF in `body` carries that it must not, by FORBIDDEN's words; BROKEN if it cannot be read; empty if nothing.

    Its objects are looked through as a reader of PDFs finds them, also those in compressed streams; and its bytes for names that stand
    somewhere else: two programs may take a broken table of objects in two ways.
    """
    return _first(_written_names(body)) or _in_objects(body)


def _in_objects(body: bytes) -> str:
    try:
        reader = PdfReader(BytesIO(body), strict=False)
        if reader.is_encrypted:
            return FORBIDDEN["/Encrypt"]
        found = _first(_names(reader.trailer)) or _first(name for each in _objects(reader) for name in _names(each))
        return found or ("" if len(reader.pages) else BROKEN)
    except MemoryError:
        raise
    except Exception:
        return BROKEN


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Every object of the file, in use or not."""
    ids = {(number, generation) for generation, offsets in reader.xref.items() for number in offsets}
    ids |= {(number, 0) for number in reader.xref_objStm}
    for number, generation in sorted(ids):
        yield reader.get_object(IndirectObject(number, generation, reader))


def _names(value: Any) -> Iterator[str]:
    """Every name in an object, as key or value; other objects it refers to are looked through by themselves."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, NameObject):
            yield _unescaped(str(each).encode("utf-8", "surrogatepass"))
        elif isinstance(each, DictionaryObject):
            waiting += [*each.keys(), *(each.raw_get(key) for key in each)]
        elif isinstance(each, ArrayObject):
            waiting += list.__iter__(each)


def _written_names(body: bytes) -> Iterator[str]:
    return (name for found in _NAME.finditer(body) if len(name := _unescaped(found[0])) >= _LONG)


def _unescaped(name: bytes) -> str:
    """Return a name without its #-escapes (ISO 32000-1, 7.3.5): /J#61vaScript is /JavaScript."""
    return _ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), name).decode("latin-1")


def _first(names: Iterable[str]) -> str:
    return next((FORBIDDEN[name] for name in names if name in FORBIDDEN), "")
