"""What can be done to many cases from the work list: steps of the case, whose they are, a mail to each; how each is undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from django.utils import timezone

from afiliacion.cases.models import Event
from afiliacion.cases.states import OPEN_STATES, State, Verb
from afiliacion.dashboard.case import assignment, commands
from afiliacion.dashboard.case.actions import BY_SLUG, Action, Channel
from afiliacion.dashboard.case.execute import NOT_YOURS, ExecutionResult, carry_out
from afiliacion.dashboard.case.forms import ActionForm, Assign, NoFields, WithReason
from afiliacion.dashboard.shared.access import Scope
from afiliacion.imss.rate import circuit_breaker
from afiliacion.reminders.decide import by_hand

_TAKEN_BACK: Final = "Se deshizo una acción en bloque."
#: Case id -> the version of it on the person's screen, what the form says, whose order, when.
Do = Callable[[Mapping[int, int], Mapping[str, Any], Scope, dt.datetime], ExecutionResult]
#: What the result remembers of each case done (Result.memo), whose order, when.
Undo = Callable[[Mapping[int, Any], Scope, dt.datetime], ExecutionResult]


@dataclass(frozen=True, slots=True)
class Many:
    """One thing that can be done to many. `sources`: the states in which it can make sense, `held`: only where the clock is held, or is
    not; `undo` None: it cannot be taken back; `previewed`: who can and who cannot is shown before it is done."""

    slug: str
    label: str
    icon: str
    form: type[ActionForm]
    sources: frozenset[State]
    do: Do
    undo: Undo | None = None
    channel: Channel = Channel.BOTH
    held: bool | None = None
    previewed: bool = False

    def fits(self, state: str, *, held: bool) -> bool:
        """Whether it can make sense for a case in this state whose clock is held or not."""
        return State(state) in self.sources and self.held in (None, held)


def _step(slug: str, back: str = "", *, label: str = "", held: bool | None = None, previewed: bool = False) -> Many:
    """A step of the case; `back` names the step that takes it back. `label`: shorter than the step's own, for a line of many buttons."""
    return _many(BY_SLUG[slug], BY_SLUG[back] if back else None, label=label, held=held, previewed=previewed)


def _many(action: Action, back: Action | None, *, label: str = "", held: bool | None = None, previewed: bool = False) -> Many:
    do, undo = partial(carry_out, action), partial(_step_back, back) if back else None
    return Many(action.slug, label or action.label, action.icon, action.form, action.sources, do, undo, action.channel, held, previewed)


def _step_back(action: Action, memo: Mapping[int, Any], scope: Scope, now: dt.datetime) -> ExecutionResult:
    return carry_out(action, memo, {"on": scope.day(now), "reason": _TAKEN_BACK}, scope, now)


def _leave_again(memo: Mapping[int, Any], scope: Scope, now: dt.datetime) -> ExecutionResult:
    """Take a return back: each case is closed again by the kind of baja that it came back from."""
    result = ExecutionResult()
    left = Event.objects.filter(case__in=memo, verb=Verb.LEAVE).order_by("case_id", "-seq").distinct("case_id")
    kinds = {event.case_id: event.details["kind"] for event in left}
    for kind in sorted(set(kinds.values())):
        seen = {case_id: version for case_id, version in memo.items() if kinds.get(case_id) == kind}
        said = {"kind": kind, "on": scope.day(now), "reason": _TAKEN_BACK}
        result += carry_out(BY_SLUG["baja"], seen, said, scope, now)
    return result


def _assign(seen: Mapping[int, int], said: Mapping[str, Any], scope: Scope, now: dt.datetime) -> ExecutionResult:
    return assignment.give(seen, assignment.whom(said["quien"], scope), scope, now)


def _remind(seen: Mapping[int, int], said: Mapping[str, Any], scope: Scope, now: dt.datetime) -> ExecutionResult:
    """Write to the students of these cases; `memo`: the mail of each."""
    cases = list(scope.cases().filter(pk__in=seen).select_related("student").order_by("pk"))
    told = by_hand.remind(cases, by=scope.user.pk, night=timezone.localdate(now), now=now, outage=circuit_breaker.current() is not None)
    lost = dict.fromkeys(seen.keys() - {case.pk for case in cases}, NOT_YOURS)
    return ExecutionResult(list(told.queued), [], lost | told.skipped, dict(told.queued))


def _withdraw(memo: Mapping[int, Any], scope: Scope, now: dt.datetime) -> ExecutionResult:
    mine = set(scope.cases().filter(pk__in=memo).values_list("pk", flat=True))
    back = by_hand.withdraw({case_id: pk for case_id, pk in memo.items() if case_id in mine})
    return ExecutionResult(back, [], dict.fromkeys(memo.keys() - set(back), "Ese correo ya salió."))


#: Of many only: a plantel's change of registro patronal is not about one student.
_MOVE: Final = Action("nuevo-registro", Verb.LOSE_ALTA, "Pasar al nuevo registro patronal", NoFields, commands.move, "refresh")
_MOVE_BACK: Final = Action("deshacer-registro", Verb.RETRACT_MOVE, "Deshacer el cambio", WithReason, commands.move_back, "refresh")

#: In the order the list offers them.
MANY: Final = (
    _step("acuse", "deshacer-acuse"),
    _step("enviar-alta"),
    _step("alta-idse", previewed=True),
    Many("recordar", "Recordar por correo", "mail", NoFields, OPEN_STATES, _remind, _withdraw),
    Many("asignar", "Asignar", "user", Assign, frozenset(State), _assign, assignment.give_back),
    _step("subdelegacion", label="A subdelegación"),
    _many(_MOVE, _MOVE_BACK, previewed=True),
    _step("baja", "deshacer-baja", label="Registrar baja", previewed=True),
    # Of an open case, a baja of another number is sent from its own page.
    *(
        replace(_step(slug, previewed=True), sources=frozenset(State) - OPEN_STATES)
        for slug in ("enviar-baja", "baja-idse", "baja-operada")
    ),
    replace(_step("reingreso"), undo=_leave_again),
    _step("pausa", "reanudar", held=False),
    _step("reanudar", "pausa", held=True),
)
MANY_BY_SLUG: Final = {many.slug: many for many in MANY}
