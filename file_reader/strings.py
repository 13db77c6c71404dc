"""A workbook's shared texts, on disk: a list of 300,000 students has millions."""

from __future__ import annotations

import os
import tempfile
import zipfile
from array import array
from contextlib import ExitStack
from functools import lru_cache

from file_reader.order import ReadOrder
from file_reader.packed import check_length, pieces
from file_reader.values import unescaped


class Strings:
    """The shared texts by number. Only where each begins is kept in memory; those that come again and again, too."""

    def __init__(self, packed: zipfile.ZipFile, part: str, order: ReadOrder, closing: ExitStack) -> None:
        self._file = closing.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is in one
        self._begins = array("I", [0])
        self._order = order
        self._parts: list[str] = []
        self._inside = self._aside = False
        self._pending: list[bytes] = []
        self._written = 0
        for _ in pieces(packed, part, self) if part else ():
            self._write()
        self.get = lru_cache(maxsize=8192)(self._get)

    def start(self, name: str, _: dict[str, str]) -> None:
        """A text begins, or its aside for reading it aloud (rPh), which has texts of its own."""
        self._inside = name == "t" and not self._aside
        if name == "rPh":
            self._aside = True

    def end(self, name: str) -> None:
        """A text is whole."""
        self._inside = False
        if name == "si":
            text = unescaped(check_length("".join(self._parts), self._order)).encode()
            self._parts.clear()
            self._pending.append(text)
            self._written += len(text)
            self._begins.append(self._written)
        elif name == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        """Part of a text."""
        if self._inside:
            self._parts.append(text)

    def _write(self) -> None:
        self._file.writelines(self._pending)
        self._file.flush()
        self._pending.clear()

    def _get(self, number: int) -> str:
        begins, ends = self._begins[number], self._begins[number + 1]
        return os.pread(self._file.fileno(), ends - begins, begins).decode()
