"""A row of a list of cases: what its columns can show, read in one question that brings nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final, NamedTuple

from afiliacion.cases.models import folio
from afiliacion.dashboard.shared.assignees import WHO
from afiliacion.dashboard.shared.sql import Sql, all_of, fetched
from students.names import list_name


class ListRow(NamedTuple):
    """One case. A tuple and not the models: fifty cases with what they point to cost more than all else a list does."""

    pk: int
    version: int
    state: str
    state_since: dt.date
    turn: str
    due_on: dt.date | None
    held_since: dt.date | None
    reached: int
    coverage: str
    umf: str
    enrolled_on: dt.date
    acuse_on: dt.date | None
    alta_on: dt.date | None
    vigencia_on: dt.date | None
    grupo: str
    nombre: str
    primer_apellido: str
    segundo_apellido: str
    curp: str
    nss: str | None
    email: str
    phone: str
    matricula: str
    ciclo: str
    plantel: str
    plantel_id: int
    assigned_to: str | None

    @property
    def folio(self) -> str:
        return folio(self.pk)

    @property
    def list_name(self) -> str:
        return list_name(self.primer_apellido, self.segundo_apellido, self.nombre)


_READ: Final = """
SELECT c.id, c.version, c.state, c.state_since, c.turn, c.due_on, c.held_since, c.reached, c.coverage, c.umf, c.enrolled_on, c.acuse_on,
  c.alta_on, c.vigencia_on, c.grupo, s.nombre, s.primer_apellido, s.segundo_apellido, s.curp, s.nss, s.email, s.phone, e.matricula,
  t.clave, p.name, c.plantel_id, {assigned}
FROM cases_case c JOIN students_student s ON s.id = c.student_id JOIN students_enrolment e ON e.id = c.enrolment_id
JOIN students_ciclo t ON t.id = e.ciclo_id JOIN students_plantel p ON p.id = c.plantel_id WHERE
"""
_PLAIN: Final = _READ.format(assigned="NULL")
_ASSIGNED: Final = _READ.format(assigned=WHO)


def read(found: Sql, order: Sql, planteles: Iterable[int] | None, *, assigned: bool) -> list[ListRow]:
    """The rows of the cases whose ids `found` selects, in this order, of these planteles only (None: of all);
    `assigned`: with who sees to each."""
    seen = [] if planteles is None else [Sql("c.plantel_id = ANY(%s)", (sorted(planteles),))]
    chosen = all_of([Sql("c.id IN (") + found + Sql(")"), *seen])
    return [ListRow._make(row) for row in fetched(Sql(_ASSIGNED if assigned else _PLAIN) + chosen + order)]
