"""`manage.py check_cases`: list what is stored and is not so: states, turns and due dates, copies of the registry, counters."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from afiliacion.cases import counters
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case


class Command(BaseCommand):
    help = "Comprueba que lo guardado de cada expediente sea lo que dicen sus hechos, y que los contadores cuenten lo que hay."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for difference in chain(differences(), counters.wrong_copies(), counters.differences()):
            wrong += 1
            self.stdout.write(str(difference))
        if wrong:
            raise CommandError(f"{wrong} diferencias entre lo guardado y lo derivado.")
        self.stdout.write(f"{Case.objects.count()} expedientes revisados: todos dicen lo que sus hechos.")
