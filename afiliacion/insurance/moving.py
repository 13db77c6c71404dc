"""Move cases to the registro patronal that their plantel has now: the alta they count on is under a former one.

An alta is wanted under the new one, and the baja of the cover under the former one is owed. Undone until something was sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from afiliacion.cases.engine import Locked, perform
from afiliacion.cases.facts import Happening, restored
from afiliacion.cases.history.chain import events_of, fold
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import NOTED_BY_OFFICE, TRANSITIONS, State, Verb, rests
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.models import Cover
from students.registro_patronal import with_dashes
from students.registros import Registros

_NONE: Final = "El plantel no tiene registro patronal vigente: captúrelo en Ajustes."
_UNDER_IT: Final = "Su alta ya está bajo el registro patronal vigente del plantel."
_RESTS: Final = "Tiene otra cobertura, que prevalece mientras dure: no hace falta otra alta."
_OWING: Final = "Todavía se debe la baja de otro NSS o registro patronal: espere a que el IMSS la opere."
_UNKNOWN: Final = "No se sabe bajo qué registro patronal está su alta: pregunte su vigencia al IMSS antes de pasarlo."
_WHY: Final = "Pasa al registro patronal {}, el vigente del plantel."
_BUILT_UPON: Final = "No hay un cambio de registro que deshacer, o después de él ya se hizo algo más en el expediente."


def move(cases: Iterable[int], *, on: dt.date, act: Act) -> Outcome:
    """Move these cases (ids), as far as their alta is under a former registro of their plantel."""
    found = list(Case.objects.filter(pk__among=list(cases)).select_related("student"))
    registros = Registros.of({case.plantel_id for case in found})
    former = _registros_of_covers(found)
    refused: dict[int, str] = {}
    happenings: dict[int, Happening] = {}
    for case in found:
        new = registros.on(case.plantel_id, on)
        if reason := _why_not(case, case.registro or former.get(case.pk, ""), new):
            refused[case.pk] = reason
        else:
            happenings[case.pk] = Happening(on, {"registro": new}, reason=_WHY.format(with_dashes(new)))
    outcome = perform(Verb.LOSE_ALTA, happenings, act=act)
    outcome.skipped |= refused
    return outcome


def move_back(cases: Iterable[int], *, on: dt.date, act: Act, reason: str) -> Outcome:
    """Take the last move of these cases (ids) back, where nothing was built upon it or sent."""
    wanted = set(cases)
    histories = events_of(wanted)
    kept = {pk: before for pk, history in histories.items() if (before := _without_move(history))}
    back = {pk: Happening(on, restored(fold(events)), reason=reason) for pk, events in kept.items()}
    read = {pk: history[-1].seq for pk, history in histories.items()}

    def as_read(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
        return {case.id: _BUILT_UPON for case in cases if case.version != read[case.id]}

    outcome = perform(Verb.RETRACT_MOVE, back, act=act, check=as_read)
    outcome.skipped |= dict.fromkeys(wanted - back.keys(), _BUILT_UPON)
    return outcome


def _registros_of_covers(cases: Sequence[Case]) -> dict[int, str]:
    """Of cases that do not know it, the registro of the only live cover of ours under their person's number."""
    blank = {(case.student_id, case.student.nss): case.pk for case in cases if not case.registro}
    live = Cover.objects.filter(student__pk__among={student_id for student_id, _ in blank}, whose=CoverOwner.OURS, ended_on=None)
    return {pk: cover.registro for cover in live if (pk := blank.get((cover.student_id, cover.nss)))}


def _why_not(case: Case, registro: str, new: str) -> str:
    if State(case.state) not in TRANSITIONS[Verb.LOSE_ALTA]:
        return ""  # the engine says so
    if not new:
        return _NONE
    if rests(case.state, case.coverage):
        return _RESTS
    if not registro:
        return _UNKNOWN
    if registro == new:
        return _UNDER_IT
    return _OWING if case.former_owed_on else ""


def _without_move(history: Sequence[Event]) -> Sequence[Event]:
    """The events before the last move, if only the office itself noted something since; else none."""
    at = max((n for n, event in enumerate(history) if event.verb == Verb.LOSE_ALTA and event.data.get("registro")), default=0)
    return [] if any(event.verb not in NOTED_BY_OFFICE for event in history[at + 1 :]) else history[:at]
