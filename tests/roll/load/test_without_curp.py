"""Rows without CURP: noted, found again, promoted the day the CURP comes, and gone with their list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from afiliacion.cases.identity import without_curp
from afiliacion.cases.models import Case, WithoutCurp
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Import, ImportState, Row, RowKind
from afiliacion.roll.parse.parsers import why_no_curp
from afiliacion.roll.report_text import done_lines, preview_lines
from afiliacion.roll.upload import jobs
from afiliacion.roll.upload.run_now import Preview, Report
from students.models import Ciclo, Enrolment, Plantel, Student
from tests.upgrades import Scratch, scratch_database

pytestmark = pytest.mark.django_db
Bring = Callable[..., Report]
Look = Callable[..., Preview]

BORN = "2005-02-03"
JEAN = {
    "matricula": "29", "curp": "XEXX010101HNEXXXA4", "nombre": "Jean", "primer_apellido": "Dupont", "fecha_nacimiento": BORN, "sexo": "H",
    "entidad_nacimiento": "NE", "correo": "jean@alumnos.example.mx", "telefono": "3338490261", "grupo": "3-B",
    "fecha_inscripcion": "2026-08-06", "estatus": "activo",
}  # fmt: skip
HANS = {**JEAN, "matricula": "30", "nombre": "Hans", "primer_apellido": "Weber", "correo": "hans@alumnos.example.mx"}
_ANA = Actor(ActorKind.PERSON, "Ana Uc")


def undo(job: Import, now: dt.datetime) -> list[Any]:
    moved = jobs.undo(job, now=now)
    work.finish(job, JobClock.at(now.date(), now))
    return moved


def last() -> Import:
    return Import.objects.latest("pk")


@pytest.fixture
def his() -> str:
    """A CURP of Jean's own that holds together."""
    return "DUXJ050203HNEPXNA0"


@pytest.mark.parametrize(
    ("cell", "why"),
    [("", "vacia"), ("  ", "vacia"), ("-", "palabra"), ("EN TRÁMITE", "palabra"), ("s/d", "palabra"), ("No tiene", "palabra"),
     ("N/A", "palabra"), ("XEXX010101HNEXXXA4", "generica"), ("xaxx010101mnexxxa0", "generica"), ("PECB080503MGRXRGA5", ""),
     ("PECB080503MGRXRG", ""), ("Rosa", "")],
)  # fmt: skip
def test_a_cell_says_that_there_is_no_curp(cell: str, why: str) -> None:
    assert why_no_curp(cell) == why


def test_two_foreigners_with_one_generic_curp_are_two_who_have_none(bring: Bring, look: Look, ciclo: Ciclo, plantel: Plantel) -> None:
    preview = look([JEAN, HANS])
    assert (preview.counts.no_curp, preview.counts.noting, preview.counts.new, preview.error_count, preview.rows) == (2, 2, 0, 0, 2)
    assert "Sin CURP: 2; quedan anotados." in list(preview_lines(preview))
    done = bring([JEAN, HANS]).done
    assert (done.no_curp, done.students_new, done.opened) == (2, 0, 0)
    assert "Sin CURP, anotados: 2." in list(done_lines(done))
    assert not Student.objects.exists()
    jean, hans = WithoutCurp.objects.order_by("matricula")
    assert (jean.full_name, jean.birth_date, jean.sex, jean.email, jean.phone, jean.grupo) == (
        "Jean Dupont", dt.date(2005, 2, 3), "H", "jean@alumnos.example.mx", "3338490261", "3-B",
    )  # fmt: skip
    assert (jean.why, hans.list_name, jean.plantel, jean.ciclo, jean.enrolled_on) == (
        "generica", "Weber, Hans", plantel, ciclo, dt.date(2026, 8, 6),
    )  # fmt: skip
    assert jean.follow_up_on > jean.noted_at.date()
    assert last().state == ImportState.DONE


def test_the_same_list_twice_changes_nothing(bring: Bring, look: Look) -> None:
    bring([JEAN, HANS])
    before = list(WithoutCurp.objects.order_by("pk").values())
    again = look([JEAN, HANS])
    assert (again.nothing_to_do, again.counts.no_curp, again.counts.noting) == (True, 2, 0)
    assert bring([JEAN, HANS], "otra.csv").done.nothing
    assert list(WithoutCurp.objects.order_by("pk").values()) == before


def test_a_later_list_corrects_what_is_noted_and_is_taken_back(bring: Bring, look: Look, now: dt.datetime) -> None:
    bring([JEAN, HANS])
    before = list(WithoutCurp.objects.order_by("pk").values())
    other = [{**JEAN, "curp": "", "nombre": "Jean Paul", "telefono": "5550000000", "segundo_apellido": "Roy"}, {**HANS, "correo": ""}]
    preview = look(other)
    assert [(c.column, c.old, c.new) for c in preview.changes] == [
        ("nombre", "Jean", "Jean Paul"), ("segundo_apellido", "", "Roy"), ("telefono", "3338490261", "5550000000"),
    ]  # fmt: skip
    assert bring(other, "otra.csv", now=now + dt.timedelta(days=1)).done.no_curp == 1
    assert list(WithoutCurp.objects.values_list("nombre", "email").order_by("matricula")) == [
        ("Jean Paul", "jean@alumnos.example.mx"), ("Hans", "hans@alumnos.example.mx"),
    ]  # fmt: skip
    assert undo(last(), now + dt.timedelta(days=2)) == []
    assert list(WithoutCurp.objects.order_by("pk").values()) == before


def test_they_go_with_their_list_and_come_again_as_the_first_time(bring: Bring, now: dt.datetime) -> None:
    bring([JEAN, HANS])
    fields = ("matricula", "nombre", "follow_up_on", "why")
    before = list(WithoutCurp.objects.order_by("matricula").values(*fields))
    assert undo(last(), now) == []
    assert (last().state, WithoutCurp.objects.count()) == (ImportState.UNDONE, 0)
    bring([JEAN, HANS])
    assert list(WithoutCurp.objects.order_by("matricula").values(*fields)) == before


def test_the_curp_comes_with_a_later_list(bring: Bring, his: str, now: dt.datetime) -> None:
    bring([JEAN, HANS])
    tomorrow = now + dt.timedelta(days=1)
    report = bring([{**JEAN, "curp": his}, HANS], "mendada.csv", now=tomorrow)
    assert (report.preview.counts.new, report.done.promoted, report.done.opened, report.done.no_curp) == (1, 1, 1, 0)
    jean = WithoutCurp.objects.get(matricula="29")
    assert (jean.enrolment, jean.closed_at) == (Enrolment.objects.get(), tomorrow)
    assert Case.objects.get().student.curp == his
    assert WithoutCurp.objects.get(closed_at=None).matricula == "30"

    mended = last()
    assert [m.list_id for m in jobs.undo(mended.__class__.objects.earliest("pk"), now=tomorrow)] == [mended.pk, mended.pk]
    assert undo(mended, tomorrow) == []
    assert WithoutCurp.objects.filter(closed_at=None, closed_by="", enrolment=None).count() == 2
    assert not Enrolment.objects.filter(status="activo").exists()
    assert bring([{**JEAN, "curp": his}], "otra.csv", now=tomorrow).done.promoted == 1


@pytest.mark.parametrize("other_name", [False, True])
def test_who_is_on_record_with_a_curp_is_not_noted(bring: Bring, look: Look, his: str, ciclo: Ciclo, other_name: bool) -> None:
    bring([{**JEAN, "curp": his}])
    assert [(f.column, f.reason[:15]) for f in look([JEAN]).errors] == [("curp", "Falta su CURP: ")]
    later = Ciclo.objects.create(clave="2027-1", starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 7, 15))
    row = {**JEAN, "fecha_inscripcion": "2027-02-02", **({"nombre": "Zoe"} if other_name else {})}
    counts = look([row], ciclo=later, today=dt.date(2027, 2, 5)).counts
    assert (counts.invalid, counts.no_curp) == ((0, 1) if other_name else (1, 0))


def test_who_is_listed_twice_once_without_curp_is_not_noted_by_the_matricula_of_before(bring: Bring, his: str) -> None:
    """The list that changes the matrícula also has the row of before: loaded again, it changes nothing."""
    bring([{**JEAN, "curp": his}])
    twice = [JEAN, {**JEAN, "curp": his, "matricula": "31"}]
    bring(twice)
    assert bring(twice, "otra.csv").done.nothing
    assert not WithoutCurp.objects.exists()


def test_rows_that_cannot_be_told_apart_are_refused(look: Look, bring: Bring) -> None:
    doubled = look([JEAN, {**HANS, "matricula": "29"}])
    assert [(f.column, f.value, f.reason[:35]) for f in doubled.errors] == [("matricula", "29", "La misma matrícula, sin CURP, está ")] * 2
    assert (look([JEAN, JEAN]).counts.repeated, look([JEAN, JEAN]).counts.no_curp) == (1, 1)
    mixed = look([JEAN, {**HANS, "matricula": "29", "curp": "PECB080503MGRXRGA5"}])
    assert [f.column for f in mixed.errors] == ["matricula", "matricula"]


@pytest.mark.parametrize("lost", ["matricula", "nombre", "primer_apellido"])
def test_without_name_or_matricula_nobody_could_be_told_from_others(look: Look, lost: str) -> None:
    preview = look([{**JEAN, "curp": "", lost: ""}])
    assert (preview.counts.no_curp, preview.counts.invalid) == (0, 1)
    assert {f.column for f in preview.errors} == {"curp", lost}


def test_another_error_of_the_row_is_said_and_it_is_not_noted(bring: Bring) -> None:
    report = bring([{**JEAN, "fecha_inscripcion": "31/02/2026"}, HANS])
    assert [f.column for f in report.preview.errors] == ["fecha_inscripcion"]
    assert WithoutCurp.objects.get().matricula == "30"


def test_no_nss_is_asked_nor_kept(bring: Bring) -> None:
    report = bring([{**JEAN, "nss": "03230718821"}])
    assert ("nss", "El NSS no se guarda") in [(f.column, f.reason[:19]) for f in report.preview.warnings]
    assert "03230718821" not in str(list(WithoutCurp.objects.values())) + str([f.value for f in report.preview.warnings])
    assert Row.objects.get(kind=RowKind.NO_CURP).nss is None


def test_who_left_is_closed_by_the_list_and_one_never_noted_is_not(bring: Bring, now: dt.datetime) -> None:
    bring([JEAN])
    report = bring([{**JEAN, "estatus": "baja definitiva"}, {**HANS, "estatus": "egresado"}], "bajas.csv", now=now + dt.timedelta(days=1))
    assert (report.done.no_curp, WithoutCurp.objects.count()) == (1, 1)
    assert WithoutCurp.objects.get().reason == "La lista dice que ya no está en el plantel."
    assert undo(last(), now + dt.timedelta(days=2)) == []
    assert WithoutCurp.objects.get().is_open


def test_noted_again_in_the_next_ciclo_the_earlier_one_ends(bring: Bring, now: dt.datetime, his: str) -> None:
    bring([JEAN])
    later = Ciclo.objects.create(clave="2027-1", starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 7, 15))
    february = now.replace(year=2027, month=2, day=5)
    bring([{**JEAN, "fecha_inscripcion": "2027-02-02"}], "febrero.csv", ciclo=later, now=february)
    assert list(WithoutCurp.objects.order_by("pk").values_list("ciclo__clave", "reason")) == [
        ("2026-2", "Sigue sin CURP en el ciclo 2027-1."), ("2027-1", ""),
    ]  # fmt: skip
    assert undo(last(), february) == []
    assert WithoutCurp.objects.get().is_open
    bring([{**JEAN, "fecha_inscripcion": "2027-02-02", "curp": his}], "con.csv", ciclo=later, now=february)
    assert WithoutCurp.objects.get().enrolment == Enrolment.objects.get()


@pytest.mark.parametrize("deed", ["close", "follow"])
def test_a_list_is_not_undone_over_what_an_officer_did(bring: Bring, now: dt.datetime, deed: str) -> None:
    bring([JEAN])
    act, pk = Act(_ANA, now), WithoutCurp.objects.get().pk
    assert without_curp.close(pk, "Ya no viene", act) if deed == "close" else without_curp.follow_up(pk, now.date(), act)
    assert [(m.matricula, m.who) for m in undo(last(), now)] == [("29", "Ana Uc")]
    assert WithoutCurp.objects.exists()


def test_what_an_officer_closed_a_list_does_not_open(bring: Bring, look: Look, now: dt.datetime) -> None:
    bring([JEAN])
    pk = WithoutCurp.objects.get().pk
    assert without_curp.close(pk, "Ya no viene", Act(_ANA, now))
    again = look([{**JEAN, "telefono": "1"}])
    assert again.nothing_to_do
    assert any("lo cerró Ana Uc" in f.reason for f in again.warnings)
    assert not without_curp.close(pk, "Otra vez", Act(_ANA, now))
    assert without_curp.reopen(pk, Act(_ANA, now))
    assert not without_curp.reopen(pk, Act(_ANA, now))
    assert WithoutCurp.objects.get().reason == ""


def test_only_ones_own_planteles(bring: Bring, now: dt.datetime, other_plantel: Plantel) -> None:
    bring([JEAN])
    act, pk = Act(_ANA, now, frozenset({other_plantel.pk})), WithoutCurp.objects.get().pk
    assert not without_curp.close(pk, "No es mío", act)
    assert not without_curp.follow_up(pk, now.date(), act)
    assert not without_curp.visible(act.planteles).exists()


def test_the_shared_list(bring: Bring) -> None:
    """As it was found (24-sin-curp.csv)."""
    text = """matricula,curp,nombre,primer_apellido,segundo_apellido,correo,grupo,fecha_inscripcion,estatus
26000000,PECB080503MGRXRGA5,Begoña,Peña,Cruz,alumno0@alumnos.example.mx,1-A,2026-08-06,activo
26000001,,José Ángel,Muñoz,Ibáñez,alumno1@alumnos.example.mx,1-A,2026-08-06,activo
26000002,EN TRÁMITE,Iñaki,Ordóñez,Güemes,alumno2@alumnos.example.mx,1-A,2026-08-06,activo
"""
    report = bring(text.encode())
    assert (report.done.opened, report.done.no_curp, report.preview.error_count) == (1, 2, 0)
    assert list(WithoutCurp.objects.order_by("matricula").values_list("why", flat=True)) == ["vacia", "palabra"]


@pytest.fixture
def scratch(db: None) -> Iterator[Scratch]:
    with scratch_database() as database:
        yield database


@pytest.mark.upgrade
def test_an_office_with_rules_and_lists_of_its_own_gets_the_rule(scratch: Scratch) -> None:
    then = scratch.before("cases", "0017_without_curp")
    rules = then.get_model("cases", "ClockRule").objects
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_clockrule DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM cases_clockrule WHERE key = 'curp'")
        cursor.execute("ALTER TABLE cases_clockrule ENABLE TRIGGER USER")
    kept = list(rules.order_by("pk").values_list("key", "n"))
    now = scratch.upgrade().get_model("cases", "ClockRule").objects
    assert list(now.exclude(key="curp").order_by("pk").values_list("key", "n")) == kept
    assert now.get(key="curp").n == 10


@pytest.mark.upgrade
def test_rows_of_lists_from_before_have_or_should_have_a_curp(scratch: Scratch) -> None:
    then = scratch.before("roll", "0006_without_curp")
    plantel = then.get_model("students", "Plantel").objects.create(clave="P", name="P")
    ciclo = then.get_model("students", "Ciclo").objects.create(clave="C", starts_on="2026-08-01", ends_on="2027-01-01")
    job = then.get_model("roll", "Import").objects.create(
        plantel=plantel, ciclo=ciclo, filename="l.csv", sha256="0" * 64, uploaded_at=timezone.now()
    )
    then.get_model("roll", "Row").objects.create(job_id=job.pk, line=2, kind="new", curp_key="X", name_order="", name_search="")
    now = scratch.upgrade().get_model("roll", "Row").objects
    assert list(now.values_list("line", "without_curp")) == [(2, "")]
