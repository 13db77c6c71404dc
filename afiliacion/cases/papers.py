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
from students.together import together

#: Of age at eighteen (Constitución, art. 34); before, the mother, father or guardian signs.
OF_AGE: Final = 18


def is_minor(birth_date: dt.date, on: dt.date) -> bool:
    """Whether somebody born on `birth_date` is not of age on that day."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day)) < OF_AGE


_KINDS: Final = PaperKind.objects.all()


class Wanted:
    """The papers planteles want, read once: `kinds(...)` are those of one student for one step, key -> label; `labels` are those of all
    papers there are."""

    def __init__(self, step: Verb, planteles: Sequence[int]) -> None:
        wanted = WantedPaper.objects.filter(Q(plantel__in=planteles) | Q(plantel=None), step=step)
        kinds, self._rows = together(_KINDS, wanted)
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
