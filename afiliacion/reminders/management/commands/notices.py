"""`manage.py notices [--date AAAA-MM-DD] [--send]`: what the night's mail would be. Dry without --send."""

from __future__ import annotations

import datetime as dt
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from afiliacion.reminders.decide.night import decide, preview
from afiliacion.reminders.delivery.send import send_due, waiting_for_their_hour


class Command(BaseCommand):
    help = "Muestra los correos que tocan esta noche, sin enviar nada. Con --send los decide y envía los que ya pueden salir."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=dt.date.fromisoformat, default=None, help="noche (AAAA-MM-DD); si falta, la de hoy")
        parser.add_argument("--send", action="store_true", help="decidir y enviar de verdad")
        parser.add_argument("--budget", type=int, default=100_000, help="correos a lo más (100000)")

    def handle(self, *args: Any, **options: Any) -> None:
        night, now = options["date"] or timezone.localdate(), timezone.now()
        if not options["send"]:
            self._show(night, now)
            return
        # Asked to stop, it finishes the letters begun and gives the others back.
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
        decided = decide(night, now)
        report = send_due(now, options["budget"], stop.is_set)
        self.stdout.write(
            f"{decided.total} correos decididos; {report.sent} enviados, {report.failed} rechazados, {report.uncertain} dudosos."
        )
        if report.trouble:
            self.stdout.write(f"El servidor de correo dijo: {report.trouble}")
        self.stdout.write(f"{waiting_for_their_hour(now)} esperan su hora.")

    def _show(self, night: dt.date, now: dt.datetime) -> None:
        shown = preview(night, now)
        for each in shown:
            when = timezone.localtime(each.send_after)
            self.stdout.write(f"{each.count:>7}  {each.kind.name} (desde el {when:%d/%m/%Y a las %H:%M})")
            for folio, letter in each.samples.items():
                self.stdout.write(f"         {folio}: {letter.subject}")
        self.stdout.write(f"{sum(each.count for each in shown)} correos. No se envió nada; con --send se envían.")
