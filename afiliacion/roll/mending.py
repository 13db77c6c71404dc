"""What an officer takes away to mend: the rows that were not taken, as they came, with the reason; and an empty list to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final, Protocol

from afiliacion.roll.columns import COLUMNS, label
from afiliacion.roll.models import Finding, Import, Severity
from afiliacion.roll.reading import Table

NOT_TAKEN: Final = (Severity.ERROR, Severity.REFUSED)
#: A heading that is never read: a mended list goes in as it is.
REASON: Final = "motivo"


class Remark(Protocol):
    """A finding, as it is kept (models.Finding) or as it is told (findings.Finding)."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> str: ...
    @property
    def reason(self) -> str: ...


def bad_rows(table: Table, errors: Iterable[Remark]) -> Iterator[list[str]]:
    """The headings of the file and "motivo"; then every row not taken, its cells as they came, and all its reasons.

    `errors` come by line, as the rows do.
    """
    width = len(table.headers)
    yield [*table.headers, REASON]
    told = groupby(errors, attrgetter("line"))
    wanted, reasons = next(told, (None, iter(())))
    for line, cells in table.lines:
        if line != wanted:
            continue
        said = " ".join(f"{label(f.column)}: {f.reason}" if f.column else f.reason for f in reasons)
        yield [*cells[:width], *[""] * (width - len(cells)), f"Fila {line}. {said}"]
        wanted, reasons = next(told, (None, iter(())))


def errors_of(job: Import) -> Iterator[Finding]:
    """Why rows of an import were not taken, by line."""
    return job.findings.filter(severity__in=NOT_TAKEN).order_by("line", "column", "pk").iterator()


def template() -> Iterator[list[str]]:
    """A list without students, with the headings the office itself uses."""
    yield [column.label for column in COLUMNS]
