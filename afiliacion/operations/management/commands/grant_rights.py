"""`manage.py grant_rights`: give the application's database role its rights again. `migrate` does it by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from afiliacion.operations import database_rights


class Command(BaseCommand):
    help = "Da al usuario de la aplicación en PostgreSQL sus permisos, y solo esos. «migrate» lo hace por sí mismo."

    def handle(self, *args: Any, **options: Any) -> None:
        if database_rights.grant():
            self.stdout.write("Permisos dados.")
        else:
            self.stdout.write("Nada que hacer: la aplicación usa el mismo usuario que es dueño de las tablas (vea docs/operations.md).")
