"""What becomes of the errands of a batch: asked again and when, finished, or waiting for a person; and the archive of answers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.database.bulk_writes import copy_in, update_rows
from afiliacion.imss.chase.ask import ReceivedAnswer
from afiliacion.imss.chase.interpret import Interpretation, NextAction
from afiliacion.imss.client.port import MovementStatus, RawAnswer, Recoverable
from afiliacion.imss.models import Answer, Errand, ImssSettings
from afiliacion.imss.queue.cadence import Cadences, CaseTiming
from afiliacion.imss.rate import retry_delay
from afiliacion.imss.rate.circuit_breaker import database_now

#: Jitter keeps errands that failed together from coming back together; it is no secret.
_DICE: Final = random.Random()  # noqa: S311
_COLUMNS: Final = (
    "status", "next_on", "next_at", "lease_until", "misses", "strikes", "in_doubt",
    "lote", "recibo", "received_on", "result", "resolved_on", "result_text", "register_name",
    "code", "message", "last_result_at",
)  # fmt: skip
_ARCHIVED: Final = ("errand_id", "attempt", "at", "http_status", "media_type", "body", "verdict", "code", "reviewed_by")

_RESULTS: Final = {MovementStatus.OPERATED: Errand.Result.OPERATED, MovementStatus.REJECTED: Errand.Result.REJECTED}
_LONGEST_NAME: Final = Errand._meta.get_field("register_name").max_length or 0


@dataclass(slots=True)
class InterpretedAnswer:
    """A received answer to the current attempt of an errand, what it means, and why its verb was skipped ("": it was not).

    `noted`: it was skipped, since its case had moved on, but what it says is written of the cover.
    """

    received: ReceivedAnswer
    meaning: Interpretation
    skipped_reason: str = ""
    noted: bool = False

    @property
    def errand(self) -> Errand:
        return self.received.claimed.errand


class Settlement:
    """The errand updates of one batch: cadences and settings, read once, and the cases (by id) as the verbs have left them."""

    def __init__(self, cases: Mapping[int, CaseTiming], today: dt.date, now: dt.datetime) -> None:
        self._cases, self._today, self._now = cases, today, now
        self._cadences, self._settings, self._clock = Cadences(), ImssSettings.objects.get(), database_now()

    def write(self, answers: Sequence[InterpretedAnswer]) -> None:
        """Update every answer's errand, in one statement."""
        for answer in answers:
            self._settle(answer)
        rows = [[answer.errand.pk, *(getattr(answer.errand, name) for name in _COLUMNS)] for answer in answers]
        update_rows(Errand, _COLUMNS, rows)

    def _settle(self, answer: InterpretedAnswer) -> None:
        errand, meaning = answer.errand, answer.meaning
        # Everything is set from what was claimed, never from itself: an interrupted transaction is done again.
        errand.status, errand.lease_until = Errand.Status.OPEN, None
        errand.code, errand.message, errand.last_result_at = meaning.code, meaning.message, self._now
        if meaning.action is NextAction.RETRY:
            self._retry(answer)
            return
        errand.in_doubt = False
        if meaning.action is NextAction.ANEW:
            # The look-up was no attempt to send it; those before it still count.
            errand.misses, errand.strikes = answer.received.claimed.misses - 1, answer.received.claimed.strikes - 1
            return
        errand.misses = errand.strikes = 0
        if meaning.receipt:
            errand.lote, errand.recibo, errand.received_on = meaning.receipt.lote, meaning.receipt.recibo, meaning.receipt.on
        if resolution := meaning.resolution:
            errand.result, errand.result_text = _RESULTS[resolution.status], resolution.message
            errand.register_name = resolution.register_name[:_LONGEST_NAME]
            errand.resolved_on = min(resolution.resolved_on or self._today, self._today)
        self._set_next(answer)

    def _retry(self, answer: InterpretedAnswer) -> None:
        """No answer. An attempt that surely left no trace at IMSS does not count; one that failed with IMSS as a whole is no strike."""
        errand, claimed, error = answer.errand, answer.received.claimed, answer.received.result
        is_untouched = isinstance(error, Recoverable) and error.untouched
        if is_untouched:
            errand.in_doubt = claimed.doubtful
        errand.misses = claimed.misses - is_untouched
        errand.strikes = claimed.strikes - (isinstance(error, Recoverable) and error.wide)
        rules = self._settings
        pause = retry_delay.delay(errand.misses, base=rules.backoff_seconds, most=rules.backoff_most_seconds, dice=_DICE)
        errand.next_at = self._clock + dt.timedelta(seconds=pause)

    def _set_next(self, answer: InterpretedAnswer) -> None:
        errand, meaning, case = answer.errand, answer.meaning, self._cases[answer.errand.case_id]
        if answer.skipped_reason and not answer.noted and (meaning.receipt or self._cadences.wanted(errand, case)):
            errand.status = Errand.Status.PARKED
            errand.message = f"{meaning.message} Pero en el expediente no procedió: {answer.skipped_reason}"
        elif meaning.action is NextAction.PARK:
            errand.status = Errand.Status.PARKED
        elif meaning.action is NextAction.LATER and (next_on := self._cadences.next_on(errand, case, self._today)):
            errand.next_on = next_on
        else:
            errand.status = Errand.Status.DONE


def archive(received: Sequence[ReceivedAnswer], answers: Sequence[InterpretedAnswer], now: dt.datetime) -> None:
    """Keep every answer as received, with its verdict. An answer to an attempt that is no longer the current one is late."""
    meanings = {answer.errand.pk: answer.meaning for answer in answers}
    rows = [_archived(one, raw, meanings.get(one.claimed.errand.pk), now) for one in received if (raw := one.result.raw)]
    copy_in(Answer._meta.db_table, _ARCHIVED, rows)


def _archived(one: ReceivedAnswer, raw: RawAnswer, meaning: Interpretation | None, now: dt.datetime) -> tuple[object, ...]:
    errand, verdict = one.claimed.errand, meaning.verdict if meaning else Answer.Verdict.LATE
    body, code = raw.body[: Answer.KEPT_BYTES], meaning.code[:60] if meaning else ""
    return errand.pk, errand.attempt, now, raw.status, raw.media_type[:80], body, verdict.value, code, ""
