"""What an officer takes away to mend: the rows that were not taken, as they came, with the reason; and an empty list to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final, Protocol

from afiliacion.roll.models import Finding, Import, Severity
from afiliacion.roll.parse.columns import COLUMNS, REASON, label
from afiliacion.roll.parse.reading import RollTable
from file_reader.words import key

NOT_TAKEN: Final = (Severity.ERROR, Severity.REFUSED)


class Remark(Protocol):
    """A finding, as it is kept (models.Finding) or as it is told (findings.Finding)."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> str: ...
    @property
    def reason(self) -> str: ...


def bad_rows(table: RollTable, errors: Iterable[Remark]) -> Iterator[list[str]]:
    """The headings of the file and "motivo"; then every row not taken, its cells as they came, and all its reasons.

    `errors` come by line, as the rows do. Reasons of an earlier time give way; cells beyond the headings stay beyond them.
    """
    width = len(table.headers)
    ours = [at for at in range(width) if key(table.headers[at]) != REASON]
    yield [*(table.headers[at] for at in ours), REASON]
    told = groupby(errors, attrgetter("line"))
    wanted, reasons = next(told, (None, iter(())))
    for line, cells in table.lines:
        if line != wanted:
            continue
        said = " ".join(f"{label(f.column)}: {f.reason}" if f.column else f.reason for f in reasons)
        yield [*(cells[at] if at < len(cells) else "" for at in ours), f"Fila {line}. {said}", *cells[width:]]
        wanted, reasons = next(told, (None, iter(())))


def errors_of(job: Import) -> Iterator[Finding]:
    """Why rows of an import were not taken, by line."""
    return job.findings.filter(severity__in=NOT_TAKEN).order_by("line", "column", "pk").iterator()


def template() -> Iterator[list[str]]:
    """A list without students, with the headings the office itself uses."""
    yield [column.label for column in COLUMNS]
