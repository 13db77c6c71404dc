"""`manage.py rehearse --students 2000 --days 60 --seed 7`: next term before it starts, apart from the office's data.

Exit code 1 if any night failed or any invariant does not hold at the end.
"""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from afiliacion.operations.simulation.isolation import ROOT, isolated

#: A Monday: the first day of the rehearsed term, the same in every rehearsal so that the same seed gives the same term.
FIRST_DAY: Final = dt.date(2026, 8, 3)


class Command(BaseCommand):
    help = "Ensaya un ciclo completo con una escuela inventada y un IMSS de práctica, aparte de los datos de la oficina."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--students", type=int, default=2000, help="alumnos (2000)")
        parser.add_argument("--days", type=int, default=60, help="días (60)")
        parser.add_argument("--seed", type=int, default=7, help="semilla: la misma da el mismo ciclo (7)")

    def handle(self, *args: Any, **options: Any) -> None:
        # Asked to stop, its database and processes are still removed.
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        play = ["--students", str(options["students"]), "--days", str(options["days"]), "--seed", str(options["seed"])]
        with isolated(FIRST_DAY, options["seed"]) as environment:
            for order in (["migrate", "-v0"], ["rehearse_here", *play]):
                code = subprocess.call([sys.executable, str(ROOT / "manage.py"), *order], env=environment, cwd=ROOT)  # noqa: S603 - our own
                if code:
                    raise CommandError("El ensayo encontró problemas.", returncode=code)
