"""Which cover a case owes the baja of, as of now: asked again right before a baja is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from afiliacion.cases.models import Case
from afiliacion.insurance.carried_and_owed import CoverView, InsuredPerson, what_to_tell
from afiliacion.insurance.settle import read


def owed(cases: Collection[int], today: dt.date) -> dict[int, CoverView]:
    """Of these cases (ids), those that owe a baja IMSS has not received, each with the cover it would end: its own alta's first."""
    students = set(Case.objects.filter(pk__among=cases).values_list("student_id", flat=True))
    found: dict[int, CoverView] = {}
    for person in read(students, today).values():
        for case_id, cover in _owed(person):
            found.setdefault(case_id, cover)
    return {case_id: found[case_id] for case_id in cases if case_id in found}


def _owed(person: InsuredPerson) -> list[tuple[int, CoverView]]:
    told = what_to_tell(person)
    owing = {cover.id: told.owed_by.get(cover.id, cover.owed_by) for cover in person.live}
    unsent = [cover for cover in person.live if cover.baja_sent_on is None]
    pairs = [(case_id, cover) for cover in unsent if (case_id := owing[cover.id]) is not None]
    return sorted(pairs, key=lambda pair: (pair[1].nss != person.nss, pair[1].id))
