"""Pure: the rate of requests IMSS accepts, estimated from its refusals (429).

Doubling until the first refusal, then bisection between the fastest rate that held and the slowest that was refused. A plain saw-tooth
(AIMD) would spend a tenth of the night either too slow or refused; this ends within 3 % of the limit and tries a faster rate again only
every RETRY seconds (adr/0015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Requests a second with which an office begins that knows no limit.
FIRST: Final = 10.0
LEAST: Final = 0.5
#: The part of a known limit that is used: IMSS' second is not exactly ours.
MARGIN: Final = 0.985
#: Seconds a rate must hold before a faster one is tried: while nothing was ever refused; near a refused rate; at the found rate.
HOLD_FAR: Final = 1.0
HOLD_NEAR: Final = 3.0
RETRY: Final = 120.0
#: Part of the rate by which refused and held may differ: a closer estimate is not worth a refusal.
_NEAR: Final = 0.03
#: Part of the rate that must really have been used for it to count as held.
_USED: Final = 0.7
_AFTER_OUTAGE: Final = 8
#: Seconds of too few requests after which the measurement begins anew.
_MEASURED: Final = 5.0
#: A refusal at a known limit is chance (IMSS' clock, a delay on the way) unless another follows within so many seconds.
CHANCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class RateEstimate:
    """Requests a second: `rate` now, `good` the fastest that held (0: none yet), `bad` the slowest that was refused."""

    rate: float
    good: float = 0.0
    bad: float | None = None


def first(limit: float | None) -> RateEstimate:
    """Return the rate to begin with, given IMSS' limit (requests a second; None: unknown)."""
    return RateEstimate(most(limit) or FIRST)


def most(limit: float | None) -> float | None:
    """Return the fastest rate used under a limit (None: no limit known)."""
    return limit * MARGIN if limit else None


def refused(estimate: RateEstimate, *, seconds: float, limit: float | None) -> RateEstimate:
    """Return the estimate after a refusal, `seconds` after this rate was set: back to the rate that held; if that one is refused, a tenth
    less; if none ever held, half."""
    if limit and estimate.bad is None and seconds >= CHANCE:
        return estimate
    held_before = 0 < estimate.good < estimate.rate
    rate = max(LEAST, estimate.good if held_before else estimate.rate * (0.9 if estimate.good else 0.5))
    return RateEstimate(rate, min(estimate.good, rate), estimate.rate)


def held(estimate: RateEstimate, *, seconds: float, asked: int, limit: float | None) -> RateEstimate:
    """Return the estimate after `asked` requests in the `seconds` since this rate was set, none of them refused."""
    ceiling = most(limit)
    if not _used(estimate, seconds, asked) or (ceiling is not None and estimate.rate >= ceiling and estimate.bad is None):
        return estimate
    found = _faster(estimate, seconds)
    if ceiling is None or found.rate < ceiling:
        return found
    return RateEstimate(ceiling, found.good, found.bad if found.bad and found.bad > ceiling else None)


def idled(estimate: RateEstimate, *, seconds: float, asked: int) -> bool:
    """Whether too few requests were sent in the `seconds` since this rate was set, so that the measurement must begin anew."""
    return seconds >= _MEASURED and not _used(estimate, seconds, asked)


def after_outage(estimate: RateEstimate) -> RateEstimate:
    """Return a slow estimate to begin with after an outage, so that IMSS does not get everything that waited at once."""
    rate = max(LEAST, estimate.rate / _AFTER_OUTAGE)
    return RateEstimate(rate, rate, estimate.bad)


def _used(estimate: RateEstimate, seconds: float, asked: int) -> bool:
    return asked >= _USED * estimate.rate * seconds


def _faster(estimate: RateEstimate, seconds: float) -> RateEstimate:
    if estimate.bad is None:
        return RateEstimate(estimate.rate * 2, estimate.rate) if seconds >= HOLD_FAR else estimate
    if seconds < HOLD_NEAR:
        return estimate
    if estimate.rate >= estimate.bad:
        # A rate refused before is accepted now: the limit has moved.
        return RateEstimate(estimate.rate * 2, estimate.rate)
    if estimate.bad - estimate.rate > _NEAR * estimate.rate:
        return RateEstimate((estimate.rate + estimate.bad) / 2, estimate.rate, estimate.bad)
    return RateEstimate(estimate.bad * 1.02 if seconds >= RETRY else estimate.rate, estimate.rate, estimate.bad)
