"""Numbers in Crockford's base 32 (www.crockford.com/base32.html): no letter that a reader takes for a digit."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES: Final = str.maketrans("OIL", "011", "-")
#: Thirteen digits hold 65 bits: more than any number of ours.
_LONGEST: Final = 13


def normalized(text: str) -> str:
    """Return typed digits in capitals, without hyphens, with look-alikes (O, I, L) replaced. Other characters stay."""
    return text.upper().translate(_LOOK_ALIKES)


def encode(number: int, width: int = 1) -> str:
    """Return `number` (not negative) in base 32, with zeros in front up to `width` digits."""
    digits = ""
    while number:
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
    return digits.rjust(width, "0")


def decode(digits: str) -> int:
    """Return the number that `digits` (normalized) stand for.

    Raises:
        ValueError: empty, too long, or with other characters.
    """
    if not 0 < len(digits) <= _LONGEST:
        raise ValueError(digits)
    number = 0
    for digit in digits:
        number = number * 32 + _DIGITS.index(digit)
    return number
