"""What a list's check found, alike remarks as one: how many rows, which ones, whose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from afiliacion.database.statements import rows_of
from afiliacion.roll.models import Import, Row, Severity

#: Rows named of each group.
NAMED: Final = 4
# Alike: the same column, and the same words but for what they quote and their figures.
_GROUPS: Final = """
SELECT "column", (array_agg(reason ORDER BY line))[1], (array_agg(value ORDER BY line))[1:%(named)s], count(DISTINCT line),
       (array_agg(DISTINCT line))[1:%(named)s]
FROM roll_finding WHERE job_id = %(job)s AND severity = %(severity)s
GROUP BY "column", regexp_replace(reason, '«[^»]*»|[[:digit:]][[:digit:]/.,:]*', '…', 'g')
ORDER BY count(DISTINCT line) DESC, min(line) LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Alike:
    """Remarks that say the same of one column: the first reason, some values, how many rows, and the first rows: (line, whose)."""

    column: str
    reason: str
    values: list[str]
    count: int
    rows: list[tuple[int, str]]

    @property
    def more(self) -> int:
        """Rows that are not named."""
        return self.count - len(self.rows)


def alike(job: Import, severity: Severity, most: int) -> list[Alike]:
    """The remarks of an import, the most frequent first."""
    found = rows_of(_GROUPS, {"job": job.pk, "severity": severity.value, "most": most, "named": NAMED})
    names = names_of(job, {line for *_, lines in found for line in lines})
    return [
        Alike(column, reason, list(dict.fromkeys(filter(None, values))), count, [(line, names.get(line, "")) for line in lines])
        for column, reason, values, count, lines in found
    ]


def names_of(job: Import, lines: Iterable[int]) -> dict[int, str]:
    """Whose these rows are, as far as they could be read: name and matrícula."""
    parts = ("nombre", "primer_apellido", "segundo_apellido", "matricula")
    found = Row.objects.filter(job=job, line__in=list(lines)).values_list("line", *parts)
    named = {line: (" ".join(filter(None, name)), matricula) for line, *name, matricula in found}
    return {line: f"{name} ({matricula})" if name and matricula else name or matricula or "" for line, (name, matricula) in named.items()}
