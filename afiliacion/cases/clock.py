"""Compute due dates and, in Spanish, the steps of the computation from a start, a rule, a calendar and pauses. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import models

DAY: Final = dt.timedelta(days=1)
_WEEKDAYS: Final = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip


class RuleKey(models.TextChoices):
    ACUSE = "acuse", "Entrega del acuse por el alumno"
    ALTA = "alta", "Envío del alta por la escuela"
    VIGENCIA = "vigencia", "Respuesta esperada del IMSS"
    REVISION = "revision", "Nueva consulta de la vigencia"
    ATENCION = "atencion", "Atención de un caso sin vigencia"
    SUBDELEGACION = "subdelegacion", "Seguimiento en la subdelegación"
    BAJA = "baja", "Envío de la baja por la escuela"
    #: Of no case: how long the list of the plantel a student changed to is awaited before a baja is owed (insurance/carried_and_owed.py).
    TRASLADO = "traslado", "Llegada al otro plantel en un cambio"
    COBERTURA = "cobertura", "Nueva consulta de una cobertura ajena"
    #: Of no case: how long another plantel has to answer a request (consent.py).
    CONSENT = "visto_bueno", "Respuesta de otro plantel a una solicitud"
    #: Of no case: when who has no CURP yet is asked for it again (identity/without_curp.py).
    CURP = "curp", "Seguimiento de quien no tiene CURP"
    #: Of no case: how long IMSS may take to say whether it operated or rejected a movement (afiliacion/reconciliation).
    RESPUESTA = "respuesta", "Respuesta del IMSS a un movimiento"


class Start(models.TextChoices):
    """What a rule may count from: its row names some, and the latest of those that happened counts (schedule.py)."""

    ENROLMENT = "inscripcion", "inscripción"
    RECORDING = "registro", "registro en la oficina"
    CORRECTION = "correccion", "corrección del NSS"
    RESUMPTION = "reanudacion", "regreso de la subdelegación, de la renuncia o de la baja, o declaración del seguro"
    ACUSE = "acuse", "entrega del acuse"
    MOVEMENT = "envio", "envío al IMSS"
    CHECK = "consulta", "última consulta"
    FILING = "presentacion", "presentación en la subdelegación"
    COVER_LOST = "cobertura_perdida", "pérdida de la otra cobertura"
    STATE = "estado", "llegada al estado actual"


class Unit(models.TextChoices):
    HABILES = "habiles", "días hábiles"
    NATURALES = "naturales", "días naturales"


@dataclass(frozen=True, slots=True)
class Rule:
    """`n` days of `unit` counted from the day after the start event; `source` says where the rule comes from."""

    id: int
    key: RuleKey
    n: int
    unit: Unit
    rolls: bool
    source: str
    #: The days on which IMSS gives no service do not count.
    stops_with_imss: bool = False
    #: The events it counts from: the latest of them.
    starts: tuple[Start, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date and the steps of its computation, in Spanish."""

    on: dt.date
    steps: tuple[str, ...]


#: A day -> why it is not a working day ("sábado", "Natalicio de Benito Juárez"), or "" when it is.
WhyIdle = Callable[[dt.date], str]
#: Stretches that do not count: first day, day after the last, and why.
Pauses = Sequence[tuple[dt.date, dt.date, str]]


def due_on(start: dt.date, rule: Rule, why_idle: WhyIdle, pauses: Pauses = ()) -> dt.date:
    """The last day to comply, never one of a pause. Counting starts the day after `start`; with `rolls`, an idle last day moves on."""
    *_, (last, _why) = _days(start, rule, why_idle, pauses)
    return last


def explain(start: dt.date, what: str, rule: Rule, why_idle: WhyIdle, pauses: Pauses = ()) -> Deadline:
    """The due date with the steps of its computation; `what` names the start event ("inscripción")."""
    days = list(_days(start, rule, why_idle, pauses))
    last = days[-1][0]
    first = what[:1].upper() + what[1:]
    steps = [f"{first}: {long_date(start)}. Ese día no se cuenta.", f"Plazo: {rule.n} {rule.unit.label}. {rule.source}"]
    steps += [f"{long_date(day).capitalize()}: no cuenta ({why})." for day, why in days if why]
    return Deadline(last, (*steps, f"Vence el {long_date(last)}."))


def long_date(day: dt.date) -> str:
    """«jueves 6 de agosto de 2026»."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} de {_MONTHS[day.month - 1]} de {day.year}"


def _days(start: dt.date, rule: Rule, why_idle: WhyIdle, pauses: Pauses) -> Iterator[tuple[dt.date, str]]:
    """Each day after the start up to the due date, and why it does not count or cannot be the due date ("" otherwise)."""
    day, left, why = start, rule.n, ""
    while left > 0 or why:
        day += DAY
        why = _paused(day, pauses) or (why_idle(day) if rule.unit is Unit.HABILES else "")
        left -= not why
        if left <= 0 and not why:
            why = _not_due(day, rule, why_idle)
        yield day, why


def _not_due(day: dt.date, rule: Rule, why_idle: WhyIdle) -> str:
    """Why the last day to comply cannot be this one, by a rule that rolls; "" if it can."""
    why = why_idle(day) if rule.rolls else ""
    return f"el plazo no vence en día inhábil, {why}; pasa al siguiente" if why else ""


def _paused(day: dt.date, pauses: Pauses) -> str:
    return next((why for begins, ends, why in pauses if begins <= day < ends), "")
