"""Decide which papers a step needs and which are missing, by the plantel's list, the student's age and what was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from django.db.models import Q

from afiliacion.cases.engine import Locked
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import PaperKind, WantedPaper
from afiliacion.cases.states import Verb
from afiliacion.database.batch_queries import Batch, Parameter, together

#: Of age at eighteen (Constitución, art. 34); before, the mother, father or guardian signs.
OF_AGE: Final = 18


def is_minor(birth_date: dt.date, on: dt.date) -> bool:
    """Whether a person born on `birth_date` is under OF_AGE on that day."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day)) < OF_AGE


class WantedRows(NamedTuple):
    """What Wanted is built from: all kinds of paper, and what the planteles want for a step."""

    kinds: list[PaperKind]
    wanted: list[WantedPaper]


#: Of `planteles` (ids) for `step`.
QUERIES: Final = Batch(
    WantedRows,
    kinds=PaperKind.objects.all(),
    wanted=WantedPaper.objects.filter(Q(plantel__pk__among=Parameter("planteles")) | Q(plantel=None), step=Parameter("step")),
)


class Wanted:
    """The papers that planteles (ids) want for a step, read once. `labels`: of all kinds of paper, by key.

    `rows`: the results of QUERIES, if they were read already.
    """

    def __init__(self, step: Verb, planteles: Sequence[int], rows: WantedRows | None = None) -> None:
        rows = rows or together(QUERIES, step=step, planteles=list(planteles))
        self._rows = rows.wanted
        self._keys = {kind.pk: kind.key for kind in rows.kinds}
        self.labels: dict[str, str] = {kind.key: kind.label for kind in rows.kinds}

    def kinds(self, plantel_id: int, *, minor: bool) -> dict[str, str]:
        """The papers wanted of one student of this plantel, key -> label."""
        wanted = [row for row in self._rows if row.plantel_id in (None, plantel_id) and (minor or not row.minors_only)]
        return {key: self.labels[key] for key in (self._keys[row.kind_id] for row in wanted)}


def missing(case: Locked, wanted: Wanted, happening: Happening) -> str:
    """Why the papers do not allow the step yet, in Spanish; empty if nothing is missing."""
    kinds = wanted.kinds(case.plantel_id, minor=is_minor(case.birth_date, happening.on))
    lacking = kinds.keys() - case.facts.papers_in - set(happening.data.get("papers", ()))
    return f"Falta: {', '.join(sorted(kinds[key] for key in lacking))}." if lacking else ""


class PaperStanding(NamedTuple):
    """A wanted paper and its status; "" if it was not handed in."""

    key: str
    label: str
    status: str


def checklist(facts: Facts, wanted: Mapping[str, str]) -> list[PaperStanding]:
    """The wanted papers (key -> label) with their status, in the order of their labels."""
    status = dict(facts.papers)
    return [PaperStanding(key, label, status.get(key, "")) for key, label in sorted(wanted.items(), key=lambda kind: kind[1])]
