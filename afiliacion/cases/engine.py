"""How every verb works: lock the set, ask the table and the guards, write events and cases in one transaction.

Used by verbs.py and enrol.py only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.utils import timezone

from afiliacion.cases import history
from afiliacion.cases.bulk import insert_rows, update_rows
from afiliacion.cases.facts import FACT_NAMES, Facts, Happening, after, refusal
from afiliacion.cases.models import FACT_COLUMNS, Case, Event, facts_of
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.cases.races import settled
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import Verb
from afiliacion.cases.turn import whose

#: Cases locked and written in one transaction: large enough to be set-based, small enough to let others in.
CHUNK: Final = 2000

_IDENTITY: Final = ("id", "student_id", "plantel_id", "enrolment_id", "version", "head_hash")


@dataclass(slots=True)
class Locked:
    """A case as it stands under our lock, with what its student's record says now."""

    id: int
    student_id: int
    plantel_id: int
    enrolment_id: int
    version: int
    head_hash: str
    nss: str | None
    birth_date: dt.date
    facts: Facts


@dataclass(slots=True)
class Move:
    """A decided step of one case: its facts after it, its turn and due date, and the event that tells it."""

    case: Locked
    happening: Happening
    facts: Facts
    due_on: dt.date | None
    event: Event


#: Looks at locked cases and says which cannot go on, and why (by case id): rules that need the database.
Check = Callable[[Sequence[Locked], Mapping[int, Happening]], Mapping[int, str]]
#: Writes what a step changes outside the case (the student's NSS, the enrolment), in the same transaction.
Effect = Callable[[Sequence[Move]], None]


def perform(
    verb: Verb,
    happenings: Mapping[int, Happening],
    *,
    actor: Actor,
    now: dt.datetime,
    check: Check | None = None,
    effect: Effect | None = None,
) -> Outcome:
    """Let `verb` happen to each case (id -> happening), in chunks; one set or one case, the same code.

    Returns which cases moved and why the others did not. A chunk is all or nothing; an error leaves earlier chunks done.
    """
    outcome, schedule, ids = Outcome(), Schedule(), sorted(happenings)
    for start in range(0, len(ids), CHUNK):
        chunk = {case_id: happenings[case_id] for case_id in ids[start : start + CHUNK]}
        outcome += settled(partial(_perform_chunk, verb, chunk, schedule, actor, now, check, effect))
    return outcome


def record(moves: Sequence[Move]) -> None:
    """Write the events of decided steps; the trigger on cases looks for them, so they come first."""
    insert_rows([move.event for move in moves])


def decide(case: Locked, verb: Verb, happening: Happening, schedule: Schedule, actor: Actor, now: dt.datetime) -> Move:
    """The step `verb` makes of a case: pure but for the rule book and calendars that `schedule` has read."""
    source = "" if verb is Verb.OPEN else case.facts.state.value
    facts = schedule.with_rule(after(case.facts, verb, happening), case.plantel_id)
    due_on = schedule.due_on(facts, case.plantel_id)
    happening = Happening(happening.on, {**happening.data, "rule": facts.rule}, happening.evidence, happening.reason)
    event = Event(
        case_id=case.id, seq=case.version + 1, verb=verb.value, from_state=source, to_state=facts.state.value,
        on=happening.on, at=now, actor_kind=actor.kind.value, actor_id=actor.user_id, actor_name=actor.name, reason=happening.reason,
        data={**happening.data, "due_on": due_on.isoformat() if due_on else None},
        evidence=happening.evidence, prev_hash=case.head_hash,
    )  # fmt: skip
    event.hash = history.seal(event)
    return Move(case, happening, facts, due_on, event)


def columns(move: Move) -> list[Any]:
    """The values of COLUMNS after a step."""
    return [turn_of(move), move.due_on, *move.facts]


def turn_of(move: Move) -> str:
    """Whose turn it is after a step."""
    return whose(move.facts).turn.value


def _perform_chunk(
    verb: Verb,
    happenings: Mapping[int, Happening],
    schedule: Schedule,
    actor: Actor,
    now: dt.datetime,
    check: Check | None,
    effect: Effect | None,
) -> Outcome:
    locked = _lock(happenings)
    skipped = dict.fromkeys(happenings.keys() - {case.id for case in locked}, "Ese expediente no existe.")
    skipped |= _refusals(verb, locked, happenings, timezone.localdate(now))
    allowed = [case for case in locked if case.id not in skipped]
    if check:
        skipped |= check(allowed, happenings)
        allowed = [case for case in allowed if case.id not in skipped]
    moves = [decide(case, verb, happenings[case.id], schedule, actor, now) for case in allowed]
    if moves:
        record(moves)
        _update(moves)
        if effect:
            effect(moves)
    return Outcome([move.case.id for move in moves], skipped)


def _lock(ids: Iterable[int]) -> list[Locked]:
    rows = (
        Case.objects.filter(pk__among=ids)
        .select_for_update(of=("self",))
        .order_by("pk")
        .values_list(*_IDENTITY, "student__nss", "student__birth_date", *FACT_COLUMNS.values())
    )
    return [_as_locked(row) for row in rows]


def _as_locked(row: Sequence[Any]) -> Locked:
    width = len(_IDENTITY) + 2
    values = (*row[:width], facts_of(dict(zip(FACT_NAMES, row[width:], strict=True))))
    return Locked(*values)


def _refusals(verb: Verb, cases: Sequence[Locked], happenings: Mapping[int, Happening], today: dt.date) -> dict[int, str]:
    refused: dict[int, str] = {}
    for case in cases:
        happening = happenings[case.id]
        # A list may bring an enrolment that begins next week; everything else has happened or has not.
        future = "La fecha del hecho está en el futuro." if happening.on > today and verb is not Verb.CONTINUE else ""
        if reason := future or refusal(case.facts, verb, happening):
            refused[case.id] = reason
    return {case_id: f"{reason} {told}".strip() for case_id, reason, told in _with_last_event(refused)}


def _with_last_event(refused: Mapping[int, str]) -> Iterable[tuple[int, str, str]]:
    """Tell whoever comes second what happened meanwhile: the last thing in each refused case's history."""
    last = {event.case_id: event for event in Event.objects.filter(case__in=refused).order_by("case_id", "-seq").distinct("case_id")}
    for case_id, reason in refused.items():
        event = last[case_id]
        when = timezone.localtime(event.at)
        yield case_id, reason, f"Lo último: {event.get_verb_display()}, por {event.actor_name}, el {when:%d/%m/%Y a las %H:%M}."


def _enrolment(move: Move) -> int:
    """A re-enrolment carries the case over to its own enrolment."""
    return int(move.happening.data.get("enrolment", move.case.enrolment_id))


def _update(moves: Sequence[Move]) -> None:
    touched = [name for name in FACT_NAMES if any(getattr(m.facts, name) != getattr(m.case.facts, name) for m in moves)]
    names = ("enrolment_id", "version", "head_hash", "turn", "due_on", *(FACT_COLUMNS[name] for name in touched))
    rows = [
        [m.case.id, _enrolment(m), m.event.seq, m.event.hash, turn_of(m), m.due_on, *(getattr(m.facts, name) for name in touched)]
        for m in moves
    ]
    changed = update_rows(Case, names, rows, guard="t.version = v.version - 1")
    if changed != len(moves):
        raise RuntimeError(f"compare-and-set moved {changed} of {len(moves)} locked cases")
