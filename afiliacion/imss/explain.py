"""Why a case was or was not asked about: what was asked, what IMSS said, when it is asked again. For the case page."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.imss import outage
from afiliacion.imss.adapters import is_automatic
from afiliacion.imss.cadence import Cadences
from afiliacion.imss.models import Errand, KnownRefusal, Manners, Outage

#: The last errands of a case that are worth a line on its page.
_LINES = 6


def why(case: Case) -> list[str]:
    """Sentences in Spanish: the case's last errands, newest first, and when IMSS will be asked about it next."""
    if not is_automatic():
        return ["Esta oficina trabaja sin el servicio del IMSS: lo que responda se anota con lo que traiga el alumno."]
    errands = list(Errand.objects.filter(case=case).order_by("-requested_at", "-pk")[:_LINES])
    told = [line for errand in errands for line in _told(errand)]
    return [*_outage(), *(told or ["Al IMSS no se le ha preguntado nada de este expediente."]), *_not_yet(case, errands)]


def last_night(case: Case, night: dt.date) -> str:
    """Whether IMSS was asked about this case on that date, and if not, why not: a sentence in Spanish; empty without a line to IMSS."""
    if not is_automatic():
        return ""
    asked = Errand.objects.filter(case=case, told_at__date=night).exclude(code="NotAsked").order_by("-told_at").first()
    if asked:
        return f"La noche del {night:%d/%m/%Y} sí se le preguntó al IMSS ({asked.get_kind_display().lower()}): {asked.message}"
    return f"La noche del {night:%d/%m/%Y} no se le preguntó al IMSS: {_why_not(case, night)}"


def _why_not(case: Case, night: dt.date) -> str:
    unfinished = list(Errand.objects.filter(case=case, status__in=Errand.UNFINISHED).order_by("next_on", "pk"))
    waiting = [errand for errand in unfinished if errand.status == Errand.Status.OPEN]
    if not waiting:
        return "espera a que una persona revise lo último que respondió." if unfinished else _nothing_to_ask(case)
    if waiting[0].next_on > night:
        return f"le toca el {waiting[0].next_on:%d/%m/%Y}."
    if Manners.objects.get().paused:
        return "la oficina tiene detenidas las preguntas (Ajustes, IMSS)."
    if Outage.objects.filter(Q(until=None) | Q(until__date__gte=night), since__date__lte=night).exists():
        return "el IMSS no respondía."
    return "no alcanzó el turno; sale en cuanto el ritmo que acepta el IMSS lo permita."


def _nothing_to_ask(case: Case) -> str:
    days = [day for _, day in _first_questions(case)]
    return f"la primera pregunta toca a partir del {min(days):%d/%m/%Y}." if days else "en este estado no hay nada que preguntar."


def _told(errand: Errand) -> list[str]:
    asked = f"{errand.get_kind_display()}: lo pidió {errand.requested_name} el {errand.requested_on:%d/%m/%Y}; {_tries(errand.attempt)}."
    said = [f"Lo último, el {_moment(errand.told_at)}: {errand.message}"] if errand.told_at and errand.message else []
    return [" ".join([asked, *said, _next(errand)]).strip()]


def _tries(attempts: int) -> str:
    if not attempts:
        return "todavía no se le pregunta al IMSS"
    return "un intento" if attempts == 1 else f"{attempts} intentos"


def _next(errand: Errand) -> str:
    if errand.status == Errand.Status.DONE:
        return ""
    if errand.status == Errand.Status.PARKED:
        known = KnownRefusal.objects.filter(code=errand.code).first()
        return f"Espera a una persona: {known.meaning}" if known else "Espera a que una persona lo revise."
    return f"Se vuelve a preguntar el {errand.next_on:%d/%m/%Y}." if errand.attempt else f"Sale el {errand.next_on:%d/%m/%Y}."


def _not_yet(case: Case, errands: list[Errand]) -> list[str]:
    """The first question of a state, when it is still to come."""
    if any(errand.status in Errand.UNFINISHED for errand in errands):
        return []
    return [f"{kind.label}: se le preguntará al IMSS a partir del {day:%d/%m/%Y}." for kind, day in _first_questions(case)]


def _first_questions(case: Case) -> list[tuple[Errand.Kind, dt.date]]:
    cadences = Cadences()
    first = {kind: cadences.first_on(kind, case) for kind in (Errand.Kind.LOCATE_NSS, Errand.Kind.CHECK_VIGENCIA)}
    return [(kind, day) for kind, day in first.items() if day]


def _outage() -> list[str]:
    going_on = outage.current()
    return [outage.sentence(going_on)] if going_on else []


def _moment(moment: dt.datetime | None) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y a las %H:%M}" if moment else ""
