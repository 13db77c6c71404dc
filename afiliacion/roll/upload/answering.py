"""An officer answers what the check of a list asks: how its dates are read, what words of the school mean, whether hidden rows count.

The list is checked again with the answers; what words mean is remembered for the plantel, and can be taken back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from afiliacion.roll.models import Import
from afiliacion.roll.parse import school_words
from afiliacion.roll.upload import jobs


def answer(
    job: Import,
    *,
    dates: Mapping[str, str],
    words: Mapping[tuple[str, str], str],
    name: str,
    now: dt.datetime,
    hidden: str = "",
    enrolled: str = "",
) -> bool:
    """Have the list checked again with these answers, given by an officer (`name`); whether it still could be. What is empty stays open.

    `dates`: by column, the name of a reading; `hidden`: "take" or "leave"; `enrolled`: enrolment_dates.MOVE or KEEP.

    Raises:
        AlreadyBrought: if the same file has been brought again meanwhile.
    """
    plain = {key: value for key, value in (("hidden", hidden), ("enrolled", enrolled)) if value}
    said = {**job.answers, "dates": {**job.answers.get("dates", {}), **dates}, **plain}
    with transaction.atomic():
        if not jobs.check_with(job, said):
            return False
        school_words.say(job.plantel, words, name=name, now=now)
    return True
