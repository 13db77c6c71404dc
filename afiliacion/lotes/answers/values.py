"""What IMSS' documents say, as values (docs/domain.md, 7.5 and 7.6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

#: Types of movement as an answer may have them; a change of wage is no movement of a school's.
ANSWERED_TYPES: Final = {"02": "bajas", "07": "modificaciones", "08": "reingresos"}


class Verdict(StrEnum):
    """What a row says became of its movement. A row that says neither has none: silence is no refusal (docs/domain.md, 7.8)."""

    OPERADO = "operado"
    RECHAZADO = "rechazado"


class Result(NamedTuple):
    """What a document says of one movement. What it does not say is empty; texts stand as they came.

    `where`: its place in the document, in Spanish. `type`: of ANSWERED_TYPES. `nombre_sindo`: the name in IMSS' register.
    """

    where: str
    type: str
    nss: str
    fecha: dt.date
    verdict: Verdict | None
    lote: str = ""
    registro_patronal: str = ""
    clave: str = ""
    curp: str = ""
    nombre: str = ""
    nombre_sindo: str = ""
    codigo: str = ""
    mensaje: str = ""
    extemporaneo: bool | None = None
    causa: str = ""
    umf: str = ""

    @property
    def movement(self) -> tuple[str, str, str, dt.date, str]:
        """What one movement of a document is told by from the others."""
        return self.registro_patronal, self.type, self.nss, self.fecha, self.clave


class Totals(NamedTuple):
    """Movements of a document by type, as it counts them."""

    bajas: int
    modificaciones: int
    reingresos: int
    total: int


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the movements of a paper of IDSE. `received_at`: without zone, as printed."""

    lote: str
    folio: str
    rfc: str = ""
    registro_patronal: str = ""
    received_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Acuse:
    """The acuse de recibo of a lote: its number, and what was refused at once (with a code, and no lote number of its own)."""

    heading: Heading
    refused: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """The answer of a lote as rows. `restored`: the rows whose NSS had lost a leading zero that its check digit gives back."""

    results: tuple[Result, ...]
    restored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constancia:
    """The constancia de presentación: its counts and its rows, which add up."""

    heading: Heading
    received: Totals
    operated: Totals
    rejected: Totals
    results: tuple[Result, ...]
