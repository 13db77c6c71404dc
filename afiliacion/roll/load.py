"""Load a list of enrolled students: look at what it would do, or do it. The command and every screen use these two.

preview(content, "lista.xlsx", plantel=…, ciclo=…, today=…) -> Preview
apply(content, "lista.xlsx", plantel=…, ciclo=…, today=…, actor=…, now=…) -> Report
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Final

from afiliacion.cases.outcome import Actor, ActorKind
from afiliacion.cases.races import settled
from afiliacion.roll.columns import Mapping
from afiliacion.roll.findings import Absent, Change, Counts, Done, Finding
from afiliacion.roll.reading import read
from afiliacion.roll.resource import RollResource, RollResult
from afiliacion.roll.staging import Target
from afiliacion.roll.table import Table
from students.models import Ciclo, Plantel

_ACTOR_NAME: Final = 160


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list says and would do. `changes` and `missing` are samples; `counts` are exact."""

    table: Table
    mapping: Mapping
    counts: Counts
    errors: list[Finding]
    warnings: list[Finding]
    changes: list[Change]
    missing: list[Absent]
    notes: list[str]

    @property
    def filename(self) -> str:
        return self.table.filename

    @property
    def origin(self) -> str:
        """How the file was read: its encoding and delimiter, or its sheet."""
        return self.table.origin

    @property
    def nothing_to_do(self) -> bool:
        return not (self.counts.new or self.counts.changed)

    @property
    def bad_rows(self) -> list[tuple[int, list[str], list[Finding]]]:
        """(line, the cells as they are in the file, the errors) of every row that is not taken."""
        by_line: dict[int, list[Finding]] = defaultdict(list)
        for finding in self.errors:
            by_line[finding.line].append(finding)
        return [(line, cells, by_line[line]) for line, cells in self.table.lines if line in by_line]


@dataclass(frozen=True, slots=True)
class Report:
    """What was done, and the preview as it stood at that moment."""

    preview: Preview
    done: Done


def preview(
    content: bytes,
    filename: str,
    *,
    plantel: Plantel,
    ciclo: Ciclo,
    today: dt.date,
    enrolled_on: dt.date | None = None,
    own: frozenset[int] | None = frozenset(),
) -> Preview:
    """What loading this file would do. Writes nothing, sends nothing.

    `enrolled_on` is for the rows without a date of their own. `own`: ids of the planteles the importer works at
    (students.staff.plantel_ids), None for all; `plantel` always counts as one.

    Raises:
        UnreadableFile: if the file is refused whole.
    """
    target, table = Target(plantel, ciclo, today, enrolled_on, own), read(content, filename)
    return _preview(table, _result(RollResource(target), table, dry_run=True))


def apply(
    content: bytes,
    filename: str,
    *,
    plantel: Plantel,
    ciclo: Ciclo,
    today: dt.date,
    actor: Actor,
    now: dt.datetime,
    enrolled_on: dt.date | None = None,
    own: frozenset[int] | None = frozenset(),
) -> Report:
    """Load the good rows of this file, all in one transaction; see `preview` for what goes in and what is raised.

    Loading the same file again does nothing. Of two at once for the same plantel and ciclo, the second waits.
    """
    target, table = Target(plantel, ciclo, today, enrolled_on, own), read(content, filename)
    resource = RollResource(target, actor=actor, now=now)
    # Somebody else may write the same person meanwhile: then everything is checked again, from the start.
    result = settled(partial(_result, resource, table, dry_run=False))
    return Report(_preview(table, result), result.done or Done())


def importer(filename: str, username: str = "", user_id: int | None = None) -> Actor:
    """The actor of a load: who, and with which file, as long as the history can hold."""
    return Actor(ActorKind.IMPORT, f"{username or 'import_roll'} · {filename}"[:_ACTOR_NAME], user_id)


def _result(resource: RollResource, table: Table, *, dry_run: bool) -> RollResult:
    result: RollResult = resource.import_data(table, dry_run=dry_run, use_transactions=True)
    if result.base_errors:
        raise result.base_errors[0].error
    return result


def _preview(table: Table, result: RollResult) -> Preview:
    assert result.mapping is not None  # noqa: S101 - a result without a refusal has one
    return Preview(table, result.mapping, result.counts, result.errors, result.warnings, result.changes, result.missing, result.notes)
