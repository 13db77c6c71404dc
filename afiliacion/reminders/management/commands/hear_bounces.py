"""`manage.py hear_bounces [FILE… | --mailbox]`: receive delivery reports from files, from the mailbox of the settings or, one message,
from standard input (a pipe of the server)."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from afiliacion.reminders.bounces.mailbox import NoMailbox, receive_mailbox
from afiliacion.reminders.bounces.parse import LARGEST_BYTES, receive


class Command(BaseCommand):
    help = "Recibe las devoluciones de correo: marca el aviso y, si el buzón no existe, la dirección. Repetirlo no cambia nada."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mailbox", action="store_true", help="lee el buzón IMAP de REMINDER_BOUNCES_IMAP")
        parser.add_argument("files", nargs="*", type=Path, help="archivos .eml; sin ninguno, un mensaje por la entrada estándar")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["mailbox"]:
            self._mailbox(now)
        elif not options["files"]:
            self.stdout.write(receive(sys.stdin.buffer.read(LARGEST_BYTES + 1), now).value)
        for path in options["files"]:
            self.stdout.write(f"{path.name}: {receive(path.read_bytes(), now).value}")

    def _mailbox(self, now: dt.datetime) -> None:
        if not settings.REMINDER_BOUNCES_IMAP:
            raise CommandError("Falta REMINDER_BOUNCES_IMAP: la dirección del buzón, imaps://usuario:clave@servidor/INBOX.")
        try:
            for what, n in receive_mailbox(settings.REMINDER_BOUNCES_IMAP, now).items():
                self.stdout.write(f"{what.value}: {n}")
        except NoMailbox as error:
            raise CommandError(str(error)) from error
