"""The twin's parts in one hand, and what an operation of its API is."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from imss_mock.answers import Answer
from imss_mock.clock import Clock, Folios
from imss_mock.counts import Counts
from imss_mock.moods import Moods
from imss_mock.scenario import Chance, Scenario
from imss_mock.shapes import Field, Values
from imss_mock.store import Store


@dataclass(frozen=True)
class Twin:
    """Everything a rule may need; rules get it together with the moment (`now`, simulated, in Mexico City)."""

    store: Store
    clock: Clock
    folios: Folios
    scenario: Scenario
    chance: Chance
    moods: Moods
    counts: Counts = field(default_factory=Counts)

    @property
    def db(self) -> sqlite3.Connection:
        """The open database. Rules run inside `store.change()`."""
        return self.store.db


class Source(Enum):
    """Where an operation's fields come from."""

    BODY = "body"
    BODY_LIST = "body_list"
    PATH = "path"
    QUERY = "query"


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked. `run` is synchronous: its writes and its ledger row are one transaction."""

    id: str
    method: str
    path: str
    run: Callable[[Twin, datetime, Values], Answer]
    fields: Sequence[Field] = ()
    source: Source = Source.BODY
    max_bytes: int = 64 * 1024
