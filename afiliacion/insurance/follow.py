"""Follow the steps of cases, in their transaction: write down what they say of covers, and tell the other cases of the same persons."""

from __future__ import annotations

from collections.abc import Sequence

from afiliacion.cases import engine, enrol
from afiliacion.cases.engine import Move
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Verb
from afiliacion.insurance import merged
from afiliacion.insurance.known import Known
from afiliacion.insurance.models import Cover
from afiliacion.insurance.record import record
from afiliacion.insurance.settle import settle, settle_known


def register() -> None:
    """Have the cases' engine call us. Called once, when the app is ready."""
    engine.FOLLOWERS.append(after_steps)
    enrol.FOLLOWERS.append(after_births)


def after_steps(verb: Verb, moves: Sequence[Move], act: Act) -> None:
    """The steps of one verb were made; their persons are locked."""
    first = {move.case.id for move in moves}
    if verb in (Verb.MERGE, Verb.RETRACT_MERGE):
        settle_known(Known(merged.follow(verb, moves, act)), act, first=first)
        return
    known = Known({move.case.student_id for move in moves}, moves)
    record(verb, moves, known, act)
    settle_known(known, act, first=first)


def after_births(cases: Sequence[int], act: Act) -> None:
    """These cases (ids) were opened; their persons are locked. Most have never been insured."""
    insured = Case.objects.filter(pk__among=cases, student__in=Cover.objects.values("student"))
    settle(set(insured.values_list("student_id", flat=True)), act)
