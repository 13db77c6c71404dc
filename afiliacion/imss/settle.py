"""What becomes of the errands of a batch: asked again and when, finished, or waiting for a person; and the archive of answers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.bulk import copy_in, update_rows
from afiliacion.imss import backoff
from afiliacion.imss.ask import Heard
from afiliacion.imss.cadence import Cadences, Standing
from afiliacion.imss.hear import Step, Then
from afiliacion.imss.models import Answer, Errand, Manners
from afiliacion.imss.outage import database_now
from afiliacion.imss.port import Raw, Recoverable

#: Jitter keeps errands that failed together from coming back together; it is no secret.
_DICE: Final = random.Random()  # noqa: S311
_COLUMNS: Final = (
    "status", "next_on", "next_at", "lease_until", "misses", "strikes", "in_doubt",
    "lote", "recibo", "received_on", "code", "message", "told_at",
)  # fmt: skip


_ARCHIVED: Final = ("errand_id", "attempt", "at", "http_status", "media_type", "body", "verdict", "code", "reviewed_by")


@dataclass(slots=True)
class Item:
    """One thing heard about an errand that is still ours, what it means, and why its verb was passed over (if it was)."""

    heard: Heard
    step: Step
    passed_over: str = ""

    @property
    def errand(self) -> Errand:
        return self.heard.claimed.errand


class Settlement:
    """The rules of one batch: the cadences and manners, read once, and the cases as the verbs have left them."""

    def __init__(self, cases: Mapping[int, Standing], today: dt.date, now: dt.datetime) -> None:
        self._cases, self._today, self._now = cases, today, now
        self._cadences, self._manners, self._clock = Cadences(), Manners.objects.get(), database_now()

    def write(self, items: Sequence[Item]) -> None:
        """Settle every item's errand, in one statement."""
        for item in items:
            self._settle(item)
        update_rows(Errand, _COLUMNS, [[item.errand.pk, *(getattr(item.errand, name) for name in _COLUMNS)] for item in items])

    def _settle(self, item: Item) -> None:
        errand, step = item.errand, item.step
        # Everything is set from what was claimed, never from itself: a broken-off transaction is done again.
        errand.status, errand.lease_until = Errand.Status.OPEN, None
        errand.code, errand.message, errand.told_at = step.code, step.message, self._now
        if step.then is Then.RETRY:
            self._retry(item)
            return
        errand.misses = errand.strikes = 0
        errand.in_doubt = False
        if step.receipt:
            errand.lote, errand.recibo, errand.received_on = step.receipt.lote, step.receipt.recibo, step.receipt.on
        self._go_on(item)

    def _retry(self, item: Item) -> None:
        """No answer. What surely left no trace is as if it had not been tried; IMSS' own troubles are no strike against anybody."""
        errand, claimed, error = item.errand, item.heard.claimed, item.heard.said
        untouched = isinstance(error, Recoverable) and error.untouched
        if untouched:
            errand.in_doubt = claimed.doubtful
        errand.misses = claimed.misses - untouched
        errand.strikes = claimed.strikes - (isinstance(error, Recoverable) and error.wide)
        manners = self._manners
        pause = backoff.delay(errand.misses, base=manners.backoff_seconds, most=manners.backoff_most_seconds, dice=_DICE)
        errand.next_at = self._clock + dt.timedelta(seconds=pause)

    def _go_on(self, item: Item) -> None:
        errand, case = item.errand, self._cases[item.errand.case_id]
        if item.passed_over and (item.step.receipt or self._cadences.wanted(errand, case)):
            errand.status = Errand.Status.PARKED
            errand.message = f"{item.step.message} Pero en el expediente no procedió: {item.passed_over}"
        elif item.step.then is Then.PARK:
            errand.status = Errand.Status.PARKED
        elif item.step.then is Then.LATER and (next_on := self._cadences.next_on(errand, case, self._today)):
            errand.next_on = next_on
        else:
            errand.status = Errand.Status.DONE


def archive(heard: Sequence[Heard], items: Sequence[Item], now: dt.datetime) -> None:
    """Keep every answer as it came, with what was done with it. An answer to an errand no longer ours is late."""
    steps = {item.errand.pk: item.step for item in items}
    rows = [_archived(one, raw, steps.get(one.claimed.errand.pk), now) for one in heard if (raw := one.said.raw)]
    copy_in(Answer._meta.db_table, _ARCHIVED, rows)


def _archived(one: Heard, raw: Raw, step: Step | None, now: dt.datetime) -> tuple[object, ...]:
    errand, verdict = one.claimed.errand, step.verdict if step else Answer.Verdict.LATE
    body = raw.body[: Answer.KEPT_BYTES]
    return errand.pk, errand.attempt, now, raw.status, raw.media_type[:80], body, verdict.value, step.code[:60] if step else "", ""
