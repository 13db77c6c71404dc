"""What each kind of baja means besides its name; the cause IMSS is told is a row of the office (imss.BajaCause). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.states import BajaKind


@dataclass(frozen=True, slots=True)
class BajaMeaning:
    """`offered`: an officer chooses it by name; `silent`: nothing more is written to the student or the family."""

    offered: bool = True
    silent: bool = False


MEANINGS: Final[Mapping[BajaKind, BajaMeaning]] = {
    BajaKind.TEMPORAL: BajaMeaning(),
    BajaKind.DEFINITIVA: BajaMeaning(),
    BajaKind.EGRESO: BajaMeaning(),
    BajaKind.DESERCION: BajaMeaning(),
    BajaKind.DEFUNCION: BajaMeaning(silent=True),
    # By «Cambio de plantel», which asks where to.
    BajaKind.TRASLADO: BajaMeaning(offered=False),
    BajaKind.DESHECHA: BajaMeaning(offered=False),
}
#: (value, label) of the kinds a form offers.
OFFERED: Final = [(kind.value, str(kind.label)) for kind, meaning in MEANINGS.items() if meaning.offered]
#: Values of the kinds after which no mail is sent to the student or the family, of any of the student's cases.
SILENT: Final = tuple(sorted(kind.value for kind, meaning in MEANINGS.items() if meaning.silent))
