"""Lotes for tests of screens."""

from __future__ import annotations

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.models import Lote
from students.registros import Registros


def a_lote(case: Case, act: Act, *, kind: MovementType = MovementType.ALTA) -> Lote:
    """A lote of one case's movement, not sent yet."""
    registro = Registros.of([case.plantel_id]).on(case.plantel_id, case.plantel.day(act.now))
    return sending.make(Case.objects.filter(pk=case.pk), registro, kind, act=act)
