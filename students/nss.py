"""NSS as a value type: eleven digits with a Luhn check digit. Text, never a number: it may start with 0.

Only length, digits and check digit may refuse a number; the years inside are a hint (docs/domain.md, 2.2 and 2.3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from stdnum import luhn

LENGTH: Final = 11
ALL_ZEROS: Final = "0" * LENGTH
_BETWEEN: Final = re.compile(r"[\s-]")
#: A digit's value in Luhn's sum: as it is, and doubled (with its two digits added).
_ONCE: Final = bytes(max(code - 48, 0) for code in range(256))
_TWICE: Final = bytes(sum(divmod(2 * max(code - 48, 0), 10)) if code < 58 else 0 for code in range(256))
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
#: The sums that check.
_TENS: Final = bytes(range(0, 256, 10))


class NssError(ValueError):
    """A text is not an NSS; str() is the reason in Spanish, ready for a screen."""


class Nss(str):
    """A well-formed NSS. Build it with `Nss.parse`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Nss:
        """Return the NSS written in `text`; blanks and hyphens between groups are forgiven, nothing is padded.

        Raises:
            NssError: with the reason in Spanish; for ten digits it names the likely number without taking it.
        """
        number = text if text.isdigit() else _BETWEEN.sub("", text)
        if not (number.isascii() and number.isdigit()) or len(number) != LENGTH:
            raise NssError(_shape_reason(number))
        if number == ALL_ZEROS:
            raise NssError("00000000000 no es de nadie: deje la celda vacía si el alumno aún no tiene NSS.")
        if not _checks(number):
            raise NssError(f"El dígito verificador no corresponde (termina en {number[-1]}). Cópielo de la hoja del IMSS.")
        return cls(number)

    @property
    def birth_year_digits(self) -> str:
        """Positions 5-6: the year of birth IMSS registered. Informational: IMSS has issued numbers that do not fit."""
        return self[4:6]


def masked(nss: str | None) -> str:
    """The NSS as a list may show it."""
    return f"{'•' * 7}{nss[-4:]}" if nss else ""


def all_valid(numbers: Sequence[str]) -> bool:
    """Whether `Nss.parse` would return every one of `numbers` as it is: one addition for all of them, as numbers of a digit in base 256."""
    digits = "".join(numbers).encode()
    if not numbers or {*map(len, numbers)} != {LENGTH} or not digits.isdigit():
        return not numbers
    columns = (digits[at::LENGTH].translate(_TWICE if at % 2 else _ONCE) for at in range(LENGTH))
    sums = sum(map(int.from_bytes, columns)).to_bytes(len(numbers))
    return not sums.translate(None, _TENS) and ALL_ZEROS not in numbers


def _checks(digits: str) -> bool:
    """Luhn's check of eleven digits, as python-stdnum has it, for lists of 100,000."""
    written = digits.encode()
    return (sum(written[::2].translate(_ONCE)) + sum(written[1::2].translate(_TWICE))) % 10 == 0


def _shape_reason(number: str) -> str:
    if _SCIENTIFIC.fullmatch(number):
        return (
            f"Excel lo convirtió en {number} y se perdieron dígitos. Dé formato de Texto a la columna "
            "y vuelva a escribir los 11 dígitos de la hoja del IMSS."
        )
    if not (number.isascii() and number.isdigit()):
        return f"Debe llevar solo dígitos y dice «{number}»."
    if len(number) == LENGTH - 1 and luhn.is_valid(f"0{number}"):
        return (
            f"Tiene 10 dígitos: Excel pudo quitar el cero inicial. ¿Será 0{number}? "
            "Compruébelo en la hoja del IMSS y escríbalo completo, con formato de Texto."
        )
    if len(number) == LENGTH - 1:
        return "Tiene 10 dígitos: ¿se perdió el cero inicial? Escríbalo completo, con formato de Texto."
    return f"Debe tener 11 dígitos y tiene {len(number)}."
