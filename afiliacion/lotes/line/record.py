"""What is sent: a movement as the office knows it, and the record that stands in the 168 positions."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final, NamedTuple


class MovementType(StrEnum):
    """Positions 132-133 (docs/domain.md, 5.1). Schools send no change of wage (07)."""

    ALTA = "08"
    BAJA = "02"

    @property
    def plural(self) -> str:
        """How a screen or a file's name calls several of them."""
        return _PLURALS[self.value]


_PLURALS: Final = {"08": "altas", "02": "bajas"}


class MovementData(NamedTuple):
    """The alta or baja of one person, with the data as the office has them. What else the line needs comes from the profile.

    `curp` is empty in a baja, `causa` (docs/domain.md, 5.4) in an alta. `clave`: see `keys.py`.
    """

    type: MovementType
    registro_patronal: str
    nss: str
    curp: str
    primer_apellido: str
    segundo_apellido: str
    nombre: str
    fecha: dt.date
    clave: str
    causa: str = ""


class Record(NamedTuple):
    """The values of one line, in the order in which they stand in it. What a type of movement does not carry is empty (`salario`: 0).

    `salario` in centavos. Texts are as they are written: in the file's alphabet, no blanks around.
    """

    registro_patronal: str
    nss: str
    primer_apellido: str
    segundo_apellido: str
    nombre: str
    salario: int
    tipo_trabajador: str
    tipo_salario: str
    jornada: str
    fecha: dt.date
    umf: str
    type: MovementType
    guia: str
    clave: str
    causa: str
    curp: str


#: What stands in a record where its type of movement carries nothing.
EMPTY: Final[dict[str, object]] = {name: 0 if name == "salario" else "" for name in Record._fields}
