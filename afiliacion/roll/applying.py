"""The application of an import, chunk by chunk: what a chunk writes and the note that it is written are one transaction.

A worker that dies leaves no half chunk: its transaction is rolled back by the database, and the chunk is free again. What the
registry says may have changed since the check, so a chunk is matched anew before it is written; nothing is parsed again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from functools import partial
from typing import Final

from afiliacion.cases.bulk import copy_in
from afiliacion.cases.outcome import Actor
from afiliacion.cases.races import settled
from afiliacion.roll import comparing, staging, writing
from afiliacion.roll.findings import Done, Finding
from afiliacion.roll.models import Chunk, Import, Severity, State
from afiliacion.roll.staging import Target

# Whoever holds a chunk's row works on it. SKIP LOCKED: another one is free; otherwise we wait for whoever is at it to finish or die.
_CLAIM: Final = """
SELECT c.id FROM roll_chunk c JOIN roll_import j ON j.id = c.job_id
WHERE c.job_id = %(job)s AND c.applied_at IS NULL AND j.state = 'running'
ORDER BY c.number LIMIT 1 FOR UPDATE OF c {skip}
"""
_NEW_CHANGES: Final = """
DELETE FROM roll_change WHERE job_id = %(job)s AND line BETWEEN %(first)s AND %(last)s;
INSERT INTO roll_change (job_id, line, "column", old, new, kept) SELECT %(job)s, line, name, old, new, kept FROM roll_changes
"""


def apply_next(job: Import, target: Target, *, actor: Actor, now: dt.datetime) -> Chunk | None:
    """Apply one chunk of a running import; None if none is left, or the import runs no more.

    Loses a race: is done again. Any other error rolls the chunk back and is raised.
    """
    return settled(partial(_apply_next, job, target, actor, now))


def summed(job: Import) -> Done:
    """What the chunks applied so far have done together; of an import half taken back, those that stand."""
    total = Done()
    applied = Chunk.objects.filter(job=job, applied_at__isnull=False)
    standing = applied if job.state == State.UNDONE else applied.filter(undone_at=None)
    for done in standing.order_by("number").values_list("done", flat=True).iterator():
        for name in _COUNTED:
            setattr(total, name, getattr(total, name) + done.get(name, 0))
    return total


_COUNTED: Final = tuple(field.name for field in fields(Done) if field.name != "skipped")


def _apply_next(job: Import, target: Target, actor: Actor, now: dt.datetime) -> Chunk | None:
    chunk = _claimed(job)
    if chunk is None:
        return None
    known = {**target.parameters, "job": job.pk, "first": chunk.first_line, "last": chunk.last_line}
    staging.match(staging.OF_JOB, known, writing=True)
    refused = list(comparing.errors_on_record(known))
    staging.mark_bad([finding.line for finding in refused])
    staging.compare()
    done, skipped = writing.write(known, actor=actor, now=now)
    staging.run(_NEW_CHANGES, known)
    _tell(job, Severity.REFUSED, refused)
    _tell(job, Severity.SKIPPED, skipped)
    # Here, not at the commit: a reference that does not hold must roll this chunk back, not surprise whoever commits.
    staging.run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    chunk.applied_at, chunk.done = now, {**asdict(done), "skipped": len(skipped), "refused": len({finding.line for finding in refused})}
    chunk.save(update_fields=["applied_at", "done"])
    return chunk


def _claimed(job: Import) -> Chunk | None:
    for skip in ("SKIP LOCKED", ""):
        if found := staging.rows_of(_CLAIM.replace("{skip}", skip), {"job": job.pk}):
            return Chunk.objects.get(pk=found[0][0])
    return None


def _tell(job: Import, severity: Severity, findings: list[Finding]) -> None:
    rows = ((job.pk, severity.value, *staging.noted(finding)) for finding in findings)
    copy_in("roll_finding", ("job_id", "severity", *staging.NOTED), rows)
