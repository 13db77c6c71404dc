"""A write that lost a race to another one is simply done again: it then sees what the other wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import psycopg
from django.db import DatabaseError, transaction

T = TypeVar("T")

ATTEMPTS: Final = 3
#: PostgreSQL's words for it: unique_violation (somebody else was first), deadlock_detected, serialization_failure.
_LOST: Final = frozenset({"23505", "40P01", "40001"})


def settled(work: Callable[[], T]) -> T:
    """What `work` returns, done in a transaction of its own (a savepoint inside another one); again if it lost a race.

    Raises:
        DatabaseError: it failed for another reason, or lost ATTEMPTS times.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return work()
        except DatabaseError as error:
            if not (isinstance(error.__cause__, psycopg.Error) and error.__cause__.sqlstate in _LOST):
                raise
    with transaction.atomic():
        return work()
