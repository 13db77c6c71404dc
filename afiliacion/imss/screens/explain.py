"""Why IMSS was or was not asked about a case: the requests, the answers, when it is asked again. For the case page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, NamedTuple

from django.db.models import Q
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.database.batch_queries import Batch, Parameter, together
from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.models import Cadence, Errand, ImssSettings, KnownRefusal, Outage
from afiliacion.imss.queue.cadence import Cadences
from afiliacion.imss.rate import circuit_breaker

#: How many of a case's last errands get a line on its page.
_LINES = 6


class ErrandRows(NamedTuple):
    """What ErrandHistory is built from: a case's errands, the outages of a night, and the rows that say how IMSS is asked."""

    errands: list[Errand]
    outages: list[Outage]
    cadences: list[Cadence]
    settings: list[ImssSettings]
    refusals: list[KnownRefusal]


#: Of `case` on `night`.
QUERIES: Final = Batch(
    ErrandRows,
    errands=Errand.objects.filter(case=Parameter("case")).order_by("-requested_at", "-pk"),
    outages=Outage.objects.filter(Q(until=None) | Q(until__date__gte=Parameter("night")), since__date__lte=Parameter("night")),
    cadences=Cadence.objects.order_by("after_days"),
    settings=ImssSettings.objects.all(),
    refusals=KnownRefusal.objects.all(),
)


class ErrandHistory:
    """What IMSS was asked about one case up to a date, read in one query; `outage` is the one going on, if any;
    `automatic`, whether IMSS is asked at all. `rows`: the results of QUERIES, if they were read already."""

    def __init__(self, case: Case, night: dt.date, rows: ErrandRows | None = None) -> None:
        self._case, self._night = case, night
        rows = rows or together(QUERIES, case=case.pk, night=night)
        self._errands, self._outages, (settings,) = rows.errands, rows.outages, rows.settings
        self._cadences, self._paused, self.automatic = Cadences(rows.cadences), settings.paused, is_automatic(settings)
        self._meanings = {refusal.code: refusal.meaning for refusal in rows.refusals}
        self.outage: Outage | None = next((each for each in self._outages if each.until is None), None)

    @property
    def unfinished(self) -> list[Errand]:
        """The errands on their way or waiting for a person, the oldest first."""
        return sorted((errand for errand in self._errands if errand.status in Errand.UNFINISHED), key=lambda errand: errand.pk)

    def why(self) -> list[str]:
        """Return sentences in Spanish: the case's last errands, newest first, and when IMSS will be asked about it next."""
        if not self.automatic:
            return ["Esta oficina trabaja sin el servicio del IMSS: lo que responda se anota con lo que traiga el alumno."]
        lines = [_line(errand, self._meanings) for errand in self._errands[:_LINES]]
        down = [circuit_breaker.sentence(self.outage)] if self.outage else []
        return [*down, *(lines or ["Al IMSS no se le ha preguntado nada de este expediente."]), *self._not_yet()]

    def last_night(self) -> str:
        """Return in Spanish whether IMSS was asked about this case on that date, and if not, why not; empty without a service."""
        if not self.automatic:
            return ""
        results = [(errand.last_result_at, errand) for errand in self._errands if errand.last_result_at and errand.code != "NotAsked"]
        tonight = [(at, errand) for at, errand in results if timezone.localdate(at) == self._night]
        if tonight:
            _, last = max(tonight, key=lambda one: one[0])
            return f"La noche del {self._night:%d/%m/%Y} sí se le preguntó al IMSS («{last.get_kind_display()}»): {last.message}"
        return f"La noche del {self._night:%d/%m/%Y} no se le preguntó al IMSS: {self._why_not()}"

    def _why_not(self) -> str:
        waiting = [errand for errand in self.unfinished if errand.status == Errand.Status.OPEN]
        if not waiting:
            return "espera a que una persona revise lo último que respondió." if self.unfinished else self._nothing_to_ask()
        next_on = min(errand.next_on for errand in waiting)
        if next_on > self._night:
            return f"le toca el {next_on:%d/%m/%Y}."
        if self._paused:
            return "la oficina tiene detenidas las preguntas (Ajustes, IMSS)."
        if self._outages:
            return "el IMSS no respondía."
        return "no alcanzó el turno; sale en cuanto el ritmo que acepta el IMSS lo permita."

    def _nothing_to_ask(self) -> str:
        days = [day for _, day in self._first_questions()]
        return f"la primera pregunta toca a partir del {min(days):%d/%m/%Y}." if days else "en este estado no hay nada que preguntar."

    def _not_yet(self) -> list[str]:
        """The first question of a state, when it is still to come."""
        if self.unfinished:
            return []
        return [f"{kind.label}: se le preguntará al IMSS a partir del {day:%d/%m/%Y}." for kind, day in self._first_questions()]

    def _first_questions(self) -> list[tuple[Errand.Kind, dt.date]]:
        kinds = (Errand.Kind.LOCATE_NSS, Errand.Kind.CHECK_VIGENCIA)
        return [(kind, day) for kind in kinds if (day := self._cadences.first_on(kind, self._case))]


def _line(errand: Errand, meanings: Mapping[str, str]) -> str:
    asked = f"{errand.get_kind_display()}: lo pidió {errand.requested_name} el {errand.requested_on:%d/%m/%Y}; {_tries(errand.attempt)}."
    result = [f"Lo último, el {_moment(errand.last_result_at)}: {errand.message}"] if errand.last_result_at and errand.message else []
    return " ".join([asked, *result, _next(errand, meanings)]).strip()


def _tries(attempts: int) -> str:
    if not attempts:
        return "todavía no se le pregunta al IMSS"
    return "un intento" if attempts == 1 else f"{attempts} intentos"


def _next(errand: Errand, meanings: Mapping[str, str]) -> str:
    if errand.status == Errand.Status.DONE:
        return ""
    if errand.status == Errand.Status.PARKED:
        meaning = meanings.get(errand.code)
        return f"Espera a una persona: {meaning}" if meaning else "Espera a que una persona lo revise."
    return f"Se vuelve a preguntar el {errand.next_on:%d/%m/%Y}." if errand.attempt else f"Sale el {errand.next_on:%d/%m/%Y}."


def _moment(moment: dt.datetime | None) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y a las %H:%M}" if moment else ""
