"""The chase as the workers keep it going: limited tasks, one after the other, for as long as errands are due (imss/chase/lease.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from afiliacion import wake
from afiliacion.imss.chase import lease
from afiliacion.imss.chase.run import chase
from afiliacion.operations.lease_renewal import LeaseRenewal

#: The task that accepts a hand-over.
TASK: Final = "afiliacion.operations.tasks.go_on_asking"
_RENEW_SECONDS: Final = lease.LEASE.total_seconds() / 5


def begin(date: dt.date, now: dt.datetime, *, budget_seconds: float, stop: Callable[[], bool]) -> None:
    """Chase the errands of `date` for so many seconds, unless another task does; hand over if some are left."""
    if lease.begin():
        _run(date, now, budget_seconds, stop)


def go_on(date: dt.date, now: dt.datetime, *, budget_seconds: float, stop: Callable[[], bool]) -> None:
    """Go on with the chase that another task handed over, if it did."""
    if lease.accept():
        _run(date, now, budget_seconds, stop)


def _run(date: dt.date, now: dt.datetime, budget_seconds: float, stop: Callable[[], bool]) -> None:
    try:
        with LeaseRenewal(lease.renew, _RENEW_SECONDS) as renewal:
            chase(date, now, budget_seconds=budget_seconds, stop=renewal.watch(stop))
    except BaseException:
        lease.release()
        raise
    # A message that cannot be published is no hand-over: the next sweep begins.
    if lease.hand_over(date) and not wake.publish(TASK):
        lease.release()
