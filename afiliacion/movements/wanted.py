"""Which cases want an alta or owe a baja that no lote has: what could be sent."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from afiliacion.cases.models import ALTA_WANTED, BAJA_OWED, Case
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import Movement


def wanting_alta(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Of these, the cases whose next step is the alta, and of which no lote has it that IMSS has not received."""
    return cases.filter(ALTA_WANTED).exclude(_in_lote(MovementType.ALTA))


def owing_baja(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Of these, the cases that owe IMSS a baja which no lote has."""
    return cases.filter(BAJA_OWED).exclude(_in_lote(MovementType.BAJA))


def _in_lote(kind: MovementType) -> Exists:
    return Exists(Movement.objects.filter(case=OuterRef("pk"), type=kind.value, status__in=Movement.UNRECEIVED))
