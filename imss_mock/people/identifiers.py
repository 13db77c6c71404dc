"""CURP and NSS as the authority reads them.

The office has its own copy of these rules. The duplication is deliberate: an authority that borrowed the office's rules could
never disagree with it, and a wrong rule would look right from both sides.
"""

import re
from dataclasses import dataclass
from datetime import date

from imss_mock.people.places import DELEGACIONES

CURP_PATTERN = r"^[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]$"
NSS_PATTERN = r"^[0-9]{11}$"
NOBODY = "00000000000"  # passes the check digit, but payroll programs write it for "no number"
_CURP = re.compile(CURP_PATTERN)
_NSS = re.compile(NSS_PATTERN)
_ALPHABET = {letter: value for value, letter in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}
ENTITIES = frozenset(DELEGACIONES)


@dataclass(frozen=True, slots=True)
class Curp:
    """What a valid CURP says about its holder: sex is H, M or X; entity is a two-letter code."""

    text: str
    birth: date
    sex: str
    entity: str


def read_curp(text: str, today: date) -> Curp | None:
    """The CURP's content, or None when the text cannot be the CURP of a person born by `today`."""
    if not _CURP.fullmatch(text) or text[17] != curp_digit(text[:17]) or text[11:13] not in ENTITIES:
        return None
    birth = _birth(text)
    if birth is None or birth > today:
        return None
    return Curp(text, birth, text[10], text[11:13])


def curp_digit(first17: str) -> str:
    """Check digit of a CURP's first 17 characters (RENAPO: weights 18 to 2, modulus 10)."""
    total = sum(_ALPHABET[letter] * (18 - place) for place, letter in enumerate(first17))
    return str(-total % 10)


def _birth(text: str) -> date | None:
    century = 1900 if text[16].isdigit() else 2000  # RENAPO's differentiator: digit up to 1999, letter from 2000
    try:
        return date(century + int(text[4:6]), int(text[6:8]), int(text[8:10]))
    except ValueError:
        return None


def is_nss(text: str) -> bool:
    """Eleven digits with a right check digit, and not the eleven zeros."""
    return _NSS.fullmatch(text) is not None and text != NOBODY and text[10] == nss_digit(text[:10])


def nss_digit(first10: str) -> str:
    """Check digit of an NSS's first ten digits (Luhn, weights 1 and 2 from the left)."""
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(first10))
    return str(-sum(product - 9 if product > 9 else product for product in products) % 10)
