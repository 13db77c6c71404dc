"""What a list asks of other planteles, instead of writing it: rows that name a person of theirs, and changes to a person they share.

A request holds what the file itself says, nothing of what the office knows of the person (afiliacion/cases/consent.py).
"""

from __future__ import annotations

import json
from typing import Any, Final

from afiliacion.cases import consent
from afiliacion.cases.consent import Kind
from afiliacion.cases.models import ConsentRequest
from afiliacion.cases.outcome import Act
from afiliacion.database.statements import rows_of, run
from afiliacion.roll.models import Import
from afiliacion.roll.parse.columns import COLUMNS

_SAID: Final = ", ".join(f"'{column.name}', m.{column.name}" for column in COLUMNS)
_ROWS: Final = f"""
SELECT m.line, m.held_for, m.curp, jsonb_strip_nulls(jsonb_build_object({_SAID})) FROM roll_matched m
WHERE NOT m.bad AND m.held_for IS NOT NULL AND m.student_id IS NULL ORDER BY m.line
"""  # noqa: S608 - our own names
_NUMBERS: Final = """
SELECT m.line, m.holder, m.case_id, m.nss FROM roll_matched m
WHERE NOT m.bad AND m.holder IS NOT NULL AND m.student_id IS NOT NULL AND m.old_nss IS NULL AND m.case_id IS NOT NULL ORDER BY m.line
"""
_HOLD_ROWS: Final = "UPDATE roll_matched SET bad = true WHERE held_for IS NOT NULL AND student_id IS NULL"
_HOLD_NUMBERS: Final = "UPDATE roll_matched SET nss = NULL, takes_nss = NULL WHERE holder IS NOT NULL AND student_id IS NOT NULL"
_CHANGES: Final = """
SELECT m.line, m.student_id, jsonb_object_agg(c.name, c.new) FROM roll_changes c JOIN roll_matched m USING (line)
WHERE c.kept GROUP BY m.line, m.student_id ORDER BY m.line
"""
# By the student, as in matching.match.
_CASES: Final = """
SELECT m.line, c.id FROM roll_matched m
CROSS JOIN LATERAL (
  SELECT c.id FROM cases_case c WHERE c.student_id = m.student_id AND c.plantel_id + 0 = %(plantel)s AND c.state || '' = 'SIN_NSS' OFFSET 0
) c
WHERE m.guarded AND m.takes_nss
"""


def hold_rows(job: Import, act: Act) -> int:
    """Take out of the matched rows what is asked first: whole rows, and numbers that others hold. Returns how many new requests."""
    wanted = [
        _request(job, Kind.ENROL, line, person, curp=curp, ciclo_id=job.ciclo_id, payload=_with_date(job, json.loads(said)))
        for line, person, curp, said in rows_of(_ROWS)
    ]
    wanted += [_about_nss(job, line, holder, case_id, nss, act) for line, holder, case_id, nss in rows_of(_NUMBERS)]
    run(_HOLD_ROWS)
    run(_HOLD_NUMBERS)
    return consent.ask(wanted, act)


def ask_changes(job: Import, act: Act) -> int:
    """Ask for what the list says otherwise of persons who belong to others as well. Returns how many new requests."""
    changes = rows_of(_CHANGES)
    cases = dict(rows_of(_CASES, {"plantel": job.plantel_id})) if changes else {}
    wanted = []
    for line, person, new in changes:
        values = json.loads(new)
        nss = values.pop("nss", None)
        if nss and line in cases:
            wanted.append(_about_nss(job, line, person, cases[line], nss, act))
        if values:
            wanted.append(_request(job, Kind.CONTACT, line, person, payload=values))
    return consent.ask(wanted, act)


def _with_date(job: Import, said: dict[str, Any]) -> dict[str, Any]:
    """The row as it would have been written: with the date given for those that bring none."""
    return {"fecha_inscripcion": job.enrolled_on.isoformat(), **said} if job.enrolled_on else said


def _about_nss(job: Import, line: int, person: int, case_id: int, nss: str, act: Act) -> ConsentRequest:
    said = {"nss": nss, "on": job.plantel.day(act.now).isoformat(), "reason": "", "evidence": ""}
    return _request(job, Kind.OBTAIN_NSS, line, person, case_id=case_id, payload=said)


def _request(job: Import, kind: ConsentRequest.Kind, line: int, person: int, **said: Any) -> ConsentRequest:
    return ConsentRequest(kind=kind, student_id=person, plantel_id=job.plantel_id, list_id=job.pk, line=line, **said)
