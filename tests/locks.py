"""In which order a transaction locks persons and their cases, read off its statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

CASES, PERSONS = "cases_case", "students_student"
_LOCKING: Final = re.compile(r"FOR (?:NO KEY )?UPDATE(?: OF \"?(\w+)\"?)?\s*(?:SKIP LOCKED|NOWAIT)?\s*$")
_FROM: Final = re.compile(r"\bFROM \"?(\w+)\"?(?: ([a-z]\w*|U\d))?\b")
_UPDATE: Final = re.compile(r"^\s*UPDATE \"?(\w+)\"?")
_SAVEPOINT: Final = re.compile(r"^(SAVEPOINT|RELEASE SAVEPOINT)")


def locked_table(sql: str) -> str:
    """The table whose rows a statement locks; "" if it locks none."""
    if found := _UPDATE.match(sql):
        return found[1]
    locking = _LOCKING.search(sql)
    if not locking:
        return ""
    tables: dict[str, str] = {alias or table: table for table, alias in _FROM.findall(sql)}
    named = str(locking[1] or next(iter(tables)))
    return tables.get(named, named)


@contextmanager
def persons_locked_late() -> Iterator[list[str]]:
    """Watch this connection; gives the statements that lock a person after a case in one transaction, without a person before."""
    late: list[str] = []
    depth, held = 0, list[str]()

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal depth
        if mark := _SAVEPOINT.match(sql):
            depth += 1 if mark[1] == "SAVEPOINT" else -1
            if depth <= 0:
                held.clear()
        elif (table := locked_table(sql)) in (CASES, PERSONS):
            if table == PERSONS and held[:1] == [CASES]:
                late.append(sql)
            held.append(table)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield late
