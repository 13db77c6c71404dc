"""The list as tables of the session: `roll_rows`, what the file says, and `roll_findings`, what is said of it.

Everything that compares rows with each other or with the database is a statement over these, whatever their number. The check
keeps its verdict in the tables of models.py; the application starts from those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from operator import attrgetter
from typing import Any, Final

from afiliacion.database.bulk_writes import copy_in
from afiliacion.database.statements import analyze, rows_of, run
from afiliacion.roll.check.checking import Staged
from afiliacion.roll.findings import RowFinding
from afiliacion.roll.parse.columns import COLUMNS

_DATES: Final = frozenset({"fecha_nacimiento", "fecha_inscripcion", "curp_nacimiento"})
_FETCHED: Final = 2000

#: A remark as the tables hold it: its columns, and its values.
NOTED: Final = ("line", "column", "value", "reason")
noted: Final[Callable[[RowFinding], tuple[Any, ...]]] = attrgetter(*NOTED)

#: What a row carries: the file's columns, what the CURP says, the name's keys.
_CARRIED: Final = (
    "curp_key",
    *(column.name for column in COLUMNS),
    "curp_nacimiento",
    "curp_sexo",
    "curp_entidad",
    "without_curp",
    "name_order",
    "name_search",
)
CARRIED: Final = ", ".join(_CARRIED)

_CREATE: Final = """
DROP TABLE IF EXISTS pg_temp.roll_rows, pg_temp.roll_findings, pg_temp.roll_matched, pg_temp.roll_changes;
CREATE TEMP TABLE roll_rows (line int, bad bool, {columns});
CREATE TEMP TABLE roll_findings (severity text, line int, "column" text, value text, reason text);
CREATE INDEX ON roll_findings (line)
""".format(columns=", ".join(f"{name} {'date' if name in _DATES else 'text'}" for name in _CARRIED))

#: Rows of the check: of the file, between two lines. `same_as`: the person (id) whom the officer said the row is.
OF_FILE: Final = f"""
SELECT line, bad OR EXISTS (SELECT FROM roll_findings x WHERE x.line = r.line AND x.severity = 'error') AS bad, NULL::bigint AS same_as,
  {CARRIED}
FROM roll_rows r WHERE line BETWEEN %(first)s AND %(last)s AND without_curp = ''
"""  # noqa: S608 - our own names
#: Rows of the application: those of an import that have something to do, between two lines. Bad: of which it was not said whose they are.
OF_JOB: Final = f"""
SELECT line, kind = 'asked' AND answer = '' AS bad, CASE WHEN answer <> 'other' THEN twin_id END AS same_as, {CARRIED}
FROM roll_row WHERE job_id = %(job)s AND to_do AND without_curp = '' AND line BETWEEN %(first)s AND %(last)s
"""  # noqa: S608

# Slices of about so many rows, by their lines.
_SLICES: Final = """
SELECT min(line), max(line) FROM (SELECT line, (row_number() OVER (ORDER BY line) - 1) / %(size)s AS slice FROM roll_rows) r
GROUP BY slice ORDER BY slice
"""


def forget(job_id: int) -> None:
    """Delete what was found in an import; not the import, nor what its chunks did."""
    for table in ("roll_row", "roll_finding", "roll_change", "roll_absent"):
        run(f"DELETE FROM {table} WHERE job_id = %(job)s", {"job": job_id})  # noqa: S608 - our own tables
    run("DELETE FROM roll_chunk WHERE job_id = %(job)s AND applied_at IS NULL", {"job": job_id})


def begin() -> None:
    """Make the session's tables, empty."""
    run(_CREATE)


def end() -> None:
    """Drop the session's tables."""
    run("DROP TABLE IF EXISTS pg_temp.roll_rows, pg_temp.roll_findings, pg_temp.roll_matched, pg_temp.roll_changes, pg_temp.roll_without")


def stage(rows: Iterator[Staged], most: int) -> int:
    """COPY at most so many checked rows into `roll_rows`; return how many there were."""
    passed = count()
    # The row first: at the end of the rows nothing is counted.
    copy_in("roll_rows", ("line", "bad", *_CARRIED), (row for row, _ in zip(islice(rows, most), passed, strict=False)))
    return next(passed)


def note(severity: str, findings: Iterable[RowFinding]) -> None:
    """Put remarks into `roll_findings`, however many."""
    waiting = iter(findings)
    while batch := list(islice(waiting, _FETCHED)):
        copy_in("roll_findings", ("severity", *NOTED), ((severity, *noted(finding)) for finding in batch))


def staged() -> None:
    """All the rows are in: let the planner know what they are like."""
    analyze("roll_rows (line, curp, curp_key, matricula, nss, correo)")


def slices(size: int) -> list[tuple[int, int]]:
    """(first line, last line) of the staged rows, so many at a time."""
    return [(first, last) for first, last in rows_of(_SLICES, {"size": size})]
