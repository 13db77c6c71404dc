"""Why IMSS rejects movements: the families that are shipped, and to which of them the office says that a code belongs.

A family is never guessed from the text of IMSS: a code of which nothing is told, and no code, are of UNKNOWN (docs/domain.md, 7.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

from django.db import models

from afiliacion.database import datafiles
from afiliacion.movements.models import RejectionCode

UNKNOWN: Final = "DESCONOCIDO"
#: IMSS was down or has not decided yet: nothing was rejected.
SYSTEM: Final = "SISTEMA"


class Fixer(models.TextChoices):
    """Who puts it right."""

    STUDENT = "alumno", "el alumno"
    OFFICER = "oficial", "usted"
    SUBDELEGACION = "subdelegacion", "la subdelegación"
    REPRESENTATIVE = "representante", "el representante legal"
    IMSS = "imss", "el IMSS"


class Remedy(StrEnum):
    """What can be done about it; the screens lead to each (dashboard/case/remedies.py)."""

    CORRECT_PERSON = "corregir_datos"
    CORRECT_NSS = "corregir_nss"
    ASK_SHEET = "pedir_hoja"
    UNIFY_NSS = "unificar_nss"
    SUBDELEGACION = "subdelegacion"
    OTHER_DATE = "otra_fecha"
    PROFILE = "perfil"
    REGISTRO = "registro_patronal"
    OTHER_LOTE = "otro_lote"
    CLOSE = "cerrar"
    WAIT = "esperar"
    TELL_CODE = "codigo"


class Again(StrEnum):
    """Whether it is sent again: once it is put right, at once as it is, or not, unless an officer says so of one movement."""

    WHEN_FIXED = "tras_corregir"
    AS_IT_IS = "igual"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of rejection. `name`, `meaning`, `how` (step by step) are read by officers."""

    key: str
    name: str
    meaning: str
    who: Sequence[Fixer]
    how: Sequence[str]
    remedies: Sequence[Remedy]
    again: Again

    @property
    def fixed_by(self) -> str:
        return " y ".join(str(each.label) for each in self.who)

    @property
    def in_bulk(self) -> bool:
        """Whether one cause is likely behind all of them, so that it is put right for all at once."""
        return self.again is Again.WHEN_FIXED and self.key != UNKNOWN


@cache
def families() -> Mapping[str, Family]:
    """The families that are shipped, by key, in the order of the screens."""
    return {row["key"]: _family(row) for row in datafiles.read("movements", "rejection_families")["Family"]}


def _family(row: Mapping[str, Any]) -> Family:
    who, remedies = tuple(map(Fixer, row["who"])), tuple(map(Remedy, row["remedies"]))
    return Family(row["key"], row["name"], row["meaning"], who, tuple(row["how"]), remedies, Again(row["again"]))


def family(key: str) -> Family:
    """The family of a key; UNKNOWN if it is not one of those shipped."""
    return families().get(key) or families()[UNKNOWN]


class Codes:
    """What the office has told of codes, read once."""

    def __init__(self) -> None:
        self._rows = {row.code: row for row in RejectionCode.objects.all()}

    def family(self, code: str) -> Family:
        return family(self._rows[code].family) if code in self._rows else families()[UNKNOWN]

    def meaning(self, code: str) -> str:
        """What the code means, as the office told it; "" if it did not."""
        return self._rows[code].meaning if code in self._rows else ""
