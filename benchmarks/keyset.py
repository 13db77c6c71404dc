"""The keyset baseline of a folder of baselines, loaded and served for `screens.py --baseline=`, until it is stopped.

    .venv/bin/python benchmarks/keyset.py FOLDER [CASES=200000] [--office=FOLDER]

FOLDER holds the `bp` project, `dash_load.py` and `dash_tune.py` (see its README). Its database lives on a server of its own, the embedded
one (kept in `--office=`, so that it is loaded once) or that of DATABASE_URL. The last line printed is the option to give to screens.py.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import psycopg
from common import OPTIONS, free_port
from psycopg.conninfo import conninfo_to_dict

from afiliacion.operations.launcher.office import Office, opened

FOLDER: Final = Path(sys.argv[1]).resolve()
CASES: Final = next((arg for arg in sys.argv[2:] if arg.isdigit()), "200000")
#: Half the clicks on the first page, the rest on a state, on pages further on, on one case: what the baseline's own script asks for.
MIX: Final = """
import django; django.setup()
from django.contrib.auth.models import User
from django.test import Client
from bp.models import Case
user, _ = User.objects.get_or_create(username="bench")
browser = Client(); browser.force_login(user)
some = list(Case.objects.filter(pk__in=range(1000, %(cases)s, %(cases)s // 8)))
paths = ["/keyset/"] * 10 + ["/keyset/?status=pendiente"] * 4 + [f"/keyset/?q={case.folio}" for case in some[:2]]
paths += [f"/keyset/?after={case.updated_at.timestamp()}_{case.pk}" for case in some[:4]]
print(",".join(["http://127.0.0.1:%(port)s", "sessionid=" + browser.cookies["sessionid"].value, *paths]))
"""


def main(server: dict[str, str]) -> None:
    at = conninfo_to_dict(server["DATABASE_URL"])
    with psycopg.connect(server["DATABASE_URL"], autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'bench'").fetchone():
            connection.execute("CREATE DATABASE bench")
    with psycopg.connect(server["DATABASE_URL"], dbname="bench") as connection:
        loaded = connection.execute("SELECT to_regclass('bp_counter') IS NOT NULL").fetchone() == (True,)
    where = {"PGHOST": str(at["host"]), "PGPORT": str(at.get("port") or 5432), "PGUSER": str(at["user"])}
    environment = os.environ | where | {"PGDATABASE": "bench", "PYTHONPATH": str(FOLDER), "DJANGO_SETTINGS_MODULE": "bp.settings"}

    def run(*command: str) -> str:
        done = subprocess.run([sys.executable, *command], env=environment, cwd=FOLDER, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - the folder we were given
        return done.stdout.strip()

    for step in (("-m", "django", "migrate"), ("dash_load.py", CASES), ("dash_tune.py",)) if not loaded else ():
        print(run(*step), flush=True)
    port = free_port()
    web = ("-m", "gunicorn", "bp.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2", "--threads", "4", "--log-level", "error")
    process = subprocess.Popen([sys.executable, *web], env=environment, cwd=FOLDER)  # noqa: S603 - likewise
    try:
        print(f"--baseline={run('-c', MIX % {'cases': CASES, 'port': port})}", flush=True)
        process.wait()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        folder = Path(OPTIONS.get("office", scratch))
        (folder / "run").mkdir(parents=True, exist_ok=True)
        with opened(Office(folder, dict(os.environ))) as server:
            main(server)
