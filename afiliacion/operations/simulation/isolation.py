"""An environment of its own for a rehearsal: an empty database, a stand-in IMSS and a mail server, removed at the end."""

from __future__ import annotations

import datetime as dt
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from afiliacion.operations.servers import roles

ROOT: Final = Path(settings.BASE_DIR)
_START_SECONDS: Final = 30.0


@contextmanager
def isolated(starts_on: dt.date, seed: int) -> Iterator[dict[str, str]]:
    """Give the environment for a process that rehearses a term from `starts_on`; the office's own database is never touched."""
    name = f"ensayo_{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="ensayo-") as folder, _database(name) as urls:
        date, mails = starts_on.isoformat(), Path(folder, "mail")
        with (
            _child("imss_mock", "--port", "0", "--data", folder, "--date", date, "--seed", str(seed)) as imss,
            _child("afiliacion.operations.launcher.demo_mail_server", "--port", "0", "--dir", str(mails)) as sink,
        ):
            where = urlsplit(sink)
            yield {
                **os.environ, **urls, "AFILIACION_DATA": folder, "IMSS_URL": imss,
                "IMSS_FOLLOWS_DATE": "1", "EMAIL_HOST": str(where.hostname), "EMAIL_PORT": str(where.port), "LOG_LEVEL": "ERROR",
            }  # fmt: skip


@contextmanager
def _database(name: str) -> Iterator[dict[str, str]]:
    """Make an empty database beside the office's, dropped at the end; give the variables with its URLs."""
    url, app_url = os.environ["DATABASE_URL"], os.environ.get("DATABASE_APP_URL")
    with psycopg.connect(url, autocommit=True) as control:
        control.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            urls = {"DATABASE_URL": app_url, "DATABASE_OWNER_URL": url} if app_url else {"DATABASE_URL": url}
            yield {variable: roles.url_of(role_url, name) for variable, role_url in urls.items()}
        finally:
            control.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _child(module: str, *options: str) -> Iterator[str]:
    """Start a module of ours that writes its address in its first line; give the address. Stopped at the end."""
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603 - our own modules
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    out = process.stdout
    line = out.readline() if out and select.select([out], [], [], _START_SECONDS)[0] else ""
    if "://" not in line:
        raise RuntimeError(f"{process.args!r} did not start: {line!r}")
    return line.split()[-1]
