"""`manage.py chase --date AAAA-MM-DD`: ask IMSS what is due on that date and print what came of it."""

from __future__ import annotations

import datetime as dt
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from afiliacion.imss.chase.report import lines
from afiliacion.imss.chase.run import chase


class Command(BaseCommand):
    help = "Pregunta al IMSS lo que toca en una fecha y aplica lo que responda. Se puede interrumpir y repetir."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=dt.date.fromisoformat, default=timezone.localdate(), help="fecha AAAA-MM-DD (hoy)")
        parser.add_argument("--seconds", type=float, default=50.0, help="cuánto puede durar (50)")

    def handle(self, *args: Any, **options: Any) -> None:
        date: dt.date = options["date"]
        now = timezone.make_aware(dt.datetime.combine(date, timezone.localtime().time()))
        stopping = threading.Event()
        signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
        for line in lines(chase(date, now, budget_seconds=options["seconds"], stop=stopping.is_set)):
            self.stdout.write(line)
