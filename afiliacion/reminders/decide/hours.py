"""When mail may reach the people of a plantel: its own rule, its own zone, its own calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from afiliacion.cases.calendars import Calendars, national_holidays
from afiliacion.reminders.models import MailRule
from students.models import NonWorkingDay, Plantel

_DAY: Final = dt.timedelta(days=1)
#: Longer than any run of days without mail; beyond it a rule is wrong, and the mail would never go out.
_LONGEST_REST: Final = 60


class Hours:
    """The rules and calendars of all planteles, read once. Plantel None is the office itself (digests): the rule for all."""

    def __init__(self) -> None:
        self._rules = {rule.plantel_id: rule for rule in MailRule.objects.all()}
        self._calendars = Calendars.read()
        self._own_days = set(NonWorkingDay.objects.values_list("calendar_id", "date"))

    def rule(self, plantel_id: int | None) -> MailRule:
        """The plantel's rule, or the one for all."""
        return self._rules.get(plantel_id) or self._rules.get(None) or MailRule()

    def is_open(self, plantel_id: int | None, moment: dt.datetime) -> bool:
        """Whether mail may go out at `moment` (aware)."""
        rule = self.rule(plantel_id)
        there = moment.astimezone(ZoneInfo(rule.zone))
        return rule.opens_at <= there.time() < rule.closes_at and not self._rests(rule, plantel_id, there.date())

    def next_open(self, plantel_id: int | None, moment: dt.datetime) -> dt.datetime:
        """The first moment from `moment` (aware) on at which mail may go out."""
        if self.is_open(plantel_id, moment):
            return moment
        rule = self.rule(plantel_id)
        zone = ZoneInfo(rule.zone)
        first = moment.astimezone(zone).date()
        days = (first + n * _DAY for n in range(_LONGEST_REST))
        openings = (dt.datetime.combine(day, rule.opens_at, zone) for day in days if not self._rests(rule, plantel_id, day))
        return next((opening for opening in openings if opening >= moment), moment + _LONGEST_REST * _DAY)

    def quiet(self, moment: dt.datetime) -> list[int]:
        """The planteles (ids) whose people must not be mailed at `moment`."""
        return [pk for pk in planteles() if not self.is_open(pk, moment)]

    def _rests(self, rule: MailRule, plantel_id: int | None, day: dt.date) -> bool:
        if day.weekday() in rule.quiet_days:
            return True
        if not rule.rests_on_holidays:
            return False
        own = plantel_id is not None and (self._calendars.shares(plantel_id), day) in self._own_days
        return own or day in national_holidays(day.year)


def planteles() -> Sequence[int]:
    return list(Plantel.objects.order_by("pk").values_list("pk", flat=True))
