"""The hash chain of a case: each event's hash covers its content and the hash of the event before it.

What people and IMSS wrote is not in that content, only a commitment to it: the text can be erased and the chain still holds, and while
the text is there, any change of it is found.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, NamedTuple

from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import Event
from afiliacion.cases.states import Turn, Verb
from afiliacion.cases.steps.effects import after
from afiliacion.cases.turn import whose_turn


class NewEvent(NamedTuple):
    """An event that is about to be written, by COPY: the columns of Event. An instance of the model would take longer than its hash."""

    case_id: int
    seq: int
    verb: str
    from_state: str
    to_state: str
    on: dt.date
    at: dt.datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    data: dict[str, Any]
    evidence: str
    prev_hash: str
    hash: str = ""


def seal(event: Event | NewEvent) -> str:
    """SHA-256 (hex) of an event's content and of `prev_hash`; canonical JSON, so that any reader can repeat it."""
    return hashlib.sha256(canonical(content(event)).encode()).hexdigest()


def content(event: Event | NewEvent) -> list[Any]:
    """What an event's hash covers, in order."""
    return [
        event.case_id, event.seq, event.verb, event.from_state, event.to_state, event.on.isoformat(),
        moment(event.at), event.actor_kind, event.actor_id, event.actor_name, event.data, event.evidence, event.prev_hash,
    ]  # fmt: skip


@lru_cache(maxsize=64)
def moment(at: dt.datetime) -> str:
    """A moment (aware) as hashes cover it; the events of one set have the same."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


#: Canonical JSON: the same text from any writer, in Python or SQL. Looking for circles would take half of its time.
canonical: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode


def commitment(salt: object, payload: str) -> str:
    """SHA-256 (hex) over a random salt and the canonical JSON of an event's texts.

    Without the salt, a short text (an NSS) could be found by trying all.
    """
    return hashlib.sha256(f"{salt}{payload}".encode()).hexdigest()


def events_of(cases: Iterable[int]) -> dict[int, list[Event]]:
    """The events of these cases (ids) in order, by case."""
    events = Event.objects.filter(case__in=list(cases)).order_by("case_id", "seq")
    return {case_id: list(group) for case_id, group in groupby(events, key=lambda event: event.case_id)}


def fold(events: Iterable[Event]) -> Facts:
    """The facts after a case's events, given in order."""
    facts = Facts()
    for event in events:
        facts = after(facts, Verb(event.verb), Happening(event.on, event.details, event.evidence, event.reason))
    return facts


def broken_link(events: Iterable[Event], version: int, head_hash: str) -> str:
    """Why a case's chain does not hold, in Spanish; empty if it does. An erased text breaks nothing.

    `version`, `head_hash`: what the case says its last event is.
    """
    previous, seq = "", 0
    for seq, event in enumerate(events, 1):
        if event.seq != seq:
            return f"falta el hecho {seq}"
        if event.prev_hash != previous or event.hash != seal(event):
            return f"el hecho {seq} fue alterado o insertado"
        if event.payload is not None and event.data.get("commitment") != commitment(event.salt, canonical(event.payload)):
            return f"el texto del hecho {seq} fue alterado o insertado"
        previous = event.hash
    if (seq, previous) != (version, head_hash):
        return f"el expediente dice tener {version} hechos y la cadena termina en el {seq}"
    return ""


@dataclass(frozen=True, slots=True)
class AsOf:
    """A case at some moment: its facts, whose turn it was, and the due date."""

    facts: Facts
    turn: Turn
    due_on: dt.date | None


def as_of(case_id: int, moment: dt.datetime) -> AsOf | None:
    """The case as known at `moment` (aware): the fold of the events recorded by then; None before the first one."""
    events = list(Event.objects.filter(case=case_id, at__lte=moment).order_by("seq"))
    if not events:
        return None
    facts, due = fold(events), events[-1].data["due_on"]
    return AsOf(facts, whose_turn(facts).turn, dt.date.fromisoformat(due) if due else None)
