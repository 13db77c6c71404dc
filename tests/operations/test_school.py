"""The invented school of the demo and the rehearsal."""

from __future__ import annotations

import datetime as dt

import pytest

from afiliacion.operations.simulation.school import PLANTELES, create
from students.models import RegistroPatronal
from students.registro_patronal import doubt

pytestmark = pytest.mark.django_db


def test_its_registros_patronales_are_as_a_person_may_type_them_and_made_once() -> None:
    for _ in range(2):
        create(students=0, starts_on=dt.date(2026, 8, 1), seed=1)
    rows = RegistroPatronal.objects.all()
    assert {row.plantel.clave for row in rows} == {row[0] for row in PLANTELES}
    assert [(doubt(row.registro), row.valid_from) for row in rows] == [("", None)] * len(PLANTELES)
