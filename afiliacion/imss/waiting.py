"""What waits for IMSS, and what it said that a person must look at: read for a screen, and a person's decision about it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Final

from django.db.models import Count, Q, QuerySet, TextChoices

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Actor
from afiliacion.imss.models import Answer, Errand, KnownRefusal


class Kind(TextChoices):
    """The lists of the waiting room."""

    PENDING = "pendientes", "Por preguntar o en espera del IMSS"
    PARKED = "detenidas", "Esperan a una persona"
    UNKNOWN = "desconocidas", "Códigos que la oficina no conoce"
    QUARANTINE = "cuarentena", "Respuestas sobre otra persona"


#: Days since it was asked for, as the screen parts them: label, from, to (exclusive).
_AGES: Final = (("hoy o ayer", 0, 2), ("2 a 7 días", 2, 8), ("8 a 28 días", 8, 29), ("más de 28 días", 29, 10_000))


def errands(cases: QuerySet[Case], kind: Kind) -> QuerySet[Errand]:
    """The errands of one list about these cases, oldest first."""
    found = Errand.objects.filter(case__in=cases).select_related("case__student", "case__plantel").order_by("pk")
    if kind is Kind.PENDING:
        return found.filter(status=Errand.Status.OPEN)
    parked = found.filter(status=Errand.Status.PARKED)
    known = KnownRefusal.objects.values("code")
    return parked.exclude(code__in=known).exclude(code="") if kind is Kind.UNKNOWN else parked


def by_age(cases: QuerySet[Case], today: dt.date) -> list[tuple[str, int]]:
    """How many unanswered errands of these cases were asked for how long ago."""
    counts = {
        f"n{place}": Count(
            "pk", filter=Q(requested_on__gt=today - dt.timedelta(days=until), requested_on__lte=today - dt.timedelta(days=since))
        )
        for place, (_, since, until) in enumerate(_AGES)
    }
    row = Errand.objects.filter(case__in=cases, status=Errand.Status.OPEN).aggregate(**counts)
    return [(label, row[f"n{place}"]) for place, (label, _, _) in enumerate(_AGES)]


def quarantined(cases: QuerySet[Case]) -> QuerySet[Answer]:
    """Answers about somebody else that nobody has looked at, oldest first."""
    found = Answer.objects.filter(verdict=Answer.Verdict.QUARANTINED, reviewed_at=None, errand__case__in=cases)
    return found.select_related("errand__case__student", "errand__case__plantel").order_by("pk")


def about(answer: Answer) -> str:
    """The CURP a quarantined answer names; empty when it names none."""
    try:
        said = json.loads(bytes(answer.body))
    except ValueError:
        return ""
    curp = said.get("curp") if isinstance(said, dict) else None
    return curp if isinstance(curp, str) else ""


def review(answers: Iterable[int], cases: QuerySet[Case], *, actor: Actor, now: dt.datetime) -> int:
    """A person has looked at these quarantined answers (ids): they leave the list and stay in the archive. Returns how many were new."""
    return quarantined(cases).filter(pk__in=list(answers)).update(reviewed_at=now, reviewed_by=actor.name)
