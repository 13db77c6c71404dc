"""A registro patronal as a value: a plantel's number as employer at IMSS, read from papers and forms, compared, and shown.

Eleven positions: a letter and two digits, five digits, two of the modalidad, a check digit whose algorithm is not published
(docs/domain.md, 1.4). What IMSS answers may have ten of them and is never refused for its form.
"""

from __future__ import annotations

import re
from typing import Final

#: As printed on papers.
EXAMPLE: Final = "A01-12345-32-1"
LENGTH: Final = 11
_GROUPS: Final = re.compile(r"([A-Z][0-9]{2})([0-9]{5})([0-9]{2})([0-9])")
_MODALITY: Final = slice(8, 10)
_STUDENTS: Final = "32"
_EXPECTED: Final = f"Son una letra, dos dígitos, cinco dígitos, dos de la modalidad y un dígito verificador, como {EXAMPLE}."


class RegistroError(ValueError):
    """A text is not a registro patronal; str() is the reason in Spanish, ready for a screen."""


def plain(text: str) -> str:
    """Return a registro patronal without the dashes and blanks with which papers print it; its length is not checked."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def parse(text: str) -> str:
    """Return the registro a person typed, as a plain value: dashes, blanks and lower case are forgiven.

    Raises:
        RegistroError: with the first reason found, in Spanish.
    """
    signs = "".join(filter(str.isalnum, text.upper()))
    if not _GROUPS.fullmatch(signs):
        raise RegistroError(_reason(signs))
    return signs


def with_dashes(registro: str) -> str:
    """Return a registro as papers print it: «A01-12345-32-1». One of another form is returned as it is."""
    found = _GROUPS.fullmatch(plain(registro))
    return "-".join(found.groups()) if found else registro


def is_same(one: str, other: str) -> bool:
    """Whether two registros are the same value; one printed without its check digit is the same as one printed with it."""
    one, other = plain(one), plain(other)
    return one == other or (LENGTH - 1 in (len(one), len(other)) and one[: LENGTH - 1] == other[: LENGTH - 1])


def is_of_students(registro: str) -> bool:
    """Whether positions 9 and 10 are 32, the modalidad of students (and of some others: docs/domain.md, 1.3)."""
    return plain(registro)[_MODALITY] == _STUDENTS


def doubt(registro: str) -> str:
    """Return what a person should check of a well-formed registro, in Spanish; "" if nothing."""
    if is_of_students(registro):
        return ""
    modality = plain(registro)[_MODALITY]
    return f"Las posiciones 9 y 10 de {with_dashes(registro)} son {modality}, no 32, la modalidad de los estudiantes: revise que sea ese."


def _reason(signs: str) -> str:
    strange = next((sign for sign in signs if not sign.isascii()), "")
    if strange:
        return f"La «{strange}» no va en un registro patronal. {_EXPECTED}"
    if len(signs) == LENGTH - 1:
        return f"Debe tener 11 posiciones y tiene 10: falta la última, el dígito verificador. {_EXPECTED}"
    if len(signs) != LENGTH:
        return f"Debe tener 11 posiciones y tiene {len(signs)}. {_EXPECTED}"
    if signs[0].isdigit():
        return f"La posición 1 debe ser una letra y es «{signs[0]}». {_EXPECTED}"
    place = next(n for n, sign in enumerate(signs, 1) if n > 1 and not sign.isdigit())
    return f"La posición {place} debe ser un dígito y es «{signs[place - 1]}». {_EXPECTED}"
