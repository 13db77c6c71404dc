"""Which rows of a checked list are applied in one transaction: chunks of one size, but for what must be loaded together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from afiliacion.database.statements import rows_of, run

_STARTS: Final = """
SELECT min(line)
FROM (SELECT line, (row_number() OVER (ORDER BY line) - 1) / %(size)s AS chunk FROM roll_row WHERE job_id = %(job)s AND to_do) r
GROUP BY chunk
"""
_CHUNKS: Final = """
INSERT INTO roll_chunk (job_id, number, first_line, last_line, rows, done)
SELECT %(job)s, row_number() OVER (ORDER BY chunk), min(line), max(line), count(*), '{}'
FROM (SELECT line, width_bucket(line, %(starts)s::int[]) AS chunk FROM roll_row WHERE job_id = %(job)s AND to_do) r
GROUP BY chunk
"""


def cut(known: dict[str, Any], stretches: Sequence[tuple[int, int]]) -> None:
    """Make the chunks of an import (`job`): of `size` rows with something to do, or more where a stretch (first, last line) goes on."""
    starts = {_before(start, stretches) for (start,) in rows_of(_STARTS, known)}
    run(_CHUNKS, {**known, "starts": sorted(starts)})


def _before(line: int, stretches: Sequence[tuple[int, int]]) -> int:
    """The line, or the first one of the stretch that it lies in."""
    at = bisect_right(stretches, line, key=itemgetter(0)) - 1
    return stretches[at][0] if at >= 0 and line <= stretches[at][1] else line
