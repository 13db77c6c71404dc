"""`manage.py verify_history`: find any history that was altered, cut or added to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from afiliacion.cases.history import roots
from afiliacion.cases.history.consistency import broken_chains
from afiliacion.cases.models import Case, folio


class Command(BaseCommand):
    help = "Comprueba la cadena de hechos de cada expediente y los sellos de cada noche: nada alterado, nada borrado, nada insertado."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every-root", action="store_true", help="calcular de nuevo el sello de cada noche, no solo el último")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for case_id, problem in broken_chains():
            broken += 1
            self.stdout.write(f"{folio(case_id)}: {problem}")
        wrong = list(roots.faults(every=options["every_root"]))
        for problem in wrong:
            self.stdout.write(problem)
        if broken or wrong:
            raise CommandError(f"{broken} expedientes con la historia rota, {len(wrong)} sellos que no corresponden.")
        self.stdout.write(f"{Case.objects.count()} historias revisadas: todas íntegras.")
