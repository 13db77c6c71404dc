"""Where a list is loaded, for whom, and what its statements are given."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from afiliacion.cases.states import OPEN_STATES, BajaKind, State
from afiliacion.roll.models import Import
from students.models import Ciclo, Enrolment, Plantel

#: Statuses that end the right to cover, and the baja each means for the case.
BAJAS: Final = {
    Enrolment.Status.BAJA_TEMPORAL: BajaKind.TEMPORAL,
    Enrolment.Status.BAJA_DEFINITIVA: BajaKind.DEFINITIVA,
    Enrolment.Status.EGRESADO: BajaKind.EGRESO,
    Enrolment.Status.DESERTOR: BajaKind.DESERCION,
    Enrolment.Status.DEFUNCION: BajaKind.DEFUNCION,
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a list is loaded, and for whom. `own`: ids of the importer's planteles, None for all of them."""

    plantel: Plantel
    ciclo: Ciclo
    today: dt.date
    enrolled_on: dt.date | None = None
    own: frozenset[int] | None = frozenset()

    @property
    def planteles(self) -> frozenset[int] | None:
        """Ids of the planteles the importer answers for, the list's among them; None for all of them."""
        return None if self.own is None else self.own | {self.plantel.pk}

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements of this room are given."""
        return {
            "plantel": self.plantel.pk, "ciclo": self.ciclo.pk, "ciclo_starts": self.ciclo.starts_on, "today": self.today,
            "over_by": self.ciclo.starts_on + dt.timedelta(days=settings.ROLL_CICLO_OVERLAP_DAYS),
            "running": self.today <= self.ciclo.ends_on,
            "enrolled_on": self.enrolled_on, "everywhere": self.own is None, "own": sorted(self.planteles or {self.plantel.pk}),
            "entitled": [status.value for status in Enrolment.ENTITLED], "bajas": [status.value for status in BAJAS],
            "open": sorted(state.value for state in OPEN_STATES), "sin_nss": State.SIN_NSS.value,
        }  # fmt: skip


def target_of(job: Import, today: dt.date) -> Target:
    """Where an import's list goes, for the person who brought or confirmed it."""
    own = None if job.own is None else frozenset(job.own)
    return Target(job.plantel, job.ciclo, today, job.enrolled_on, own)
