"""A request between planteles, as a list makes it."""

from __future__ import annotations

import itertools
from typing import Any

from django.utils import timezone

from afiliacion.cases import consent
from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.outcome import Act, Actor, ActorKind
from students.models import Ciclo, Plantel

_ONES = itertools.count(1)


def a_third_plantel() -> Plantel:
    """Neither the officer's nor the foreign officer's."""
    return Plantel.objects.get_or_create(clave="PREPA3", defaults={"name": "Preparatoria Regional Núm. 3"})[0]


def a_request(theirs: Case, asking: Plantel, ciclo: Ciclo, user: Any) -> ConsentRequest:
    """`asking` asks to enrol the student of a case of another plantel."""
    said = {
        "matricula": f"R{next(_ONES)}", "nombre": "Ana", "primer_apellido": "Lo que dice su lista", "fecha_inscripcion": "2026-08-06",
        "estatus": "activo",
    }  # fmt: skip
    row = ConsentRequest(
        kind=consent.Kind.ENROL,
        student=theirs.student,
        plantel=asking,
        ciclo=ciclo,
        curp=theirs.student.curp,
        payload=said,
        list_id=1,
        line=2,
    )
    actor = Actor(ActorKind.IMPORT, "Quien carga la lista", user and user.pk)
    consent.ask([row], Act(actor, timezone.now(), frozenset({asking.pk})))
    return ConsentRequest.objects.latest("pk")
