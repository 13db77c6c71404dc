"""From a file to a table. The file is read by a process of its own (`file_reader`), with limits; its rows wait on disk, not in memory."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from afiliacion.cell_text import clean
from afiliacion.roll.findings import ReaderDied, UnreadableFile
from afiliacion.roll.parse.columns import HEADINGS
from file_reader.facts import ColumnFacts
from file_reader.kinds import ENDINGS
from file_reader.order import MEGABYTE, STUDENT_COLUMNS, NumberedRow, ReadOrder
from limited_process.limits import Limits
from limited_process.start import start

__all__ = ["ENDINGS", "RollTable", "follow", "read", "spooled"]

_log = logging.getLogger(__name__)
_STUCK: Final = "El archivo tarda demasiado en leerse: no parece una lista. Copie solo sus filas a un libro nuevo y cárguelo."
_DIED: Final = (
    "El lector de listas se detuvo sin terminar, y nada cambió. Reinténtela; si vuelve a pasar, abra el archivo, guárdelo de nuevo como "
    ".xlsx y súbalo, y avise a sistemas."
)
#: How often a person who waits for a list is told how far it is, at least, in seconds; and how much longer than it may
#: compute a reader may take on a busy machine.
_EVERY: Final = 1.0
_BUSY: Final = 5


class RollTable:
    """A list as it stands in a file. Also a dataset as django-import-export knows one: `headers`, rows, length.

    `facts`: what each column says about how it is to be read, by the `count` rows read so far. `titles`: what stands above the headings;
    `hidden`: rows that its program does not show. The rows are in a nameless file that goes with the table.
    """

    def __init__(self, filename: str, reader: Iterator[Any], rows: IO[bytes]) -> None:
        self.filename, self._reader, self._rows = filename, reader, rows
        self.origin, self.header_line, self.count = "", 0, 0
        self.headers: list[str] = []
        self.facts: list[ColumnFacts] = []
        self.titles: list[list[str]] = []
        self.hidden = 0
        self._mended: tuple[int, str, str] = (0, "", "")
        weakref.finalize(self, rows.close)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[list[str]]:
        return (cells for _, cells in self.lines)

    def hear(self) -> bool:
        """Wait for the next word of who reads the file; whether there was one.

        Raises:
            UnreadableFile: if the file is refused after all.
        """
        said = next(self._reader, None)
        if isinstance(said, dict):
            self.origin, self.header_line, self.count = said["origin"], said["header_line"], said["count"]
            self.headers = [" ".join(clean(header).split()) for header in said["headers"]]
            self.facts = [ColumnFacts.heard(column) for column in said["columns"]]
            self.titles, self.hidden, self._mended = said["titles"], said["hidden"], said["mended"]
        elif said is not None:
            self.count = said
        return said is not None

    @property
    def notes(self) -> list[str]:
        """What is told of how it was read, in Spanish."""
        cells, before, after = self._mended
        return [f"Traía letras dañadas en {cells} celdas (como «{before}»), que se leyeron como eran («{after}»)."] if cells else []

    @property
    def lines(self) -> Iterator[NumberedRow]:
        """Every row with its line in the file, from the first; a few hundred of them in memory at a time. Waits for rows not read yet."""
        for batch in self._batches():
            yield from ((line, cells) for line, cells in json.loads(batch))

    def _batches(self) -> Iterator[bytes]:
        rest, at = b"", 0
        while (piece := os.pread(self._rows.fileno(), MEGABYTE, at)) or self.hear():
            at += len(piece)
            *batches, rest = (rest + piece).split(b"\n")
            yield from batches


def read(path: Path, filename: str) -> RollTable:
    """Read a list to its end; see `follow`."""
    with follow(path, filename) as table:
        while table.hear():
            pass
    return table


@contextmanager
def follow(
    path: Path,
    filename: str,
    tell: Callable[[int], object] = bool,
    *,
    headings: Collection[str] = HEADINGS,
    sought: str = STUDENT_COLUMNS,
    shown_only: bool = False,
) -> Iterator[RollTable]:
    """A list that is being read: CSV or text (in the encodings of file_reader), XLSX or ODS.

    Its headings and first rows are known; the rest comes while its `lines` are gone through, and is read no further when the
    context ends. `filename` is the name it came with: its ending says what it is. `tell` is given 0 every second or so until the
    headings are known; whatever it raises ends the reading. `headings`: those that tell the row of headings; `sought`: in Spanish.
    `shown_only`: without the rows that a workbook hides.

    Raises:
        UnreadableFile: if it is too large, is not a table, has no header the roll knows, or has no rows under it.
    """
    if path.stat().st_size > settings.ROLL_MAX_BYTES:
        raise UnreadableFile(f"El archivo pasa de {settings.ROLL_MAX_BYTES // MEGABYTE} MB: divida la lista en varias.")
    rows = tempfile.TemporaryFile()  # noqa: SIM115 - the table's, for as long as it lives
    with closing(_words(_order(path, filename, headings, sought, shown_only=shown_only), rows)) as reader:
        table = RollTable(filename, reader, rows)
        while not table.headers and table.hear():
            tell(table.count)
        yield table


@contextmanager
def spooled(content: bytes) -> Iterator[Path]:
    """The bytes as a file, while the context lasts: for lists made in memory."""
    with tempfile.NamedTemporaryFile(prefix="lista-") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def _words(order: str, rows: IO[bytes]) -> Generator[Any]:
    """What the reader's process says of the file it is ordered to read, whose rows it writes to `rows`, as it says it.

    Raises:
        UnreadableFile: if it refuses the file, or computes too long; ReaderDied, if it dies of anything else.
    """
    said: Any = None
    with tempfile.TemporaryFile() as complaints, _reader(order, rows, complaints) as reader:
        for said in _answers(reader):
            if isinstance(said, dict) and (reason := said.get("refused")):
                raise UnreadableFile(reason)
            yield said
        if reader.wait() != 0 or not isinstance(said, dict):
            complaints.seek(0)
            _log.error("The reader of a list ended with %s: %s", reader.returncode, complaints.read(5_000).decode(errors="replace"))
            if reader.returncode == -signal.SIGXCPU:
                raise UnreadableFile(_STUCK)
            raise ReaderDied(_DIED)


@contextmanager
def _reader(order: str, rows: IO[bytes], complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    limits = Limits(settings.ROLL_READER_BYTES, settings.ROLL_READER_SECONDS, settings.ROLL_MAX_UNPACKED_BYTES)
    # The standard library is enough, and no installed package is loaded for an untrusted file.
    with start(
        "file_reader", order, str(rows.fileno()), limits=limits, installed=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, pass_fds=[rows.fileno()],
    ) as reader:  # fmt: skip
        try:
            yield reader
        finally:
            reader.kill()


def _order(
    path: Path, filename: str, headings: Collection[str] = HEADINGS, sought: str = STUDENT_COLUMNS, *, shown_only: bool = False
) -> str:
    order = ReadOrder(
        path=str(path.absolute()), filename=filename, headings=frozenset(headings), max_rows=settings.ROLL_MAX_ROWS,
        max_columns=settings.ROLL_MAX_COLUMNS, max_cell=settings.ROLL_MAX_CELL, unpacked=settings.ROLL_MAX_UNPACKED_BYTES,
        sought=sought, shown_only=shown_only,
    )  # fmt: skip
    return json.dumps({**asdict(order), "headings": sorted(order.headings)})


def _answers(reader: subprocess.Popen[bytes]) -> Iterator[Any]:
    """What the reader says, as it does; the last number again while it says nothing.

    Raises:
        UnreadableFile: when it takes too long.
    """
    assert reader.stdout is not None  # noqa: S101 - asked for
    deadline = time.monotonic() + _BUSY * settings.ROLL_READER_SECONDS
    last: Any = 0
    while time.monotonic() < deadline:
        if select.select([reader.stdout], [], [], _EVERY)[0]:
            text = reader.stdout.readline()
            if not text:
                return
            last = json.loads(text)
        yield last
    raise UnreadableFile(_STUCK)
