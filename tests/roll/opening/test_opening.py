"""A school whose students are insured already declares it: what a list would do, what it does, and taking it back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion import exports
from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import BajaKind, Proof, State, Turn, Verb
from afiliacion.imss.models import Errand
from afiliacion.imss.queue import movements
from afiliacion.insurance import log
from afiliacion.insurance.facts import CoverHappening
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from afiliacion.roll import retention
from afiliacion.roll.findings import UnreadableFile, WrongColumns
from afiliacion.roll.models import Opening, OpeningState, OpeningVerdict
from afiliacion.roll.opening import jobs, undoing
from afiliacion.roll.opening.columns import bind
from students.models import Plantel, Student
from tests.insurance.conftest import PROOF, by_imss, by_night, noon, now_of
from tests.planteles import add_registro
from tests.roll.opening.conftest import HEAD, SINCE, TODAY, Bring

Make = Callable[..., Case]
OURS = "A0112345321"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_agrees() -> Any:
    yield
    assert [str(left) for left in disagreements(TODAY)] == []
    assert list(log.broken()) == []
    assert list(broken_chains()) == []
    assert list(differences()) == []


def matricula(case: Case) -> str:
    return case.enrolment.matricula


def verdicts(job: Opening) -> list[str]:
    return list(job.rows.order_by("line").values_list("verdict", flat=True))


def declared(bring: Bring, officer: Act, *cases: Case, **fields: Any) -> Opening:
    job = bring(*(f"{matricula(case)},,,,," for case in cases), **fields)
    assert jobs.confirm(job, act=officer)
    job.refresh_from_db()
    return job


def test_day_one_wants_no_alta_and_nothing_is_overdue(case_in: Make, bring: Bring, officer: Act) -> None:
    cases = [case_in(State.NSS_OBTENIDO), case_in(State.ACUSE_ENTREGADO)]
    declared(bring, officer, *cases)
    for case in now_of(*cases):
        assert (case.state, case.turn, case.alta_on, case.registro, case.vigencia_on) == (State.ALTA_ENVIADA, Turn.IMSS, SINCE, OURS, None)
        assert case.due_on is not None
        assert case.due_on > TODAY
        told = case.events.get(verb=Verb.DECLARE_COVER)
        assert (told.on, told.data["since"], told.data["proof"]) == (TODAY, SINCE.isoformat(), "palabra")
    assert set(Cover.objects.values_list("since", "registro", "whose", "status")) == {(SINCE, OURS, "ours", "sent")}
    assert set(Cover.objects.values_list("events__what", flat=True)) == {CoverHappening.DECLARED}


def test_the_nss_of_who_had_none_comes_with_the_list(case_in: Make, bring: Bring, officer: Act, people: Any) -> None:
    case, number = case_in(State.SIN_NSS), people.one().nss
    job = bring(f",{case.student.curp},{number},A01-12345-32-1,15/03/2023,SUA")
    assert verdicts(job) == [OpeningVerdict.READY]
    jobs.confirm(job, act=officer)
    (case,) = now_of(case)
    assert (case.state, case.student.nss, case.alta_on) == (State.ALTA_ENVIADA, number, dt.date(2023, 3, 15))
    assert case.events.get(verb=Verb.DECLARE_COVER).data["proof"] == Proof.LIST


def test_the_preview_tells_each_row_what_it_is(case_in: Make, second: Make, bring: Bring, people: Any, other_plantel: Plantel) -> None:
    ready, none, sent = case_in(State.NSS_OBTENIDO), case_in(State.SIN_NSS), case_in(State.ALTA_ENVIADA)
    gone, twice, both = case_in(State.BAJA), case_in(State.NSS_OBTENIDO), case_in(State.NSS_OBTENIDO)
    second(both, TODAY, plantel=other_plantel)
    job = bring(
        f"{matricula(ready)},,,,,",
        "no-existe,,,,,",
        f"{matricula(none)},,,,,",
        f"{matricula(ready)}x,{case_in(State.NSS_OBTENIDO).student.curp},,,,",
        f"{matricula(case_in(State.NSS_OBTENIDO))},,{people.one().nss},,,",
        f"{matricula(case_in(State.NSS_OBTENIDO))},,,B9999999321,,",
        f"{matricula(sent)},,,,,",
        f"{matricula(both)},,,,,",
        f"{matricula(gone)},,,,,",
        f"{matricula(twice)},,,,,",
        f",{twice.student.curp},,,,",
        f"{matricula(case_in(State.NSS_OBTENIDO))},,,,31/02/2024,",
        f"{matricula(case_in(State.NSS_OBTENIDO))},,,,01/01/2030,",
        f"{matricula(case_in(State.NSS_OBTENIDO))},,,,,un primo",
        f"{matricula(case_in(State.SIN_NSS))},,{ready.student.nss},,,",
        ",,,,05/02/2024,",
    )  # fmt: skip
    v = OpeningVerdict
    assert verdicts(job) == [
        v.READY, v.UNKNOWN, v.NO_NSS, v.DOUBTFUL, v.OTHER_NSS, v.OTHER_REGISTRO, v.COVERED, v.SHARED, v.DOUBTFUL, v.DOUBTFUL, v.DOUBTFUL,
        v.DOUBTFUL, v.DOUBTFUL, v.DOUBTFUL, v.DOUBTFUL, v.DOUBTFUL,
    ]  # fmt: skip
    assert not job.rows.exclude(verdict=v.READY).filter(reason="").exists()
    assert not Cover.objects.filter(student=ready.student).exists()


def test_without_a_date_for_all_each_row_says_its_own(case_in: Make, bring: Bring) -> None:
    job = bring(f"{matricula(case_in(State.NSS_OBTENIDO))},,,,,", since=None)
    assert verdicts(job) == [OpeningVerdict.DOUBTFUL]


def test_the_registro_is_the_plantels_of_the_day_it_began(case_in: Make, bring: Bring, officer: Act, plantel: Plantel) -> None:
    add_registro(plantel, "C0355512321", dt.date(2026, 8, 15))
    old, new = case_in(State.NSS_OBTENIDO), case_in(State.NSS_OBTENIDO)
    jobs.confirm(bring(f"{matricula(old)},,,,05/02/2024,", f"{matricula(new)},,,,16/08/2026,"), act=officer)
    assert [case.registro for case in now_of(old, new)] == [OURS, "C0355512321"]


def test_who_also_belongs_to_another_plantel_is_left_out_and_declared_by_the_coordination(
    case_in: Make, second: Make, bring: Bring, officer: Act, other_plantel: Plantel
) -> None:
    case = case_in(State.NSS_OBTENIDO)
    other = second(case, TODAY, plantel=other_plantel)
    before = [(c.version, c.head_hash) for c in now_of(case, other)]
    declared(bring, officer, case)
    assert [(c.version, c.head_hash) for c in now_of(case, other)] == before
    boss = replace(officer, planteles=None)
    job = bring(f"{matricula(case)},,,,,", act=boss)
    assert jobs.confirm(job, act=boss)
    assert now_of(case)[0].state == State.ALTA_ENVIADA


def test_who_was_enrolled_elsewhere_since_the_check_is_not_declared(
    case_in: Make, second: Make, bring: Bring, officer: Act, other_plantel: Plantel
) -> None:
    case = case_in(State.NSS_OBTENIDO)
    job = bring(f"{matricula(case)},,,,,")
    second(case, TODAY, plantel=other_plantel)
    assert jobs.confirm(job, act=officer)
    row = job.rows.get()
    assert (row.declared, now_of(case)[0].state) == (False, State.NSS_OBTENIDO)
    assert "coordinación" in row.reason


def test_a_list_is_declared_once(case_in: Make, bring: Bring, officer: Act) -> None:
    job = bring(f"{matricula(case_in(State.NSS_OBTENIDO))},,,,,")
    with pytest.raises(jobs.AlreadyBrought) as other:
        bring(f"{job.rows.get().matricula},,,,,")
    assert other.value.job == job
    assert [jobs.confirm(job, act=officer), jobs.confirm(job, act=officer), jobs.cancel(job)] == [True, False, False]
    assert Cover.objects.count() == 1


def test_a_cancelled_list_declares_nothing(case_in: Make, bring: Bring, officer: Act) -> None:
    job = bring(f"{matricula(case_in(State.NSS_OBTENIDO))},,,,,")
    assert jobs.cancel(job)
    assert not jobs.confirm(job, act=officer)
    assert not Cover.objects.exists()


def test_what_is_false_is_found_by_the_questions_that_follow(case_in: Make, bring: Bring, officer: Act) -> None:
    true, false = case_in(State.NSS_OBTENIDO), case_in(State.ACUSE_ENTREGADO)
    declared(bring, officer, true, false)
    verbs.confirm_vigencia({true.pk: Happening(TODAY, {}, PROOF)}, act=by_imss(TODAY))
    verbs.miss_vigencia({false.pk: Happening(TODAY, {"coverage": "none"}, PROOF)}, act=by_imss(TODAY))
    assert [case.state for case in now_of(true, false)] == [State.VIGENTE, State.SIN_VIGENCIA]
    assert dict(Cover.objects.values_list("student_id", "status")) == {true.student_id: "proved", false.student_id: "denied"}


def test_who_leaves_after_it_was_declared_is_owed_a_baja_under_that_registro(case_in: Make, bring: Bring, officer: Act) -> None:
    case = case_in(State.NSS_OBTENIDO)
    declared(bring, officer, case)
    verbs.leave([case.pk], BajaKind.EGRESO, on=TODAY, act=by_night(TODAY))
    (case,) = now_of(case)
    assert (case.facts.baja_owed, case.registro, Cover.objects.get().owed_by_id) == (True, OURS, case.pk)


def test_no_alta_is_sent_for_whom_it_was_declared(
    authority: Any, quick: Any, case_in: Make, bring: Bring, officer: Act, night: Any
) -> None:
    declared(bring, officer, case_in(State.NSS_OBTENIDO), case_in(State.ACUSE_ENTREGADO))
    night(TODAY)
    assert not Errand.objects.filter(kind__in=Errand.MOVEMENTS).exists()
    assert [path for path, _ in authority.asked if path.endswith("movimientos")] == []


@pytest.mark.parametrize("state", [State.SIN_NSS, State.NSS_OBTENIDO, State.ACUSE_ENTREGADO])
def test_taken_back_a_case_is_as_it_was_found_and_can_be_declared_again(
    state: State, case_in: Make, bring: Bring, officer: Act, people: Any
) -> None:
    case = case_in(state)
    (found,) = now_of(case)
    number = people.one().nss if state is State.SIN_NSS else ""
    job = bring(f"{matricula(case)},,{number},,,")
    jobs.confirm(job, act=officer)
    later = replace(officer, now=noon(TODAY + dt.timedelta(days=2)))
    assert undoing.undo(job, act=later)
    job.refresh_from_db()
    (case,) = now_of(case)
    assert (job.state, case.facts, case.due_on, case.student.nss) == (OpeningState.UNDONE, found.facts, found.due_on, found.student.nss)
    assert Cover.objects.get().ended_by == CoverHappening.RETRACTED
    assert not undoing.undo(job, act=later)
    again = bring(f"{matricula(case)},,{number},,,", act=later)
    assert jobs.confirm(again, act=later)
    assert now_of(case)[0].state == State.ALTA_ENVIADA


def test_what_was_built_upon_stays_declared_and_is_named(case_in: Make, bring: Bring, officer: Act) -> None:
    free, proved = case_in(State.NSS_OBTENIDO), case_in(State.NSS_OBTENIDO)
    job = declared(bring, officer, free, proved)
    verbs.confirm_vigencia({proved.pk: Happening(TODAY, {}, PROOF)}, act=by_imss(TODAY))
    assert undoing.undo(job, act=officer)
    assert [case.state for case in now_of(free, proved)] == [State.NSS_OBTENIDO, State.VIGENTE]
    job.refresh_from_db()
    assert job.state == OpeningState.DONE
    assert "algo más" in job.rows.get(declared=True).reason
    assert not undoing.undo(job, act=officer)


def test_an_nss_that_another_case_uses_since_is_not_taken_away(
    case_in: Make, second: Make, bring: Bring, officer: Act, people: Any, sister: Plantel
) -> None:
    case, number = case_in(State.SIN_NSS), people.one().nss
    job = bring(f"{matricula(case)},,{number},,,")
    jobs.confirm(job, act=officer)
    second(case, TODAY, plantel=sister)
    boss = replace(officer, planteles=None)
    assert not undoing.undo(job, act=boss)
    assert Student.objects.get(pk=case.student_id).nss == number


def test_only_who_answers_for_as_many_planteles_undoes(case_in: Make, bring: Bring, officer: Act) -> None:
    job = declared(bring, replace(officer, planteles=None), case_in(State.NSS_OBTENIDO))
    with pytest.raises(undoing.ByOthers):
        undoing.undo(job, act=officer)


def test_a_sample_of_those_declared_is_chosen(settings: Any, case_in: Make, bring: Bring) -> None:
    settings.OPENING_SAMPLE = 2
    job = bring(*(f"{matricula(case_in(State.NSS_OBTENIDO))},,,,," for _ in range(4)), "no-existe,,,,,")
    assert job.rows.filter(sampled=True, verdict=OpeningVerdict.READY).count() == 2
    assert job.rows.filter(sampled=True).count() == 2


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_csv_of_either_encoding_is_read(encoding: str, case_in: Make, bring: Bring) -> None:
    content = f"Núm. de control;Número de Seguridad Social\r\n{matricula(case_in(State.NSS_OBTENIDO))};\r\n".encode(encoding)
    assert verdicts(bring(content=content)) == [OpeningVerdict.READY]


def test_a_workbook_is_read(case_in: Make, bring: Bring) -> None:
    table = list(csv.reader(io.StringIO(f"{HEAD}\n{matricula(case_in(State.NSS_OBTENIDO))},,,,,\n")))
    with exports.xlsx_file(table, "Seguros") as file:
        content = file.read()
    assert verdicts(bring(content=content, name="seguros.xlsx")) == [OpeningVerdict.READY]


def test_what_is_not_such_a_list_is_refused_with_what_to_do(bring: Bring) -> None:
    with pytest.raises(UnreadableFile, match="Matrícula"):
        bring(content=b"NSS,Registro patronal\r\n123,456\r\n")
    with pytest.raises(WrongColumns, match="Deje solo una"):
        bring(content=b"matricula,NSS,No. IMSS\r\n1,2,3\r\n")


@given(st.permutations(["Matrícula", "CURP", "NSS", "Reg. Patronal", "Desde", "Fuente", "Plantel"]))
def test_the_order_of_the_columns_says_nothing(headers: list[str]) -> None:
    names = {
        "matricula": "Matrícula", "curp": "CURP", "nss": "NSS", "registro_patronal": "Reg. Patronal", "desde": "Desde", "prueba": "Fuente",
    }  # fmt: skip
    assert {name: headers[at] for name, at in bind(headers).items()} == names


def test_a_list_costs_the_same_queries_whatever_its_length(
    case_in: Make, bring: Bring, officer: Act, django_assert_max_num_queries: Any
) -> None:
    cases = [case_in(State.NSS_OBTENIDO) for _ in range(8)]
    with django_assert_max_num_queries(60):
        declared(bring, officer, *cases)


def test_rows_go_when_they_have_served_and_what_they_declared_stays(settings: Any, case_in: Make, bring: Bring, officer: Act) -> None:
    case = case_in(State.NSS_OBTENIDO)
    job, waiting = declared(bring, officer, case), bring(f"{matricula(case_in(State.NSS_OBTENIDO))},,,,,")
    retention.forget(noon(TODAY))
    assert job.rows.exists()
    retention.forget(noon(TODAY) + dt.timedelta(hours=settings.UPLOADS_KEPT_HOURS + 1))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.rows.exists(), job.rows.exists()) == (OpeningState.CANCELLED, False, True)
    late = noon(TODAY) + dt.timedelta(days=settings.ROLL_KEPT_DAYS + 1)
    retention.forget(late)
    assert not job.rows.exists()
    assert not undoing.undo(job, act=replace(officer, now=late))
    assert now_of(case)[0].state == State.ALTA_ENVIADA


def test_a_case_at_another_plantel_of_the_officer_under_one_registro_goes_along_and_comes_back(
    case_in: Make, second: Make, bring: Bring, officer: Act, plantel: Plantel, sister: Plantel
) -> None:
    both = replace(officer, planteles=frozenset({plantel.pk, sister.pk}))
    case = case_in(State.NSS_OBTENIDO)
    other = second(case, TODAY, State.ACUSE_ENTREGADO, plantel=sister)
    found = [found.facts for found in now_of(case, other)]
    job = bring(f"{matricula(case)},,,,,", act=both)
    assert jobs.confirm(job, act=both)
    assert [c.state for c in now_of(case, other)] == [State.ALTA_ENVIADA, State.ALTA_ENVIADA]
    assert Cover.objects.count() == 1
    assert undoing.undo(job, act=both)
    assert [c.facts for c in now_of(case, other)] == found


def test_an_alta_that_waited_to_be_sent_is_not_sent_any_more(
    authority: Any, quick: Any, case_in: Make, bring: Bring, officer: Act, night: Any
) -> None:
    case = case_in(State.ACUSE_ENTREGADO)
    assert movements.request_altas([case.pk], act=by_night(TODAY)).done == [case.pk]
    declared(bring, officer, case)
    night(TODAY)
    assert [path for path, _ in authority.asked if path.endswith("movimientos")] == []
    assert now_of(case)[0].alta_on == SINCE
