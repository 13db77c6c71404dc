"""The inside of a workbook: a ZIP of XML parts, unpacked as a stream, within limits, without entities."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar
from xml.parsers import expat

from file_reader.order import MEGABYTE, FileRefused, ReadOrder

Row = TypeVar("Row")

DAMAGED: Final = "El libro está dañado o no es de Excel ni de LibreOffice: ábralo, guárdelo de nuevo como .xlsx y cárguelo otra vez."
_CHUNK: Final = 2**16
#: A workbook has some tens of parts. Sheets shrink to a tenth or so; what shrinks to a thousandth is a trap.
_MOST_PARTS: Final = 5_000
_MOST_SHRUNK: Final = 250
_PART_BEGINS: Final = b"PK\x01\x02"
_WAYS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def opened(order: ReadOrder, closing: ExitStack) -> zipfile.ZipFile:
    """The ZIP of a workbook, its sizes checked before anything is unpacked; closed with `closing`.

    Raises:
        FileRefused: if it is no ZIP, or unpacks to too much.
    """
    with damage_told():
        if _parts(order.path) > _MOST_PARTS:
            raise FileRefused(DAMAGED)
        packed = closing.enter_context(zipfile.ZipFile(order.path))
        _check(packed, order)
        return packed


@contextmanager
def damage_told() -> Iterator[None]:
    """Whatever a damaged workbook makes fail in here is said in one sentence.

    Raises:
        FileRefused: instead.
    """
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, LookupError, ValueError, OSError, RuntimeError, EOFError) as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(DAMAGED) from error


def _parts(path: str) -> int:
    """How many parts a ZIP says to have, at least: a list of a million would take minutes to look through."""
    with Path(path).open("rb") as file:
        return sum(chunk.count(_PART_BEGINS) for chunk in iter(lambda: file.read(MEGABYTE), b""))


def _check(packed: zipfile.ZipFile, order: ReadOrder) -> None:
    parts = packed.infolist()
    size, shrunk = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if size > order.unpacked or (size > 10 * MEGABYTE and size > _MOST_SHRUNK * shrunk):
        raise FileRefused(f"El libro ocuparía {size // MEGABYTE:,} MB al abrirse, demasiado para una lista: divídala en varias.")
    if any(part.compress_type not in _WAYS for part in parts):
        raise FileRefused(DAMAGED)


class Handler(Protocol):
    """Is called for every element of an XML part, its name without prefix, and for its text."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class Attributes:
    """A Handler for parts whose elements say all in their attributes."""

    def __init__(self, start: Callable[[str, dict[str, str]], None]) -> None:
        self.start = start

    def end(self, name: str) -> None:
        """Nothing follows from an end."""

    def text(self, text: str) -> None:
        """Nor from text."""


def pieces(packed: zipfile.ZipFile, part: str, handler: Handler) -> Iterator[None]:
    """Go through a part, a piece at each step."""
    parser = expat.ParserCreate(intern={})
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    parser.StartDoctypeDeclHandler = _no_entities
    parser.StartElementHandler = partial(_begin, parser, handler)
    with packed.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003 - the parser's own signature
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - likewise


def _begin(parser: expat.XMLParserType, handler: Handler, name: str, attributes: dict[str, str]) -> None:
    """The root tells whether names carry a prefix: where they do not, nothing stands between the parser and the handler."""
    start, end = handler.start, handler.end
    parser.StartElementHandler, parser.EndElementHandler = start, end
    if ":" in name:
        parser.StartElementHandler = lambda name, attributes: start(name[name.rfind(":") + 1 :], attributes)
        parser.EndElementHandler = lambda name: end(name[name.rfind(":") + 1 :])
    parser.CharacterDataHandler = handler.text
    start(name[name.rfind(":") + 1 :], attributes)


def _no_entities(*_: object) -> None:
    raise FileRefused(DAMAGED)


def whole(packed: zipfile.ZipFile, part: str, handler: Handler) -> None:
    """Go through a whole part."""
    for _ in pieces(packed, part, handler):
        pass


def drained(steps: Iterator[None], ready: list[Row]) -> Iterator[Row]:
    """What the handler put into `ready`, as the pieces go by."""
    for _ in steps:
        yield from ready
        ready.clear()
    yield from ready


def attribute(attributes: dict[str, str], name: str) -> str:
    """An attribute's value, whatever its prefix."""
    return next((value for key, value in attributes.items() if key[key.rfind(":") + 1 :] == name), "")


def check_length(text: str, order: ReadOrder) -> str:
    """The text of a cell.

    Raises:
        FileRefused: if it is longer than a cell can be.
    """
    if len(text) > order.max_cell:
        raise FileRefused(f"El libro tiene una celda con {len(text):,} letras: no es una lista. Bórrela y cárguelo otra vez.")
    return text
