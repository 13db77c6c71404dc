"""The one table of the 168 positions: writer, reader, help of the columns and tests come from it (docs/domain.md, 6.2 to 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from afiliacion.lotes.line.record import MovementType
from students import curp, nss, registro_patronal

LENGTH: Final = 168
#: The identifier of the format, in position 168 of every line.
FORMAT: Final = "9"


class Fill(StrEnum):
    """How a value shorter than its field is filled."""

    BLANKS = "a la izquierda, con blancos detrás"
    ZEROS = "a la derecha, con ceros delante"
    NONE = "completo"


class Signs(StrEnum):
    """What a field is made of, as the published structure has it (N, A, AN)."""

    N = "dígitos"
    A = "letras"
    AN = "letras y dígitos"


@dataclass(frozen=True, slots=True)
class Field:
    """Some positions of a line, counted from 1.

    `name`: the field of `Record` they hold; empty where always the same stands there (`constant`). `pattern`: what may stand there, its
    filling included, as a regular expression, in which `letters`, `signs` and `filler` are the profile's. `blank`: or only blanks.
    `check` raises ValueError with the reason (Spanish) for what cannot stand there; `all_valid`: whether it would for none of many, asked
    where the pattern cannot tell. `allowed`: the codes of a catalogue with their meaning. `source`: the section of docs/domain.md.
    """

    name: str
    first: int
    length: int
    label: str
    signs: Signs = Signs.AN
    fill: Fill = Fill.NONE
    pattern: str = ""
    blank: bool = False
    constant: str = ""
    hint: str = ""
    allowed: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[str], object] | None = None
    all_valid: Callable[[Sequence[str]], bool] | None = None
    source: str = "6.2"

    @property
    def last(self) -> int:
        return self.first + self.length - 1

    @property
    def positions(self) -> str:
        """The positions as the documents write them: «12-22», or «168»."""
        return str(self.first) if self.length == 1 else f"{self.first}-{self.last}"

    @property
    def takes(self) -> str:
        """What stands there, in Spanish, for the help of the columns."""
        if not self.name:
            return (
                f"siempre {'blancos' if self.constant.isspace() else f'«{self.constant}»'}" if self.constant else "relleno, según el perfil"
            )
        codes = ", ".join(f"{code} {meaning}" for code, meaning in self.allowed.items())
        return f"{self.signs.value}, {self.fill.value}{'; o blancos' * self.blank}{f': {codes}' * bool(codes)}. {self.hint}".strip()


WORKER_TYPES: Final = {"1": "permanente", "2": "eventual", "3": "eventual de la construcción", "4": "eventual del campo"}
WAGE_TYPES: Final = {"0": "fijo", "1": "variable", "2": "mixto"}
WORKING_WEEKS: Final = {"0": "normal", **{str(days): f"{days} días a la semana" for days in range(1, 6)}, "6": "jornada reducida"}
CAUSES: Final = {
    "1": "término de contrato", "2": "separación voluntaria", "3": "abandono de empleo", "4": "defunción", "5": "clausura", "6": "otras",
    "7": "ausentismo", "8": "rescisión", "9": "jubilación", "A": "pensión",
}  # fmt: skip

_NAME: Final = "[%(letters)s][%(letters)s%(signs)s ]{26}"
_NAME_HINT: Final = "Van hasta 27 letras, como están en el registro del IMSS, y en el alfabeto del archivo."


def _codes(allowed: Mapping[str, str]) -> str:
    return f"[{''.join(allowed)}]"


def _constant(first: int, signs: str, label: str, source: str = "6.2") -> Field:
    return Field("", first, len(signs), label, constant=signs, source=source)


_PERSON: Final = (
    Field(
        "registro_patronal", 1, 11, "Registro patronal", pattern="[A-Z][0-9]{10}", check=registro_patronal.parse,
        hint="Son 10 posiciones y su dígito verificador.", source="1.4",
    ),
    Field(
        "nss", 12, 11, "NSS", Signs.N, pattern="[0-9]{11}", check=nss.Nss.parse, all_valid=nss.all_valid,
        hint="Son 10 dígitos y su dígito verificador.", source="2.2",
    ),
    Field("primer_apellido", 23, 27, "Primer apellido", Signs.A, Fill.BLANKS, _NAME, hint=_NAME_HINT),
    Field(
        "segundo_apellido", 50, 27, "Segundo apellido", Signs.A, Fill.BLANKS, _NAME, blank=True,
        hint=f"{_NAME_HINT} Quien no lo tiene va en blanco o con X, según el perfil.",
    ),
    Field("nombre", 77, 27, "Nombre(s)", Signs.A, Fill.BLANKS, _NAME, hint=_NAME_HINT),
)  # fmt: skip
_DATE: Final = Field("fecha", 119, 8, "Fecha del movimiento", Signs.N, pattern="[0-9]{8}", hint="Día, mes y año: DDMMAAAA.", source="5.3")
_GUIDE: Final = Field(
    "guia", 134, 5, "Guía", Signs.N, Fill.BLANKS, "[0-9]{5}", blank=True,
    hint="Son los 5 dígitos que da la subdelegación, o blancos, según el perfil.", source="6.6",
)  # fmt: skip
_KEY: Final = Field(
    "clave", 139, 10, "Clave", Signs.AN, Fill.BLANKS, "[A-Z0-9][A-Z0-9./ -]{9}",
    hint="Es la matrícula si cabe en 10 posiciones, sin Ñ ni acentos; si no, una clave corta: nunca se recorta.", source="5.5",
)  # fmt: skip
_END: Final = _constant(168, FORMAT, "Identificador del formato")

ALTA: Final = (
    *_PERSON,
    Field(
        "salario", 104, 6, "Salario base", Signs.N, Fill.ZEROS, "[0-9]{6}",
        hint="Cuatro dígitos de pesos y dos de centavos, sin punto.", source="6.6",
    ),
    Field("", 110, 6, "Relleno", pattern="%(filler)s{6}"),
    Field("tipo_trabajador", 116, 1, "Tipo de trabajador", Signs.N, pattern=_codes(WORKER_TYPES), allowed=WORKER_TYPES, source="6.9"),
    Field("tipo_salario", 117, 1, "Tipo de salario", Signs.N, pattern=_codes(WAGE_TYPES), allowed=WAGE_TYPES, source="6.9"),
    Field("jornada", 118, 1, "Semana o jornada reducida", Signs.N, pattern=_codes(WORKING_WEEKS), allowed=WORKING_WEEKS, source="6.9"),
    _DATE,
    Field("umf", 127, 3, "UMF", Signs.N, Fill.BLANKS, "[0-9]{3}", blank=True, hint="En blanco o no, según el perfil.", source="6.6"),
    _constant(130, "  ", "Blancos"),
    _constant(132, MovementType.ALTA.value, "Tipo de movimiento", "5.1"),
    _GUIDE,
    _KEY,
    _constant(149, " ", "Blanco"),
    Field(
        "curp", 150, 18, "CURP", pattern="[A-Z0-9]{18}", check=curp.Curp.parse, all_valid=curp.all_valid,
        hint="Son las 18 posiciones de la constancia.", source="3.2",
    ),
    _END,
)  # fmt: skip

BAJA: Final = (
    *_PERSON,
    _constant(104, "0" * 15, "Ceros", "6.3"),
    _DATE,
    _constant(127, " " * 5, "Blancos", "6.3"),
    _constant(132, MovementType.BAJA.value, "Tipo de movimiento", "5.1"),
    _GUIDE,
    _KEY,
    Field("causa", 149, 1, "Causa de baja", pattern=_codes(CAUSES), allowed=CAUSES, source="5.4"),
    _constant(150, " " * 18, "Blancos: una baja no lleva CURP", "6.3"),
    _END,
)

#: The trailer (cifras de control); `guia` is that of the records, `count` how many there are.
TRAILER: Final = (
    _constant(1, "*" * 13, "Asteriscos", "6.4"),
    _constant(14, " " * 43, "Blancos", "6.4"),
    Field("count", 57, 6, "Número de movimientos", Signs.N, Fill.ZEROS, "[0-9]{6}", source="6.4"),
    _constant(63, " " * 71, "Blancos", "6.4"),
    _GUIDE,
    _constant(139, " " * 29, "Blancos", "6.4"),
    _END,
)

TABLES: Final = {MovementType.ALTA: ALTA, MovementType.BAJA: BAJA}
