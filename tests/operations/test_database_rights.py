"""What the application's database role may not do, whatever SQL it is made to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import Error, connection, transaction

from afiliacion.operations import database_rights
from afiliacion.operations.servers import roles
from tests.operations.test_migrations import APPEND_ONLY
from tests.roles import histories

pytestmark = pytest.mark.django_db

INSUFFICIENT_PRIVILEGE, CHECK_VIOLATION = "42501", "23514"


def refusal(statement: str) -> str:
    """The SQLSTATE with which the database refuses `statement`, or empty."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except Error as error:
        cause = error.__cause__
        return str(getattr(cause, "sqlstate", "")) if isinstance(cause, psycopg.Error) else ""
    return ""


def test_h2_the_tests_have_the_rights_of_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (roles.APP, False, False, False, False)


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY cases_event TO '/tmp/x'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SET session_replication_role = replica",
        "ALTER TABLE cases_event DISABLE TRIGGER USER",
        "DROP TRIGGER cases_event_append_only ON cases_event",
        "DROP TRIGGER cases_guard_move ON cases_case",
        "ALTER TABLE cases_event ADD COLUMN x int",
        "CREATE OR REPLACE FUNCTION cases_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TABLE x (y int)",
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP TABLE dashboard_note",
        "INSERT INTO cases_transition (verb, from_state, to_state) VALUES ('move', '', 'VIGENTE')",
        "DELETE FROM django_migrations",
        "CREATE ROLE x",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "CREATE EXTENSION dblink",
    ],
)
def test_h2_statements_of_an_owner_or_superuser_are_refused(statement: str) -> None:
    assert refusal(statement) == INSUFFICIENT_PRIVILEGE


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {0} SET {1} = {1}", "TRUNCATE {} CASCADE"])
def test_h2_a_history_is_not_changed_deleted_or_emptied(table: str, statement: str) -> None:
    key = "sha256" if table == "cases_evidence" else "id"
    assert refusal(statement.format(table, key)) == INSUFFICIENT_PRIVILEGE
    # No variable of the session opens anything.
    assert refusal(f"SET LOCAL afiliacion.may_truncate = on; {statement.format(table, key)}") == INSUFFICIENT_PRIVILEGE


def test_h2_every_history_has_the_rights_of_one() -> None:
    # Texts and former values may be erased, and are not changed.
    assert sorted(histories()) == sorted([*APPEND_ONLY, "cases_eventdetail", "students_formervalue"])
    assert refusal("UPDATE students_formervalue SET value = value") == INSUFFICIENT_PRIVILEGE
    assert refusal("UPDATE cases_eventdetail SET seq = seq") == INSUFFICIENT_PRIVILEGE


FORGED_MOVE = """
CREATE TEMP TABLE cases_transition (id int, verb text, from_state text, to_state text) ON COMMIT DROP;
CREATE TEMP TABLE cases_event (LIKE public.cases_event INCLUDING DEFAULTS) ON COMMIT DROP;
INSERT INTO pg_temp.cases_transition SELECT 1, 'forge', state, 'VIGENTE' FROM cases_case WHERE id = {0};
INSERT INTO pg_temp.cases_event
  (id, case_id, seq, verb, from_state, to_state, prev_hash, hash, "on", at, actor_kind, actor_name, data, evidence)
SELECT 1, id, 2, 'forge', state, 'VIGENTE', head_hash, 'x', current_date, now(), 'night', '', '{{}}', '' FROM cases_case WHERE id = {0};
UPDATE cases_case SET version = 2, head_hash = 'x', state = 'VIGENTE' WHERE id = {0}
"""


def test_h2_a_temporary_table_does_not_stand_in_for_one_of_ours(make_case: Callable[..., Any]) -> None:
    assert refusal(FORGED_MOVE.format(make_case().pk)) == CHECK_VIOLATION


def test_h2_trigger_functions_have_a_fixed_search_path() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype "
            "AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, public, pg_temp']"
        )
        assert cursor.fetchall() == []


def test_the_application_gets_no_rights_from_itself(settings: Any) -> None:
    settings.DATABASE_APP_ROLE = roles.APP
    assert not database_rights.grant()


@pytest.mark.parametrize("command", sorted(roles.OWNER_COMMANDS))
def test_only_commands_that_must_log_in_as_the_owner(command: str) -> None:
    given = {"DATABASE_URL": "postgresql://app@/x", "DATABASE_OWNER_URL": "postgresql://owner@/x"}
    other = dict(given)
    roles.log_in_as_needed(command, given)
    assert given == {"DATABASE_URL": "postgresql://owner@/x", "DATABASE_APP_URL": "postgresql://app@/x"}
    roles.log_in_as_needed("shell", other)
    assert other == {"DATABASE_URL": "postgresql://app@/x"}
