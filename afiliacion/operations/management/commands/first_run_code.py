"""`manage.py first_run_code`: print the code for the first visit to a new office; nothing once it has a user."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from afiliacion.operations import first_run


class Command(BaseCommand):
    help = "Escribe el código de la primera visita, mientras nadie pueda entrar."

    def handle(self, **options: Any) -> None:
        if first_run.is_new():
            self.stdout.write(first_run.code())
