"""The embedded PostgreSQL of the tests, its databases migrated: its files are kept between runs, and each run serves a copy of its own."""

import hashlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from afiliacion.operations.servers import processes, roles
from afiliacion.operations.servers.embedded import Postgres
from afiliacion.operations.servers.locks import Lock
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.server_lease import ROOT
from tests import template

KEPT = ROOT / ".pytest_cache" / "database"
DATABASE = "test_afiliacion"
START_SECONDS = 60
# What lets a test of plans see them without being superuser (tests/plans.py).
_SETTINGS = ("log_min_duration", "log_analyze", "log_timing", "log_nested_statements", "log_format", "log_level")
_EXPLAINED = (
    f"ALTER ROLE {roles.OWNER} SET session_preload_libraries = 'auto_explain';\n\n"
    f"GRANT SET ON PARAMETER {', '.join(f'auto_explain.{name}' for name in _SETTINGS)} TO {roles.OWNER};\n\n"
)


def url(server: Postgres) -> str:
    return roles.url_of(server.owner_url, DATABASE)


def copy_to(directory: Path) -> None:
    """Put the files of a stopped, migrated PostgreSQL at `directory`. Made first if the kept ones are of other migrations."""
    with _kept() as files:
        shutil.copytree(files, directory)


@contextmanager
def _kept() -> Iterator[Path]:
    """The kept files, which stay as they are while we read them."""
    KEPT.mkdir(parents=True, exist_ok=True)
    lock, files = Lock(KEPT / "lock"), KEPT / template.key()
    try:
        _take(lock, shared=True)
        while not files.exists():
            lock.release()
            _take(lock, shared=False)
            if not files.exists():
                _make(files)
            lock.release()
            _take(lock, shared=True)
        yield files
    finally:
        lock.release()


def _take(lock: Lock, *, shared: bool) -> None:
    while not lock.take(shared=shared):
        time.sleep(0.02)


def _make(files: Path) -> None:
    """Alone, under the lock. What an earlier life left half done goes, and so do the files of other migrations."""
    place = hashlib.sha256(os.fsencode(KEPT)).hexdigest()[:16]
    server = Postgres(Path(tempfile.gettempdir(), f"afiliacion-tests-{place}"), throwaway=True)
    for old in (server.data, *(path for path in KEPT.iterdir() if path.is_dir())):
        shutil.rmtree(old, ignore_errors=True)
    server.data.mkdir(mode=0o700)
    try:
        with _running(server):
            with psycopg.connect(server.owner_url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            template.migrate(url(server))
        server._run_alone(server._owner_of(server.directory), server.directory, "postgres", _EXPLAINED)
        draft = files.with_suffix(".draft")
        shutil.copytree(server.directory, draft)
        draft.rename(files)
    finally:
        server.forget()
        shutil.rmtree(server.data)


@contextmanager
def _running(server: Postgres) -> Iterator[None]:
    """The server as our own child, that ends with us."""
    server.clear()
    server.prepare()
    process = processes.spawn(server.command(), log=server.log, cwd=server.directory, death_signal=signal.SIGQUIT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Problem(f"{server.label} no arranca:\n{processes.tail(server.log)}")
            time.sleep(0.02)
        yield
    finally:
        processes.finish(process, server.stop_signal, grace=30)
