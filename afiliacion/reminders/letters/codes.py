"""The digits of a one-time code: computed from its mail's row and the office's key, so that neither the ledger nor a backup holds them."""

from __future__ import annotations

from typing import Final

from django.utils.crypto import salted_hmac

from afiliacion.reminders.models import Reminder

KIND: Final = "codigo"
DIGITS: Final = 6
#: What the ledger keeps instead of the digits.
HIDDEN: Final = "•" * DIGITS


def code_of(mail: Reminder) -> str:
    """Return the digits of the code that `mail` carries. Its step is a random name, so each mail has a code of its own."""
    digest = salted_hmac("afiliacion.reminders.codes", f"{mail.case_id}|{mail.step}|{mail.recipient}", algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"
