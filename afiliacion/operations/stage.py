"""A stage of its own for a rehearsal: an empty database, a stand-in IMSS and a mail sink, gone when the curtain falls."""

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
from psycopg.conninfo import make_conninfo

ROOT: Final = Path(settings.BASE_DIR)
_PATIENCE: Final = 30.0


@contextmanager
def stage(starts_on: dt.date, seed: int) -> Iterator[dict[str, str]]:
    """Set the stage and give the environment in which a process plays on it; the office's own database is never touched."""
    name = f"ensayo_{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="ensayo-") as folder, _database(name) as url:
        date, mails = starts_on.isoformat(), Path(folder, "mail")
        with (
            _child("imss_mock", "--port", "0", "--data", folder, "--date", date, "--seed", str(seed)) as imss,
            _child("afiliacion.operations.mailsink", "--port", "0", "--dir", str(mails)) as sink,
        ):
            where = urlsplit(sink)
            yield {
                **os.environ, "DATABASE_URL": url, "AFILIACION_DATA": folder, "IMSS_URL": imss,
                "IMSS_FOLLOWS_DATE": "1", "EMAIL_HOST": str(where.hostname), "EMAIL_PORT": str(where.port), "LOG_LEVEL": "ERROR",
            }  # fmt: skip


@contextmanager
def _database(name: str) -> Iterator[str]:
    """An empty database beside the office's, dropped at the end."""
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as control:
        control.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_conninfo(url, dbname=name)
        finally:
            control.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _child(module: str, *options: str) -> Iterator[str]:
    """A process of ours that says where it listens in its first line; stopped at the end."""
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603 - our own modules
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    out = process.stdout
    line = out.readline() if out and select.select([out], [], [], _PATIENCE)[0] else ""
    if "://" not in line:
        raise RuntimeError(f"the stage's {process.args!r} did not start: {line!r}")
    return line.split()[-1]
