"""The upgrade of an office with data: what its rules count from, and what its cases remember, with no due date moved."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from afiliacion.cases import counters
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case
from tests.upgrades import scratch_database

DAY = dt.date(2026, 3, 2)
NSS = "03230500013"
MIGRATION = ("cases", "0011_clock_starts")
OWN = "Acuerdo del plantel"


def on(days):
    """The day of the event number `days` of a case, from 0."""
    return DAY + dt.timedelta(days)


_NUMBER = ("obtain_nss", "NSS_OBTENIDO", {"nss": NSS})
_CORRECTED = ("correct_nss", "NSS_OBTENIDO", {"nss": NSS})
_ALERT: tuple[str, str, dict[str, str]] = ("alert", "NSS_OBTENIDO", {})
_SENT: tuple[str, str, dict[str, str]] = ("send_alta", "ALTA_ENVIADA", {})
_ELSEWHERE = {"coverage": "other"}
#: Of each case: its events after the first, one a day (verb, to state, data), and the columns that say more than a case just opened has.
HISTORIES: dict[str, tuple[list[tuple[str, str, dict[str, Any]]], dict[str, Any]]] = {
    "running": ([], {}),
    "corrected": ([_NUMBER, _ALERT, _CORRECTED], {"nss_on": on(3), "alerted_on": on(2), "state_since": on(1)}),
    "alerted again": ([_NUMBER, _CORRECTED, _ALERT], {"nss_on": on(2), "alerted_on": on(3), "state_since": on(1)}),
    "resting": (
        [_NUMBER, ("deliver_acuse", "ACUSE_ENTREGADO", {}), _SENT, ("note_coverage", "ALTA_ENVIADA", _ELSEWHERE)],
        {"nss_on": on(1), "acuse_on": on(2), "alta_on": on(3), "state_since": on(3), "checked_on": on(4), "turn": "imss", **_ELSEWHERE},
    ),
    "still vigente": (
        [_NUMBER, ("confirm_vigencia", "VIGENTE", {}), ("note_coverage", "VIGENTE", _ELSEWHERE)],
        {"nss_on": on(1), "alta_on": on(2), "vigencia_on": on(2), "vigencia_evidence": "e" * 64, "state_since": on(2), "checked_on": on(3),
         "turn": "nadie", **_ELSEWHERE},
    ),
    "lost it": ([("note_coverage", "SIN_NSS", _ELSEWHERE), ("note_coverage", "SIN_NSS", {"coverage": "none"})], {"checked_on": on(2)}),
    "came back": (
        [("escalate", "EN_SUBDELEGACION", {}), ("return", "SIN_NSS", {"nss": "", "resend_alta": False})], {"state_since": on(2)}
    ),
}  # fmt: skip


@pytest.fixture
def scratch(db):
    with scratch_database() as database:
        yield database


def history(then, name, place):
    """Write a case of `name` as the version before left it, running under the rule of the acuse whatever it is about."""
    steps, columns = HISTORIES[name]
    rule = then.get_model("cases", "ClockRule").objects.get(key="acuse", plantel=None)
    due = dt.date(2026, 3, 5)
    state, case_id = "SIN_NSS", place["enrolment"].pk
    written = [("open", state, {"enrolment": case_id, "nss": ""}), *steps]
    events = then.get_model("cases", "Event").objects
    for seq, (verb, to, data) in enumerate(written, 1):
        events.create(
            case_id=case_id, seq=seq, verb=verb, from_state="" if seq == 1 else state, to_state=to, on=on(seq - 1),
            at=timezone.now(), actor_kind="night", actor_name="Proceso nocturno", data={**data, "rule": rule.pk, "due_on": due.isoformat()},
            evidence="e" * 64 if verb == "confirm_vigencia" else "", hash=f"{case_id}-{seq}",
        )  # fmt: skip
        state = to
    known = {"turn": "alumno", "coverage": "none", "state_since": DAY}
    then.get_model("cases", "Case").objects.create(
        pk=case_id, version=len(written), head_hash=f"{case_id}-{len(written)}", state=state, enrolled_on=DAY, due_on=due,
        rule_id=rule.pk, **place, **{**known, **columns},
    )  # fmt: skip
    return case_id


@transaction.atomic
def school(then):
    """A plantel with a rule of its own, and a case of each history."""
    plantel = then.get_model("students", "Plantel").objects.create(clave="P", name="P")
    ciclo = then.get_model("students", "Ciclo").objects.create(clave="C", starts_on=DAY, ends_on=DAY + dt.timedelta(90))
    students, enrolments = then.get_model("students", "Student").objects, then.get_model("students", "Enrolment").objects
    then.get_model("cases", "ClockRule").objects.create(
        key="acuse", plantel=plantel, n=9, unit="naturales", source=OWN, valid_from=dt.date(2026, 4, 1)
    )
    cases = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE cases_case DISABLE TRIGGER cases_guard_birth; SET CONSTRAINTS ALL DEFERRED"
        )
    for number, name in enumerate(HISTORIES):
        student = students.create(
            curp=f"PUFE05031{number}HNERCNA4", nombre="Eñe", primer_apellido="Pu", birth_date=DAY, sex="H", entity="NE"
        )
        enrolment = enrolments.create(student=student, plantel=plantel, ciclo=ciclo, matricula=str(number), enrolled_on=DAY)
        cases[name] = history(then, name, {"student": student, "plantel": plantel, "ciclo": ciclo, "enrolment": enrolment})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE cases_case ENABLE TRIGGER cases_guard_birth")
    return cases


@pytest.mark.upgrade
def test_an_office_with_data_keeps_its_due_dates_and_remembers_what_its_events_say(scratch):
    then = scratch.before(*MIGRATION)
    cases, today = school(then), timezone.localdate()
    before = dict(Case.objects.values_list("pk", "due_on"))
    tomorrow = then.get_model("cases", "ClockRule").objects.create(
        key="alta", n=7, unit="habiles", source="Desde mañana", valid_from=today + dt.timedelta(1)
    )
    rules = scratch.upgrade().get_model("cases", "ClockRule").objects
    assert [str(difference) for difference in differences()] == []
    assert list(counters.differences()) == []
    assert dict(Case.objects.values_list("pk", "due_on")) == before
    now = {name: Case.objects.get(pk=pk) for name, pk in cases.items()}
    assert (now["corrected"].corrected_on, now["corrected"].alerted_on) == (on(3), None)
    assert (now["alerted again"].corrected_on, now["alerted again"].alerted_on) == (on(2), on(3))
    assert (now["resting"].turn, now["still vigente"].state, now["lost it"].cover_lost_on) == ("nadie", "VIGENTE", on(2))
    assert now["came back"].resumed_on == on(2)
    assert {case.recorded_on for case in now.values()} == {None}
    # Its rules go on as they were, and count from the latest event from today on.
    of = rules.order_by("valid_from").values_list("n", "source", "starts", "valid_from")
    own_before, own_now = of.filter(key="acuse", plantel__isnull=False)
    assert own_before == (9, OWN, ["inscripcion"], dt.date(2026, 4, 1))
    assert own_now == (9, OWN, ["inscripcion", "registro", "correccion", "reanudacion"], today)
    assert [row[3] for row in of.filter(key="acuse", plantel=None)] == [dt.date(2000, 1, 1), today]
    assert [row[3] for row in of.filter(key="baja")] == [dt.date(2000, 1, 1)]
    assert rules.get(pk=tomorrow.pk).starts == ["acuse", "registro", "reanudacion"]
    assert list(rules.filter(key="cobertura").values_list("starts", flat=True)) == [["consulta"]]
