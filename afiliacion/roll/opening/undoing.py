"""Take opening covers back, person by person, where nothing was built upon them. A history is never unwritten: one more event says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from django.db import transaction

from afiliacion.cases import consent, verbs
from afiliacion.cases.engine import Locked
from afiliacion.cases.facts import Details, Happening, restored
from afiliacion.cases.history.chain import events_of, fold
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Verb
from afiliacion.database.retry import retry_on_conflict
from afiliacion.roll.models import Opening, OpeningRow, OpeningState

_BUILT_UPON: Final = "Ya se hizo algo más en el expediente: no se deshizo."
_REASON: Final = "Se deshizo la declaración «{}»."
#: What the night notes by itself goes with the declaration.
_BY_ITSELF: Final = frozenset({Verb.RESCHEDULE, Verb.ALERT})


class ByOthers(Exception):
    """Who confirmed the list answers for planteles that the one who would undo it does not; str() tells it in Spanish."""

    def __init__(self) -> None:
        super().__init__("La declaró quien responde por más planteles que usted: pida a la coordinación que la deshaga.")


def undo(job: Opening, *, act: Act) -> bool:
    """Take back what stands of a declared list and nothing was built upon; whether anything was. Raises ByOthers."""
    if act.planteles is not None and (job.own is None or not act.planteles.issuperset(job.own)):
        raise ByOthers
    return retry_on_conflict(partial(_undo, job, act))


def _undo(job: Opening, act: Act) -> bool:
    with transaction.atomic():
        job = Opening.objects.select_for_update().get(pk=job.pk)
        if job.state != OpeningState.DONE or job.forgotten_at:
            return False
        rows = {row.case_id: row for row in job.rows.filter(declared=True)}
        done = set(_take_back(job, rows, act))
        for case_id, row in rows.items():
            row.declared, row.reason = case_id not in done, "" if case_id in done else _BUILT_UPON
        OpeningRow.objects.bulk_update(rows.values(), ["declared", "reason"], batch_size=1000)
        if len(done) == len(rows):
            job.state, job.undone_at, job.undone_name = OpeningState.UNDONE, act.now, act.actor.name[:160]
            job.save(update_fields=["state", "undone_at", "undone_name"])
    return bool(done)


def _take_back(job: Opening, rows: Mapping[int | None, OpeningRow], act: Act) -> list[int]:
    """The cases (ids) of the list that were taken back, with those of the same persons that the list touched too."""
    cases = list(Case.objects.filter(student__cases__pk__among=[pk for pk in rows if pk]).distinct())
    of_person: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        of_person[case.student_id].append(case)
    histories = events_of([case.pk for case in cases])
    shared = consent.foreign(of_person, act.planteles)
    brought = {row.case_id for row in rows.values() if row.brings_nss}
    before: dict[int, Happening] = {}
    for student_id, own in of_person.items():
        if student_id not in shared:
            before |= _before(own, histories, job, act, forgets=any(case.pk in brought for case in own))
    read = {pk: history[-1].seq for pk, history in histories.items()}
    return [pk for pk in verbs.retract_cover(before, act=act, check=partial(_as_read, read)).done if pk in rows]


def _before(own: Sequence[Case], histories: Mapping[int, list[Event]], job: Opening, act: Act, *, forgets: bool) -> dict[int, Happening]:
    """What takes each touched case of a person back; nothing if one was built upon, or if another case has the number that would go."""
    found: dict[int, Happening] = {}
    for case in own:
        ours = [n for n, event in enumerate(histories[case.pk]) if event.at == job.confirmed_at and event.actor_name == job.confirmed_name]
        since = histories[case.pk][ours[-1] + 1 :] if ours else []
        if any(event.verb not in _BY_ITSELF for event in since) or (not ours and forgets and case.nss_on):
            return {}
        if ours:
            data: Details = {**restored(fold(histories[case.pk][: ours[0]])), "nss": None if forgets else ""}
            found[case.pk] = Happening(case.plantel.day(act.now), data, reason=_REASON.format(job.filename))
    return found


def _as_read(read: Mapping[int, int], cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    return {case.id: _BUILT_UPON for case in cases if case.version != read[case.id]}
