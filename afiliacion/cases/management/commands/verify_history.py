"""`manage.py verify_history`: find any history that was altered, cut or added to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from afiliacion.cases.consistency import broken_chains
from afiliacion.cases.models import Case


class Command(BaseCommand):
    help = "Comprueba la cadena de hechos de cada expediente: nada alterado, nada borrado, nada insertado."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for case_id, problem in broken_chains():
            broken += 1
            self.stdout.write(f"E-{case_id:07d}: {problem}")
        if broken:
            raise CommandError(f"{broken} expedientes con la historia rota.")
        self.stdout.write(f"{Case.objects.count()} historias revisadas: todas íntegras.")
