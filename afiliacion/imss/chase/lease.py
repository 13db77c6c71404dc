"""One chase after the other: the lease of the chase that the workers keep going, and its hand-over from one task to the next.

A task is limited in time, so that mails and lists get their turn; while errands are due it hands over to a following task. A sweep begins
a chase only if none is going on nor handed over, so that there is one at a time, whatever the number of workers and of sweeps. A task that
dies loses the lease, and so does a hand-over whose message is lost: the next sweep begins again. Two chases at once do no harm.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import Q
from django.db.models.functions import Now

from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.models import ConnectionState
from afiliacion.imss.queue.claims import seconds_until_due
from afiliacion.imss.rate import circuit_breaker

#: How long the lease lasts after its last renewal; longer than an interrupted transaction and a pause of the machine.
LEASE: Final = dt.timedelta(seconds=15)
#: After this time the message of a hand-over counts as lost.
LOST: Final = dt.timedelta(seconds=60)
#: Errands due within so many seconds are worth a following task, which waits for them.
SOON_SECONDS: Final = 15.0


def begin() -> bool:
    """Take the lease, unless a chase is going on or handed over; return whether it was taken."""
    free = Q(chase_until=None) | Q(chase_until__lt=Now())
    return bool(ConnectionState.objects.filter(free).update(chase_until=Now() + LEASE, handed_over=False))


def accept() -> bool:
    """Take over the lease; return False if nothing was handed over: a message that came twice or late."""
    return bool(ConnectionState.objects.filter(handed_over=True).update(chase_until=Now() + LEASE, handed_over=False))


def renew() -> None:
    """Keep the lease for longer."""
    ConnectionState.objects.update(chase_until=Now() + LEASE)


def release() -> None:
    """Give the lease back: the next sweep may begin a chase."""
    ConnectionState.objects.update(chase_until=None, handed_over=False)


def hand_over(date: dt.date) -> bool:
    """End this chase: hand over if errands of `date` can be asked about soon, else release the lease. Returns which."""
    is_left = is_automatic() and _is_allowed_soon() and _is_due_soon(date)
    if is_left:
        ConnectionState.objects.update(chase_until=Now() + LOST, handed_over=True)
    else:
        release()
    return is_left


def _is_allowed_soon() -> bool:
    """Whether requests may be sent now or after a short pause. In an outage a sweep now and then is enough to probe."""
    permit = circuit_breaker.permit(0)
    wait = permit.wait_seconds
    return permit.rate > 0 or (wait is not None and wait <= SOON_SECONDS and circuit_breaker.current() is None)


def _is_due_soon(date: dt.date) -> bool:
    wait = seconds_until_due(date)
    return wait is not None and wait <= SOON_SECONDS
