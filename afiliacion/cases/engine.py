"""Perform a verb on a set of cases: lock them, check the transition table and the guards, write events and cases in one transaction.

Used by verbs/, identity/, enrol.py and upkeep.py, and by the room of covers (insurance/settle.py); `lock_people` by those who lock cases.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.utils import timezone

from afiliacion.cases.facts import FACT_NAMES, STRUCTURED, Facts, Happening
from afiliacion.cases.history import chain
from afiliacion.cases.history.chain import NewEvent
from afiliacion.cases.history.text import last_event
from afiliacion.cases.models import FACT_COLUMNS, Case, Event, EventDetail, facts_of
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import Verb
from afiliacion.cases.steps.effects import after
from afiliacion.cases.steps.refusals import refusal
from afiliacion.cases.turn import whose_turn
from afiliacion.database.batch_queries import Parameter, tuples_of
from afiliacion.database.bulk_writes import changed_places, copy_in, insert_rows, update_rows
from afiliacion.database.retry import LostRace, retry_on_conflict
from students.models import Student

#: Cases locked and written in one transaction: large enough to be set-based, small enough to let others in.
CHUNK: Final = 2000

_DETAIL: Final = ("case_id", "seq", "salt", "payload")
_IDENTITY: Final = ("id", "student_id", "plantel_id", "enrolment_id", "version", "head_hash")


@dataclass(slots=True)
class Locked:
    """A case locked by this transaction, with its student's current NSS and birth date."""

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
    """A decided step of one case: its facts and due date after it, and the event that records it."""

    case: Locked
    happening: Happening
    facts: Facts
    due_on: dt.date | None
    event: NewEvent
    #: Salt and texts (canonical JSON) of the event's EventDetail, if it has any.
    written: tuple[str, str] | None


#: Adds to the happenings of the locked cases what the office knows itself (registros.py).
Complete = Callable[[Sequence[Locked], Mapping[int, Happening]], Mapping[int, Happening]]
#: Finds the locked cases to refuse and why (in Spanish, by case id): rules that need the database.
Check = Callable[[Sequence[Locked], Mapping[int, Happening]], Mapping[int, str]]
#: Writes what a step changes outside the case (the student's NSS, the enrolment), in the same transaction.
Effect = Callable[[Sequence[Move]], None]
#: Looks at the cases that could go on and returns those (ids) about which others must consent first, having asked them (consent.py).
Gate = Callable[[Sequence[Locked], Mapping[int, Happening], Act], set[int]]
#: Is told, in the transaction of a step, what it did: for what a room above keeps about the persons (insurance/follow.py).
Follower = Callable[[Verb, Sequence[Move], Act], None]
FOLLOWERS: Final[list[Follower]] = []
#: After these another case of the person may have to be told something (whether the person is insured, and which case owes the baja).
ABOUT_COVER: Final = frozenset({
    Verb.OBTAIN_NSS, Verb.CORRECT_NSS, Verb.UNIFY_NSS, Verb.DISOWN_NSS, Verb.DELIVER_ACUSE, Verb.SEND_ALTA, Verb.CONFIRM_VIGENCIA,
    Verb.MISS_VIGENCIA, Verb.REJECT_ALTA, Verb.RETURN, Verb.RENOUNCE, Verb.WITHDRAW_RENUNCIA, Verb.LEAVE, Verb.SEND_BAJA,
    Verb.OPERATE_BAJA, Verb.REJECT_BAJA, Verb.DROP_BAJA, Verb.REJOIN, Verb.REOPEN, Verb.UNDO_LEAVE, Verb.UNDO_LOAD, Verb.NOTE_COVERAGE,
    Verb.DECLARE_COVER, Verb.RETRACT_COVER, Verb.LOSE_ALTA, Verb.RETRACT_MOVE, Verb.MERGE,
    Verb.RETRACT_MERGE, Verb.RETRACT_ANSWER,
})  # fmt: skip
#: Steps that write something of the person, who is locked before the case: the order of locks that every transaction keeps.
_ABOUT_PERSON: Final = ABOUT_COVER | {Verb.CORRECT_PERSON, Verb.RETRACT_CORRECTION}
#: A list may bring an enrolment that begins next week; everything else has happened or has not.
_MAY_BEGIN_LATER: Final = (Verb.CONTINUE, Verb.REOPEN)
#: What the officer is told when something waits for others; it does not say which ones.
ASKED: Final = "Falta el visto bueno del otro plantel o de la coordinación: quedó solicitado."


def perform(
    verb: Verb,
    happenings: Mapping[int, Happening],
    *,
    act: Act,
    complete: Complete | None = None,
    check: Check | None = None,
    gate: Gate | None = None,
    effect: Effect | None = None,
    followed: bool = True,
) -> Outcome:
    """Perform `verb` on each case (id -> happening), in chunks of CHUNK.

    `followed`: whether the followers are told; a follower says no of its own steps.
    Returns which cases moved and why the others did not. Each chunk is one transaction; an error leaves earlier chunks committed.

    Raises:
        DatabaseError: a chunk failed, or lost every attempt against other transactions (retry_on_conflict).
    """
    if not happenings:
        return Outcome()
    outcome, schedule, ids = Outcome(), Schedule(), sorted(happenings)
    for start in range(0, len(ids), CHUNK):
        chunk = {case_id: happenings[case_id] for case_id in ids[start : start + CHUNK]}
        outcome += retry_on_conflict(partial(_perform_chunk, verb, chunk, schedule, act, complete, check, gate, effect, followed))
    return outcome


def record(moves: Sequence[Move]) -> None:
    """Write the events of decided steps and their texts, before the cases: the trigger on cases looks for them."""
    insert_rows(Event, NewEvent._fields, [move.event for move in moves])
    # Plain values: making an EventDetail for each would take longer than the COPY.
    if details := [(m.case.id, m.event.seq, *m.written) for m in moves if m.written]:
        copy_in(EventDetail._meta.db_table, _DETAIL, details)


def decide(case: Locked, verb: Verb, happening: Happening, schedule: Schedule, act: Act) -> Move:
    """Decide the step that `verb` is for a case; reads nothing but the rules and calendars in `schedule`."""
    source = "" if verb is Verb.OPEN else case.facts.state.value
    facts = schedule.with_rule(after(case.facts, verb, happening), case.plantel_id)
    due_on = schedule.due_on(facts, case.plantel_id)
    written = _written(happening)
    kept = {name: value for name, value in happening.data.items() if name in STRUCTURED}
    data = {**kept, "rule": facts.rule, "due_on": due_on.isoformat() if due_on else None}
    sealed = (_salt(), chain.canonical(written)) if written else None
    if sealed:
        data |= {"personal": sorted(written), "commitment": chain.commitment(*sealed)}
    event = NewEvent(
        case.id, case.version + 1, verb.value, source, facts.state.value, happening.on, act.now, act.actor.kind.value, act.actor.user_id,
        act.actor.name, data, happening.evidence, case.head_hash,
    )  # fmt: skip
    return Move(case, happening, facts, due_on, event._replace(hash=chain.seal(event)), sealed)


def _salt() -> str:
    """A random UUID as the database writes one; the uuid module takes four times as long."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _written(happening: Happening) -> dict[str, str]:
    """What a person or IMSS wrote in a happening: its reason and the details that are not structured, empty ones left out."""
    written = {name: str(value) for name, value in happening.data.items() if value and name not in STRUCTURED}
    return written | ({"reason": happening.reason} if happening.reason else {})


def columns(move: Move) -> list[Any]:
    """The values of COLUMNS after a step, in their order."""
    return [turn_of(move), move.due_on, *move.facts]


def turn_of(move: Move) -> str:
    """Whose turn it is after a step."""
    return whose_turn(move.facts).turn.value


def _perform_chunk(
    verb: Verb,
    happenings: Mapping[int, Happening],
    schedule: Schedule,
    act: Act,
    complete: Complete | None,
    check: Check | None,
    gate: Gate | None,
    effect: Effect | None,
    followed: bool,
) -> Outcome:
    people = lock_people(happenings) if verb in _ABOUT_PERSON and followed else None
    followed = followed and verb in ABOUT_COVER
    locked = _lock(happenings)
    if people is not None and not people.issuperset(case.student_id for case in locked):
        # The case is of another person by now: two records were merged, or taken apart.
        raise LostRace
    skipped = dict.fromkeys(happenings.keys() - {case.id for case in locked}, "Ese expediente no existe.")
    happenings = complete(locked, happenings) if complete else happenings
    skipped |= _refusals(verb, locked, happenings, _todays(locked, schedule, act))
    allowed = [case for case in locked if case.id not in skipped]
    if check:
        skipped |= check(allowed, happenings)
        allowed = [case for case in allowed if case.id not in skipped]
    requested = gate(allowed, happenings, act) if gate else set()
    allowed = [case for case in allowed if case.id not in requested]
    moves = [decide(case, verb, happenings[case.id], schedule, act) for case in allowed]
    if moves:
        record(moves)
        _update(moves)
        if effect:
            effect(moves)
        for follow in FOLLOWERS if followed else ():
            follow(verb, moves, act)
    return Outcome([move.case.id for move in moves], skipped | dict.fromkeys(requested, ASKED), requested)


def lock_people(cases: Iterable[int]) -> set[int]:
    """Lock the persons of these cases (ids), before the cases, and return them (ids).

    So of two cases of a person, the second step sees what the first one did.
    A caller that locks cases itself calls this first, or it and another step of the person's would each wait for the other.
    """
    return {pk for (pk,) in tuples_of(_PEOPLE, cases=list(cases))}


_THEIR_PERSONS: Final = Case.objects.filter(pk__among=Parameter("cases")).values("student_id")
_PEOPLE: Final = Student.objects.filter(pk__in=_THEIR_PERSONS).order_by("pk").select_for_update(no_key=True).values_list("pk")
_CASES: Final = (
    Case.objects.filter(pk__among=Parameter("cases"))
    .select_for_update(of=("self",))
    .order_by("pk")
    .values_list(*_IDENTITY, "student__nss", "student__birth_date", *FACT_COLUMNS.values())
)


def _lock(ids: Iterable[int]) -> list[Locked]:
    width = len(_IDENTITY) + 2
    rows = ((*row[:width], facts_of(row[width:])) for row in tuples_of(_CASES, cases=list(ids)))
    return [Locked(*values) for values in rows]


def _todays(cases: Sequence[Locked], schedule: Schedule, act: Act) -> dict[int, dt.date]:
    """The last day a fact of each case can have: its plantel's, or the office's, by which the night and IMSS date theirs."""
    office = timezone.localdate(act.now)
    days = {plantel_id: max(office, schedule.day(plantel_id, act.now)) for plantel_id in {case.plantel_id for case in cases}}
    return {case.id: days[case.plantel_id] for case in cases}


def _refusals(verb: Verb, cases: Sequence[Locked], happenings: Mapping[int, Happening], todays: Mapping[int, dt.date]) -> dict[int, str]:
    refused: dict[int, str] = {}
    for case in cases:
        happening = happenings[case.id]
        future = "La fecha del hecho está en el futuro." if happening.on > todays[case.id] and verb not in _MAY_BEGIN_LATER else ""
        if reason := future or refusal(case.facts, verb, happening):
            refused[case.id] = reason
    return _with_last_event(refused)


def _with_last_event(refused: Mapping[int, str]) -> dict[int, str]:
    """The reasons, each with the last event of its case: what happened meanwhile, for the person who comes second."""
    last = Event.objects.filter(case__in=refused).order_by("case_id", "-seq").distinct("case_id")
    return {event.case_id: f"{refused[event.case_id]} {last_event(event)}" for event in last}


def _enrolment(move: Move) -> int:
    """The case's enrolment after the step: a re-enrolment brings its own."""
    return int(move.happening.data.get("enrolment", move.case.enrolment_id))


def _person(move: Move) -> int:
    """The person whose case it is after the step: a merge of two records gives it to one of them."""
    return int(move.happening.data.get("person", move.case.student_id))


def _update(moves: Sequence[Move]) -> None:
    touched = changed_places([move.case.facts for move in moves], [move.facts for move in moves])
    names = ("enrolment_id", "version", "head_hash", "turn", "due_on", *(FACT_COLUMNS[FACT_NAMES[place]] for place in touched))
    given = any(_person(m) != m.case.student_id for m in moves)
    rows = [
        [m.case.id, _enrolment(m), m.event.seq, m.event.hash, turn_of(m), m.due_on, *(m.facts[place] for place in touched)] for m in moves
    ]
    if given:
        names, rows = (*names, "student_id"), [[*row, _person(m)] for row, m in zip(rows, moves, strict=True)]
    changed = update_rows(Case, names, rows, guard="t.version = v.version - 1")
    if changed != len(moves):
        raise RuntimeError(f"compare-and-set moved {changed} of {len(moves)} locked cases")
