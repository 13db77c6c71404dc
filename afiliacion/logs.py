"""What the office logs names nobody: a CURP, an NSS or an e-mail address is masked on its way out, wherever it came from.

Our own lines name cases by folio. But an error of the database quotes the row it refused, and a library logs what it was given.
"""

from __future__ import annotations

import logging
import re
from typing import Final

_MASKS: Final = (
    (re.compile(r"(?<![A-Z0-9])[A-Z]{4}[0-9]{6}[A-Z]{6}[A-Z0-9][0-9](?![A-Z0-9])", re.IGNORECASE), "[CURP]"),
    (re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])"), "[NSS]"),
    # Bounded, so that a long line without an @ costs no more than its length.
    (re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}?(?:@|%40)[\w.-]{1,255}"), "[correo]"),
)


def masked(text: str) -> str:
    """`text` without the CURP, NSS and addresses in it."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


class Discreet(logging.Formatter):
    """The last thing a line passes, with its arguments and traceback in it."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
