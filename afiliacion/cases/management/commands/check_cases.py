"""`manage.py check_cases`: list every case whose stored state, turn or due date is not what its facts say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from afiliacion.cases.consistency import differences
from afiliacion.cases.models import Case


class Command(BaseCommand):
    help = "Comprueba que el estado, el turno y el plazo guardados de cada expediente sean los que dicen sus hechos."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for difference in differences():
            wrong += 1
            self.stdout.write(str(difference))
        if wrong:
            raise CommandError(f"{wrong} diferencias entre lo guardado y lo derivado.")
        self.stdout.write(f"{Case.objects.count()} expedientes revisados: todos dicen lo que sus hechos.")
