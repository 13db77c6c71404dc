"""The clave of a movement: the matrícula if it fits, else a short key of ours; never a matrícula that was cut (docs/domain.md, 5.5)."""

from __future__ import annotations

import re
from typing import Final

from afiliacion.base32 import encode

_FITS: Final = re.compile(r"[A-Z0-9][A-Z0-9./-]{0,9}")
#: How a key of ours begins; its digits are in base 32.
_OURS: Final = "X-"
_DIGITS: Final = 8
HIGHEST: Final = 32**_DIGITS - 1


def of_matricula(matricula: str) -> str:
    """Return the clave that a matrícula is by itself, in capitals; "" if it needs a short key (`short`).

    Two matrículas that differ by case have one clave: the table that keeps them holds a clave to one person of a registro patronal.
    """
    capitals = matricula.strip().upper()
    return capitals if _FITS.fullmatch(capitals) and not capitals.startswith(_OURS) else ""


def short(number: int) -> str:
    """Return the short key with this number (0 to HIGHEST): ten signs, the same for the same number, and never a matrícula's own clave.

    Raises:
        ValueError: if there is no key with this number.
    """
    if not 0 <= number <= HIGHEST:
        raise ValueError(number)
    return f"{_OURS}{encode(number, _DIGITS)}"
