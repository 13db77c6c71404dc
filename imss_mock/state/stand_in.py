"""The stand-in's parts in one hand, and what an operation of its API is."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from imss_mock.protocol.answers import Answer
from imss_mock.protocol.shapes import Field, Values
from imss_mock.state.clock import Clock, Folios
from imss_mock.state.counts import Counts
from imss_mock.state.moods import Moods
from imss_mock.state.scenario import Chance, Scenario
from imss_mock.state.store import Store


@dataclass(frozen=True)
class StandIn:
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
    """One thing that can be asked. `run` is synchronous: its writes and its ledger row are one transaction.

    `withheld`: members of request and answer that the ledger does not keep, a secret or a whole file.
    """

    id: str
    method: str
    path: str
    run: Callable[[StandIn, datetime, Values], Answer]
    fields: Sequence[Field] = ()
    source: Source = Source.BODY
    max_bytes: int = 64 * 1024
    withheld: frozenset[str] = frozenset()
