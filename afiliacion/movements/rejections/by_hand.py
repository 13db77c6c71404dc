"""A rejection that an officer noted on a case, without a document of IMSS: its movement is rejected as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import Movement

_LONGEST: Final = Movement._meta.get_field("code").max_length or 0


def note(cases: Iterable[int], kind: MovementType, *, code: str, message: str, on: dt.date) -> None:
    """Of these cases (ids), which were told, reject the last movement of this type that IMSS has received in a lote and not answered.

    What is longer than any code of IMSS is text.
    """
    if len(code) > _LONGEST:
        code, message = "", f"{code}: {message}"
    last = Movement.objects.filter(case__pk__among=list(cases), type=kind.value).exclude(status=Movement.Status.CANCELLED)
    ids = last.order_by("case_id", "-pk").distinct("case_id").values("pk")
    received = Movement.objects.filter(pk__in=ids, status=Movement.Status.RECEIVED, lote__isnull=False)
    received.update(status=Movement.Status.REJECTED, code=code, message=message, answered_on=on)
