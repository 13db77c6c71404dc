"""Take two records apart again that had been merged by mistake: each as it was, as long as nothing was built upon the merge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from afiliacion.cases import consent
from afiliacion.cases.engine import perform
from afiliacion.cases.facts import Details, Happening, restored
from afiliacion.cases.history.chain import events_of, fold
from afiliacion.cases.identity.merging import MergeRefused, give_former_values
from afiliacion.cases.identity.writing import Correction, Field, write
from afiliacion.cases.models import Case, ConsentRequest, Event, Merge, RecordChange, WithoutCurp
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import NOTED_BY_OFFICE, Verb
from students.models import Enrolment, FormerValue, Student

_NONE: Final = "No hay una unión de registros que deshacer."
_BUILT_UPON: Final = "Después de unir los registros ya se hizo algo más con alguno de sus expedientes o datos: la unión ya no se deshace."
_JOINED: Final = "Al unirlos, dos seguros que eran el mismo quedaron en uno: la unión ya no se deshace."
_NOT_ALL_YOURS: Final = "Alguno de sus expedientes es de otro plantel: pida a la coordinación que deshaga la unión."

#: What a merge changes of a person's data: written by another since, it would be lost.
_OF_MERGES: Final = (RecordChange.What.CONTACT, RecordChange.What.TUTOR, RecordChange.What.IDENTITY)


def last_merge(student_id: int) -> Merge | None:
    """The last merge of a person's record that was not taken back."""
    return Merge.objects.filter(kept=student_id, undone_at=None).order_by("-pk").first()


def retract_merge(case_id: int, *, on: dt.date, act: Act, reason: str) -> Outcome:
    """Take back the last merge of the person whose case this is; all cases go back to where they stood."""
    try:
        with transaction.atomic():
            return _retract(case_id, on, act, reason)
    except MergeRefused as why:
        return Outcome(skipped={case_id: str(why)})


def _retract(case_id: int, on: dt.date, act: Act, reason: str) -> Outcome:
    merge = _locked(Case.objects.values_list("student_id", flat=True).get(pk=case_id))
    cases = list(Case.objects.filter(student=merge.kept_id).order_by("pk").select_for_update())
    histories = events_of(case.pk for case in cases)
    _check(merge, cases, histories, act)
    _give_back(merge, act)
    happenings = {case.pk: _happening(case, merge, histories[case.pk], on, reason) for case in cases}
    closed = {pk for pk, history in histories.items() if "goes_on" in _merged_in(history, merge).data}
    # Those that leave make room at their plantel for those that are opened again.
    outcome = perform(Verb.RETRACT_MERGE, {pk: h for pk, h in happenings.items() if pk not in closed}, act=act, followed=not closed)
    outcome += perform(Verb.RETRACT_MERGE, {pk: h for pk, h in happenings.items() if pk in closed}, act=act)
    if outcome.skipped:
        raise MergeRefused(next(iter(outcome.skipped.values())))
    Merge.objects.filter(pk=merge.pk).update(undone_at=act.now)
    return outcome


def _locked(student_id: int) -> Merge:
    """The last merge of a person, whose records are locked. Raises MergeRefused if there is none, or another request was first."""
    merge = last_merge(student_id)
    if merge:
        list(Student.objects.filter(pk__in=[merge.kept_id, merge.merged_id]).order_by("pk").select_for_update())
    if merge is None or last_merge(student_id) != merge:
        raise MergeRefused(_NONE)
    return merge


def _merged_in(history: Sequence[Event], merge: Merge) -> Event:
    """The event by which the case was merged. Raises MergeRefused if the case came later."""
    found = next((event for event in history if event.verb == Verb.MERGE and event.data.get("merge") == merge.pk), None)
    if found is None:
        raise MergeRefused(_BUILT_UPON)
    return found


def _check(merge: Merge, cases: Sequence[Case], histories: Mapping[int, Sequence[Event]], act: Act) -> None:
    if consent.foreign({merge.kept_id}, act.planteles) or (act.planteles is not None and {c.plantel_id for c in cases} - act.planteles):
        raise MergeRefused(_NOT_ALL_YOURS)
    if merge.joined_covers:
        raise MergeRefused(_JOINED)
    moments = _moments(merge)
    for history in histories.values():
        at = _merged_in(history, merge).seq
        if any(event.seq > at and event.at not in moments and event.verb not in NOTED_BY_OFFICE for event in history):
            raise MergeRefused(_BUILT_UPON)
    changed = RecordChange.objects.filter(student=merge.kept_id, what__in=_OF_MERGES, at__gt=merge.at).exclude(at__in=moments).exists()
    changed = changed or FormerValue.objects.filter(student=merge.kept_id, at__gt=merge.at).exists()
    gone = len(_rows(merge)) != len({*merge.moved["own"], *merge.moved["theirs"], *(each["former"] for each in merge.moved["matriculas"])})
    new = Enrolment.objects.filter(student=merge.kept_id).count() != merge.moved["standing"]
    if len(cases) != len(merge.moved["cases"]) or changed or gone or new:
        raise MergeRefused(_BUILT_UPON)


def _moments(merge: Merge) -> set[dt.datetime]:
    """When the two records were merged, and when later merges of the person were made and taken back again: nothing is left of those.

    What a case was told in the same moment (of the other record's cover) is part of it.
    """
    undone = Merge.objects.filter(Q(kept=merge.kept_id) | Q(merged=merge.kept_id), pk__gt=merge.pk, undone_at__isnull=False)
    return {merge.at, *(moment for pair in undone.values_list("at", "undone_at") for moment in pair if moment)}


def _rows(merge: Merge) -> dict[int, FormerValue]:
    """What was on record of the two and did not stand, by id."""
    moved = merge.moved
    return FormerValue.objects.in_bulk([*moved["own"], *moved["theirs"], *(each["former"] for each in moved["matriculas"])])


def _give_back(merge: Merge, act: Act) -> None:
    """Write both records as they were: the data, the NSS, the enrolments, the former values and requests of each."""
    moved, rows = merge.moved, _rows(merge)
    curp, number = Student.objects.values_list("curp", "nss").get(pk=merge.kept_id)
    former_curp = next((rows[pk].value for pk in moved["theirs"] if rows[pk].field == Field.CURP), curp)
    write([Correction(merge.kept_id, {rows[pk].field: rows[pk].value for pk in moved["own"]})], act, keep=False)
    _enrolments_back(merge, rows, act)
    if moved["number"]:
        Student.objects.filter(pk=merge.kept_id).update(nss=None)
    Student.objects.filter(pk=merge.merged_id).update(curp=former_curp, nss=number if moved["number"] else None, merged_into=None)
    FormerValue.objects.filter(pk__in=rows).delete()
    give_former_values(merge.kept_id, merge.merged_id, moved["former"])
    # What was asked since from a case is about the person whose case it is again.
    theirs = [int(case) for case, (student_id, _) in moved["cases"].items() if student_id == merge.merged_id]
    asked = ConsentRequest.objects.filter(Q(pk__in=moved["requests"]) | Q(case__in=theirs, student=merge.kept_id, at__gte=merge.at))
    asked.update(student=merge.merged_id)


def _enrolments_back(merge: Merge, rows: Mapping[int, FormerValue], act: Act) -> None:
    dropped = {each["id"]: each for each in merge.moved["dropped"]}
    for each in merge.moved["matriculas"]:
        row, standing = rows[each["former"]], Enrolment.objects.get(pk=each["standing"])
        own, other = (row.became, row.value) if each["own"] else (row.value, row.became)
        write([Correction(merge.kept_id, {Field.MATRICULA: own}, standing.pk)], act, keep=False)
        Enrolment.objects.create(student_id=merge.merged_id, matricula=other, **dropped[each["enrolment"]])
        WithoutCurp.objects.filter(pk__in=each["without"]).update(enrolment=each["enrolment"])
    Enrolment.objects.filter(pk__in=merge.moved["enrolments"]).update(student=merge.merged_id)


def _happening(case: Case, merge: Merge, history: Sequence[Event], on: dt.date, reason: str) -> Happening:
    student_id, enrolment_id = merge.moved["cases"][str(case.pk)]
    back: dict[str, Any] = {"merge": merge.pk}
    if student_id != case.student_id:
        back["person"] = student_id
    if enrolment_id != case.enrolment_id:
        back["enrolment"] = enrolment_id
    at = _merged_in(history, merge).seq
    before: Details = restored(fold([event for event in history if event.seq < at]))
    return Happening(on, {**before, **back}, reason=reason)  # type: ignore[typeddict-item]
