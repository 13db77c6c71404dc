"""What a list corrects of known persons, kept as it was before: found by search, and gone with the list if it is undone."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from afiliacion.cases.history import record_changes
from afiliacion.cases.models import RecordChange
from afiliacion.cases.outcome import Act
from afiliacion.database.statements import rows_of, run
from students.models import FormerValue

Field = FormerValue.Field
_KEYS: Final = [Field.CURP.value, Field.MATRICULA.value]
_NAMES: Final = [Field.NOMBRE.value, Field.PRIMER_APELLIDO.value, Field.SEGUNDO_APELLIDO.value]
#: Mail and phone change often and are found by no search: a list's are not kept.
_KEPT: Final = [*_KEYS, *_NAMES, Field.FECHA_NACIMIENTO.value, Field.SEXO.value, Field.ENTIDAD_NACIMIENTO.value]
# Before the registry is written. As identity/writing.py has it for single persons.
_KEEP: Final = """
INSERT INTO students_formervalue (student_id, plantel_id, field, value, became, search, at, list_id)
SELECT m.student_id, CASE WHEN c.name = 'matricula' THEN %(plantel)s END, c.name, c.old, c.new,
  CASE WHEN c.name = ANY(%(names)s) THEN s.name_search WHEN c.name = ANY(%(keys)s) THEN upper(c.old) ELSE '' END, %(at)s, %(job)s
FROM roll_changes c JOIN roll_matched m USING (line) JOIN students_student s ON s.id = m.student_id
WHERE NOT c.kept AND c.name = ANY(%(kept)s)
"""
_CORRECTED: Final = """
SELECT m.student_id, c.name, c.old, c.new FROM roll_changes c JOIN roll_matched m USING (line)
WHERE NOT c.kept AND c.name = ANY(%(kept)s) AND c.line IN (SELECT x.line FROM roll_changes x WHERE NOT x.kept AND x.name = ANY(%(keys)s))
ORDER BY m.student_id, c.name
"""
# Of roll_wrote, what a list that is undone had written; whom a person corrected since keeps it from being undone.
_CORRECTED_BY_LIST: Final = """
SELECT w.student_id, w.name, w.new, w.old FROM roll_wrote w
WHERE w.name = ANY(%(kept)s) AND w.student_id IN (SELECT x.student_id FROM roll_wrote x WHERE x.name = ANY(%(keys)s))
ORDER BY w.student_id, w.name
"""


def keep(known: dict[str, Any], act: Act) -> None:
    """Keep what the compared rows are about to change; of those that correct a CURP or matrícula, also in the record of changes."""
    said = {"names": _NAMES, "keys": _KEYS, "kept": _KEPT}
    run(_KEEP, {**known, **said, "at": act.now})
    _write_down(rows_of(_CORRECTED, said), act)


def take_back(act: Act) -> None:
    """Say in the record of changes that what a list corrected of a CURP or matrícula is as it was. Its rows are staged (undoing)."""
    _write_down(rows_of(_CORRECTED_BY_LIST, {"keys": _KEYS, "kept": _KEPT}), act)


def _write_down(found: list[tuple[Any, ...]], act: Act) -> None:
    changes = groupby(found, key=itemgetter(0))
    RecordChange.objects.bulk_create(row for student, rows in changes if (row := _record(student, list(rows), act)))


def _record(student: int, rows: list[tuple[int, str, str, str]], act: Act) -> RecordChange | None:
    before = {Field(name).label: old for _, name, old, _ in rows}
    after = {Field(name).label: new for _, name, _, new in rows}
    return record_changes.change(student, RecordChange.What.IDENTITY, before, after, act)
