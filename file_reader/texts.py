"""Delimited text, in the encodings of encodings.py; commas, semicolons, tabs or bars. Never read by guess."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Final

from file_reader.encodings import NAMES, encoding_of
from file_reader.header import TITLES, recognised
from file_reader.mending import Mended
from file_reader.order import MEGABYTE, FileRefused, NumberedRow, ReadOrder

_DELIMITERS: Final = {",": "comas", ";": "punto y coma", "\t": "tabuladores", "|": "barras"}


class TextFile:
    """A delimited text. `origin` says how it was read."""

    def __init__(self, order: ReadOrder) -> None:
        self._order, self.mended, self.hidden = order, Mended(), 0
        self._encoding = encoding_of(Path(order.path))
        scores = {delimiter: self._headings(delimiter) for delimiter in _DELIMITERS}
        self._delimiter = max(scores, key=lambda delimiter: scores[delimiter])
        self.origin = f"{NAMES[self._encoding]}, separado por {_DELIMITERS[self._delimiter]}"

    def lines(self) -> Iterator[NumberedRow]:
        """The records, each with the line it begins on; a quoted cell may hold line breaks."""
        return self.mended.lines(self._records(self._delimiter))

    def _headings(self, delimiter: str) -> int:
        """Most headings known in one of the first lines, under this delimiter."""
        best = 0
        try:
            for _, cells in islice(Mended().lines(self._records(delimiter)), TITLES):
                best = max(best, recognised(cells, self._order.headings))
        except FileRefused:
            return best  # under a wrong delimiter the quotes need not close
        return best

    def _records(self, delimiter: str) -> Iterator[NumberedRow]:
        csv.field_size_limit(self._order.max_cell)
        begins = 1
        with Path(self._order.path).open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(_physical_lines(file), delimiter=delimiter, strict=True)
            try:
                for cells in reader:
                    yield begins, cells
                    begins = reader.line_num + 1
            except csv.Error as error:
                raise FileRefused(
                    f"La línea {begins} no se puede leer: le sobra o le falta una comilla, o tiene una celda enorme. "
                    "Corríjala y cargue otra vez."
                ) from error


def _physical_lines(file: IO[str]) -> Iterator[str]:
    """The lines of a text; a file without line breaks is not swallowed at once."""
    for number, line in enumerate(iter(partial(file.readline, MEGABYTE), ""), 1):
        if len(line) == MEGABYTE:
            raise FileRefused(f"La línea {number} pasa de un millón de letras: no es una lista. Expórtela de nuevo como CSV o .xlsx.")
        yield line
