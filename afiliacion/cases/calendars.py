"""Decide which days count: not weekends, national holidays (LFT art. 74), nor the non-working days of a plantel's calendar."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final, NamedTuple, Self

import holidays

from afiliacion.cases.clock import WhyIdle
from afiliacion.database.batch_queries import Batch, together
from students.models import NonWorkingDay, Plantel
from students.zones import day_at

_WEEKEND: Final = {5: "sábado", 6: "domingo"}


@lru_cache(maxsize=64)
def national_holidays(year: int) -> dict[dt.date, str]:
    """Obligatory rest days of LFT art. 74 in `year`, with their Spanish names."""
    return dict(holidays.country_holidays("MX", years=year, language="es"))


class CalendarRows(NamedTuple):
    """What Calendars are built from: the planteles with a calendar or a zone of their own, and the days of all calendars."""

    planteles: list[Plantel]
    days: list[NonWorkingDay]


CALENDARS: Final = Batch(
    CalendarRows, planteles=Plantel.objects.exclude(calendar=None, zone="").order_by(), days=NonWorkingDay.objects.all()
)


class Calendars:
    """The calendars and zones of all planteles: `why_idle(plantel_id)` is a function that says why a day does not count."""

    def __init__(self, rows: CalendarRows) -> None:
        self._calendar_of = {plantel.pk: plantel.calendar_id for plantel in rows.planteles}
        self._zone_of = {plantel.pk: plantel.zone for plantel in rows.planteles}
        self._own: dict[tuple[int, dt.date], str] = {(day.calendar_id, day.date): day.reason for day in rows.days}

    @classmethod
    def read(cls) -> Self:
        return cls(together(CALENDARS))

    def why_idle(self, plantel_id: int) -> WhyIdle:
        calendar_id = self._calendar_of.get(plantel_id)

        def why(day: dt.date) -> str:
            return (
                _WEEKEND.get(day.weekday())
                or national_holidays(day.year).get(day)
                or (self._own.get((calendar_id, day), "") if calendar_id else "")
            )

        return why

    def day(self, plantel_id: int, moment: dt.datetime) -> dt.date:
        """The date at a plantel at an aware moment."""
        return day_at(self._zone_of.get(plantel_id, ""), moment)

    def shares(self, plantel_id: int) -> int | None:
        """The calendar of a plantel: those with the same value have the same working days."""
        return self._calendar_of.get(plantel_id)
