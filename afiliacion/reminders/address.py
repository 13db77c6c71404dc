"""Pure: an e-mail address as it goes on an envelope."""

from __future__ import annotations

import re
from typing import Final

from afiliacion.reminders.models.reminder import ADDRESS

_ADDRESS: Final = re.compile(ADDRESS)


_BLANKS: Final = " \t\r\n"


def address(email: str) -> str:
    """`email` as it goes on an envelope and in the ledger; empty if no mail can be sent to it."""
    bare = email.strip(_BLANKS)
    return bare.lower() if bare.isascii() and _ADDRESS.fullmatch(bare.lower()) else ""
