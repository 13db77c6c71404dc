"""Under which registro patronal a step of a case is: the one of its alta, or its plantel's on the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from afiliacion.cases.engine import Locked
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from students.registros import Registros


def of_alta(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> Mapping[int, Happening]:
    """Each happening (by case id) with the registro it names, else the one of the case's alta, else its plantel's on the day."""
    return _with_registro(cases, happenings, keep=True)


def of_day(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> Mapping[int, Happening]:
    """Each happening (by case id) with the registro it names, else its plantel's on the day: a new alta goes under that one."""
    return _with_registro(cases, happenings, keep=False)


def stays(cases: Iterable[int], to: int, on: dt.date) -> set[int]:
    """Of these cases (ids), those whose cover goes on at the plantel `to` (id): it has the same registro patronal on that day."""
    known = _known(cases)
    registros = Registros.of({to, *(plantel_id for plantel_id, _ in known.values())})
    here = registros.on(to, on)
    return {pk for pk, (plantel_id, registro) in known.items() if here and here == (registro or registros.on(plantel_id, on))}


def _with_registro(cases: Sequence[Locked], happenings: Mapping[int, Happening], *, keep: bool) -> Mapping[int, Happening]:
    known = {case.id: case.facts.registro if keep else "" for case in cases if "registro" not in happenings[case.id].data}
    asked = [case for case in cases if known.get(case.id) == ""]
    registros = Registros.of({case.plantel_id for case in asked}) if asked else Registros(())
    known |= {case.id: registros.on(case.plantel_id, happenings[case.id].on) for case in asked}
    return {
        pk: Happening(h.on, {**h.data, "registro": known[pk]}, h.evidence, h.reason) if pk in known else h for pk, h in happenings.items()
    }


def _known(cases: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Case id -> (plantel id, registro patronal of its alta)."""
    rows = Case.objects.filter(pk__among=list(cases)).values_list("pk", "plantel_id", "registro")
    return {pk: (plantel_id, registro) for pk, plantel_id, registro in rows}
