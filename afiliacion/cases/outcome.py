"""Who acts, and what came of it: one line per case, done or skipped and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from afiliacion.cases.models import Event

ActorKind = Event.ActorKind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes something happen: a person (with the user's id), an import, the night or an IMSS answer."""

    kind: ActorKind
    name: str
    user_id: int | None = None


NIGHT = Actor(ActorKind.NIGHT, "Proceso nocturno")
IMSS = Actor(ActorKind.IMSS, "IMSS")


@dataclass(slots=True)
class Outcome:
    """What a verb did: ids of the cases moved, and for each one skipped the reason in Spanish."""

    done: list[int] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)

    def __iadd__(self, other: Outcome) -> Self:
        self.done += other.done
        self.skipped |= other.skipped
        return self
