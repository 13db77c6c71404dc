"""The data of a person corrected from a case: what RENAPO, the school or the student says, with a reason and, for a CURP, what proves it.

A person who belongs to other planteles too is not changed: it is asked (consent.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from afiliacion.cases import consent
from afiliacion.cases.engine import Locked, Move, perform
from afiliacion.cases.facts import Details, Happening
from afiliacion.cases.identity.writing import OF_PERSON, Correction, Field, locked, on_record, write
from afiliacion.cases.models import ConsentRequest, Event
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import Verb
from students.curp import Curp, CurpError
from students.models import Enrolment, FormerValue, Student

TAKEN: Final = (
    "Esa CURP ya está registrada para otra persona: compruébela en la constancia. Si las dos son la misma persona, use «Unir con otro "
    "registro»."
)
NOTHING_NEW: Final = "Todo eso está ya registrado así: no hay nada que corregir."
_NO_CORRECTION: Final = "Ese expediente no tiene una corrección que deshacer."
_SINCE: Final = "Un dato de esa corrección cambió después: corríjalo con «Corregir datos»."


def correct_person(values: Mapping[int, Mapping[str, str]], *, on: dt.date, act: Act, reason: str, evidence: str = "") -> Outcome:
    """Write the right data (case id -> field -> value; dates in ISO) of the persons of these cases. The cases stay where they are.

    Fields are those of FormerValue.Field; a matrícula is that of the case's enrolment. With a CURP come `evidence` (SHA-256) and, of
    birth date, sex and entity, what it says. The former values are kept and found by search.
    """
    happenings = {
        case_id: Happening(on, cast("Details", {**said, "fields": sorted(said)}), evidence, reason) for case_id, said in values.items()
    }
    return perform(Verb.CORRECT_PERSON, happenings, act=act, check=_may_be, gate=_hold_back, effect=partial(_write, act))


def retract_correction(case_id: int, *, on: dt.date, act: Act, reason: str) -> Outcome:
    """Take back the last correction made from a case: it had been a mistake, so that what it wrote is not kept as a former value.

    Refused once one of its data has changed again.
    """
    last = last_correction(case_id)
    if not last:
        return Outcome(skipped={case_id: _NO_CORRECTION})
    data = {**{row.field: row.value for row in last}, "fields": sorted(row.field for row in last)}
    happening = Happening(on, cast("Details", data), reason=reason)
    check, effect = partial(_still_stands, last), partial(_take_back, act, last)
    return perform(Verb.RETRACT_CORRECTION, {case_id: happening}, act=act, check=check, gate=_hold_back, effect=effect)


def last_correction(case_id: int) -> list[FormerValue]:
    """The former values that the last correction made from a case replaced, unless it was taken back; empty if there is none."""
    event = Event.objects.filter(case=case_id, verb=Verb.CORRECT_PERSON).select_related("case").order_by("-seq").first()
    return list(FormerValue.objects.filter(student=event.case.student_id, at=event.at, list_id=None).order_by("pk")) if event else []


def _corrections(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> list[Correction]:
    return [Correction(case.student_id, _said(happenings[case.id]), case.enrolment_id) for case in cases]


def _said(happening: Happening) -> dict[str, str]:
    data: Mapping[str, Any] = happening.data
    return {field: data[field] for field in happening.data["fields"]}


def _may_be(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """Why these data cannot be written; empty of the cases whose data can."""
    wanted = _corrections(cases, happenings)
    students, enrolments = locked(wanted)
    asked = _Others(wanted, enrolments.values())
    reasons = {}
    for case, each in zip(cases, wanted, strict=True):
        before = on_record(students[each.student], enrolments[case.enrolment_id])
        after = {field: value for field, value in each.values.items() if before[field] != value}
        reasons[case.id] = NOTHING_NEW if not after else _empty(after) or _curp(each, after) or asked.why_not(each, after)
    return {case_id: reason for case_id, reason in reasons.items() if reason}


def _empty(after: Mapping[str, str]) -> str:
    """Only these may be taken away from a person."""
    may_be = {Field.SEGUNDO_APELLIDO, Field.CORREO, Field.TELEFONO}
    missing = [Field(field).label for field, value in after.items() if not value and field not in may_be]
    return f"Falta: {', '.join(missing)}." if missing else ""


def _curp(each: Correction, after: Mapping[str, str]) -> str:
    if Field.CURP not in after:
        return ""
    try:
        Curp.parse(after[Field.CURP])
    except CurpError as error:
        return f"CURP: {error}"
    return ""


class _Others:
    """Whose the CURP and matrículas of some corrections are already: asked once for all of them."""

    def __init__(self, wanted: Sequence[Correction], enrolments: Iterable[Enrolment]) -> None:
        self._enrolments: dict[int, Enrolment] = {enrolment.pk: enrolment for enrolment in enrolments}
        curps = {each.values[Field.CURP] for each in wanted if each.values.get(Field.CURP)}
        self._curps = dict(Student.objects.filter(curp__among=curps).values_list("curp", "pk")) if curps else {}
        matriculas = {each.values[Field.MATRICULA] for each in wanted if each.values.get(Field.MATRICULA)}
        there = Enrolment.objects.filter(matricula__among=matriculas) if matriculas else Enrolment.objects.none()
        self._matriculas = {(row.plantel_id, row.ciclo_id, row.matricula): row.pk for row in there}

    def why_not(self, each: Correction, after: Mapping[str, str]) -> str:
        """Why one of these is not the person's own; each that is theirs, is then no one else's."""
        if (curp := after.get(Field.CURP)) and self._curps.setdefault(curp, each.student) != each.student:
            return TAKEN
        enrolment = self._enrolments[each.enrolment or 0]
        place = (enrolment.plantel_id, enrolment.ciclo_id, after.get(Field.MATRICULA, ""))
        if place[-1] and self._matriculas.setdefault(place, enrolment.pk) != enrolment.pk:
            return "Esa matrícula ya es de otro alumno en el plantel y ciclo: corrija primero la de él, o compruébela."
        return ""


def _still_stands(last: Sequence[FormerValue], cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    students, enrolments = locked(_corrections(cases, happenings))
    for case in cases:
        now = on_record(students[case.student_id], enrolments[case.enrolment_id])
        if any(now[row.field] != row.became for row in last):
            return {case.id: _SINCE}
    return _may_be(cases, happenings)


def _hold_back(cases: Sequence[Locked], happenings: Mapping[int, Happening], act: Act) -> set[int]:
    """Hold back, and ask for, what is said of a person who belongs to others as well. A matrícula is the plantel's own."""
    personal = [case for case in cases if not OF_PERSON.keys().isdisjoint(happenings[case.id].data["fields"])]
    shared = consent.foreign({case.student_id for case in personal}, act.planteles)
    held = [case for case in personal if case.student_id in shared]
    consent.ask([_request(case, happenings[case.id]) for case in held], act)
    return {case.id for case in held}


def _request(case: Locked, happening: Happening) -> ConsentRequest:
    said = {**_said(happening), "on": happening.on.isoformat(), "reason": happening.reason, "evidence": happening.evidence}
    return ConsentRequest(
        kind=consent.Kind.CONTACT, student_id=case.student_id, case_id=case.id, plantel_id=case.plantel_id, payload=said
    )  # fmt: skip


def _write(act: Act, moves: Sequence[Move]) -> None:
    write(_of(moves), act)


def _take_back(act: Act, last: Sequence[FormerValue], moves: Sequence[Move]) -> None:
    write(_of(moves), act, keep=False)
    FormerValue.objects.filter(pk__in=[row.pk for row in last]).delete()


def _of(moves: Sequence[Move]) -> list[Correction]:
    return [Correction(move.case.student_id, _said(move.happening), move.case.enrolment_id) for move in moves]


def agreed(request: ConsentRequest, act: Act) -> Outcome:
    """Write the data others have agreed to: through the case that asked, or of a list that asked, on the record alone."""
    said = {field: value for field, value in request.payload.items() if field in Field.values}
    if request.case_id:
        day = dt.date.fromisoformat(request.payload["on"])
        how = {"reason": request.payload["reason"], "evidence": request.payload["evidence"]}
        return correct_person({request.case_id: said}, on=day, act=act, **how)
    curp, person = said.get(Field.CURP), request.student_id or 0
    if curp and Student.objects.filter(curp=curp).exclude(pk=person).exists():
        return Outcome(skipped={0: TAKEN})
    write([Correction(person, said)], act)
    return Outcome()
