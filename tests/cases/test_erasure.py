"""What people write is kept apart from the hashed history: it can be erased, and what stands there cannot be changed unnoticed."""

import datetime as dt
import hashlib
import json
import random
from importlib import import_module
from typing import cast

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import ERASED, STRUCTURED, Details, Happening, restored
from afiliacion.cases.history import chain
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.history.erasure import erase, erase_without_curp
from afiliacion.cases.history.text import history_lines
from afiliacion.cases.models import Case, Event, EventDetail, WithoutCurp
from afiliacion.cases.states import Coverage, State, Verb
from afiliacion.operations import database_rights
from afiliacion.operations.simulation.invented_people import People
from students.models import Ciclo
from tests.dashboard.lists import without_curp
from tests.roles import as_owner, histories_open
from tests.upgrades import scratch_database

DAY, NSS, PROOF = dt.date(2026, 8, 10), "03230500013", "ab" * 32
TEXTS = [
    "Rosa Uc", "su mamá tiene ISSSTE", "L-77001", "R-88", "S-118", "F-NOMBRE", "dice José Fu", "José Fu Ñáñez", "UMF 5", "vespertino",
    "C-9", "44100", "la prestó su hermano", "su papá llamó", NSS,
]  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(make_case, make_student, act):
    """Two cases in whose histories every kind of text stands."""
    first, second = make_case(student=make_student(nss=NSS)), make_case()
    verbs.deliver_acuse([first.pk], on=DAY, papers=["acuse"], act=act)
    verbs.send_alta({first.pk: {"lote": "L-77001", "recibo": "R-88"}}, on=DAY, act=act)
    verbs.confirm_vigencia({first.pk: Happening(DAY, {"umf": "UMF 5"}, PROOF)}, act=act)
    verbs.note_clinic([first.pk], "UMF 5", on=DAY, turno="vespertino", consultorio="C-9", postal_code="44100", act=act)
    verbs.renounce([first.pk], on=DAY, reason="su mamá tiene ISSSTE", tutor="Rosa Uc", act=act)
    verbs.escalate({second.pk: Happening(DAY, reason="la prestó su hermano")}, act=act)
    verbs.file_at_desk([second.pk], on=DAY, folio="S-118", act=act)
    verbs.return_from_desk([second.pk], on=DAY, nss={second.pk: "03230500021"}, act=act)
    verbs.deliver_acuse([second.pk], on=DAY, papers=["acuse"], act=act)
    verbs.send_alta({second.pk: {"lote": "L-77001"}}, on=DAY, act=act)
    answer: Details = {"code": "F-NOMBRE", "text": "dice José Fu", "register_name": "José Fu Ñáñez"}
    verbs.reject_alta({second.pk: Happening(DAY, answer, PROOF)}, act=act)
    verbs.hold([second.pk], on=DAY, reason="su papá llamó", act=act)
    return [Case.objects.get(pk=case.pk) for case in (first, second)]


def in_database(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, '') FROM {table} t")  # noqa: S608 - our own tables
        return cursor.fetchone()[0] or ""


def lines(case):
    return [(line.event.seq, line.title, line.details, line.event.reason) for line in history_lines(list(case.events.order_by("-seq")), {})]


def facts(case):
    return chain.fold(case.events.order_by("seq"))


def test_m4_no_text_of_a_person_stands_in_the_hashed_events(written):
    kept, apart = in_database("cases_event"), in_database("cases_eventdetail")
    assert [text for text in TEXTS if text in kept] == []
    assert [text for text in TEXTS if text not in apart and json.dumps(text)[1:-1] not in apart] == []
    assert {name for event in Event.objects.all() for name in event.data} <= STRUCTURED


def test_m4_what_no_rule_knows_is_taken_for_a_text(make_case, act):
    case, unknown = make_case(), cast("Details", {"teléfono": "762 555 0100"})
    verbs.note_coverage({case.pk: (Coverage.OTHER, Happening(DAY, unknown, PROOF))}, act=act)
    event = case.events.latest("seq")
    assert event.data["personal"] == ["teléfono"]
    assert event.details["teléfono"] == "762 555 0100"
    assert "762 555" not in in_database("cases_event")


def test_m4_erased_texts_leave_the_history_whole_and_say_so(written):
    before = [facts(case) for case in written]
    assert erase([written[0].pk]) == 5
    call_command("verify_history")
    call_command("check_cases")
    assert [text for text in ("Rosa Uc", "UMF 5", "C-9") if text in in_database("cases_eventdetail")] == []
    told = lines(written[0])
    assert (told[0][2][0], told[0][3]) == ("Firmó [suprimido] por el menor de edad.", ERASED)
    assert told[-1][2][0] == "NSS [suprimido]."
    assert facts(written[0]) == before[0]._replace(umf=ERASED)
    assert facts(written[1]) == before[1]
    assert (erase([written[0].pk]), erase([])) == (0, 0)
    assert EventDetail.objects.exists()


def test_a_case_whose_texts_were_erased_goes_on(written, act):
    erase([written[0].pk])
    assert verbs.withdraw_renuncia([written[0].pk], on=DAY, reason="siempre sí", act=act).done == [written[0].pk]
    assert Case.objects.get(pk=written[0].pk).state == State.VIGENTE
    call_command("verify_history")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_eventdetail SET payload = payload || '{\"tutor\": \"Otra Uc\"}' WHERE payload ? 'tutor'",
        "UPDATE cases_eventdetail SET salt = gen_random_uuid() WHERE payload ? 'tutor'",
        "INSERT INTO cases_eventdetail SELECT case_id, 2, salt, payload FROM cases_eventdetail WHERE payload ? 'tutor'",
        "UPDATE cases_eventdetail d SET payload = o.payload FROM cases_eventdetail o WHERE d.payload ? 'tutor' AND o.payload ? 'lote'",
    ],
)
def test_m4_a_text_that_was_changed_or_added_is_found(written, tamper, capsys, sql):
    tamper(sql)
    with pytest.raises(CommandError, match="1 expedientes"):
        call_command("verify_history")
    assert f"{written[0].folio}: el texto del hecho" in capsys.readouterr().out


@pytest.mark.parametrize("sql", ["UPDATE cases_eventdetail SET salt = gen_random_uuid()", "TRUNCATE cases_eventdetail"])
def test_a_text_may_be_erased_but_not_changed(written, sql):
    with pytest.raises(Error, match="append-only"), transaction.atomic(), as_owner() as cursor:
        cursor.execute(sql)


def test_the_same_text_twice_has_two_commitments(make_case, act):
    cases = [make_case(), make_case()]
    verbs.escalate({case.pk: Happening(DAY, reason="Homónimo") for case in cases}, act=act)
    assert len({case.events.latest("seq").data["commitment"] for case in cases}) == 2


@pytest.mark.parametrize("nss", [NSS, None])
def test_a_birth_written_by_the_database_is_hashed_as_python_does(make_case, make_student, nss):
    event = make_case(student=make_student(nss=nss)).events.get()
    assert event.hash == chain.seal(event)
    assert event.data.get("personal") == (["nss"] if nss else None)
    assert event.data.get("commitment") == (chain.commitment(event.salt, chain.canonical({"nss": nss})) if nss else None)
    assert event.details.get("nss") == nss


# The upgrade of a history in which the texts stood in the hashed events.

MIGRATION = ("cases", "0004_erasable_texts")
BEFORE = "DROP TABLE cases_eventdetail; ALTER TABLE cases_event ADD reason text NOT NULL DEFAULT ''"


def as_before(case):
    """The events of a case in the format of before the migration: texts in `data` and `reason`, the hash over both."""
    previous, events = "", []
    for event in case.events.order_by("seq"):
        data = {name: value for name, value in event.details.items() if name not in ("personal", "commitment", "reason", "umf_before")}
        if event.verb == Verb.UNDO_LOAD:
            data["before"] |= {"umf": event.details.get("umf_before", "")}
        content = [*chain.content(event)[:10], event.reason, data, event.evidence, previous]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        events.append((event.pk, json.dumps(data), event.reason, content[-1], previous))
    return events, previous


@pytest.fixture
def upgraded():
    """Put the histories in the old format, break one of them if asked to, and run the migration."""

    def run(breaking=""):
        old = {case.pk: as_before(case) for case in Case.objects.all()}
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with histories_open(["cases_event", "cases_case"]) as cursor:
            cursor.execute(BEFORE)
            for case_id, (events, head) in old.items():
                cursor.executemany(
                    "UPDATE cases_event SET data = %s, reason = %s, prev_hash = %s, hash = %s WHERE id = %s",
                    [(data, reason, prev_hash, own_hash, pk) for pk, data, reason, prev_hash, own_hash in events],
                )
                cursor.execute("UPDATE cases_case SET head_hash = %s WHERE id = %s", [head, case_id])
            if breaking:
                cursor.execute(breaking)
        loader = MigrationLoader(connection)
        migration = loader.graph.nodes[MIGRATION]
        state = loader.project_state(migration.dependencies)
        with as_owner(), connection.schema_editor(atomic=False) as editor:
            migration.apply(state, editor)
            database_rights.grant()

    return run


def test_m4_the_histories_of_before_are_converted(written, make_case, act, upgraded):
    undone = make_case()
    verbs.obtain_nss({undone.pk: "03230500039"}, on=DAY, act=act)
    there = facts(undone)._replace(state=State.SIN_NSS, nss_on=None, umf="UMF 34")
    verbs.undo_load({undone.pk: Happening(DAY, restored(there), reason="Se deshizo")}, act=act)
    cases = [*written, Case.objects.get(pk=undone.pk)]
    before = [(facts(case), lines(case), case.version) for case in cases]
    upgraded()
    call_command("verify_history")
    assert list(differences()) == []
    assert [(facts(case), lines(case), Case.objects.get(pk=case.pk).version) for case in cases] == before
    assert [text for text in TEXTS if text in in_database("cases_event")] == []
    erase([case.pk for case in cases])
    call_command("verify_history")
    assert verbs.release([written[1].pk], on=DAY, act=act).done == [written[1].pk]


@pytest.fixture
def scratch(db):
    with scratch_database() as database:
        yield database


@pytest.mark.upgrade
def test_m4_an_office_of_before_is_upgraded(scratch):
    """The whole way, with the models of then: a case of two events, the second with a reason and an NSS."""
    then = scratch.before(*MIGRATION)
    plantel = then.get_model("students", "Plantel").objects.create(clave="P", name="P")
    ciclo = then.get_model("students", "Ciclo").objects.create(clave="C", starts_on=DAY, ends_on=DAY + dt.timedelta(90))
    student = then.get_model("students", "Student").objects.create(
        curp="PUFE050315HNERCNA4", nombre="Eñe", primer_apellido="Pu", birth_date=DAY, sex="H", entity="NE", nss=NSS
    )
    enrolment = then.get_model("students", "Enrolment").objects.create(
        student=student, plantel=plantel, ciclo=ciclo, matricula="1", enrolled_on=DAY
    )
    at, cases, events = timezone.now(), then.get_model("cases", "Case").objects, then.get_model("cases", "Event").objects
    written = ("open", "", "SIN_NSS", "", {"enrolment": 1, "nss": "", "due_on": None}), (
        "obtain_nss", "SIN_NSS", "NSS_OBTENIDO", "lo trajo", {"nss": NSS, "due_on": None, "rule": None},
    )  # fmt: skip
    place = {"student": student, "plantel": plantel, "ciclo": ciclo, "enrolment": enrolment}
    known = {"turn": "alumno", "state_since": DAY, "enrolled_on": DAY, "coverage": "none"}
    previous, case_id = "", 7
    with transaction.atomic():
        for seq, (verb, source, state, reason, data) in enumerate(written, 1):
            stamp = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
            content = [
                case_id,
                seq,
                verb,
                source,
                state,
                DAY.isoformat(),
                stamp,
                "night",
                None,
                "Proceso nocturno",
                reason,
                data,
                "",
                previous,
            ]
            own = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
            events.create(
                case_id=case_id, seq=seq, verb=verb, from_state=source, to_state=state, on=DAY, at=at, actor_kind="night",
                actor_name="Proceso nocturno", reason=reason, data=data, prev_hash=previous, hash=own,
            )  # fmt: skip
            changed = {"version": seq, "head_hash": own, "state": state, "nss_on": DAY if seq == 2 else None}
            if seq == 1:
                cases.create(pk=case_id, **place, **known, **changed)
            else:
                cases.filter(pk=case_id).update(**changed)
            previous = own
    scratch.upgrade()
    case = Case.objects.get()
    assert list(broken_chains()) == []
    assert (facts(case).state, facts(case).nss_on, case.events.latest("seq").reason) == (State.NSS_OBTENIDO, DAY, "lo trajo")
    assert NSS not in in_database("cases_event")
    with connection.cursor() as cursor, pytest.raises(Error, match="append-only"):
        cursor.execute("UPDATE cases_event SET actor_name = 'otro'")


def test_m4_a_history_altered_before_the_upgrade_is_still_found_after_it(written, upgraded):
    upgraded("UPDATE cases_event SET reason = 'otro' WHERE verb = 'hold'")
    assert [case_id for case_id, _ in broken_chains()] == [written[1].pk]
    assert "su papá" not in in_database("cases_event")


def test_the_upgrade_goes_chunk_by_chunk(written, upgraded, monkeypatch):
    monkeypatch.setattr(import_module(f"afiliacion.cases.migrations.{MIGRATION[1]}"), "CHUNK", 1)
    upgraded()
    assert list(broken_chains()) == []
    assert [case.events.count() for case in written] == [6, 8]


class TestWithoutCurp:
    """What a list noted of a student before they had a CURP goes with them, and of one who never got it too."""

    @pytest.fixture
    def noted(self, plantel, ciclo, people):
        earlier = Ciclo.objects.create(clave="2026-1", starts_on=dt.date(2026, 2, 1), ends_on=dt.date(2026, 7, 15))

        def note(matricula, **fields):
            """In two ciclos, the first row closed by the list of the second."""
            person = people.one()
            gone_on = {"closed_at": timezone.now(), "closed_by": "lista.csv", "reason": "Sigue sin CURP en el ciclo 2026-2."}
            return [without_curp(plantel, earlier, person, matricula, **gone_on), without_curp(plantel, ciclo, person, matricula, **fields)]

        return note

    def test_m4_the_row_of_whom_a_curp_came_goes_with_the_person(self, noted, make_case, other_plantel):
        case = make_case(matricula="S1")
        noted("S1", enrolment=case.enrolment, closed_at=timezone.now(), closed_by="lista.csv")
        others = [*noted("S2"), without_curp(other_plantel, case.ciclo, People(random.Random(7)).one(), "S1")]
        someone = People(random.Random(8)).one()
        reused = without_curp(case.plantel, Ciclo.objects.create(clave="2", starts_on=DAY, ends_on=DAY + dt.timedelta(1)), someone, "S1")
        erase([case.pk])
        assert set(WithoutCurp.objects.all()) == {*others, reused}

    def test_m4_one_without_case_can_be_erased(self, noted, make_case):
        case = make_case(matricula="S3")
        (_, row), stay = noted("S1"), noted("S2")
        came = noted("S3", enrolment=case.enrolment, closed_at=timezone.now(), closed_by="lista.csv")
        assert erase_without_curp([row.pk, came[1].pk]) == 2
        assert set(WithoutCurp.objects.all()) == {*stay, *came}
        assert (erase_without_curp([row.pk]), erase_without_curp([])) == (0, 0)
