"""An office of before has a version with merges: its cases and covers are there, and two of its records can be merged and taken apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.db import connection, transaction

from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.insurance import log
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from students.models import Plantel, Student
from tests.insurance.conftest import DAY, joined, now_of, parted
from tests.insurance.test_merging import stands
from tests.upgrades import scratch_database

pytestmark = pytest.mark.django_db

_TABLES: Final = (
    "students_plantel", "students_registropatronal", "students_ciclo", "students_student", "students_enrolment", "cases_case",
    "cases_event", "cases_eventdetail", "insurance_cover", "insurance_coverevent",
)  # fmt: skip
#: What came with the version.
_NEW: Final = frozenset({"merged_into_id"})


def _columns(cursor: Any, table: str) -> str:
    cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table])
    return ", ".join(sorted(f'"{name}"' for (name,) in cursor.fetchall() if name not in _NEW))


def taken() -> dict[str, tuple[str, str]]:
    """The rows of this office as text, by table, with their columns."""
    found = {}
    with connection.cursor() as cursor:
        for table in _TABLES:
            names = _columns(cursor, table)
            with cursor.copy(f"COPY (SELECT {names} FROM {table}) TO STDOUT") as out:  # noqa: S608 - our own names
                found[table] = names, "".join(bytes(block).decode() for block in out)
    return found


def given(rows: dict[str, tuple[str, str]]) -> None:
    """Put them where they were, as they were: no trigger makes anything of them."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in rows:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, (names, text) in rows.items():
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as into:
                into.write(text)
            if '"id"' in names.split(", "):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in rows:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.upgrade
def test_an_office_with_cases_and_a_cover_is_upgraded_and_merges(
    older: Callable[..., Case], newer: Callable[..., Case], sister: Plantel
) -> None:
    old, new = older(State.VIGENTE), newer(State.SIN_NSS, plantel=sister)
    rows, before = taken(), stands()
    with scratch_database() as scratch:
        scratch.before("students", "0007_merged_records")
        given(rows)
        scratch.upgrade()
        assert stands() == before
        assert joined(new, old).skipped == {}
        assert {case.state for case in now_of(old, new)} == {State.VIGENTE}
        assert Cover.objects.get().student_id == Student.objects.get(merged_into=None).pk == old.student_id
        assert parted(new).skipped == {}
        assert stands() == before
        assert [*broken_chains(), *differences(), *log.broken(), *map(str, disagreements(DAY))] == []
