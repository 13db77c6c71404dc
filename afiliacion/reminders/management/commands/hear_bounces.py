"""`manage.py hear_bounces [FILE…]`: take in mail that came back, from files or, one message, from standard input (a pipe of the server)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from afiliacion.reminders.bounces import LARGEST_BYTES, hear


class Command(BaseCommand):
    help = "Recibe las devoluciones de correo: marca el aviso y, si el buzón no existe, la dirección. Repetirlo no cambia nada."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="archivos .eml; sin ninguno, un mensaje por la entrada estándar")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if not options["files"]:
            self.stdout.write(hear(sys.stdin.buffer.read(LARGEST_BYTES + 1), now).value)
        for path in options["files"]:
            self.stdout.write(f"{path.name}: {hear(path.read_bytes(), now).value}")
