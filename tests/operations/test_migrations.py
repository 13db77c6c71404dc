"""Migrations: an upgraded office keeps what it has, and what no model says (triggers, columns, default rows) is in the database."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from afiliacion.cases import counters, states
from afiliacion.database import datafiles
from afiliacion.roll.findings import RowCounts
from tests.roles import as_owner
from tests.upgrades import Scratch, scratch_database

DAY = dt.date(2026, 8, 10)
ROOT = Path(__file__).parents[2]
SQL = sorted([*ROOT.glob("students/sql/*.sql"), *ROOT.glob("afiliacion/*/sql/*.sql")])
#: Read as they are, by the code: no office has rows of these.
CATALOGUES = {("movements", "rejection_families")}
_FILES = {(room.label, file.stem) for room in apps.get_app_configs() for file in Path(room.path, "defaults").glob("*.toml")}
DEFAULTS = sorted(_FILES - CATALOGUES)
NEW = MigrationLoader(None).replacements
#: What the table of migrations of an office that was at the last of the old ones says.
OLD = {key for key in MigrationLoader(None).graph.nodes if key not in NEW} | {key for new in NEW.values() for key in new.replaces}


@pytest.fixture
def scratch(db: None) -> Iterator[Scratch]:
    with scratch_database() as database:
        yield database


def test_an_office_at_the_last_of_the_old_migrations_has_nothing_to_do(scratch: Scratch) -> None:
    scratch.note_as_applied(OLD)
    assert scratch.to_do() == []
    scratch.upgrade()
    assert scratch.applied() == OLD | set(NEW)


@pytest.mark.parametrize(
    "missing", [("students", "0006_by_address"), ("reminders", "0006_sheet_refused"), ("cases", "0015_copies_planned_anew")]
)
def test_an_office_that_is_not_so_far_is_told_to_get_there_first(scratch: Scratch, missing: tuple[str, str]) -> None:
    scratch.note_as_applied(OLD - {missing})
    with pytest.raises(SystemCheckError, match=f"le faltan migraciones de «{missing[0]}»"):
        call_command("migrate", verbosity=0, skip_checks=False)
    assert scratch.applied() == OLD - {missing}


@pytest.mark.upgrade
def test_the_defaults_do_not_touch_what_an_office_has(scratch: Scratch) -> None:
    cadence = scratch.before("imss", "0003_defaults").get_model("imss", "Cadence").objects
    cadence.create(kind="locate_nss", state="SIN_NSS", anchor="state", after_days=2, every_days=9)
    now = scratch.upgrade()
    assert list(now.get_model("imss", "Cadence").objects.values_list("after_days", "every_days")) == [(2, 9)]
    assert now.get_model("imss", "KnownRefusal").objects.count() == len(rows("imss", "known_refusals"))


@pytest.mark.upgrade
def test_an_office_with_causes_of_its_own_keeps_them_and_gets_the_one_of_defuncion(scratch: Scratch) -> None:
    causes = scratch.before("imss", "0007_cause_of_defuncion").get_model("imss", "BajaCause").objects
    causes.filter(reason="defuncion").delete()
    causes.filter(reason="egreso").update(causa="6")
    now = scratch.upgrade().get_model("imss", "BajaCause").objects
    assert dict(now.values_list("reason", "causa")) == {
        "temporal": "6", "definitiva": "2", "egreso": "6", "desercion": "3", "defuncion": "4", "traslado": "6", "renuncia": "2",
    }  # fmt: skip


@pytest.mark.upgrade
def test_enrolments_and_transitions_of_before_take_the_new_kind_of_baja(scratch: Scratch) -> None:
    then = scratch.before("students", "0003_status_defuncion")
    day = dt.date(2026, 8, 10)
    student = then.get_model("students", "Student").objects.create(
        curp="PUFE050315HNERCNA4", nombre="Eñe", primer_apellido="Pu", birth_date=day, sex="H", entity="NE"
    )
    place = {
        "plantel": then.get_model("students", "Plantel").objects.create(clave="P", name="P"),
        "ciclo": then.get_model("students", "Ciclo").objects.create(clave="C", starts_on=day, ends_on=day + dt.timedelta(90)),
    }
    kept = then.get_model("students", "Enrolment").objects.create(
        student=student, matricula="1", enrolled_on=day, status="egresado", **place
    )
    then.get_model("cases", "Transition").objects.filter(verb="undo_leave").delete()
    now = scratch.upgrade()
    enrolment = now.get_model("students", "Enrolment").objects.get(pk=kept.pk)
    assert (enrolment.status, enrolment.matricula) == ("egresado", "1")
    enrolment.status = "defuncion"
    enrolment.save()
    assert set(now.get_model("cases", "Transition").objects.values_list("verb", "from_state", "to_state")) == set(states.rows())


#: The rows of the first version by what tells one from another. Never add one: an office that exists would go without it.
FIRST: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("cases", "clock_rules"): (("key",), ("acuse", "alta", "vigencia", "revision", "atencion", "subdelegacion", "baja")),
    ("cases", "paper_kinds"): (
        ("key",), ("acuse", "curp", "acta", "domicilio", "identificacion", "manifestacion", "renuncia", "tutor"),
    ),
    ("imss", "baja_causes"): (("reason",), ("temporal", "definitiva", "egreso", "desercion", "traslado", "renuncia")),
    ("imss", "cadences"): (
        ("kind", "state"),
        (
            "locate_nss SIN_NSS", "check_vigencia ALTA_ENVIADA", "check_vigencia SIN_VIGENCIA", "check_vigencia VIGENTE",
            "send_alta ALTA_ENVIADA", "send_baja BAJA", "send_baja RENUNCIA",
        ),
    ),
    ("imss", "known_refusals"): (
        ("code",),
        (
            "EN_PROCESO", "ACUDIR_SUBDELEGACION", "CURP_INVALIDA", "NSS_INVALIDO", "CORREO_INVALIDO", "CORREO_DE_OTRA_CURP", "SIN_REGISTRO",
            "REGISTRO_PATRONAL_INVALIDO", "FECHA_INVALIDA", "CAUSA_BAJA_INVALIDA", "CLAVE_REUTILIZADA", "MOVIMIENTO_DESCONOCIDO",
        ),
    ),
    ("reminders", "reminder_kinds"): (
        ("key",),
        (
            "nss_vencido", "acuse_vencido", "nss_por_vencer", "acuse_por_vencer", "en_subdelegacion", "sin_vigencia",
            "registrate_en_clinica", "obten_nss", "resumen", "tutor_vencido", "escala_responsable", "escala_coordinacion", "recibo",
            "alarma_noche", "alarma_imss", "hoja_rechazada",
        ),
    ),
}  # fmt: skip


def test_every_default_row_reaches_an_office_that_has_those_of_the_first_version(scratch: Scratch) -> None:
    then = scratch.before_all(("cases", "0003_defaults"), ("imss", "0003_defaults"), ("reminders", "0002_defaults"))
    for (room, name), (fields, first) in FIRST.items():
        for values in first:
            datafiles.load(then, room, name, **dict(zip(fields, values.split(), strict=True)))
    now = scratch.upgrade()
    absent = [
        f"{name}.toml of {room}: {row}"
        for room, name in DEFAULTS
        for model, wanted in datafiles.read(room, name).items()
        for row in wanted
        if not now.get_model(room, model)._default_manager.filter(**row).exists()
    ]
    told = "offices that exist do not get these default rows: add a migration that calls datafiles.load (docs/adr/0021, first table)"
    assert absent == [], told


@pytest.mark.upgrade
def test_who_a_list_of_before_missed_is_still_named_by_it(scratch: Scratch) -> None:
    then = scratch.before("roll", "0003_not_returning")
    day = dt.date(2026, 8, 10)
    job = then.get_model("roll", "Import").objects.create(
        plantel=then.get_model("students", "Plantel").objects.create(clave="P", name="P"),
        ciclo=then.get_model("students", "Ciclo").objects.create(clave="C", starts_on=day, ends_on=day + dt.timedelta(90)),
        uploaded_at=timezone.now(), sha256="a" * 64, counts={"new": 3, "missing": 1},
    )  # fmt: skip
    then.get_model("roll", "Absent").objects.create(job=job, position=1, matricula="7", name="Ek, Rosa")
    absent = scratch.upgrade().get_model("roll", "Absent").objects.get()
    assert (absent.matricula, absent.before, absent.case_id) == ("7", "", None)
    counts = RowCounts(**job.counts)
    assert (counts.absent, counts.not_returned, counts.leaving) == (1, 0, {})


def rows(room: str, name: str) -> list[dict[str, Any]]:
    (found,) = datafiles.read(room, name).values()
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(("room", "name"), DEFAULTS)
def test_the_default_rows_are_in_the_database_field_by_field(room: str, name: str) -> None:
    for model_name, wanted in datafiles.read(room, name).items():
        stored = apps.get_model(room, model_name)._default_manager
        assert [row for row in wanted if not stored.filter(**row).exists()] == []
        assert stored.count() == len(wanted)


@pytest.mark.parametrize("file", SQL, ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_a_file_of_sql_names_its_python_twin_and_the_test_that_holds_them_equal(file: Path) -> None:
    said = " ".join(line.removeprefix("-- ") for line in file.read_text().splitlines() if line.startswith("--"))
    assert re.search(r"(No )?Python twin\b", said)
    assert [path for path in re.findall(r"[\w/]+\.(?:py|md)\b", said) if "/" in path and not (ROOT / path).exists()] == []
    tests = re.findall(r"(tests/[\w/]+\.py), (test_\w+)", said)
    assert tests
    assert [name for path, name in tests if f"def {name}(" not in (ROOT / path).read_text()] == []


APPEND_ONLY = ["cases_event", "cases_evidence", "cases_clockrule", "dashboard_disclosure", "dashboard_settingchange",
               "dashboard_listexport", "dashboard_note", "documents_issued", "cases_historyroot", "cases_recordchange",
               "django_admin_log", "insurance_coverevent"]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {0} SET {1} = {1}", "TRUNCATE {} CASCADE"])
def test_what_is_append_only_is_neither_changed_nor_deleted(table: str, statement: str) -> None:
    key = "sha256" if table == "cases_evidence" else "id"
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), as_owner() as cursor:
        cursor.execute(f"SET LOCAL afiliacion.may_truncate = on; {statement.format(table, key)}")
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == "append_only"


@pytest.mark.django_db
def test_what_no_model_says_of_a_column_is_set() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT attstattarget FROM pg_attribute WHERE (attrelid, attname) = ('students_student'::regclass, 'name_search')")
        assert cursor.fetchone() == (1000,)
        cursor.execute("SELECT attstorage FROM pg_attribute WHERE (attrelid, attname) = ('roll_part'::regclass, 'body')")
        assert cursor.fetchone() == ("e",)


@pytest.mark.upgrade
def test_what_undone_lists_had_opened_is_counted_no_more(scratch: Scratch) -> None:
    """The counters of an office that had undone a list said so of its cases; what else they count stays."""
    then = scratch.before("cases", "0015_undone_lists_not_counted")
    plantel = then.get_model("students", "Plantel").objects.create(clave="P", name="P")
    ciclo = then.get_model("students", "Ciclo").objects.create(clave="C", starts_on=DAY, ends_on=DAY + dt.timedelta(90))
    cases, place = then.get_model("cases", "Case").objects, {"plantel": plantel, "ciclo": ciclo}
    known = {"turn": "nadie", "state_since": DAY, "enrolled_on": DAY, "coverage": "none", "state": "BAJA", **place}
    with connection.cursor() as cursor:
        # Written as the rules of then left them: closed and counted.
        cursor.execute("ALTER TABLE cases_case DISABLE TRIGGER USER")
        for n, kind in enumerate(("deshecha", "deshecha", "egreso"), 1):
            student = then.get_model("students", "Student").objects.create(
                curp=f"PUFE05031{n}HNERCNA4", nombre="Eñe", primer_apellido="Pu", birth_date=DAY, sex="H", entity="NE"
            )
            enrolment = then.get_model("students", "Enrolment").objects.create(student=student, matricula=str(n), enrolled_on=DAY, **place)
            cases.create(student=student, enrolment=enrolment, baja_kind=kind, **known)
        cursor.execute("ALTER TABLE cases_case ENABLE TRIGGER USER")
    standing = then.get_model("cases", "StandingTally").objects
    for where in (plantel, None):
        standing.create(plantel=where, ciclo=ciclo, state="BAJA", turn="nadie", coverage="none", reached=0, n=3)
    scratch.upgrade()
    assert [(count.plantel_id, count.n) for count in (*counters.standing(None), *counters.standing([plantel.pk]))] == [
        (None, 1), (plantel.pk, 1),
    ]  # fmt: skip
    assert list(counters.differences()) == []
