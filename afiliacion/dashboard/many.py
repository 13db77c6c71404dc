"""What can be done to many cases from the work list: steps of the case, whose they are, a mail to each; how each is undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.utils import timezone

from afiliacion.cases.states import OPEN_STATES, State
from afiliacion.dashboard import assigning
from afiliacion.dashboard.access import Scope
from afiliacion.dashboard.actions import BY_SLUG, Action, Channel
from afiliacion.dashboard.doing import NOT_YOURS, Result, carry_out
from afiliacion.dashboard.forms import ActionForm, Assign, NoFields
from afiliacion.imss import outage
from afiliacion.reminders import byhand

#: Case id -> the version of it on the person's screen, what the form says, whose order, when.
Do = Callable[[Mapping[int, int], Mapping[str, Any], Scope, dt.datetime], Result]
#: What the result remembers of each case done (Result.memo), whose order, when.
Undo = Callable[[Mapping[int, Any], Scope, dt.datetime], Result]


@dataclass(frozen=True, slots=True)
class Many:
    """One thing that can be done to many. `sources`: the states in which it can make sense, `held`: only where the clock is held, or is
    not; `undo` None: it cannot be taken back."""

    slug: str
    label: str
    icon: str
    form: type[ActionForm]
    sources: frozenset[State]
    do: Do
    undo: Undo | None = None
    channel: Channel = Channel.BOTH
    held: bool | None = None

    def fits(self, state: str, *, held: bool) -> bool:
        """Whether it can make sense for a case in this state whose clock is held or not."""
        return State(state) in self.sources and self.held in (None, held)


def _step(slug: str, back: str = "", held: bool | None = None) -> Many:
    """A step of the case; `back` names the step that takes it back."""
    action = BY_SLUG[slug]
    do, undo = partial(carry_out, action), partial(_step_back, BY_SLUG[back]) if back else None
    return Many(slug, action.label, action.icon, action.form, action.sources, do, undo, action.channel, held)


def _step_back(action: Action, memo: Mapping[int, Any], scope: Scope, now: dt.datetime) -> Result:
    return carry_out(action, memo, {"on": timezone.localdate(now), "reason": "Se deshizo una acción en bloque."}, scope, now)


def _assign(seen: Mapping[int, int], said: Mapping[str, Any], scope: Scope, now: dt.datetime) -> Result:
    return assigning.give(seen, assigning.whom(said["quien"], scope), scope, now)


def _remind(seen: Mapping[int, int], said: Mapping[str, Any], scope: Scope, now: dt.datetime) -> Result:
    """Write to the students of these cases; `memo`: the mail of each."""
    cases = list(scope.cases().filter(pk__in=seen).select_related("student").order_by("pk"))
    told = byhand.remind(cases, night=timezone.localdate(now), now=now, outage=outage.current() is not None)
    lost = dict.fromkeys(seen.keys() - {case.pk for case in cases}, NOT_YOURS)
    return Result(list(told.queued), [], lost | told.skipped, dict(told.queued))


def _withdraw(memo: Mapping[int, Any], scope: Scope, now: dt.datetime) -> Result:
    mine = set(scope.cases().filter(pk__in=memo).values_list("pk", flat=True))
    back = byhand.withdraw({case_id: pk for case_id, pk in memo.items() if case_id in mine})
    return Result(back, [], dict.fromkeys(memo.keys() - set(back), "Ese correo ya salió."))


#: In the order the list offers them.
MANY: Final = (
    _step("acuse", "deshacer-acuse"),
    _step("enviar-alta"),
    Many("recordar", "Recordar por correo", "mail", NoFields, OPEN_STATES, _remind, _withdraw),
    Many("asignar", "Asignar", "user", Assign, frozenset(State), _assign, assigning.give_back),
    _step("subdelegacion"),
    _step("pausa", "reanudar", held=False),
    _step("reanudar", "pausa", held=True),
)
MANY_BY_SLUG: Final = {many.slug: many for many in MANY}
