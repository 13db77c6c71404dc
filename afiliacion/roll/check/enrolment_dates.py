"""A list that brings another enrolment date for students with an open case: the officer is asked whether their clocks count from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from afiliacion.cases.models import Case
from afiliacion.cases.schedule import Schedule
from afiliacion.database.statements import rows_of
from afiliacion.roll.findings import RowFinding

#: Answers to the question (Import.answers["enrolled"]).
MOVE, KEEP = "move", "keep"
#: Students named in the question.
_NAMED: Final = 5
_NEW: Final = """
SELECT c.line, c.new::date, m.case_id, concat_ws(' ', m.nombre, m.primer_apellido, m.segundo_apellido)
FROM roll_changes c JOIN roll_matched m USING (line)
WHERE c.name = 'fecha_inscripcion' AND NOT c.kept AND NOT m.bad AND m.case_here AND m.case_open AND NOT m.leaves ORDER BY c.line
"""
_STAYS: Final = "Cambió la fecha de inscripción; el plazo de su expediente sigue contando desde la anterior."
_MOVES: Final = "Cambia la fecha de inscripción, y el plazo de su expediente contará desde ella."


def changed() -> dict[int, dt.date]:
    """Of the matched rows: the open cases whose enrolment has another date, and that date."""
    return {case_id: day for _, day, case_id, _ in rows_of(_NEW)}


@dataclass(slots=True)
class NewDates:
    """Gathers, slice by slice, whose enrolment date changes; `moves`: the officer said that their clocks count from it."""

    answer: str
    count: int = 0
    _first: list[tuple[int, dt.date, str]] = field(default_factory=list)

    def look(self) -> Iterator[RowFinding]:
        """What is told of the matched rows."""
        for line, day, case_id, name in rows_of(_NEW):
            self.count += 1
            if len(self._first) < _NAMED:
                self._first.append((case_id, day, name))
            yield RowFinding(line, "fecha_inscripcion", f"{day:%d/%m/%Y}", _MOVES if self.answer == MOVE else _STAYS)

    def questions(self) -> list[dict[str, Any]]:
        """Whether the clocks move, with what moves for some: name, enrolment date and due date as they are and as they would be."""
        if not self.count:
            return []
        cases, schedule = Case.objects.in_bulk([case_id for case_id, _, _ in self._first]), Schedule()
        samples = []
        for case_id, day, name in self._first:
            case = cases[case_id]
            due = schedule.due_on(case.facts._replace(enrolled_on=day), case.plantel_id)
            samples.append([name, *(each and each.isoformat() for each in (case.enrolled_on, day, case.due_on, due))])
        return [{"kind": "enrolled", "count": self.count, "samples": samples, "answer": self.answer}]
