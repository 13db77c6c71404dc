"""Rehearse a term: an invented school, its students' acts, a stand-in IMSS with its own clock, and the real night of every day.

The demo is a rehearsal that ends today.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.queries import overdue
from afiliacion.imss.models import ImssSettings
from afiliacion.movements.models import Movement
from afiliacion.operations.models import NightRun
from afiliacion.operations.night import ASKING, Budget, run_night
from afiliacion.operations.night_state import begins
from afiliacion.operations.simulation import school
from afiliacion.operations.simulation.imss_control import StandInControl
from afiliacion.operations.simulation.imss_register import unexplained
from afiliacion.operations.simulation.invented_people import Person
from afiliacion.operations.simulation.lote_office import LoteOffice
from afiliacion.operations.simulation.lote_register import not_as_in_lotes
from afiliacion.operations.simulation.school import Habit, School
from afiliacion.operations.simulation.term import Term
from afiliacion.reminders.delivery.send import send_due
from afiliacion.reminders.models import Reminder

#: The hour of a rehearsed day at which its mails are sent.
_MAIL_HOUR: Final = 9


@dataclass(slots=True)
class Day:
    """The office as it stood at the end of a day: cases by state, the night's errors if it had any, and what of the covers is not as IMSS
    has it although nothing is under way.

    `away`: IMSS was, as rehearsed, and that the night says so is no error.
    """

    date: dt.date
    states: Counter[str]
    errors: list[str]
    away: bool = False


@dataclass(slots=True)
class Rehearsal:
    """What a rehearsed term looked like; `mails` by kind; on the last day `late` by plantel, and `lotes`: movements in lotes by status."""

    days: list[Day] = field(default_factory=list)
    mails: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    lotes: Counter[str] = field(default_factory=Counter)

    @property
    def errors(self) -> list[str]:
        return [f"{day.date:%d/%m/%Y}: {error}" for day in self.days for error in day.errors]


class ImssBehaviour:
    """How the stand-in behaves on each night of a rehearsal: mostly well, some nights with failures, now and then it does not answer."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._imss = StandInControl(settings.IMSS_URL)
        #: Whether tonight it does not answer at all.
        self.away = False
        # A rehearsed day takes a second, so the pauses after a failure must be short.
        ImssSettings.objects.update(backoff_seconds=0.05, backoff_most_seconds=0.5, probe_seconds=0.2)

    def tonight(self) -> Budget:
        """Set the stand-in's behaviour of tonight; return a night's budget, short when it does not answer."""
        draw = self._random.random()
        self.away = draw < 0.05
        self._imss.behave(caido=self.away, falla_503=0.1 if draw < 0.2 else 0, falla_503_despues=0.02 if draw < 0.2 else 0)
        return Budget(chase_seconds=2.0) if self.away else Budget()

    def today(self) -> None:
        """Set how IDSE takes the lotes of today: some movements are refused at once, rejected, answered late or never, or told twice."""
        draw = self._random.random
        self._imss.behave(
            idse_rechazos=0.15, idse_rechazos_de_entrada=0.05, idse_tarde=0.1, idse_tarde_dias=0 if draw() < 0.1 else 3,
            idse_repetida=draw() < 0.2, idse_no_cuadra=draw() < 0.1,
        )  # fmt: skip


def rehearse(
    *,
    students: int,
    starts_on: dt.date,
    days: int,
    seed: int,
    on_day: Callable[[Day], None] = lambda day: None,
    failures: bool = False,
    unsent_days: int = 0,
) -> Rehearsal:
    """Simulate `days` days from `starts_on` with `students` students; `on_day` gets every day. `failures`: IMSS fails some nights.

    One plantel, under a registro patronal of its own, goes by lotes, the others by the service; on the last `unsent_days` no lote is made.

    The last day ends with the lists as they stand, so that the last enrolments are included. Works on the database and the
    stand-in of the settings (IMSS_URL): give it its own, empty ones.
    """
    place = school.share_a_registro(school.create(students=students, starts_on=starts_on, seed=seed), seed)
    _introduce(place)
    imss, control = ImssBehaviour(seed) if failures else None, StandInControl(settings.IMSS_URL)
    lotes = LoteOffice(*school.send_by_lotes(place), control, seed)
    term, result = Term(place, lotes, presents_until=starts_on + dt.timedelta(days=days - 1 - unsent_days)), Rehearsal()
    for date in (starts_on + dt.timedelta(days=n) for n in range(days)):
        budget = imss.tonight() if imss else Budget()
        night = run_night(date, begins(date), budget=budget)
        # The night decides; its mails are sent in the morning.
        send_due(_at(date, _MAIL_HOUR), budget.mails)
        if imss:
            imss.today()
        term.morning(date, _at(date, 10))
        away, rows = imss is not None and imss.away, control.register()
        errors = [*_errors(night, away=away), *unexplained(rows, date), *not_as_in_lotes(rows), *lotes.new_faults()]
        result.days.append(Day(date, _states(), errors, away))
        on_day(result.days[-1])
    term.load_rolls(date, _at(date, 11))
    result.mails = Counter(Reminder.objects.values_list("kind__name", flat=True))
    result.late = Counter(overdue(Case.objects.all(), result.days[-1].date).values_list("plantel__clave", flat=True))
    result.lotes = Counter(movement.get_status_display() for movement in Movement.objects.filter(lote__isnull=False))
    return result


def _errors(night: NightRun, *, away: bool) -> list[str]:
    return [line["error"] for line in night.report if line["error"] and not (away and line["step"] == ASKING)]


def _introduce(place: School) -> None:
    """Make students and parents, with the NSS they have, known to the stand-in."""
    own = {pupil.person.curp: pupil.nss_in_roll for pupil in place.pupils if pupil.habit is not Habit.PARENTS_NSS and pupil.nss_in_roll}
    parents = {pupil.parent.curp: pupil.nss_in_roll for pupil in place.pupils if pupil.parent}
    people: list[Person] = [pupil.person for pupil in place.pupils] + [pupil.parent for pupil in place.pupils if pupil.parent]
    StandInControl(settings.IMSS_URL).add_people(people, own | parents)


def _states() -> Counter[str]:
    return Counter(Case.objects.values_list("state", flat=True))


def _at(date: dt.date, hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(date, dt.time(hour)))
