"""Seal all histories once a day: a root over the last hash of every case, keyed with a secret that is not in the database.

The chains alone prove nothing against a person who can write to the tables and computes all hashes anew: the new chains hold. The root
of an earlier day does not: it covers the old hashes and its key is derived from SECRET_KEY. It is kept in the table, in the file
`history-roots.tsv` of the data directory and on the printed report of the term; `verify_history` compares all three with the events.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.encoding import force_bytes

from afiliacion.cases.models import Event, HistoryRoot

_SALT: Final = b"afiliacion.cases.history.roots"
#: How long to wait for writers that began before us, seconds.
_WAIT_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.1
#: Characters of a root that are printed: enough to compare, short enough to read aloud.
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class _Heads:
    """The last hash of every case up to one event: how many cases, and a SHA-256 over (case, seq, hash) in order of case."""

    cases: int
    digest: str


def seal_day(date: dt.date, now: dt.datetime) -> HistoryRoot | None:
    """Write the root of `date` to the table and the file, and return it. A day that has one keeps it; None if writers do not end.

    To be called outside a transaction.
    """
    if known := HistoryRoot.objects.filter(date=date).first():
        _copy_to_file()
        return known
    last_event = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if not _earlier_writers_ended():
        return None
    heads = _heads(last_event)
    root = _keyed(_message(date, last_event, heads), settings.SECRET_KEY)
    sealed = HistoryRoot.objects.create(date=date, at=now, last_event=last_event, cases=heads.cases, root=root)
    _copy_to_file()
    return sealed


def _earlier_writers_ended() -> bool:
    """Wait until every transaction that may hold an event with a lower id has ended: afterwards nothing is added below the last one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())")
        (begun,) = cursor.fetchone()
        deadline = time.monotonic() + (0 if connection.in_atomic_block else _WAIT_SECONDS)
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::text::xid8", [str(begun)])
            if cursor.fetchone()[0] or connection.in_atomic_block:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE_SECONDS)


def _heads(last_event: int) -> _Heads:
    """Hand-written: DISTINCT ON over the unique index reads each case's last event, where the ORM would fetch all of them."""
    digest, cases = hashlib.sha256(), 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (case_id) case_id, seq, hash FROM cases_event WHERE id <= %s ORDER BY case_id, seq DESC", [last_event]
        )
        for case_id, seq, head in cursor:
            digest.update(f"{case_id}:{seq}:{head}\n".encode())
            cases += 1
    return _Heads(cases, digest.hexdigest())


def _message(date: dt.date, last_event: int, heads: _Heads) -> bytes:
    return f"{date.isoformat()}\t{last_event}\t{heads.cases}\t{heads.digest}".encode()


def _keyed(message: bytes, secret: str | bytes) -> str:
    key = hashlib.sha256(_SALT + force_bytes(secret)).digest()
    return hmac.digest(key, message, "sha256").hex()


def _file() -> Path:
    return Path(settings.DATA_DIR) / "history-roots.tsv"


def _line(root: HistoryRoot) -> str:
    return f"{root.date.isoformat()}\t{root.last_event}\t{root.cases}\t{root.root}"


def _copy_to_file() -> None:
    """Add to the file the roots of the table that it has not. A line that is there is never changed."""
    known = {line.partition("\t")[0] for line in _file_lines()}
    missing = [root for root in HistoryRoot.objects.order_by("date") if root.date.isoformat() not in known]
    if missing:
        with _file().open("a", encoding="ascii") as file:
            file.writelines(f"{_line(root)}\n" for root in missing)


def _file_lines() -> list[str]:
    return _file().read_text(encoding="ascii").splitlines() if _file().exists() else []


def faults(*, every: bool = False) -> Iterator[str]:
    """Compare roots, file and events; yield what does not agree, in Spanish.

    Only the last root is computed anew, which covers all earlier events as long as the chains hold; `every`: all of them.
    """
    roots = {root.date.isoformat(): root for root in HistoryRoot.objects.order_by("date")}
    kept = {line.partition("\t")[0]: line for line in _file_lines()}
    for date, line in kept.items():
        if date not in roots:
            yield f"falta en la base de datos el sello del {date}, que está en {_file().name}"
        elif _line(roots[date]) != line:
            yield f"el sello del {date} no es el que está en {_file().name}"
    for root in list(roots.values()) if every else list(roots.values())[-1:]:
        if not _holds(root):
            yield f"el sello del {root.date.isoformat()} no corresponde a las historias: fueron reescritas, o cambió SECRET_KEY"


def _holds(root: HistoryRoot) -> bool:
    message = _message(root.date, root.last_event, _heads(root.last_event))
    return any(hmac.compare_digest(root.root, _keyed(message, key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def printed() -> str:
    """Return the last root for a printed paper: its date and first characters; empty if there is none yet."""
    root = HistoryRoot.objects.order_by("-date").first()
    return f"{root.root[:_SHOWN]} ({root.date:%d/%m/%Y})" if root else ""
