"""`manage.py rehearse_here`: the rehearsal itself, on the database and the stand-in of the settings. `rehearse` calls it on its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from afiliacion.cases.states import State
from afiliacion.operations.management.commands.rehearse import FIRST_DAY
from afiliacion.operations.simulation.invariants import mail_faults, violations
from afiliacion.operations.simulation.rehearsal import Day, Rehearsal, rehearse
from students.models import Plantel

_WIDTH = 9
_SHORT = {
    State.SIN_NSS: "Sin NSS", State.NSS_OBTENIDO: "Con NSS", State.ACUSE_ENTREGADO: "Acuse", State.ALTA_ENVIADA: "Alta",
    State.VIGENTE: "Vigente", State.SIN_VIGENCIA: "Sin vig.", State.EN_SUBDELEGACION: "Subdel.", State.RENUNCIA: "Renuncia",
    State.BAJA: "Baja",
}  # fmt: skip


class Command(BaseCommand):
    help = "Ensaya en la base de datos actual, que debe estar vacía. Para ensayar aparte use «rehearse»."

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("--students", "--days", "--seed"):
            parser.add_argument(name, type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if Plantel.objects.exists():
            raise CommandError("Esta base de datos ya tiene planteles: el ensayo solo se hace en una vacía.")
        self._line("Día", *_SHORT.values())
        result = rehearse(
            students=options["students"], starts_on=FIRST_DAY, days=options["days"], seed=options["seed"], on_day=self._show, failures=True
        )
        self._sum_up(result)
        found = violations(result.days[-1].date)
        for problem in [*result.errors, *found]:
            self.stdout.write(f"  {problem}")
        if result.errors or found:
            raise CommandError(f"{len(result.errors)} noches con errores, {len(found)} faltas a lo que siempre debe ser cierto.")
        self.stdout.write("Todo lo que siempre debe ser cierto lo es: 0 faltas.")

    def _show(self, day: Day) -> None:
        self._line(f"{day.date:%d/%m}", *(day.states[state] for state in _SHORT))
        self.stdout.flush()

    def _line(self, *cells: object) -> None:
        self.stdout.write("".join(f"{cell!s:>{_WIDTH}}" for cell in cells))

    def _sum_up(self, result: Rehearsal) -> None:
        self.stdout.write("\nCorreos por clase:")
        for kind, n in sorted(result.mails.items()):
            self.stdout.write(f"  {n:>6}  {kind}")
        self.stdout.write("De los correos a alumnos y tutores:")
        for what, found in mail_faults().items():
            self.stdout.write(f"  {len(found):>6}  {what}")
        self.stdout.write("Vencidos por plantel el último día:")
        for clave, n in sorted(result.late.items()):
            self.stdout.write(f"  {n:>6}  {clave}")
        self.stdout.write("Movimientos que fueron en lotes:")
        for status, n in sorted(result.lotes.items()):
            self.stdout.write(f"  {n:>6}  {status}")
        self.stdout.write(f"Noches con el IMSS caído, que el ensayo provoca: {sum(day.away for day in result.days)}.")
