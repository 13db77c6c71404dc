"""`manage.py night [--date AAAA-MM-DD] [--again]`: run a night by hand, and print what it did."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from afiliacion.operations.models import NightRun
from afiliacion.operations.night import NightBusy, run_night
from afiliacion.operations.night_state import begins


class Command(BaseCommand):
    help = "Hace la noche de una fecha: pregunta al IMSS, decide y envía los avisos, y dice qué hizo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=dt.date.fromisoformat, default=None, help="fecha (AAAA-MM-DD); si falta, hoy")
        parser.add_argument("--again", action="store_true", help="repetirla aunque ya se haya hecho; no duplica nada")

    def handle(self, *args: Any, **options: Any) -> None:
        date = options["date"] or timezone.localdate()
        try:
            night = run_night(date, moment_of(date), again=options["again"])
        except NightBusy as busy:
            raise CommandError(f"{busy} Con --again se repite; no duplica nada.") from busy
        for line in night.report:
            self.stdout.write(self.style.MIGRATE_HEADING(line["step"]))
            for said in line["said"]:
                self.stdout.write(f"  {said}")
            if line["error"]:
                self.stdout.write(self.style.ERROR(f"  Falló: {line['error']}"))
        if night.status == NightRun.Status.FAILED:
            raise CommandError("La noche terminó con errores.")


def moment_of(date: dt.date) -> dt.datetime:
    """Return now, for today; for any other date the moment at which its night would run."""
    if date == timezone.localdate():
        return timezone.now()
    return begins(date)
