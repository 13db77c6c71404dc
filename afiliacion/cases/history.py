"""The hash chain of a case: each event's hash covers its own content and the hash before it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from afiliacion.cases.facts import Facts, Happening, after
from afiliacion.cases.models import Event
from afiliacion.cases.states import Turn, Verb
from afiliacion.cases.turn import whose


def seal(event: Event) -> str:
    """SHA-256 (hex) of an event's content and of `prev_hash`; canonical JSON, so that any reader can repeat it."""
    return hashlib.sha256(canonical(content(event)).encode()).hexdigest()


def content(event: Event) -> list[Any]:
    """What an event's hash covers, in order."""
    return [
        event.case_id, event.seq, event.verb, event.from_state, event.to_state, event.on.isoformat(),
        event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), event.actor_kind, event.actor_id, event.actor_name,
        event.reason, event.data, event.evidence, event.prev_hash,
    ]  # fmt: skip


#: The text of a content that is hashed: the same from any writer.
canonical: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def fold(events: Iterable[Event]) -> Facts:
    """The facts that a case's events, in order, add up to."""
    facts = Facts()
    for event in events:
        facts = after(facts, Verb(event.verb), Happening(event.on, event.data, event.evidence, event.reason))
    return facts


def broken_link(events: Iterable[Event], version: int, head_hash: str) -> str:
    """Why a case's chain does not hold, in Spanish; empty if it does. `version`, `head_hash`: what the case says its last link is."""
    previous, seq = "", 0
    for seq, event in enumerate(events, 1):
        if event.seq != seq:
            return f"falta el hecho {seq}"
        if event.prev_hash != previous or event.hash != seal(event):
            return f"el hecho {seq} fue alterado o insertado"
        previous = event.hash
    if (seq, previous) != (version, head_hash):
        return f"el expediente dice tener {version} hechos y la cadena termina en el {seq}"
    return ""


@dataclass(frozen=True, slots=True)
class AsOf:
    """A case as it stood at some moment: what was known, whose turn it was, and by when."""

    facts: Facts
    turn: Turn
    due_on: dt.date | None


def as_of(case_id: int, moment: dt.datetime) -> AsOf | None:
    """The case as the office knew it at `moment` (aware): the fold of what had been written down by then; None before its birth."""
    events = list(Event.objects.filter(case=case_id, at__lte=moment).order_by("seq"))
    if not events:
        return None
    facts, due = fold(events), events[-1].data["due_on"]
    return AsOf(facts, whose(facts).turn, dt.date.fromisoformat(due) if due else None)
