"""The lists of the screen IMSS: errands that wait for IMSS, answers that a person must look at, and that a person did."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Final

from django.db.models import Count, Q, QuerySet, TextChoices

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.imss.models import Answer, Errand, KnownRefusal


class QueueList(TextChoices):
    """The lists of the screen IMSS."""

    PENDING = "pendientes", "Por preguntar o en espera del IMSS"
    PARKED = "detenidas", "Esperan a una persona"
    UNKNOWN = "desconocidas", "Códigos que la oficina no conoce"
    QUARANTINE = "cuarentena", "Respuestas sobre otra persona"


#: Days since an errand was requested, as the screen groups them: label, from, to (exclusive).
_AGES: Final = (("hoy o ayer", 0, 2), ("2 a 7 días", 2, 8), ("8 a 28 días", 8, 29), ("más de 28 días", 29, 10_000))


def errands(cases: QuerySet[Case], kind: QueueList) -> QuerySet[Errand]:
    """Return the errands of one list about these cases, oldest first."""
    found = Errand.objects.filter(case__in=cases).select_related("case__student", "case__plantel").order_by("pk")
    if kind is QueueList.PENDING:
        return found.filter(status=Errand.Status.OPEN)
    parked = found.filter(status=Errand.Status.PARKED)
    known = KnownRefusal.objects.values("code")
    return parked.exclude(code__in=known).exclude(code="") if kind is QueueList.UNKNOWN else parked


def by_age(cases: QuerySet[Case], today: dt.date) -> list[tuple[str, int]]:
    """Return how many open errands of these cases were requested how long ago: label, number."""
    counts = {
        f"n{place}": Count(
            "pk", filter=Q(requested_on__gt=today - dt.timedelta(days=until), requested_on__lte=today - dt.timedelta(days=since))
        )
        for place, (_, since, until) in enumerate(_AGES)
    }
    row = Errand.objects.filter(case__in=cases, status=Errand.Status.OPEN).aggregate(**counts)
    return [(label, row[f"n{place}"]) for place, (label, _, _) in enumerate(_AGES)]


def quarantined(cases: QuerySet[Case]) -> QuerySet[Answer]:
    """Return the answers about another person that have not been reviewed, oldest first."""
    found = Answer.objects.filter(verdict=Answer.Verdict.QUARANTINED, reviewed_at=None, errand__case__in=cases)
    return found.select_related("errand__case__student", "errand__case__plantel").order_by("pk")


def about(answer: Answer) -> str:
    """Return the CURP a quarantined answer names; empty if it names none."""
    try:
        body = json.loads(bytes(answer.body))
    except ValueError:
        return ""
    curp = body.get("curp") if isinstance(body, dict) else None
    return curp if isinstance(curp, str) else ""


def review(answers: Iterable[int], cases: QuerySet[Case], *, act: Act) -> int:
    """Mark these quarantined answers (ids) as reviewed: they leave the list and stay in the archive. Returns how many were new."""
    return quarantined(cases).filter(pk__in=list(answers)).update(reviewed_at=act.now, reviewed_by=act.actor.name)
