"""Take back a baja that was noted by mistake: the case stands again as it stood before it.

A history is never unwritten: one more event says that the baja does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from afiliacion.cases.engine import Locked, Move, perform
from afiliacion.cases.facts import Happening, restored
from afiliacion.cases.history.chain import events_of, fold
from afiliacion.cases.models import Event
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import NOTED_BY_OFFICE, OPEN_STATES, Verb
from afiliacion.cases.verbs.checks import no_other_open
from students.models import Enrolment

_BUILT_UPON: Final = "No hay una baja que deshacer, o después de ella ya se hizo algo más en el expediente."
#: What is known since about who covers the student stays.
_KEPT: Final = frozenset({Verb.NOTE_COVERAGE})


def undo_leave(cases: Iterable[int], *, on: dt.date, act: Act, reason: str) -> Outcome:
    """Take back the last baja of these cases (ids), where nothing was built upon it and it was not sent to IMSS."""
    wanted = set(cases)
    histories = events_of(wanted)
    kept = {case_id: events for case_id, history in histories.items() if (events := _without_baja(history))}
    back = {case_id: Happening(on, restored(fold(events)), reason=reason) for case_id, events in kept.items()}
    read = {case_id: history[-1].seq for case_id, history in histories.items()}
    outcome = perform(Verb.UNDO_LEAVE, back, act=act, check=partial(_as_read, read), effect=_entitle)
    outcome.skipped |= dict.fromkeys(wanted - back.keys(), _BUILT_UPON)
    return outcome


def _without_baja(history: Sequence[Event]) -> list[Event]:
    """The events of a case that stand when its baja does not; none if the baja cannot be taken out."""
    at = max((n for n, event in enumerate(history) if event.verb == Verb.LEAVE), default=0)
    since = history[at + 1 :]
    if not at or any(event.verb not in NOTED_BY_OFFICE | _KEPT for event in since):
        return []
    return [*history[:at], *(event for event in since if event.verb in _KEPT)]


def _as_read(read: Mapping[int, int], cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """Refuse what changed since its history was read (case id -> version), and a second open case."""
    changed = [case.id for case in cases if case.version != read[case.id]]
    return {**no_other_open(cases, happenings), **dict.fromkeys(changed, _BUILT_UPON)}


def _entitle(moves: Sequence[Move]) -> None:
    """A student whose case is open again has the right to cover: the enrolment a list had closed says so."""
    closed = Enrolment.objects.filter(pk__in=[move.case.enrolment_id for move in moves if move.facts.state in OPEN_STATES])
    closed.exclude(status__in=Enrolment.ENTITLED).update(status=Enrolment.Status.ACTIVO)
