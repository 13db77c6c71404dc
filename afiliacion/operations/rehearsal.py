"""Rehearse a term: an invented school, students who behave, a stand-in IMSS with its own clock, and the real night of every day.

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
from afiliacion.imss.models import Manners
from afiliacion.operations import school
from afiliacion.operations.models import NightRun
from afiliacion.operations.night import ASKING, Budget, begins, run_night
from afiliacion.operations.people import Person
from afiliacion.operations.practice import Practice
from afiliacion.operations.school import Habit, School
from afiliacion.operations.term import Term
from afiliacion.reminders.models import Reminder
from afiliacion.reminders.send import send_due

#: When the sweep of a rehearsed day finds the plantel's people awake.
_POST_HOUR: Final = 9


@dataclass(slots=True)
class Day:
    """The office as it stood at the end of a day: cases by state, and the night's errors if it had any.

    `away`: IMSS was, as rehearsed, and that the night says so is no error.
    """

    date: dt.date
    states: Counter[str]
    errors: list[str]
    away: bool = False


@dataclass(slots=True)
class Rehearsal:
    """What a rehearsed term looked like; `mails` by kind, `late` by plantel on the last day."""

    days: list[Day] = field(default_factory=list)
    mails: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)

    @property
    def errors(self) -> list[str]:
        return [f"{day.date:%d/%m/%Y}: {error}" for day in self.days for error in day.errors]


class Moods:
    """How IMSS behaves on each night of a rehearsal: mostly well, some nights clumsy, now and then not at all."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._imss = Practice(settings.IMSS_URL)
        #: Whether tonight IMSS does not answer at all.
        self.away = False
        # A rehearsed day takes a second: so do the pauses that an outage is worth.
        Manners.objects.update(backoff_seconds=0.05, backoff_most_seconds=0.5, probe_seconds=0.2)

    def tonight(self) -> Budget:
        """Put IMSS in tonight's mood; a night on which it is away is not waited out."""
        fate = self._dice.random()
        self.away = fate < 0.05
        self._imss.mood(caido=self.away, falla_503=0.1 if fate < 0.2 else 0, falla_503_despues=0.02 if fate < 0.2 else 0)
        return Budget(chase_seconds=2.0) if self.away else Budget()


def rehearse(
    *, students: int, starts_on: dt.date, days: int, seed: int, told: Callable[[Day], None] = lambda day: None, moody: bool = False
) -> Rehearsal:
    """Play `days` days from `starts_on` with `students` students; `told` hears of every day as it ends. `moody`: IMSS has bad nights.

    The last day ends with the lists as they stand, so that whoever enrolled last is there too. Works on the database and the
    stand-in of the settings (IMSS_URL): give it its own, empty ones.
    """
    place = school.found(students=students, starts_on=starts_on, seed=seed)
    _introduce(place)
    term, result = Term(place), Rehearsal()
    moods = Moods(seed) if moody else None
    for date in (starts_on + dt.timedelta(days=n) for n in range(days)):
        budget = moods.tonight() if moods else Budget()
        night = run_night(date, begins(date), budget=budget)
        # The night decides; its mails go out when people are awake.
        send_due(_at(date, _POST_HOUR), budget.mails)
        term.morning(date, _at(date, 10))
        away = moods is not None and moods.away
        result.days.append(Day(date, _states(), _errors(night, away=away), away))
        told(result.days[-1])
    term.load_rolls(date, _at(date, 11))
    result.mails = Counter(Reminder.objects.values_list("kind__name", flat=True))
    result.late = Counter(overdue(Case.objects.all(), result.days[-1].date).values_list("plantel__clave", flat=True))
    return result


def _errors(night: NightRun, *, away: bool) -> list[str]:
    return [line["error"] for line in night.report if line["error"] and not (away and line["step"] == ASKING)]


def _introduce(place: School) -> None:
    """Tell the stand-in who the students are, and whose the parents' numbers are."""
    own = {pupil.person.curp: pupil.nss_in_roll for pupil in place.pupils if pupil.habit is not Habit.PARENTS_NSS and pupil.nss_in_roll}
    parents = {pupil.parent.curp: pupil.nss_in_roll for pupil in place.pupils if pupil.parent}
    people: list[Person] = [pupil.person for pupil in place.pupils] + [pupil.parent for pupil in place.pupils if pupil.parent]
    Practice(settings.IMSS_URL).tell(people, own | parents)


def _states() -> Counter[str]:
    return Counter(Case.objects.values_list("state", flat=True))


def _at(date: dt.date, hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(date, dt.time(hour)))
