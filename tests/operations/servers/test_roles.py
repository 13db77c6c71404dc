"""The roles of the embedded PostgreSQL: who may log in, what an older data directory becomes, what its log does not say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from afiliacion.operations.servers import processes, roles
from afiliacion.operations.servers.embedded import DATABASE, Postgres
from afiliacion.operations.servers.server_lease import ServerLease

CURP, NAME = "GOMC050101MGRRRLA1", "Ñáñez Ordóñez"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("roles"))
    lease = ServerLease(server)
    lease.take()
    yield server
    assert lease.give_back()


def test_h2_the_superuser_does_not_log_in(postgres: Postgres) -> None:
    for database in ("postgres", DATABASE):
        with pytest.raises(psycopg.OperationalError, match="pg_hba.conf rejects"):
            psycopg.connect(host=str(postgres.sockets), user="postgres", dbname=database)


@pytest.mark.parametrize("role", [roles.OWNER, roles.APP])
def test_h2_nobody_logs_in_without_the_password(postgres: Postgres, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=str(postgres.sockets), user=role, dbname=DATABASE)


def test_h2_passwords_are_files_closed_to_others(postgres: Postgres) -> None:
    files = [postgres.data / f"{role}.password" for role in (roles.OWNER, roles.APP)]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    assert files[0].read_text() != files[1].read_text()


def test_h2_the_application_does_not_become_the_owner(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        assert connection.execute("SELECT current_user, current_setting('is_superuser')").fetchone() == (roles.APP, "off")
        for statement in (f"SET ROLE {roles.OWNER}", "SET ROLE postgres", "ALTER SYSTEM SET log_statement = 'all'", "CREATE DATABASE x"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_h2_the_application_has_no_other_database(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(postgres.url, dbname="postgres")


def test_h6_the_log_says_nothing_of_a_refused_row(postgres: Postgres) -> None:
    with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (curp text UNIQUE, name text CHECK (name <> 'x'))")
        connection.execute("INSERT INTO people VALUES (%s, %s)", [CURP, NAME])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES (%s, %s)", [CURP, NAME])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(f"INSERT INTO people VALUES ('{CURP}', '{NAME}')")  # noqa: S608 - constants of this module
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO people VALUES (%s, 'x')", [CURP[::-1]])
    log = postgres.log.read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "violates check constraint" in log
    assert not [value for value in (CURP, CURP[::-1], NAME, "INSERT INTO", "DETAIL", "STATEMENT") if value in log]


@contextmanager
def running(server: Postgres) -> Iterator[None]:
    process = processes.spawn(server.command(), log=server.log, cwd=server.directory)
    try:
        while not server.answers():
            assert process.poll() is None
            time.sleep(0.02)
        yield
    finally:
        processes.finish(process, server.stop_signal, grace=30)


def test_h2_an_older_data_directory_is_given_to_the_owner(tmp_path: Path) -> None:
    """One whose tables are the superuser's, who needed no password."""
    server = Postgres(tmp_path)
    server.prepare()
    (server.directory / "pg_hba.conf").write_text("local all all trust\n")
    with running(server), psycopg.connect(host=str(server.sockets), user="postgres", dbname=DATABASE, autocommit=True) as connection:
        connection.execute("ALTER SCHEMA public OWNER TO postgres; ALTER DATABASE afiliacion OWNER TO postgres")
        connection.execute("CREATE EXTENSION pg_trgm; CREATE TABLE old (id int GENERATED ALWAYS AS IDENTITY, n serial)")
        connection.execute("CREATE FUNCTION old_one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    (server.directory / "afiliacion-roles").unlink()
    server.prepare()
    with running(server), psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE old ADD COLUMN more int; DROP FUNCTION old_one(); CREATE TABLE new (n int)")
        owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert owners == [(roles.OWNER,)]
    server.forget()
