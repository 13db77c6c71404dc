"""Which requests between planteles a person sees, and what a request says to each side."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from afiliacion.cases.consent import belonging
from afiliacion.cases.models import ConsentRequest
from afiliacion.dashboard.shared.access import Scope
from afiliacion.database.batch_queries import Parameter, RowCount
from afiliacion.roll.check.comparing import shown
from afiliacion.roll.parse.columns import COLUMNS

Kind, Status = ConsentRequest.Kind, ConsentRequest.Status

#: What a request says, by the name its payload has for it and in this order; what is not here is not shown (the CURP is the list's).
_LABELS: Final[Mapping[str, str]] = {
    **{column.name: column.label for column in COLUMNS if column.name != "curp"},
    "otro": "El otro registro", "reason": "Motivo",
    "name": "Nombre de la madre, padre o tutor", "email": "Correo de la madre, padre o tutor",
}  # fmt: skip


def own(scope: Scope) -> QuerySet[ConsentRequest]:
    """What the person's planteles asked of others; of a coordinator, everything asked."""
    asked = ConsentRequest.objects.select_related("plantel", "ciclo", "case__student")
    return asked if scope.plantel_ids is None else asked.filter(plantel__in=scope.plantel_ids)


def incoming(scope: Scope) -> QuerySet[ConsentRequest]:
    """What others ask of the person's planteles; of coordination, everything."""
    asked = ConsentRequest.objects.select_related("plantel", "ciclo", "student")
    if scope.plantel_ids is None:
        return asked
    theirs = belonging(scope.plantel_ids).filter(student=OuterRef("student"))
    return asked.filter(Exists(theirs)).exclude(plantel__in=scope.plantel_ids)


@cache
def waiting(*, everywhere: bool) -> RowCount:
    """How many requests wait for the `planteles`; for coordination, those not answered by `today`. To be asked `together`."""
    pending = ConsentRequest.objects.filter(status=Status.PENDING)
    if everywhere:
        return RowCount(pending.filter(due_on__lt=Parameter("today")))
    theirs = belonging().filter(student=OuterRef("student"), plantel__pk__among=Parameter("planteles"))
    return RowCount(pending.filter(Exists(theirs), ~Q(plantel__pk__among=Parameter("planteles"))))


def said(request: ConsentRequest) -> list[tuple[str, str]]:
    """What the file or the form said: (label, value), as the preview of a list shows them."""
    payload = request.payload
    corrected = [("CURP correcta", shown("curp", payload["curp"]))] if request.kind == Kind.CONTACT and payload.get("curp") else []
    return corrected + [(label, shown(name, payload[name])) for name, label in _LABELS.items() if payload.get(name)]


def whom(request: ConsentRequest) -> str:
    """Who a request is about, to the side that asked: as its own file or case names the person."""
    payload = request.payload
    if request.case:
        return request.case.student.list_name
    listed = f"{payload.get('primer_apellido', '')} {payload.get('segundo_apellido', '')}".strip()
    return f"{listed}, {payload['nombre']}" if payload.get("nombre") else "Un alumno de su lista"
