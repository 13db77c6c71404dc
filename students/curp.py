"""CURP as a value type: an 18-character national person key that is either well formed or does not exist.

The rules are python-stdnum's (a test holds the two together), said again here because a list of 100,000 asks for them
100,000 times, and because stdnum does not know sex X. Rude words are asked of stdnum itself.
A good check digit does not prove that the CURP exists: it is weak (mod 10), only RENAPO or IMSS can tell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache
from operator import mul
from typing import Final

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.mx import curp as stdnum_curp

ENTITIES: Final = {
    "AS": "Aguascalientes", "BC": "Baja California", "BS": "Baja California Sur", "CC": "Campeche", "CL": "Coahuila",
    "CM": "Colima", "CS": "Chiapas", "CH": "Chihuahua", "DF": "Ciudad de México", "DG": "Durango", "GT": "Guanajuato",
    "GR": "Guerrero", "HG": "Hidalgo", "JC": "Jalisco", "MC": "Estado de México", "MN": "Michoacán", "MS": "Morelos",
    "NT": "Nayarit", "NL": "Nuevo León", "OC": "Oaxaca", "PL": "Puebla", "QT": "Querétaro", "QR": "Quintana Roo",
    "SP": "San Luis Potosí", "SL": "Sinaloa", "SR": "Sonora", "TC": "Tabasco", "TS": "Tamaulipas", "TL": "Tlaxcala",
    "VZ": "Veracruz", "YN": "Yucatán", "ZS": "Zacatecas", "NE": "Nacido en el extranjero",
}  # fmt: skip
SEXES: Final = {"H": "Hombre", "M": "Mujer", "X": "No binario"}
LENGTH: Final = 18

#: Offices write these for who has no CURP, after the generic RFC of SAT: they begin with XEXX (foreign) or XAXX (unknown), born on 010101.
#: Programs also put that RFC itself where a CURP goes. A name gives a CURP X in place of a second apellido, never all of this at once.
_GENERIC: Final = re.compile("X[AE]XX010101[0-9A-Z]*")
_GENERIC_REFUSED: Final = (
    "Es una CURP genérica, de nadie: no identifica al alumno. Escriba la suya, copiada de la constancia; si todavía no la tiene, deje el "
    "dato vacío."
)

_SHAPE: Final = re.compile(f"[A-Z]{{4}}[0-9]{{6}}[{''.join(SEXES)}](?:{'|'.join(ENTITIES)})[A-Z]{{3}}[0-9A-Z][0-9]")
VOWELS: Final = "AEIOU"
_VOWELS_OR_X: Final = f"{VOWELS}X"
#: The value of each sign for the check digit (its place in this alphabet, where Ñ would be between N and O) and the weight
#: of each position.
_VALUES: Final = bytes(max("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ".find(chr(code)), 0) for code in range(256))
_WEIGHTS: Final = tuple(range(18, 1, -1))
#: What each sign adds in each position, of tens no more than the rest; the check digit adds itself. Together less than 256.
_ADDED: Final = tuple(bytes(value * weight % 10 for value in _VALUES) for weight in (*_WEIGHTS, 1))
_TENS: Final = bytes(range(0, 256, 10))


class CurpError(ValueError):
    """A text is not a CURP; str() is the reason in Spanish, ready for a screen."""


class Curp(str):
    """A well-formed CURP. Build it with `Curp.parse`; the properties read what its positions say."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Curp:
        """Return the CURP written in `text` (blanks around and lower case are forgiven).

        Raises:
            CurpError: with the first reason found, in Spanish.
        """
        number = text.strip()
        number = number.upper() if number.isascii() else "".join(c.upper() if c.isascii() else c for c in number)
        if is_generic(number):
            raise CurpError(_GENERIC_REFUSED)
        if not (_SHAPE.fullmatch(number) and decent(number[:4]) and _born(number[4:10], number[16])):
            raise CurpError(_reason(number))
        if int(number[-1]) != -sum(map(mul, number.encode().translate(_VALUES), _WEIGHTS)) % 10:
            raise CurpError(f"El dígito verificador no corresponde (termina en {number[-1]}). Cópiela de la constancia.")
        return cls(number)

    @property
    def birth_date(self) -> dt.date:
        """Positions 5-10; position 17 gives the century: a digit for births up to 1999, a letter from 2000."""
        born = _born(self[4:10], self[16])
        assert born is not None  # noqa: S101 - parsed
        return born

    @property
    def sex(self) -> str:
        """One of SEXES; X exists since the non-binary reform."""
        return self[10]

    @property
    def entity(self) -> str:
        """Entity of birth, one of ENTITIES."""
        return self[11:13]

    @property
    def impossible(self) -> tuple[int, str] | None:
        """A position (2, 14, 15 or 16) and the letter there that RENAPO never puts: a consonant where a vowel goes, or the reverse."""
        wrong = {2: self[1]} if self[1] not in _VOWELS_OR_X else {at: self[at - 1] for at in (14, 15, 16) if self[at - 1] in VOWELS}
        return next(iter(wrong.items()), None)


def is_generic(text: str) -> bool:
    """Whether `text` is a generic CURP (XEXX010101HNEXXXA4, XAXX…), which forms take where a person has none: it identifies no person."""
    return bool(_GENERIC.fullmatch("".join(text.upper().replace("-", "").split())))


def all_valid(curps: Sequence[str]) -> bool:
    """Whether `Curp.parse` would return every one of `curps` as it is: what they share is asked once, check digits are added together."""
    if not all(map(_SHAPE.fullmatch, curps)) or any(map(is_generic, {curp for curp in curps if curp[0] == "X"})):
        return False
    if not all(map(decent, {curp[:4] for curp in curps})) or not all(_born(*each) for each in {(curp[4:10], curp[16]) for curp in curps}):
        return False
    signs = "".join(curps).encode()
    sums = sum(int.from_bytes(signs[at::LENGTH].translate(added)) for at, added in enumerate(_ADDED))
    return not sums.to_bytes(len(curps)).translate(None, _TENS)


def masked(curp: str) -> str:
    """The CURP as a list may show it: enough to tell two people apart, not enough to copy."""
    return f"{curp[:4]}{'•' * 12}{curp[-2:]}" if curp else ""


@lru_cache(maxsize=2**15)
def _born(digits: str, sign: str) -> dt.date | None:
    """The date that AAMMDD says, in the century that position 17 says; None if it is not in the calendar."""
    try:
        return dt.date((1900 if sign.isdigit() else 2000) + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None


@lru_cache(maxsize=2**15)
def decent(letters: str) -> bool:
    """Whether a CURP may begin with these four letters."""
    try:
        stdnum_curp.validate(f"{letters}000101HDFAAA00", validate_check_digits=False)
    except StdnumError:
        return False
    return True


def _reason(number: str) -> str:
    strange = next((c for c in number if not ("A" <= c <= "Z" or "0" <= c <= "9")), None)
    if strange is not None and not strange.isascii() and strange.isalnum():
        return f"La «{strange}» no es del alfabeto de la CURP (es un signo de otro alfabeto que se le parece): escríbala de nuevo a mano."
    if strange is not None:
        return f"Tiene un signo que no va en una CURP («{strange}»)."
    if len(number) != LENGTH:
        return f"Debe tener 18 caracteres y tiene {len(number)}."
    return _component_reason(number)


def _component_reason(number: str) -> str:
    if number[10] not in SEXES:
        return f"El sexo (posición 11) debe ser H, M o X, y es «{number[10]}»."
    if number[11:13] not in ENTITIES:
        return f"«{number[11:13]}» (posiciones 12 y 13) no es clave de ninguna entidad. Querétaro es QT."
    if not number[4:10].isdigit():
        return "Las posiciones 5 a 10 deben ser la fecha de nacimiento (AAMMDD)."
    if _born(number[4:10], number[16]) is None:
        return f"La fecha de nacimiento (posiciones 5 a 10, {number[4:10]}) no existe en el calendario."
    return "No tiene la forma de una CURP: revise letra por letra contra la constancia."
