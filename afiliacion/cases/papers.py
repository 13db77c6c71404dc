"""Which papers close a step, and which are missing: the plantel's list, the student's age, what was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Q

from afiliacion.cases.engine import Locked
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import PaperKind, WantedPaper
from afiliacion.cases.states import Verb
from students.together import Given, together

#: Of age at eighteen (Constitución, art. 34); before, the mother, father or guardian signs.
OF_AGE: Final = 18


def is_minor(birth_date: dt.date, on: dt.date) -> bool:
    """Whether somebody born on `birth_date` is not of age on that day."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day)) < OF_AGE


#: What Wanted goes by: the kinds there are, and what `planteles` want for `step`.
QUESTIONS: Final = (
    PaperKind.objects.all(),
    WantedPaper.objects.filter(Q(plantel__pk__among=Given("planteles")) | Q(plantel=None), step=Given("step")),
)


class Wanted:
    """The papers planteles want, read once: `kinds(...)` are those of one student for one step, key -> label; `labels` are those of all
    papers there are. `read`: what QUESTIONS found, if they have been asked already."""

    def __init__(self, step: Verb, planteles: Sequence[int], read: Sequence[Any] = ()) -> None:
        kinds, self._rows = read or together(*QUESTIONS, step=step, planteles=planteles)
        self._keys = {kind.pk: kind.key for kind in kinds}
        self.labels: dict[str, str] = {kind.key: kind.label for kind in kinds}

    def kinds(self, plantel_id: int, *, minor: bool) -> dict[str, str]:
        wanted = [row for row in self._rows if row.plantel_id in (None, plantel_id) and (minor or not row.minors_only)]
        return {key: self.labels[key] for key in (self._keys[row.kind_id] for row in wanted)}


def missing(case: Locked, wanted: Wanted, happening: Happening) -> str:
    """Why the papers do not allow the step yet, in Spanish; empty if nothing is missing."""
    kinds = wanted.kinds(case.plantel_id, minor=is_minor(case.birth_date, happening.on))
    lacking = kinds.keys() - case.facts.papers_in - set(happening.data.get("papers", ()))
    return f"Falta: {', '.join(sorted(kinds[key] for key in lacking))}." if lacking else ""


def checklist(facts: Facts, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """The wanted papers with their status ("" when not handed in), in the order of their labels, for a screen."""
    status = dict(facts.papers)
    return [{"key": key, "label": label, "status": status.get(key, "")} for key, label in sorted(wanted.items(), key=lambda kind: kind[1])]
