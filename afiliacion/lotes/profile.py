"""How the lotes of a registro patronal are written: what no public source settles is an item of its profile (docs/domain.md, 6.4 to 6.6).

Two profiles are shipped, in `defaults/profiles.toml`. Each is to be confirmed with the subdelegación by one movement sent as a test.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from afiliacion.lotes.line.fields import WAGE_TYPES, WORKER_TYPES, WORKING_WEEKS

_DEFAULTS: Final = Path(__file__).parent / "defaults" / "profiles.toml"
#: Signs that a name may be allowed to carry besides letters and blanks.
SIGNS: Final = ".,'-/()&"
_HIGHEST_WAGE: Final = 999_999
_HIGHEST_COUNT: Final = 999_999


class Encoding(StrEnum):
    """The alphabet of the file: ASCII with Ñ as N and no accents, or Windows-1252 with Ñ (docs/domain.md, 6.5)."""

    ASCII = "ascii"
    CP1252 = "cp1252"


class LineEnd(StrEnum):
    CRLF = "CRLF"
    LF = "LF"

    @property
    def bytes(self) -> bytes:
        return b"\r\n" if self is LineEnd.CRLF else b"\n"


class LongNames(StrEnum):
    """A name over 27 letters is cut at its right end and shown, or its movement is refused."""

    CUT = "cut"
    REFUSE = "refuse"


class DateRule(StrEnum):
    """Which day a movement is proposed with: when it is sent, when the student enrolled, or when the ciclo began."""

    ENVIO = "envio"
    INSCRIPCION = "inscripcion"
    CICLO = "ciclo"

    def day(self, *, sent: dt.date, enrolled: dt.date | None, ciclo_begins: dt.date | None) -> dt.date:
        """Return that day; the day of sending where the other is not known."""
        return {DateRule.ENVIO: sent, DateRule.INSCRIPCION: enrolled, DateRule.CICLO: ciclo_begins}[self] or sent


class ProfileError(ValueError):
    """An item of a profile is not possible: `item` is its name, str() the reason in Spanish."""

    def __init__(self, item: str, reason: str) -> None:
        self.item = item
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Profile:
    """The items of a profile.

    `umf`, `guia`: digits, or empty for blanks. `missing_surname`: what is written for who has no segundo apellido, "" or "X".
    `keeps_accents`: only with CP1252. `signs`: of SIGNS, those that stay in names. `filler`: the sign of positions 110-115.
    `salario` in centavos. `most`: records a file has at most.

    Raises:
        ProfileError: if an item is not possible.
    """

    key: str
    label: str
    alphabet: Encoding
    keeps_accents: bool
    signs: str
    line_end: LineEnd
    trailer: bool
    umf: str
    guia: str
    missing_surname: str
    long_names: LongNames
    filler: str
    salario: int
    tipo_trabajador: str
    tipo_salario: str
    jornada: str
    date_rule: DateRule
    most: int

    def __post_init__(self) -> None:
        for item, possible, reason in _RULES:
            if not possible(self):
                raise ProfileError(item, reason)


_RULES: Final = (
    ("keeps_accents", lambda p: not p.keeps_accents or p.alphabet is Encoding.CP1252, "El alfabeto ASCII no tiene acentos."),
    ("signs", lambda p: set(p.signs) <= set(SIGNS), f"Los nombres solo pueden llevar estos signos: {' '.join(SIGNS)}"),
    ("umf", lambda p: bool(re.fullmatch("([0-9]{3})?", p.umf)), "La UMF son 3 dígitos, o nada para dejarla en blanco."),
    ("guia", lambda p: bool(re.fullmatch("([0-9]{5})?", p.guia)), "La guía son 5 dígitos, o nada para dejarla en blanco."),
    ("missing_surname", lambda p: p.missing_surname in {"", "X"}, "A quien no tiene segundo apellido se le deja en blanco o se le pone X."),
    ("filler", lambda p: p.filler in {" ", "0"}, "El relleno es de blancos o de ceros."),
    ("salario", lambda p: 0 <= p.salario <= _HIGHEST_WAGE, "El salario base va de 0.00 a 9,999.99 pesos."),
    ("tipo_trabajador", lambda p: p.tipo_trabajador in WORKER_TYPES, "El tipo de trabajador va de 1 a 4."),
    ("tipo_salario", lambda p: p.tipo_salario in WAGE_TYPES, "El tipo de salario va de 0 a 2."),
    ("jornada", lambda p: p.jornada in WORKING_WEEKS, "La jornada va de 0 a 6."),
    ("most", lambda p: 0 < p.most <= _HIGHEST_COUNT, "Un lote lleva de 1 a 999,999 movimientos."),
)  # fmt: skip

_TYPES: Final[dict[str, type[StrEnum]]] = {"alphabet": Encoding, "line_end": LineEnd, "long_names": LongNames, "date_rule": DateRule}


def from_row(row: Mapping[str, Any]) -> Profile:
    """Return the profile that a row of a table or of `defaults/profiles.toml` describes.

    Raises:
        ProfileError: if an item is missing or not possible.
    """
    items: dict[str, Any] = {}
    for each in fields(Profile):
        if each.name not in row:
            raise ProfileError(each.name, "Falta este dato del perfil.")
        try:
            items[each.name] = _TYPES.get(each.name, lambda value: value)(row[each.name])
        except ValueError:
            raise ProfileError(each.name, f"«{row[each.name]}» no es un valor de este dato del perfil.") from None
    return Profile(**items)


@cache
def shipped() -> dict[str, Profile]:
    """Return the profiles a new office starts with, by key."""
    rows = tomllib.loads(_DEFAULTS.read_text(encoding="utf-8"))["Profile"]
    return {row["key"]: from_row(row) for row in rows}
