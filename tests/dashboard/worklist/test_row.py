"""The row of a list says of a case what the case says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.dashboard.shared.sql import Sql
from afiliacion.dashboard.worklist.row import ListRow, read
from tests.imss.conftest import at

pytestmark = pytest.mark.django_db

#: Where a row's field is not a column of the case itself.
ELSEWHERE = {
    "nombre": "student.nombre", "primer_apellido": "student.primer_apellido", "segundo_apellido": "student.segundo_apellido",
    "curp": "student.curp", "nss": "student.nss", "email": "student.email", "phone": "student.phone", "matricula": "enrolment.matricula",
    "ciclo": "ciclo.clave", "plantel": "plantel.name", "assigned_to": "",
}  # fmt: skip


def test_each_field_is_read_from_the_column_of_its_name(make_in: Callable[..., Case]) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    verbs.send_alta({case.pk: {"lote": "1"}}, on=dt.date(2026, 8, 12), act=Act(NIGHT, at(dt.date(2026, 8, 12))))
    verbs.note_clinic([case.pk], "UMF 5", on=dt.date(2026, 8, 13), act=Act(NIGHT, at(dt.date(2026, 8, 13))))
    verbs.hold([case.pk], on=dt.date(2026, 8, 14), reason="espera", act=Act(NIGHT, at(dt.date(2026, 8, 14))))
    case = Case.objects.select_related("student", "enrolment", "ciclo", "plantel").get(pk=case.pk)
    (row,) = read(Sql("%s", (case.pk,)), Sql(""), None, assigned=False)
    dates = [case.enrolled_on, case.acuse_on, case.alta_on, case.due_on, case.held_since]
    assert len({*dates}) >= len(dates) - 1
    for name in ListRow._fields:
        value: object = case
        for step in filter(None, ELSEWHERE.get(name, name).split(".")):
            value = getattr(value, step)
        assert getattr(row, name) == (None if value is case else value), name
