"""From a file to a table. The file is read by a process of its own (`sheets`), with limits; its rows wait on disk, not in memory."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from afiliacion.roll.cells import clean
from afiliacion.roll.columns import HEADINGS
from afiliacion.roll.findings import ReaderDied, UnreadableFile
from sheets.facts import Column as Facts
from sheets.kinds import ENDINGS
from sheets.order import MEGABYTE, Line, Order

__all__ = ["ENDINGS", "Facts", "Line", "Table", "read", "spooled"]

_log = logging.getLogger(__name__)
_STUCK: Final = "El archivo tarda demasiado en leerse: no parece una lista. Copie solo sus filas a un libro nuevo y cárguelo."
_DIED: Final = (
    "El lector de listas se detuvo sin terminar, y nada cambió. Reinténtela; si vuelve a pasar, abra el archivo, guárdelo de nuevo como "
    ".xlsx y súbalo, y avise a sistemas."
)
#: How often somebody who waits for a list is told how far it is, at least, in seconds; and how much longer than it may
#: compute a reader may take on a busy machine.
_EVERY: Final = 1.0
_BUSY: Final = 5


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Table:
    """A list as it stands in a file. Also a dataset as django-import-export knows one: `headers`, rows, length.

    `facts`: what each column as a whole says about reading it. The rows are in a nameless file that goes with the table.
    """

    filename: str
    origin: str
    header_line: int
    headers: list[str]
    count: int
    facts: list[Facts]
    _rows: IO[bytes] = field(compare=False, repr=False)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[list[str]]:
        return (cells for _, cells in self.lines)

    @property
    def lines(self) -> Iterator[Line]:
        """Every row with its line in the file, from the first; a few hundred of them in memory at a time."""
        for batch in _texts(self._rows.fileno()):
            yield from ((line, cells) for line, cells in json.loads(batch))


def read(path: Path, filename: str, tell: Callable[[int], object] = bool) -> Table:
    """Read a list: CSV or text (UTF-8, Windows-1252, UTF-16; comma, semicolon, tab), XLSX or ODS.

    `filename` is the name it came with: its ending says what it is. `tell` is given the number of rows read so far,
    every second or so; whatever it raises ends the reading.

    Raises:
        UnreadableFile: if it is too large, is not a table, has no header the roll knows, or has no rows under it.
    """
    if path.stat().st_size > settings.ROLL_MAX_BYTES:
        raise UnreadableFile(f"El archivo pasa de {settings.ROLL_MAX_BYTES // MEGABYTE} MB: divida la lista en varias.")
    rows = tempfile.TemporaryFile()  # noqa: SIM115 - the table's, for as long as it lives
    try:
        said = _answer(path, filename, rows, tell)
    except BaseException:
        rows.close()
        raise
    table = Table(
        filename, said["origin"], said["header_line"], [" ".join(clean(header).split()) for header in said["headers"]], said["count"],
        [Facts(month_first, frozenset(words), filled) for month_first, words, filled in said["columns"]], rows,
    )  # fmt: skip
    weakref.finalize(table, rows.close)
    return table


@contextmanager
def spooled(content: bytes) -> Iterator[Path]:
    """The bytes as a file, while the context lasts: for lists made in memory."""
    with tempfile.NamedTemporaryFile(prefix="lista-") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def _answer(path: Path, filename: str, rows: IO[bytes], tell: Callable[[int], object]) -> dict[str, Any]:
    """What the reader's process says of a file whose rows it writes to `rows`.

    Raises:
        UnreadableFile: if it refuses the file, or computes too long; ReaderDied, if it dies of anything else.
    """
    said: dict[str, Any] = {}
    with tempfile.TemporaryFile() as complaints, _reader(path, filename, rows, complaints) as reader:
        for answer in _answers(reader):
            if isinstance(answer, dict):
                said = answer
            else:
                tell(answer)
        if reader.wait() != 0 or not said:
            complaints.seek(0)
            _log.error("The reader of a list ended with %s: %s", reader.returncode, complaints.read(5_000).decode(errors="replace"))
            if reader.returncode == -signal.SIGXCPU:
                raise UnreadableFile(_STUCK)
            raise ReaderDied(_DIED)
    if reason := said.get("refused"):
        raise UnreadableFile(reason)
    return said


@contextmanager
def _reader(path: Path, filename: str, rows: IO[bytes], complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    # -S: the standard library is enough, and no installed package is loaded for a file nobody vouches for.
    order = [sys.executable, "-S", "-P", "-m", "sheets", _order(path, filename), str(rows.fileno())]
    with subprocess.Popen(  # noqa: S603 - our own module
        order, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, pass_fds=[rows.fileno()],
        env={"PYTHONPATH": str(settings.BASE_DIR), "PYTHONUTF8": "1", "TMPDIR": tempfile.gettempdir()},
    ) as reader:  # fmt: skip
        try:
            yield reader
        finally:
            reader.kill()


def _order(path: Path, filename: str) -> str:
    order = Order(
        path=str(path.absolute()), filename=filename, headings=HEADINGS, max_rows=settings.ROLL_MAX_ROWS,
        max_columns=settings.ROLL_MAX_COLUMNS, max_cell=settings.ROLL_MAX_CELL, unpacked=settings.ROLL_MAX_UNPACKED_BYTES,
        memory=settings.ROLL_READER_BYTES, seconds=settings.ROLL_READER_SECONDS,
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


def _texts(file: int) -> Iterator[bytes]:
    """The lines of an open file from its start, wherever others are in it."""
    rest, at = b"", 0
    while piece := os.pread(file, MEGABYTE, at):
        at += len(piece)
        *texts, rest = (rest + piece).split(b"\n")
        yield from texts
