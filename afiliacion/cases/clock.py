"""Pure: a start, a rule, a calendar and pauses give a due date and, in Spanish, the steps of its computation."""

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
    #: The days IMSS gives no service do not count: nobody is blamed for them.
    stops_with_imss: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    on: dt.date
    steps: tuple[str, ...]


#: A day -> why it is not a working day ("sábado", "Natalicio de Benito Juárez"), or "" when it is.
WhyIdle = Callable[[dt.date], str]
#: Stretches that do not count: first day, day after the last, and why.
Pauses = Sequence[tuple[dt.date, dt.date, str]]


def due_on(start: dt.date, rule: Rule, why_idle: WhyIdle, pauses: Pauses = ()) -> dt.date:
    """The last day to comply. Counting starts the day after `start`; with `rolls`, an idle last day moves on."""
    *_, (last, _number, _why) = _days(start, rule, why_idle, pauses)
    return last


def explain(start: dt.date, what: str, rule: Rule, why_idle: WhyIdle, pauses: Pauses = ()) -> Due:
    """The due date with the steps of its computation; `what` names the start event ("inscripción")."""
    days = list(_days(start, rule, why_idle, pauses))
    last = days[-1][0]
    steps = [f"{what.capitalize()}: {long_date(start)}. Ese día no se cuenta.", f"Plazo: {rule.n} {rule.unit.label}. {rule.source}"]
    steps += [f"{long_date(day).capitalize()}: no cuenta ({why})." for day, number, why in days if not number]
    return Due(last, (*steps, f"Vence el {long_date(last)}."))


def long_date(day: dt.date) -> str:
    """«jueves 6 de agosto de 2026»."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} de {_MONTHS[day.month - 1]} de {day.year}"


def _days(start: dt.date, rule: Rule, why_idle: WhyIdle, pauses: Pauses) -> Iterator[tuple[dt.date, int, str]]:
    """Each day after the start up to the due date: (day, its number or 0 if it does not count, why not)."""
    day, counted = start, 0
    while counted < rule.n:
        day += DAY
        why = _paused(day, pauses) or (why_idle(day) if rule.unit is Unit.HABILES else "")
        counted += not why
        yield day, 0 if why else counted, why
    while rule.rolls and (why := why_idle(day)):
        day += DAY
        yield day, 0, f"el plazo no vence en día inhábil, {why}; pasa al siguiente"


def _paused(day: dt.date, pauses: Pauses) -> str:
    return next((why for begins, ends, why in pauses if begins <= day < ends), "")
