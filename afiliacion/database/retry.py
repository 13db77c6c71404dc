"""Repeat a write that lost a race against another transaction: the second attempt sees what the other one wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import psycopg
from django.db import DatabaseError, transaction

T = TypeVar("T")

ATTEMPTS: Final = 3
#: PostgreSQL's codes: unique_violation (another transaction inserted first), deadlock_detected, serialization_failure.
_CONFLICTS: Final = frozenset({"23505", "40P01", "40001"})


class LostRace(Exception):
    """Raised by work that finds, under its locks, that what it had read before was changed by another transaction."""


def retry_on_conflict(work: Callable[[], T]) -> T:
    """Run `work` in its own transaction (a savepoint inside another one), again if it lost a race; return its result.

    Raises:
        DatabaseError: it failed for another reason, or lost ATTEMPTS times.
        LostRace: it lost ATTEMPTS times.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return work()
        except LostRace:
            continue
        except DatabaseError as error:
            if not (isinstance(error.__cause__, psycopg.Error) and error.__cause__.sqlstate in _CONFLICTS):
                raise
    with transaction.atomic():
        return work()
