"""CURP as a value type: an 18-character national person key that is either well formed or does not exist.

python-stdnum judges pattern, date, entity, rude words and check digit; it does not know sex X, which is closed here.
A good check digit does not prove that the CURP exists: it is weak (mod 10), only RENAPO or IMSS can tell.
"""

from __future__ import annotations

import datetime as dt
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
        number = text.strip().upper()
        try:
            stdnum_curp.validate(_as_known_sex(number), validate_check_digits=False)
        except (StdnumError, ValueError) as error:
            raise CurpError(_reason(number)) from error
        if number != stdnum_curp.compact(number) or not number.isascii():
            raise CurpError(_reason(number))
        expected = stdnum_curp.calc_check_digit(number)
        if number[-1] != expected:
            raise CurpError(f"El dígito verificador no corresponde (termina en {number[-1]}). Cópiela de la constancia.")
        return cls(number)

    @property
    def birth_date(self) -> dt.date:
        """Positions 5-10; position 17 gives the century: a digit for births up to 1999, a letter from 2000."""
        century = 1900 if self[16].isdigit() else 2000
        return dt.date(century + int(self[4:6]), int(self[6:8]), int(self[8:10]))

    @property
    def sex(self) -> str:
        """One of SEXES; X exists since the non-binary reform."""
        return self[10]

    @property
    def entity(self) -> str:
        """Entity of birth, one of ENTITIES."""
        return self[11:13]


def masked(curp: str) -> str:
    """The CURP as a list may show it: enough to tell two people apart, not enough to copy."""
    return f"{curp[:4]}{'•' * 12}{curp[-2:]}" if curp else ""


def _as_known_sex(number: str) -> str:
    """stdnum knows H and M only; X is as good for everything else it checks."""
    return f"{number[:10]}H{number[11:]}" if number[10:11] == "X" else number


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
    try:
        stdnum_curp.get_birth_date(number)
    except StdnumError:
        return f"La fecha de nacimiento (posiciones 5 a 10, {number[4:10]}) no existe en el calendario."
    return "No tiene la forma de una CURP: revise letra por letra contra la constancia."
