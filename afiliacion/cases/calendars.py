"""Which days count: weekends and national holidays by law (LFT art. 74), plus each plantel's own days as data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Self

import holidays

from afiliacion.cases.clock import WhyIdle
from students.models import NonWorkingDay, Plantel
from students.together import together

_WEEKEND: Final = {5: "sábado", 6: "domingo"}


@lru_cache(maxsize=64)
def national_holidays(year: int) -> dict[dt.date, str]:
    """Obligatory rest days of LFT art. 74 in `year`, with their Spanish names."""
    return dict(holidays.country_holidays("MX", years=year, language="es"))


#: What Calendars are made from: the planteles with days of their own, and those days.
CALENDARS: Final = (Plantel.objects.exclude(calendar=None).order_by(), NonWorkingDay.objects.all())


class Calendars:
    """The calendars of all planteles: `why_idle(plantel_id)` says why a day does not count."""

    def __init__(self, planteles: Iterable[Plantel], days: Iterable[NonWorkingDay]) -> None:
        self._calendar_of = {plantel.pk: plantel.calendar_id for plantel in planteles}
        self._own: dict[tuple[int, dt.date], str] = {(day.calendar_id, day.date): day.reason for day in days}

    @classmethod
    def read(cls) -> Self:
        return cls(*together(*CALENDARS))

    def why_idle(self, plantel_id: int) -> WhyIdle:
        calendar_id = self._calendar_of.get(plantel_id)

        def why(day: dt.date) -> str:
            return (
                _WEEKEND.get(day.weekday())
                or national_holidays(day.year).get(day)
                or (self._own.get((calendar_id, day), "") if calendar_id else "")
            )

        return why

    def shares(self, plantel_id: int) -> int | None:
        """Planteles with the same value here have the same working days."""
        return self._calendar_of.get(plantel_id)
