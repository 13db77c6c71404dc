"""Laws of the import, over tables drawn by hypothesis."""

import random
from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from afiliacion.cases.models import Case, Event, WithoutCurp
from afiliacion.operations.simulation.invented_people import People
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.models import Import
from students.models import Enrolment, Student
from tests.roll.conftest import row
from tests.sweeps import sampled

pytestmark = pytest.mark.django_db

STATUSES = ["activo", "Licencia", "baja temporal", "Baja definitiva", "egresado", "desertor", "", "oyente?"]
EMAILS = ["uno@alumnos.example.mx", "otro@alumnos.example.mx", "", "no es correo"]
# Few people, matrículas and NSS: so that rows meet, repeat and contradict each other.
PEOPLE = [person for supply in [People(random.Random(1))] for person in (supply.one() for _ in range(6))]
#: What stands where there is no CURP.
NONE = ["", "EN TRÁMITE", "XEXX010101HNEXXXA4"]

rows = st.builds(
    lambda who, matricula, whose_nss, **fields: row(
        PEOPLE[who], f"26{matricula:06d}", nss="" if whose_nss is None else PEOPLE[whose_nss].nss, **fields
    ),
    st.integers(0, 5), st.integers(0, 5), st.none() | st.integers(0, 5), correo=st.sampled_from(EMAILS), estatus=st.sampled_from(STATUSES),
    grupo=st.sampled_from(["1-A", "1-B", ""]), curp=st.sampled_from([*(person.curp for person in PEOPLE), *NONE]),
)  # fmt: skip
own_rows = st.integers(0, 5).flatmap(
    lambda n: st.builds(
        lambda nss, status, curp: row(PEOPLE[n], f"26{n:06d}", nss=nss, estatus=status, curp=curp),
        st.sampled_from(["", PEOPLE[n].nss]), st.sampled_from(STATUSES), st.sampled_from([PEOPLE[n].curp] * 3 + NONE),
    )
)  # fmt: skip
tables = st.lists(st.one_of(own_rows, rows), min_size=1, max_size=8)
slow = sampled(15, 4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def state():
    """Everything a list writes, without the numbers the database gives."""
    return (
        sorted(Student.objects.values_list("curp", "nss", "email", "nombre", "name_order")),
        sorted(Enrolment.objects.values_list("student__curp", "matricula", "grupo", "status", "enrolled_on")),
        sorted(Case.objects.values_list("student__curp", "state", "baja_kind", "version")),
        Event.objects.count(),
        sorted(WithoutCurp.objects.values_list("matricula", "nombre", "email", "grupo", "why", "closed_at", "reason", "enrolment")),
    )


@given(st.lists(tables, min_size=1, max_size=2))
@slow
def test_the_last_list_again_changes_nothing(bring, lists):
    with transaction.atomic():
        for table in lists:
            bring(table)
        before = state()
        again = bring(lists[-1])
        assert again.done.nothing
        assert again.preview.nothing_to_do
        assert state() == before
        transaction.set_rollback(True)


@given(tables, st.randoms(use_true_random=False))
@slow
def test_the_order_of_the_rows_does_not_matter(bring, table, rng):
    outcomes = []
    for attempt in (table, rng.sample(table, len(table))):
        with transaction.atomic():
            report = bring(attempt)
            outcomes.append((state(), report.preview.counts, report.done))
            transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1]


@given(tables)
@slow
def test_every_row_is_counted_once_and_every_bad_one_has_its_reasons(bring, table):
    with transaction.atomic():
        preview = bring(table).preview
        transaction.set_rollback(True)
    counts = preview.counts
    assert counts.new + counts.changed + counts.unchanged + counts.invalid + counts.repeated + counts.no_curp == len(table)
    assert len({finding.line for finding in preview.errors}) == counts.invalid
    assert all(finding.reason for finding in preview.errors + preview.warnings)


@given(tables)
@slow
def test_a_preview_says_what_applying_then_does(look, bring, table):
    with transaction.atomic():
        said, done = look(table), bring(table)
        transaction.set_rollback(True)
    assert replace(said, job=done.preview.job) == done.preview
    assert (said.counts.new, said.nothing_to_do) == (done.done.enrolments_new, done.done.nothing)


headings = st.text(max_size=8) | st.sampled_from(
    ["Matrícula", "CURP", "Nombre", "Ap. Paterno", "Ap. Materno", "Fecha de ingreso", "NSS", "Plantel"]
)
cells = st.text(max_size=20) | st.sampled_from(["=cmd|' /C calc'!A0", "\u202e", "\x00", PEOPLE[0].curp, "01/02/2026", '"', "\r\n"])


def refusal_of(look, content):
    """The sentence a file is refused with; empty if it is a list, of which every bad row is counted."""
    try:
        preview = look(content)
    except UnreadableFile as refusal:
        return str(refusal)
    assert preview.counts.invalid == len({finding.line for finding in preview.errors})
    return ""


@given(st.lists(headings, max_size=12), st.lists(st.lists(cells, max_size=14), max_size=6), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
@slow
def test_any_table_ends_in_rows_each_counted_or_in_one_sentence(look, header, body, encoding):
    text = "\n".join(";".join(line) for line in [header, *body])
    refusal = refusal_of(look, text.encode(encoding, "replace"))
    assert refusal == "" or refusal.endswith(".")
    assert (Student.objects.count(), Import.objects.count()) == (0, 0)
