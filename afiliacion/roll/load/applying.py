"""The application of an import, chunk by chunk: what a chunk writes and the note that it is written are one transaction.

A worker that dies leaves no half chunk: its transaction is rolled back by the database, and the chunk is free again. What the
registry says may have changed since the check, so a chunk is matched anew before it is written; nothing is parsed again.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from functools import partial
from typing import Any, Final

from afiliacion.cases.outcome import Act
from afiliacion.database import statements
from afiliacion.database.bulk_writes import copy_in
from afiliacion.database.retry import retry_on_conflict
from afiliacion.roll.check import comparing, enrolment_dates, matching, matriculas, persons, staging
from afiliacion.roll.check.target import Target
from afiliacion.roll.findings import ImportDone, RowFinding
from afiliacion.roll.load import requests, without_curp, writing
from afiliacion.roll.models import Chunk, Import, ImportState, Severity

# The worker that holds a chunk's row works on it. SKIP LOCKED: another one is free; otherwise we wait for that worker to finish or die.
_CLAIM: Final = """
SELECT c.id FROM roll_chunk c JOIN roll_import j ON j.id = c.job_id
WHERE c.job_id = %(job)s AND c.applied_at IS NULL AND j.state = 'running'
ORDER BY c.number LIMIT 1 FOR UPDATE OF c {skip}
"""
_NEW_CHANGES: Final = """
DELETE FROM roll_change WHERE job_id = %(job)s AND line BETWEEN %(first)s AND %(last)s;
INSERT INTO roll_change (job_id, line, "column", old, new, kept) SELECT %(job)s, line, name, old, new, kept FROM roll_changes
"""


def apply_next(job: Import, target: Target, *, act: Act) -> Chunk | None:
    """Apply one chunk of a running import; None if none is left, or the import runs no more.

    Loses a race: is done again. Any other error rolls the chunk back and is raised.
    """
    return retry_on_conflict(partial(_apply_next, job, target, act))


def summed(job: Import) -> ImportDone:
    """What the chunks applied so far have done together; of an import half taken back, those that stand."""
    total = ImportDone()
    applied = Chunk.objects.filter(job=job, applied_at__isnull=False)
    standing = applied if job.state == ImportState.UNDONE else applied.filter(undone_at=None)
    for done in standing.order_by("number").values_list("done", flat=True).iterator():
        for name in _COUNTED:
            setattr(total, name, getattr(total, name) + done.get(name, 0))
    return total


_COUNTED: Final = tuple(field.name for field in fields(ImportDone) if field.name != "skipped")


def _apply_next(job: Import, target: Target, act: Act) -> Chunk | None:
    chunk = _claimed(job)
    if chunk is None:
        return None
    known = {**target.parameters, "job": job.pk, "first": chunk.first_line, "last": chunk.last_line}
    known["moves_clocks"] = job.answers.get("enrolled") == enrolment_dates.MOVE
    matching.match(staging.OF_JOB, known, writing=True)
    writing.lock_persons()
    refused = _refused(known)
    asked = requests.hold_rows(job, act)
    matching.compare()
    done, skipped = writing.write(known, act=act)
    done.asked = asked + requests.ask_changes(job, act)
    done.no_curp, done.promoted, unnoted = without_curp.write(job, known, act)
    refused += unnoted
    statements.run(_NEW_CHANGES, known)
    _tell(job, Severity.REFUSED, refused)
    _tell(job, Severity.SKIPPED, skipped)
    # Here, not at the commit: a reference that does not hold must roll this chunk back, not fail the commit.
    statements.run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    chunk.applied_at, chunk.done = act.now, {**asdict(done), "skipped": len(skipped), "refused": len({finding.line for finding in refused})}
    chunk.save(update_fields=["applied_at", "done"])
    return chunk


def _refused(known: dict[str, Any]) -> list[RowFinding]:
    """Why matched rows are not written; they are marked as bad. Of a row without an answer whose it is, nothing else is said."""
    waiting = persons.unanswered(known)
    lines = {finding.line for finding in waiting}
    errors = matching.mark_bad(comparing.errors_on_record(known))
    errors += matching.mark_bad(persons.doubled(whole_list=False))
    errors += matching.mark_bad(matriculas.errors(matriculas.moves(known)))
    return [*waiting, *(finding for finding in errors if finding.line not in lines)]


def _claimed(job: Import) -> Chunk | None:
    for skip in ("SKIP LOCKED", ""):
        if found := statements.rows_of(_CLAIM.replace("{skip}", skip), {"job": job.pk}):
            return Chunk.objects.get(pk=found[0][0])
    return None


def _tell(job: Import, severity: Severity, findings: list[RowFinding]) -> None:
    rows = ((job.pk, severity.value, *staging.noted(finding)) for finding in findings)
    copy_in("roll_finding", ("job_id", "severity", *staging.NOTED), rows)
