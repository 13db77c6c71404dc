"""Mask personal data in every log line, whatever wrote it.

Our own lines name cases by folio. But an access log quotes addresses, the database quotes the row it refused, and a library logs its input.
"""

from __future__ import annotations

import logging
import re
from typing import Final

_MASKS: Final = (
    # What the database says of a row: DETAIL, CONTEXT and LINE quote values, names among them.
    (re.compile(r"\b(DETAIL|DETALLE|CONTEXT|CONTEXTO|LINE \d+|LÍNEA \d+):[^\n]+"), r"\1: […]"),
    # The token of a student's link (reminders/letters/links.py), also one typed wrong by a letter.
    (re.compile(r"(/[ax]/)[^/\s\"'?&#]+"), r"\1[enlace]"),
    (re.compile(r"(?<![A-Z0-9])[A-Z]{4}[0-9]{6}[A-Z]{6}[A-Z0-9][0-9](?![A-Z0-9])", re.IGNORECASE), "[CURP]"),
    (re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])"), "[NSS]"),
    # Bounded, so that a long line without an @ costs no more than its length.
    (re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}?(?:@|%40)[\w.-]{1,255}"), "[correo]"),
    # The values in an address: people search by name, by part of a CURP, by telephone. Last: what is masked already stays.
    (re.compile(r"([?&][\w.%-]{1,64}=)(?!\[(?:CURP|NSS|correo)\](?:[&#\s\"']|$))[^&#\s\"']+"), r"\1[…]"),
)


def masked(text: str) -> str:
    """`text` without CURP, NSS, e-mail addresses, tokens of students' links, values in addresses, and rows quoted by the database."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


class MaskingFormatter(logging.Formatter):
    """Formats a record and masks the whole line, its arguments and traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
