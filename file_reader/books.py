"""Workbooks: one sheet holds the list; the others must not look like one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePath
from typing import Final

from file_reader.header import headings_of
from file_reader.mending import Mended
from file_reader.ods import Ods
from file_reader.order import FileRefused, NumberedRow, ReadOrder
from file_reader.packed import DAMAGED, damage_told, opened
from file_reader.xlsx import Xlsx

_KINDS: Final[dict[str, type[Xlsx | Ods]]] = {".xlsx": Xlsx, ".ods": Ods}


class Workbook:
    """The one sheet of a workbook that holds a list: one with far fewer headings (a catalogue) or hidden beside it is none.

    `origin` says which. What it opens is closed with `closing`.
    """

    def __init__(self, order: ReadOrder, closing: ExitStack) -> None:
        self.mended = Mended()
        with damage_told():
            book = self._book = _KINDS[PurePath(order.filename).suffix.lower()](opened(order, closing), order, closing)
            known = [headings_of(Mended().lines(book.rows(at)), order.headings) for at in range(len(book.names))]
        if not book.names:
            raise FileRefused(DAMAGED)
        best = max(known)
        lists = [at for at, headings in enumerate(known) if best and headings * 2 > best]
        if len(lists) > 1:
            said = ", ".join(f"«{book.names[at]}»" for at in lists)
            raise FileRefused(f"El libro trae más de una hoja con lista ({said}): deje solo la que quiere cargar.")
        self._at = lists[0] if lists else 0
        self.origin = f"hoja «{book.names[self._at]}»"

    @property
    def hidden(self) -> int:
        return self._book.hidden

    def lines(self) -> Iterator[NumberedRow]:
        """The rows of the sheet."""
        with damage_told():
            yield from self.mended.lines(self._book.rows(self._at))
