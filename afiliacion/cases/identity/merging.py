"""Merge two records that are one person: the older one goes on with the cases, enrolments, NSS and covers of both (docs/adr/0027).

The other keeps its row, which names the one it was merged into. Of two open cases at a plantel the one that has come further goes on; the
other is closed and counts no more. What no longer stands of the data stays to be found (FormerValue). Taken apart again by unmerging.py.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from afiliacion.cases import consent
from afiliacion.cases.engine import ASKED, perform
from afiliacion.cases.facts import Details, Facts, Happening
from afiliacion.cases.identity.known import by_curp
from afiliacion.cases.identity.writing import OF_PERSON, Correction, Field, former_value, on_record, write
from afiliacion.cases.models import Case, ConsentRequest, Merge, WithoutCurp
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import Verb
from students.models import Enrolment, FormerValue, Student

#: Of these the record that goes on takes the other's, if its own is empty.
_FILLED: Final = frozenset({Field.CORREO, Field.TELEFONO})
_SAME: Final = "Ese ya es el registro de este alumno: escriba la CURP o el folio del otro."
_GONE: Final = "Ese registro ya se había unido a otro: vuelva a buscarlo."
_NUMBERS: Final = (
    "Los dos registros tienen NSS, y son distintos. Primero decida cuál es el del alumno; en el expediente con el otro número use «El NSS "
    "no es del alumno»."
)
_BAJA_SENT: Final = "El IMSS no ha respondido una baja que se le envió por el expediente {}: espere su respuesta para unirlos."
_BOTH_SHARED: Final = "Los dos registros son también de otros planteles: pida a la coordinación que los una."


class MergeRefused(ValueError):
    """The two records stay as they are; str() says why in Spanish."""


@dataclass(frozen=True, slots=True)
class MergeOrder:
    """The records of the persons of two cases are one person. `right_is_other`: the data of the other one's record are the right ones.

    `typed`: how the other record was named (a CURP or a folio), for those whose consent is asked.
    """

    case: int
    other: int
    right_is_other: bool
    on: dt.date
    reason: str
    evidence: str
    typed: str = ""


def find_other(typed: str, case: Case, planteles: frozenset[int] | None) -> Student | None:
    """The other record that a CURP or the folio of a case («E-0000123») names, among those visible to `planteles` (ids; None: all)."""
    people = consent.visible(planteles).exclude(pk=case.student_id)
    text = "".join(typed.split()).upper()
    number = text.removeprefix("E-")
    if text.startswith("E-") and number.isascii() and number.isdigit() and len(number) <= 18:
        return people.filter(cases=int(number)).first()
    return by_curp(text, people)


def merge(order: MergeOrder, *, act: Act) -> Outcome:
    """Merge the records. Where one belongs to planteles that the actor does not answer for, their consent is asked for instead."""
    try:
        with transaction.atomic():
            return _merge(order, act)
    except MergeRefused as why:
        return Outcome(skipped={order.case: str(why)})


def _merge(order: MergeOrder, act: Act) -> Outcome:
    mine = Case.objects.values_list("student_id", flat=True).get(pk=order.case)
    kept, merged = _locked(mine, order.other)
    if _asks(order, kept, merged, act):
        return Outcome(skipped={order.case: ASKED}, requested={order.case})
    cases = _cases(kept, merged)
    closing = _closing(cases)
    _check(kept, merged, cases)
    right = merged if (mine == kept.pk) is order.right_is_other else kept
    row = Merge.objects.create(kept=kept, merged=merged, at=act.now, actor_id=act.actor.user_id, actor_name=act.actor.name)
    enrolments = _Enrolments.of(kept, merged)
    number = kept.nss or merged.nss or ""
    happenings = {case.pk: _happening(case, order, row, enrolments, closing, cases, number) for case in cases}
    row.moved = _join(kept, merged, right, enrolments, act) | {"cases": {case.pk: [case.student_id, case.enrolment_id] for case in cases}}
    row.save(update_fields=["moved"])
    outcome = perform(Verb.MERGE, {pk: happenings[pk] for pk in closing}, act=act, followed=False)
    outcome += perform(Verb.MERGE, {pk: each for pk, each in happenings.items() if pk not in closing}, act=act)
    if outcome.skipped:
        raise MergeRefused(next(iter(outcome.skipped.values())))
    # With what the followers noted.
    row.refresh_from_db(fields=["moved"])
    row.moved |= {"matriculas": _drop(enrolments, kept, right, act), "standing": Enrolment.objects.filter(student=kept).count()}
    row.save(update_fields=["moved"])
    return outcome


def _locked(one: int, other: int) -> tuple[Student, Student]:
    """Both records, the older first. Raises MergeRefused."""
    found = list(Student.objects.filter(pk__in=[one, other]).order_by("pk").select_for_update())
    if one == other:
        raise MergeRefused(_SAME)
    if len(found) < 2 or any(student.merged_into_id for student in found):
        raise MergeRefused(_GONE)
    return found[0], found[1]


def _cases(kept: Student, merged: Student) -> list[Case]:
    theirs = Case.objects.filter(student__in=[kept, merged]).select_related("enrolment__ciclo")
    return list(theirs.order_by("pk").select_for_update(of=("self",)))


def _asks(order: MergeOrder, kept: Student, merged: Student, act: Act) -> bool:
    """Whether others must agree first; then they are asked. Raises MergeRefused."""
    shared = consent.foreign({kept.pk, merged.pk}, act.planteles)
    if not shared:
        return False
    if len(shared) > 1:
        raise MergeRefused(_BOTH_SHARED)
    case = Case.objects.get(pk=order.case)
    said = {
        "otro": order.typed, "datos": "otro" if order.right_is_other else "este", "on": order.on.isoformat(), "reason": order.reason,
        "evidence": order.evidence, "records": [kept.pk, merged.pk],
    }  # fmt: skip
    request = ConsentRequest(
        kind=consent.Kind.MERGE, student_id=shared.pop(), case_id=case.pk, plantel_id=case.plantel_id, payload=said
    )  # fmt: skip
    consent.ask([request], act)
    return True


def agreed(request: ConsentRequest, act: Act) -> Outcome:
    """Merge the two records that others have agreed to: no third one that one of them was merged into, nor one of yet another plantel."""
    said, case = request.payload, Case.objects.get(pk=request.case_id or 0)
    other = find_other(said["otro"], case, None)
    if other is None or {case.student_id, other.pk} != {*said["records"]}:
        return Outcome(skipped={case.pk: _GONE})
    if consent.foreign({case.student_id, other.pk} - {request.student_id}, frozenset(request.own)):
        return Outcome(skipped={case.pk: _BOTH_SHARED})
    day = dt.date.fromisoformat(said["on"])
    order = MergeOrder(case.pk, other.pk, said["datos"] == "otro", day, said["reason"], said["evidence"], said["otro"])
    return merge(order, act=act)


def _closing(cases: Sequence[Case]) -> dict[int, int]:
    """Of two open cases at a plantel the one (id) that is closed -> the one that goes on: which has come further, else the older."""
    at: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        if case.facts.is_open:
            at[case.plantel_id].append(case)
    found: dict[int, int] = {}
    for same in at.values():
        goes_on = max(same, key=lambda case: (_how_far(case.facts), -case.pk))
        found |= {case.pk: goes_on.pk for case in same if case is not goes_on}
    return found


def _how_far(facts: Facts) -> tuple[bool, ...]:
    return tuple(day is not None for day in (facts.vigencia_on, facts.alta_on, facts.acuse_on, facts.nss_on))


def _check(kept: Student, merged: Student, cases: Iterable[Case]) -> None:
    if kept.nss and merged.nss:
        raise MergeRefused(_NUMBERS)
    for case in cases:
        if case.former_sent_on or (case.facts.own_baja_owed and case.baja_sent_on):
            raise MergeRefused(_BAJA_SENT.format(case.folio))


def _happening(
    case: Case, order: MergeOrder, row: Merge, enrolments: _Enrolments, closing: Mapping[int, int], cases: Sequence[Case], number: str
) -> Happening:
    data: Details = {"merge": row.pk}
    if case.student_id != row.kept_id:
        data["person"] = row.kept_id
    enrolment = case.enrolment
    if case.pk in closing:
        data["goes_on"] = closing[case.pk]
    elif case.pk in closing.values():
        enrolment = _latest(enrolment, [each.enrolment for each in cases if closing.get(each.pk) == case.pk])
    if case.pk not in closing and number and case.facts.is_open and not case.nss_on:
        data["nss"] = number
    if enrolment.ciclo_id != case.ciclo_id:
        data["enrolled_on"] = enrolment.enrolled_on.isoformat()
    if (standing := enrolments.stands(enrolment.pk)) != case.enrolment_id:
        data["enrolment"] = standing
    return Happening(order.on, data, order.evidence, order.reason)


def _latest(own: Enrolment, others: Iterable[Enrolment]) -> Enrolment:
    """The enrolment a case goes on with: that of the case which is closed, if its ciclo is a later one."""
    return max([own, *others], key=lambda enrolment: (enrolment.ciclo.starts_on, enrolment is own))


@dataclass(frozen=True, slots=True)
class _Enrolments:
    """Those of the merged record: `into`, where the other record has one of the same plantel and ciclo, which stands; and the rest."""

    into: Mapping[int, Enrolment]
    dropped: Sequence[Enrolment]
    moved: Sequence[int]

    @classmethod
    def of(cls, kept: Student, merged: Student) -> _Enrolments:
        there = {(each.plantel_id, each.ciclo_id): each for each in Enrolment.objects.filter(student=kept)}
        theirs = list(Enrolment.objects.filter(student=merged).order_by("pk"))
        into = {each.pk: there[each.plantel_id, each.ciclo_id] for each in theirs if (each.plantel_id, each.ciclo_id) in there}
        return cls(into, [each for each in theirs if each.pk in into], [each.pk for each in theirs if each.pk not in into])

    def stands(self, enrolment_id: int) -> int:
        """The enrolment (id) that stands for this one."""
        return self.into[enrolment_id].pk if enrolment_id in self.into else enrolment_id

    def as_data(self) -> list[dict[str, Any]]:
        """The dropped ones, without the matrícula, which becomes a former value."""
        names = ("id", "plantel_id", "ciclo_id", "grupo", "enrolled_on", "status")
        return [{name: getattr(each, name) for name in names} for each in self.dropped]


def _drop(enrolments: _Enrolments, kept: Student, right: Student, act: Act) -> list[dict[str, Any]]:
    """Delete the enrolments that do not stand, which no case has any more; return for each what says its matrícula (FormerValue)."""
    told = []
    for each in enrolments.dropped:
        standing = enrolments.into[each.pk]
        without = list(WithoutCurp.objects.filter(enrolment=each).values_list("pk", flat=True))
        WithoutCurp.objects.filter(pk__in=without).update(enrolment=standing)
        Enrolment.objects.filter(pk=each.pk).delete()
        known = (each.matricula, standing.matricula) if right.pk == kept.pk else (standing.matricula, each.matricula)
        write([Correction(kept.pk, {Field.MATRICULA: known[1]}, standing.pk)], act, keep=False)
        row = former_value(kept, Field.MATRICULA, *known, act.now, each.plantel_id)
        row.save()
        told.append({"enrolment": each.pk, "standing": standing.pk, "former": row.pk, "own": right.pk == kept.pk, "without": without})
    return told


def _join(kept: Student, merged: Student, right: Student, enrolments: _Enrolments, act: Act) -> dict[str, Any]:
    """Write what the two records know together on the one that goes on; return what the way back needs."""
    before, others = on_record(kept), on_record(merged)
    final = on_record(right)
    final |= {field: final[field] or before[field] or others[field] for field in _FILLED}
    number = merged.nss
    Student.objects.filter(pk=merged.pk).update(curp=None, nss=None, merged_into=kept)
    if number:
        Student.objects.filter(pk=kept.pk).update(nss=number)
    write([Correction(kept.pk, final)], act, keep=False)
    own = _no_longer_right(kept, before, final, kept, act)
    theirs = _no_longer_right(merged, others, final, kept, act)
    former = give_former_values(merged.pk, kept.pk)
    Enrolment.objects.filter(pk__in=enrolments.moved).update(student=kept)
    waiting = ConsentRequest.objects.filter(student=merged, status=ConsentRequest.Status.PENDING)
    requests = list(waiting.values_list("pk", flat=True))
    waiting.update(student=kept)
    return {
        "enrolments": list(enrolments.moved), "dropped": enrolments.as_data(), "requests": requests, "number": bool(number),
        "own": own, "theirs": theirs, "former": former,
    }  # fmt: skip


def _no_longer_right(student: Student, said: Mapping[str, str], final: Mapping[str, str], kept: Student, act: Act) -> list[int]:
    """Keep what one record said and the person's record says otherwise; return the ids of the rows."""
    rows = [former_value(student, field, said[field], final[field], act.now) for field in OF_PERSON if said[field] != final[field]]
    for row in rows:
        row.student_id = kept.pk
    return [row.pk for row in FormerValue.objects.bulk_create(rows)]


def give_former_values(old: int, new: int, only: Collection[int] | None = None) -> list[int]:
    """Give the former values of one record (id) to another, or only these (ids); return their ids. A row never changes: it is written anew.

    Under its own id, by which a merge that was made before still knows it.
    """
    rows = FormerValue.objects.filter(student=old)
    found = list(rows if only is None else rows.filter(pk__in=only))
    FormerValue.objects.filter(pk__in=[row.pk for row in found]).delete()
    for row in found:
        row.student_id = new
    return [row.pk for row in FormerValue.objects.bulk_create(found)]
