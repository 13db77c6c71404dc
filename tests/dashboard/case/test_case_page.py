"""The page of one case: what it says, what it hides, and what it writes down when it shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from afiliacion.cases import enrol, verbs
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.dashboard.case.stepper import StepStatus, steps
from afiliacion.dashboard.models import Disclosure
from tests.roles import as_owner

DAY = dt.date(2026, 8, 10)


def page(browser: Client, case: Case) -> str:
    return browser.get(f"/expedientes/{case.pk}/").content.decode()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.SIN_NSS, ["Le toca al alumno", "El alumno obtiene su NSS en el portal del IMSS", "Registrar NSS"]),
        (State.NSS_OBTENIDO, ["El alumno entrega el acuse impreso con su NSS", "Registrar acuse entregado"]),
        (State.ACUSE_ENTREGADO, ["Le toca a la escuela", "Enviar el alta al IMSS", "Acuse de recibo"]),
        (State.ALTA_ENVIADA, ["Le toca al IMSS", "Esperar a que el IMSS reporte la vigencia", "Lote 118274."]),
        (State.VIGENTE, ["No hay nada pendiente", "Falta que el alumno se registre en su clínica (UMF).", "Anotar clínica"]),
        (State.SIN_VIGENCIA, ["Revisar la causa y volver a enviar el alta", "detenido aquí"]),
        (State.EN_SUBDELEGACION, ["Llevar el caso a la subdelegación (va el responsable, no el alumno)", "Presentado en ventanilla"]),
        (State.RENUNCIA, ["Cerrado por renuncia del alumno", "Firmó Su mamá por el menor de edad."]),
        (State.BAJA, ["Enviar la baja al IMSS", "Es una baja temporal: puede reingresar."]),
    ],
)
def test_each_state_says_whose_turn_it_is_and_what_comes_next(
    make_in: Callable[..., Case], desk: Client, state: State, said: list[str]
) -> None:
    text = page(desk, make_in(state))
    for words in said:
        assert words in text, words


def test_the_due_date_is_explained_step_by_step(make_case: Callable[..., Case], desk: Client) -> None:
    text = page(desk, make_case())
    for step in (
        "Por qué vence el 11/08/2026",
        "Inscripción: jueves 6 de agosto de 2026. Ese día no se cuenta.",
        "Domingo 9 de agosto de 2026: no cuenta (domingo).",
    ):
        assert step in text, step


def test_invariant_9_numbers_are_hidden_until_somebody_answers_for_them(make_in: Callable[..., Case], desk: Client, officer: Any) -> None:
    case = make_in(State.NSS_OBTENIDO)
    curp, nss = case.student.curp, str(case.student.nss)
    assert curp not in page(desk, case)
    assert nss not in page(desk, case)
    assert not Disclosure.objects.exists()
    shown = desk.post(f"/expedientes/{case.pk}/mostrar/").content.decode()
    assert curp in shown
    assert nss in shown
    seen = Disclosure.objects.get()
    assert (seen.user, seen.case, seen.what) == (officer, case, Disclosure.What.NUMBERS)
    partial = desk.post(f"/expedientes/{case.pk}/mostrar/", headers={"HX-Request": "true"}).content.decode()
    assert partial.startswith('<dl id="numeros"')
    assert Disclosure.objects.count() == 2


@pytest.mark.parametrize("change", [lambda rows: rows.update(detail="x"), lambda rows: rows.delete()], ids=["update", "delete"])
def test_who_saw_what_cannot_be_unwritten(make_case: Callable[..., Case], desk: Client, change: Callable[[Any], Any]) -> None:
    desk.post(f"/expedientes/{make_case().pk}/mostrar/")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        change(Disclosure.objects.all())
    with as_owner(), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change(Disclosure.objects.all())
    assert Disclosure.objects.count() == 1


def test_disclosure_what_known(make_case: Callable[..., Case], officer: Any, now: dt.datetime) -> None:
    with pytest.raises(IntegrityError, match="disclosure_what_known"):
        Disclosure.objects.create(user=officer, case=make_case(), what="all", at=now)


def test_a_proof_is_handed_out_as_a_file_and_written_down(make_in: Callable[..., Case], desk: Client, officer: Any) -> None:
    case = make_in(State.VIGENTE)
    event = case.events.exclude(evidence="").get()
    answer = desk.post(f"/expedientes/{case.pk}/documentos/{event.seq}/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{case.folio}-{event.seq}.json"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content == b'{"expediente": %d}' % case.pk
    assert Disclosure.objects.get().detail == event.evidence
    assert desk.post(f"/expedientes/{case.pk}/documentos/1/").status_code == 404


def test_words_of_others_are_shown_as_words(
    make_case: Callable[..., Case], make_student: Callable[..., Any], desk: Client, now: dt.datetime
) -> None:
    bad = "<script>alert(1)</script>"
    case = make_case(student=make_student(nombre=bad, email=f"{bad}@x"), grupo="<b>1</b>", matricula='"><i>')
    verbs.escalate({case.pk: Happening(DAY, {"message": bad}, reason=bad)}, act=Act(NIGHT, now))
    for text in (page(desk, case), desk.get("/expedientes/").content.decode()):
        assert bad not in text
        assert "&lt;script&gt;" in text
        assert "<b>1</b>" not in text
        assert '"><i>' not in text


def test_a_rejection_reads_as_imss_said_it(make_in: Callable[..., Case], desk: Client, now: dt.datetime) -> None:
    case = make_in(State.ALTA_ENVIADA)
    said = Happening(DAY, {"code": "F-NOMBRE", "message": "El nombre no coincide"})
    verbs.reject_alta({case.pk: said}, act=Act(NIGHT, now))
    text = page(desk, case)
    assert "Código del IMSS: F-NOMBRE." in text
    assert "El IMSS dijo: «El nombre no coincide»." in text


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9"])
@pytest.mark.parametrize(("state", "asked"), [(State.SIN_NSS, 4), (State.NSS_OBTENIDO, 5), (State.ALTA_ENVIADA, 4), (State.BAJA, 4)])
def test_a_case_costs_the_same_however_long_its_history(
    make_in: Callable[..., Case], desk: Client, now: dt.datetime, settings: Any, url: str, state: State, asked: int,
    django_assert_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    settings.IMSS_URL = url
    case = make_in(state)
    # session; person, posts; case; all the rest (papers for the form of the acuse again)
    with django_assert_num_queries(asked):
        page(desk, case)
    for n in range(20):
        verbs.receive_papers([case.pk], ["curp"] if n % 2 else ["acta"], on=DAY, act=Act(NIGHT, now))
        desk.post(f"/expedientes/{case.pk}/notas/", {"texto": f"Nota {n}", "token": str(uuid.uuid4())})
    with django_assert_num_queries(asked):
        assert "Nota 19" in page(desk, case)


def test_the_path_tells_what_was_never_recorded() -> None:
    facts = Facts(state=State.VIGENTE, enrolled_on=DAY, nss_on=DAY, alta_on=DAY, vigencia_on=DAY)
    assert [step.standing for step in steps(facts)] == [
        StepStatus.DONE, StepStatus.DONE, StepStatus.SKIPPED, StepStatus.DONE, StepStatus.DONE, StepStatus.CURRENT,
    ]  # fmt: skip
    closed = Facts(state=State.BAJA, enrolled_on=DAY)
    assert [step.standing for step in steps(closed)][1:] == [StepStatus.TO_COME] * 5


def test_each_plantel_reads_who_saw_its_own_and_changes_nothing(
    make_case: Callable[..., Case], officer: Any, coordinator: Any, other_plantel: Any, enter: Callable[[Any], Client]
) -> None:
    ours, theirs = make_case(), make_case(plantel=other_plantel)
    for case in (ours, theirs):
        enter(coordinator).post(f"/expedientes/{case.pk}/mostrar/")
    listed = enter(officer).get("/admin/dashboard/disclosure/").content.decode()
    assert ours.folio in listed
    assert theirs.folio not in listed
    shown = {case.pk: Disclosure.objects.get(case=case).pk for case in (ours, theirs)}
    assert enter(officer).get(f"/admin/dashboard/disclosure/{shown[theirs.pk]}/change/").status_code == 302
    assert enter(officer).post(f"/admin/dashboard/disclosure/{shown[ours.pk]}/delete/", {"post": "yes"}).status_code == 403
    assert Disclosure.objects.count() == 2


def test_the_cover_of_the_case_is_shown_and_not_one_under_the_registro_of_another_plantel(
    desk: Client, make_in: Callable[..., Case], make_enrolment: Callable[..., Any], other_plantel: Any, actor: Any, now: Any
) -> None:
    case = make_in(State.VIGENTE)
    page = desk.get(f"/expedientes/{case.pk}/").content.decode()
    assert "A01-12345-32-1, desde" in page
    there = enrol.enrol([make_enrolment(student=case.student, plantel=other_plantel).pk], act=Act(actor, now)).opened
    verbs.confirm_vigencia(dict.fromkeys(there, Happening(now.date(), {}, "cd" * 32)), act=Act(actor, now))
    assert "B02-98765-32-9" not in desk.get(f"/expedientes/{case.pk}/").content.decode()
