"""What movements and answers say of a person is erased with the texts of the case. The files stay as they were sent and came: evidence."""

from __future__ import annotations

from collections.abc import Collection

from afiliacion.cases.facts import ERASED
from afiliacion.imss.models import Errand
from afiliacion.movements.models import AnswerRow, Movement


def forget(cases: Collection[int]) -> None:
    """Erase names, CURP and IMSS' words of the movements of these cases (ids); that there was a movement, and what became of it, stays."""
    movements = Movement.objects.filter(case__in=cases)
    Errand.objects.filter(case__in=cases, kind__in=Errand.MOVEMENTS).update(result_text="", register_name="")
    AnswerRow.objects.filter(movement__in=movements).update(said={})
    movements.exclude(message="").update(message=ERASED)
    movements.update(data={}, register_name="")
