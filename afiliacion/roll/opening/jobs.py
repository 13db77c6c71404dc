"""The life of a list of opening covers as people move it: brought, declared or cancelled, and taken back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from random import SystemRandom
from typing import IO, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from afiliacion.cases import consent, verbs
from afiliacion.cases.engine import Locked
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Proof
from afiliacion.database.retry import retry_on_conflict
from afiliacion.roll.models import Opening, OpeningRow, OpeningState, OpeningVerdict
from afiliacion.roll.opening import checking, reading
from afiliacion.roll.parse.reading import spooled
from students.models import Plantel

_NAME: Final = 160
_SHARED: Final = "También está inscrito en otro plantel: pida a la coordinación que lo declare."
_COVERED: Final = "Mientras tanto quedó asegurado por otro camino."


class AlreadyBrought(Exception):
    """The same list of the plantel waits to be confirmed; `job` is that one."""

    def __init__(self, job: Opening) -> None:
        self.job = job
        super().__init__(f"Esta misma lista ya la trajo {job.owner_name} y falta confirmarla: se sigue con esa.")


def bring(
    file: IO[bytes], filename: str, *, plantel: Plantel, since: dt.date | None, proof: Proof, act: Act, owner: User | None = None
) -> Opening:
    """Check a list and keep what was found; the file itself is not kept.

    Raises:
        UnreadableFile: it is not such a list.
        AlreadyBrought: the same one waits to be confirmed.
    """
    content = file.read(settings.ROLL_MAX_BYTES + 1)
    digest = hashlib.sha256(content).hexdigest()
    with spooled(content) as path:
        origin, said = reading.said_in(path, filename)
    rows = checking.check(said, checking.Where(plantel, act.planteles, plantel.day(act.now), since, proof))
    _choose_sample(rows)
    job = Opening(
        plantel=plantel, owner=owner, owner_name=act.actor.name[:_NAME], own=_own(act), filename=filename[-_NAME:], sha256=digest,
        since=since, proof=proof, origin=origin[:240], counts=Counter(row.verdict for row in rows), brought_at=act.now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.save()
            for row in rows:
                row.job = job
            OpeningRow.objects.bulk_create(rows, batch_size=1000)
    except IntegrityError as error:
        raise AlreadyBrought(Opening.objects.get(plantel=plantel, sha256=digest, state=OpeningState.CHECKED)) from error
    return job


def confirm(job: Opening, *, act: Act) -> bool:
    """Declare the covers of the rows that are ready; whether it was still to be confirmed. All of it or nothing."""
    return retry_on_conflict(lambda: _confirm(job, act))


def cancel(job: Opening) -> bool:
    """Do not declare it; whether that could still be."""
    return bool(Opening.objects.filter(pk=job.pk, state=OpeningState.CHECKED).update(state=OpeningState.CANCELLED))


def _own(act: Act) -> list[int] | None:
    return None if act.planteles is None else sorted(act.planteles)


def _choose_sample(rows: Sequence[OpeningRow]) -> None:
    ready = [row for row in rows if row.verdict == OpeningVerdict.READY]
    for row in SystemRandom().sample(ready, min(settings.OPENING_SAMPLE, len(ready))):
        row.sampled = True


def _confirm(job: Opening, act: Act) -> bool:
    with transaction.atomic():
        said = {"state": OpeningState.DONE, "confirmed_at": act.now, "confirmed_name": act.actor.name[:_NAME], "own": _own(act)}
        if not Opening.objects.filter(pk=job.pk, state=OpeningState.CHECKED).update(**said):
            return False
        rows = {row.case_id: row for row in job.rows.filter(verdict=OpeningVerdict.READY) if row.case_id}
        refused = _declare(rows, act, job.plantel.day(act.now))
        for case_id, reason in refused.items():
            rows[case_id].reason = reason
        for case_id, row in rows.items():
            row.declared = case_id not in refused
        OpeningRow.objects.bulk_update(rows.values(), ["declared", "reason"], batch_size=1000)
    return True


def _declare(rows: Mapping[int, OpeningRow], act: Act, today: dt.date) -> dict[int, str]:
    """Declare these (case id -> row); return why others were not."""
    refused = _now_shared(rows, act)
    numbers = {pk: row.nss for pk, row in rows.items() if row.brings_nss and pk not in refused}
    refused |= verbs.obtain_nss(numbers, on=today, act=act).skipped
    covers = {
        pk: Happening(today, {"registro": row.registro, "since": row.since.isoformat(), "proof": row.proof})
        for pk, row in rows.items()
        if row.since and pk not in refused
    }
    return refused | verbs.declare_cover(covers, act=act, check=_not_covered).skipped


def _now_shared(rows: Mapping[int, OpeningRow], act: Act) -> dict[int, str]:
    """Those whom another plantel has enrolled since the check."""
    students = dict(Case.objects.filter(pk__among=rows).values_list("pk", "student_id"))
    shared = consent.foreign(set(students.values()), act.planteles)
    return {pk: _SHARED for pk, student_id in students.items() if student_id in shared}


def _not_covered(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    covers = checking.live_covers(case.student_id for case in cases)
    live = [case.id for case in cases if (case.nss or "", happenings[case.id].data["registro"]) in covers.get(case.student_id, set())]
    return dict.fromkeys(live, _COVERED)
