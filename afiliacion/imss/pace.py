"""Pure: how fast IMSS may be asked, found out by asking: faster while it takes it, slower when it refuses, remembering both.

Doubling until the first refusal, then halving the gap between what held and what was refused. A plain saw-tooth (AIMD) would spend a
tenth of the night either too slow or refused; this one ends within 3 % and looks up again only every RETRY seconds (adr/0015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Questions a second with which an office begins that was told no limit.
FIRST: Final = 10.0
LEAST: Final = 0.5
#: How near below a known limit we keep: their second is not exactly ours.
MARGIN: Final = 0.985
#: Seconds a rate must hold before a faster one is tried: while nothing was ever refused, and close to what was.
HOLD_FAR: Final = 1.0
HOLD_NEAR: Final = 3.0
RETRY: Final = 120.0
#: Part of the rate by which refused and held may differ: nearer is not worth a refusal.
_NEAR: Final = 0.03
#: Part of the rate that must really have been asked for it to count as held.
_USED: Final = 0.7
_AFTER_OUTAGE: Final = 8
#: Seconds of too little asked after which the measuring begins anew: what was idle is over some time.
_MEASURED: Final = 5.0
#: A refusal at a limit we were told is chance (their clock, a stall on the way) unless another follows within so many seconds.
CHANCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Questions a second: `rate` now, `good` the fastest that held (0: none yet), `bad` the slowest that was refused."""

    rate: float
    good: float = 0.0
    bad: float | None = None


def first(limit: float | None) -> Pace:
    """The pace of an office told this limit (questions a second; None: unknown)."""
    return Pace(most(limit) or FIRST)


def most(limit: float | None) -> float | None:
    """The fastest pace under a limit."""
    return limit * MARGIN if limit else None


def refused(pace: Pace, *, seconds: float, limit: float | None) -> Pace:
    """IMSS asked for a slower pace, `seconds` after this rate was set: back to what held; where that is refused, a tenth less; if nothing
    ever held, half."""
    if limit and pace.bad is None and seconds >= CHANCE:
        return pace
    held_before = 0 < pace.good < pace.rate
    rate = max(LEAST, pace.good if held_before else pace.rate * (0.9 if pace.good else 0.5))
    return Pace(rate, min(pace.good, rate), pace.rate)


def held(pace: Pace, *, seconds: float, asked: int, limit: float | None) -> Pace:
    """`asked` questions in the `seconds` since this rate was set, none of them refused."""
    ceiling = most(limit)
    if not _used(pace, seconds, asked) or (ceiling is not None and pace.rate >= ceiling and pace.bad is None):
        return pace
    found = _faster(pace, seconds)
    if ceiling is None or found.rate < ceiling:
        return found
    return Pace(ceiling, found.good, found.bad if found.bad and found.bad > ceiling else None)


def idled(pace: Pace, *, seconds: float, asked: int) -> bool:
    """Too little was asked in the `seconds` since this rate was set to learn from, and it is time to measure anew."""
    return seconds >= _MEASURED and not _used(pace, seconds, asked)


def after_outage(pace: Pace) -> Pace:
    """IMSS is back: nobody falls upon it with everything that waited."""
    rate = max(LEAST, pace.rate / _AFTER_OUTAGE)
    return Pace(rate, rate, pace.bad)


def _used(pace: Pace, seconds: float, asked: int) -> bool:
    return asked >= _USED * pace.rate * seconds


def _faster(pace: Pace, seconds: float) -> Pace:
    if pace.bad is None:
        return Pace(pace.rate * 2, pace.rate) if seconds >= HOLD_FAR else pace
    if seconds < HOLD_NEAR:
        return pace
    if pace.rate >= pace.bad:
        # What was refused once is taken now: the limit has moved.
        return Pace(pace.rate * 2, pace.rate)
    if pace.bad - pace.rate > _NEAR * pace.rate:
        return Pace((pace.rate + pace.bad) / 2, pace.rate, pace.bad)
    return Pace(pace.bad * 1.02 if seconds >= RETRY else pace.rate, pace.rate, pace.bad)
