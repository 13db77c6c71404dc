"""The input common to all verbs (who acts, when) and their result: the cases done, and those skipped with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from afiliacion.cases.models import Event

if TYPE_CHECKING:
    import datetime as dt

ActorKind = Event.ActorKind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person (with the user's id), an import, the night, an answer of IMSS, or the student."""

    kind: ActorKind
    name: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, when the event is recorded, and where the actor may act.

    `now` (aware) dates the event; the fact has its own date. `planteles`: ids of those the actor answers for, None for all of them
    (coordination, the night, IMSS): a change of a person who belongs to others as well needs their consent (consent.py).
    """

    actor: Actor
    now: dt.datetime
    planteles: frozenset[int] | None = None


NIGHT = Actor(ActorKind.NIGHT, "Proceso nocturno")
IMSS = Actor(ActorKind.IMSS, "IMSS")


@dataclass(slots=True)
class Outcome:
    """The result of a verb: ids of the cases moved, and of each case skipped the reason in Spanish.

    `requested`: ids of the cases about which the consent of others was asked for; most of them are skipped until it is given.
    """

    done: list[int] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    requested: set[int] = field(default_factory=set)

    def __iadd__(self, other: Outcome) -> Self:
        self.done += other.done
        self.skipped |= other.skipped
        self.requested |= other.requested
        return self
