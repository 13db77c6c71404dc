"""What the reader answers: the rows of a list, as lines of JSON in a file; and what the list is, as one JSON text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import astuple
from typing import IO, Any, Final

from file_reader.facts import FactsCollector
from file_reader.header import under_header
from file_reader.kinds import Source, source
from file_reader.order import MEGABYTE, FileRefused, NumberedRow, ReadOrder

#: Rows that travel together, at most; fewer where they are long.
_TOGETHER: Final = 500


def look(order: ReadOrder, rows: IO[str], tell: Callable[[object], object]) -> dict[str, Any]:
    """Go through the file once: write its rows in batches, and say what it is: header, number of rows, facts of its columns.

    `tell` is given the same once the first rows are written, as they have it; then the number of rows so far.

    Raises:
        FileRefused: if it is no list, whatever was told until then.
    """
    facts, count = FactsCollector(), 0
    with ExitStack() as closing:
        found = source(order, closing)
        titles, (header_line, headers), lines = under_header(found.lines(), order)
        head = {"header_line": header_line, "headers": headers, "titles": titles}
        for batch in _batches(lines):
            facts.add([cells for _, cells in batch])
            rows.write(f"{json.dumps(batch, ensure_ascii=False)}\n")
            count += len(batch)
            if count == len(batch):
                tell({**head, **_said(found, facts, count)})
            else:
                tell(count)
    return {**head, **_said(found, facts, count)}


def _said(found: Source, facts: FactsCollector, count: int) -> dict[str, Any]:
    return {
        "origin": found.origin, "count": count, "hidden": found.hidden, "mended": astuple(found.mended),
        "columns": [column.said() for column in facts.so_far()],
    }  # fmt: skip


def _batches(lines: Iterator[NumberedRow]) -> Iterator[list[NumberedRow]]:
    batch, letters = [], 0
    for line in lines:
        length = sum(map(len, line[1]))
        if length > MEGABYTE:
            raise FileRefused(f"La fila {line[0]} tiene {length:,} letras: no es la de un alumno. Corríjala y cargue otra vez.")
        letters += length
        batch.append(line)
        if len(batch) == _TOGETHER or letters > MEGABYTE:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch
