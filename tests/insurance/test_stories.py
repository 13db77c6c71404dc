"""What really happens to students: one cover, several cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, Coverage, State, Turn, Verb
from afiliacion.imss.models import Errand
from afiliacion.imss.queue import movements
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements, settle_all
from students.models import Ciclo, Plantel
from tests.imss.authority import nss_of
from tests.insurance.conftest import PROOF, D, by_imss, by_night, noon, now_of
from tests.planteles import add_registro

pytestmark = pytest.mark.django_db

LEFT = D(2026, 8, 20)
Make = Callable[..., Case]


@pytest.fixture
def next_ciclo(db: None) -> Ciclo:
    return Ciclo.objects.create(clave="2027-1", starts_on=D(2027, 2, 1), ends_on=D(2027, 7, 15))


@pytest.fixture(autouse=True)
def _everything_was_told() -> Any:
    yield
    assert [str(left) for left in disagreements(D(2027, 7, 1))] == []


def leave(case: Case, on: dt.date = LEFT, kind: BajaKind = BajaKind.DEFINITIVA) -> None:
    assert verbs.leave([case.pk], kind, on=on, act=by_night(on)).done == [case.pk]


def test_a_second_plantel_under_one_registro_has_the_cover_of_the_first(case_in: Make, second: Make, sister: Plantel) -> None:
    first = case_in(State.VIGENTE)
    other = second(first, LEFT, plantel=sister)
    assert other.state == State.VIGENTE
    assert other.vigencia_evidence == first.vigencia_evidence
    assert Cover.objects.count() == 1


def test_a_case_at_the_subdelegacion_for_want_of_a_number_is_told_of_the_cover_once_it_is_back(
    case_in: Make, second: Make, sister: Plantel, people: Any
) -> None:
    first = case_in(State.SIN_NSS)
    other = second(first, LEFT, State.SIN_NSS, plantel=sister)
    verbs.escalate({other.pk: Happening(LEFT, reason="No se resuelve en línea")}, act=by_imss(LEFT))
    verbs.obtain_nss({first.pk: people.one().nss}, on=LEFT, act=by_imss(LEFT))
    verbs.deliver_acuse([first.pk], on=LEFT, act=by_night(LEFT))
    verbs.send_alta({first.pk: {"lote": "1"}}, on=LEFT, act=by_imss(LEFT))
    verbs.confirm_vigencia({first.pk: Happening(LEFT, {}, PROOF)}, act=by_imss(LEFT))
    assert [str(left) for left in disagreements(LEFT)] == []
    assert [case.state for case in now_of(first, other)] == [State.VIGENTE, State.EN_SUBDELEGACION]
    verbs.return_from_desk([other.pk], on=LEFT, act=by_night(LEFT))
    verbs.obtain_nss({other.pk: now_of(first)[0].student.nss or ""}, on=LEFT, act=by_imss(LEFT))
    assert now_of(other)[0].state == State.VIGENTE


def test_an_alta_of_one_is_the_alta_of_both(case_in: Make, second: Make, sister: Plantel) -> None:
    first = case_in(State.ACUSE_ENTREGADO)
    other = second(first, LEFT, State.ACUSE_ENTREGADO, plantel=sister)
    verbs.send_alta({first.pk: {"lote": "1"}}, on=LEFT, act=by_imss(LEFT))
    assert {case.state for case in now_of(first, other)} == {State.ALTA_ENVIADA}
    verbs.reject_alta({first.pk: Happening(LEFT, {"code": "X"})}, act=by_imss(LEFT))
    assert {case.state for case in now_of(first, other)} == {State.SIN_VIGENCIA}
    assert not Cover.objects.filter(ended_on=None).exists()


def test_a_case_at_the_subdelegacion_without_a_number_is_told_when_it_has_it(case_in: Make, second: Make, sister: Plantel) -> None:
    first = case_in(State.SIN_NSS)
    other = second(first, LEFT, plantel=sister)
    verbs.escalate({other.pk: Happening(LEFT, reason="No se localiza su NSS")}, act=by_night(LEFT))
    number = nss_of(first.student.curp)
    verbs.obtain_nss({first.pk: number}, on=LEFT, act=by_night(LEFT))
    verbs.confirm_vigencia({first.pk: Happening(LEFT, {}, PROOF)}, act=by_imss(LEFT))
    assert now_of(other)[0].state == State.EN_SUBDELEGACION
    assert list(disagreements(LEFT)) == []
    verbs.return_from_desk([other.pk], on=LEFT, resend_alta=False, nss={other.pk: number}, act=by_night(LEFT))
    assert now_of(other)[0].state == State.VIGENTE


def test_leaving_one_of_two_planteles_sends_nothing_and_leaving_both_one_baja(
    authority: Any, quick: Any, case_in: Make, second: Make, sister: Plantel
) -> None:
    first = case_in(State.VIGENTE)
    other = second(first, LEFT, plantel=sister)
    leave(first)
    first, other = now_of(first, other)
    assert (first.turn, first.facts.baja_owed, other.state) == (Turn.NADIE, False, State.VIGENTE)
    assert "sigue asegurado" in first.events.order_by("-seq")[0].reason
    assert movements.request_bajas([first.pk], act=by_night(LEFT)).done == []
    leave(other)
    first, other = now_of(first, other)
    assert (first.facts.baja_owed, other.facts.baja_owed) == (False, True)
    assert movements.request_bajas([first.pk, other.pk], act=by_night(LEFT)).done == [other.pk]


def test_the_last_to_leave_owes_the_baja_even_if_its_own_alta_was_never_sent(case_in: Make, second: Make, sister: Plantel) -> None:
    first = case_in(State.ALTA_ENVIADA)
    other = second(first, LEFT, plantel=sister)
    leave(first)
    leave(other)
    first, other = now_of(first, other)
    assert (first.facts.baja_owed, other.facts.baja_owed) == (False, True)
    assert other.alta_on == Cover.objects.get().since


def test_the_baja_of_an_old_stay_is_not_owed_once_a_new_one_needs_the_cover(
    authority: Any, quick: Any, case_in: Make, second: Make, next_ciclo: Ciclo, night: Any
) -> None:
    first, back = case_in(State.VIGENTE), D(2027, 2, 3)
    leave(first)
    assert movements.request_bajas([first.pk], act=by_night(LEFT)).done == [first.pk]
    again = second(first, back, State.NSS_OBTENIDO, ciclo=next_ciclo)
    first, again = now_of(first, again)
    assert (first.facts.baja_owed, again.state) == (False, State.VIGENTE)
    night(back)
    assert [path for path, body in authority.asked if body.get("tipo_movimiento") == "02"] == []
    assert Errand.objects.get(case=first, kind="send_baja").status == Errand.Status.DONE


def test_a_stay_that_begins_while_the_baja_is_on_its_way_waits_and_then_wants_an_alta(
    authority: Any, quick: Any, case_in: Make, second: Make, next_ciclo: Ciclo, night: Any
) -> None:
    first, back = case_in(State.VIGENTE), D(2027, 2, 3)
    leave(first)
    verbs.send_baja({first.pk: {"lote": "2"}}, on=LEFT, act=by_imss(LEFT))
    again = second(first, back, State.ACUSE_ENTREGADO, ciclo=next_ciclo)
    assert again.state == State.ACUSE_ENTREGADO
    assert movements.request_altas([again.pk], act=by_night(back)).done == [again.pk]
    night(back)
    assert "baja" in Errand.objects.get(case=again, kind="send_alta").message
    assert [body for _, body in authority.asked if body.get("tipo_movimiento") == "08"] == []
    verbs.operate_baja({first.pk: Happening(back, evidence=PROOF)}, act=by_imss(back))
    night(back + dt.timedelta(days=1))
    assert now_of(again)[0].state == State.ALTA_ENVIADA
    assert Cover.objects.filter(ended_on=None).count() == 1


def test_a_baja_received_after_the_student_came_back_takes_the_alta_away(case_in: Make) -> None:
    case = case_in(State.VIGENTE)
    leave(case, kind=BajaKind.TEMPORAL)
    verbs.rejoin([case.pk], on=LEFT, reason="volvió", act=by_night(LEFT))
    assert now_of(case)[0].state == State.VIGENTE
    # The request had been sent before the student came back.
    cover = Cover.objects.get()
    assert verbs.send_baja({case.pk: {"lote": "3", "cover": cover.pk}}, on=LEFT, act=by_imss(LEFT)).done == [case.pk]
    assert now_of(case)[0].state == State.ACUSE_ENTREGADO
    verbs.operate_baja({case.pk: Happening(LEFT, {"cover": cover.pk}, PROOF)}, act=by_imss(LEFT))
    assert (now_of(case)[0].state, Cover.objects.get().ended_on) == (State.ACUSE_ENTREGADO, LEFT)


def test_who_comes_back_after_the_baja_was_sent_waits_for_it_and_has_none_to_send(case_in: Make) -> None:
    case = case_in(State.VIGENTE)
    leave(case, kind=BajaKind.TEMPORAL)
    verbs.send_baja({case.pk: {"lote": "3"}}, on=LEFT, act=by_imss(LEFT))
    back = LEFT + dt.timedelta(days=1)
    verbs.rejoin([case.pk], on=back, reason="volvió", act=by_night(back))
    (case,) = now_of(case)
    assert (case.facts.baja_owed, case.facts.baja_unsent, case.former_sent_on) == (True, False, LEFT)
    verbs.reject_baja({case.pk: Happening(back, {"cover": Cover.objects.get().pk, "code": "X"})}, act=by_imss(back))
    assert now_of(case)[0].facts.baja_unsent is False


def test_a_renuncia_withdrawn_before_its_baja_keeps_the_cover_and_after_it_does_not(case_in: Make) -> None:
    kept, ended = case_in(State.VIGENTE), case_in(State.VIGENTE)
    verbs.renounce([kept.pk, ended.pk], on=LEFT, tutor="Úrsula Ek", act=by_night(LEFT))
    verbs.send_baja({ended.pk: {"lote": "1"}}, on=LEFT, act=by_imss(LEFT))
    verbs.withdraw_renuncia([kept.pk, ended.pk], on=LEFT, act=by_night(LEFT))
    assert [case.state for case in now_of(kept, ended)] == [State.VIGENTE, State.ACUSE_ENTREGADO]


def test_an_nss_corrected_after_the_alta_leaves_a_baja_owed_under_the_wrong_number(
    authority: Any, quick: Any, case_in: Make, people: Any, night: Any
) -> None:
    case, wrong = case_in(State.VIGENTE), Cover.objects.get
    old = case.student.nss
    right = people.one().nss
    verbs.correct_nss({case.pk: right}, on=LEFT, reason="era el de su mamá", evidence=PROOF, act=by_night(LEFT))
    (case,) = now_of(case)
    assert (case.state, case.facts.baja_owed, case.turn) == (State.NSS_OBTENIDO, True, Turn.ALUMNO)
    assert case.coverage == Coverage.NONE
    assert wrong().owed_by_id == case.pk
    assert movements.request_bajas([case.pk], act=by_night(LEFT)).done == [case.pk]
    night(LEFT)
    (sent,) = [body for path, body in authority.asked if path.endswith("movimientos")]
    assert (sent["tipo_movimiento"], sent["nss"]) == ("02", old)
    (case,) = now_of(case)
    assert (case.former_sent_on, case.state) == (LEFT, State.NSS_OBTENIDO)
    verbs.operate_baja({case.pk: Happening(LEFT, {"cover": wrong().pk}, PROOF)}, act=by_imss(LEFT))
    (case,) = now_of(case)
    assert (case.facts.baja_owed, case.former_cover) == (False, None)


def test_two_numbers_unified_by_imss_keep_the_cover(case_in: Make, people: Any) -> None:
    case, kept = case_in(State.VIGENTE), people.one().nss
    assert verbs.unify_nss({case.pk: kept}, on=LEFT, reason="eran dos", evidence=PROOF, act=by_night(LEFT)).done == [case.pk]
    (case,) = now_of(case)
    assert (case.state, case.student.nss, case.facts.baja_owed) == (State.VIGENTE, kept, False)
    assert (Cover.objects.get().nss, Cover.objects.get().ended_on) == (kept, None)


def test_a_disowned_nss_is_owed_its_baja_too(case_in: Make) -> None:
    case = case_in(State.VIGENTE)
    verbs.disown_nss([case.pk], on=LEFT, reason="era el de su papá", act=by_night(LEFT))
    (case,) = now_of(case)
    assert (case.state, case.facts.baja_owed, case.coverage) == (State.SIN_NSS, True, Coverage.NONE)


def test_a_baja_goes_under_the_registro_of_its_alta(authority: Any, quick: Any, case_in: Make, plantel: Plantel, night: Any) -> None:
    case = case_in(State.VIGENTE)
    add_registro(plantel, "C0355512321", D(2026, 8, 15))
    leave(case)
    assert movements.request_bajas([case.pk], act=by_night(LEFT)).done == [case.pk]
    night(LEFT + dt.timedelta(days=1))
    assert [body["registro_patronal"] for path, body in authority.asked if path.endswith("movimientos")] == ["A0112345321"]


def test_a_transfer_under_one_registro_keeps_the_cover_and_who_owes_its_end(case_in: Make, second: Make, sister: Plantel) -> None:
    first = case_in(State.VIGENTE)
    verbs.transfer([first.pk], on=LEFT, to=sister, act=by_night(LEFT))
    assert (now_of(first)[0].facts.baja_owed, now_of(first)[0].turn) == (False, Turn.NADIE)
    other = second(first, LEFT, plantel=sister)
    assert other.state == State.VIGENTE
    leave(other, on=D(2026, 9, 1))
    first, other = now_of(first, other)
    assert (first.facts.baja_owed, other.facts.baja_owed) == (False, True)


def test_a_student_who_never_arrives_at_the_other_plantel_is_owed_a_baja_in_the_end(case_in: Make, sister: Plantel) -> None:
    first = case_in(State.VIGENTE)
    verbs.transfer([first.pk], on=LEFT, to=sister, act=by_night(LEFT))
    assert settle_all(by_night(D(2026, 9, 19))) == 0
    late = D(2026, 9, 20)
    assert settle_all(by_night(late)) == 1
    (first,) = now_of(first)
    assert (first.facts.baja_owed, first.turn) == (True, Turn.ESCUELA)
    assert first.due_on is not None
    assert first.due_on > late


def test_a_transfer_under_another_registro_owes_the_baja_at_once(case_in: Make, other_plantel: Plantel) -> None:
    first = case_in(State.VIGENTE)
    verbs.transfer([first.pk], on=LEFT, to=other_plantel, act=by_night(LEFT))
    assert now_of(first)[0].facts.baja_owed


def test_no_baja_is_sent_while_another_plantel_waits_for_consent_to_enrol_the_student(
    authority: Any, quick: Any, case_in: Make, sister: Plantel, ciclo: Ciclo, night: Any
) -> None:
    first = case_in(State.VIGENTE)
    leave(first)
    movements.request_bajas([first.pk], act=by_night(LEFT))
    ConsentRequest.objects.create(
        kind=ConsentRequest.Kind.ENROL, student=first.student, plantel=sister, ciclo=ciclo, curp=first.student.curp, payload={},
        user_name="Otra", at=noon(LEFT), own=[sister.pk], digest="x", due_on=D(2026, 8, 27),
    )  # fmt: skip
    night(LEFT)
    assert [path for path, _ in authority.asked if path.endswith("movimientos")] == []
    settle_all(by_night(LEFT))
    assert not now_of(first)[0].facts.baja_owed
    ConsentRequest.objects.update(status=ConsentRequest.Status.REFUSED, decided_at=noon(LEFT), decided_name="Otra", reason="No.")
    settle_all(by_night(LEFT))
    assert now_of(first)[0].facts.baja_owed


def test_what_an_officer_notes_by_hand_is_not_told_to_another_plantel(
    case_in: Make, second: Make, sister: Plantel, plantel: Plantel
) -> None:
    first = case_in(State.ACUSE_ENTREGADO)
    other = second(first, LEFT, State.ACUSE_ENTREGADO, plantel=sister)
    officer = Act(Actor(ActorKind.PERSON, "Begoña"), noon(LEFT), frozenset({plantel.pk}))
    verbs.send_alta({first.pk: {"lote": "1"}}, on=LEFT, act=officer)
    verbs.confirm_vigencia({first.pk: Happening(LEFT, {}, PROOF)}, act=officer)
    assert [case.state for case in now_of(first, other)] == [State.VIGENTE, State.ACUSE_ENTREGADO]
    settle_all(by_night(LEFT))
    assert now_of(other)[0].state == State.ACUSE_ENTREGADO
    verbs.confirm_vigencia({first.pk: Happening(LEFT, {}, PROOF)}, act=by_imss(LEFT))
    assert now_of(other)[0].state == State.VIGENTE


def test_leaving_by_an_officer_changes_nothing_at_another_plantel(case_in: Make, second: Make, sister: Plantel, plantel: Plantel) -> None:
    first = case_in(State.VIGENTE)
    other = second(first, LEFT, plantel=sister)
    leave(other)
    before = now_of(other)[0].version
    officer = Act(Actor(ActorKind.PERSON, "Begoña"), noon(LEFT), frozenset({plantel.pk}))
    verbs.leave([first.pk], BajaKind.EGRESO, on=D(2026, 8, 12), act=officer)
    first, other = now_of(first, other)
    assert (other.version, first.facts.baja_owed, other.facts.baja_owed) == (before, True, False)


def test_an_alta_asked_for_by_two_cases_is_sent_once_and_goes_on_if_the_first_leaves(
    authority: Any, quick: Any, case_in: Make, second: Make, sister: Plantel, night: Any
) -> None:
    first = case_in(State.ACUSE_ENTREGADO)
    other = second(first, LEFT, State.ACUSE_ENTREGADO, plantel=sister)
    assert movements.request_altas([first.pk, other.pk], act=by_night(LEFT)).done == sorted([first.pk, other.pk])
    assert Errand.objects.filter(kind="send_alta").count() == 1
    leave(first)
    night(LEFT)
    assert [body["tipo_movimiento"] for path, body in authority.asked if path.endswith("movimientos")] == ["08"]
    assert [case.state for case in now_of(first, other)] == [State.BAJA, State.ALTA_ENVIADA]


def test_si_under_a_former_registro_of_the_plantel_is_ours(case_in: Make, says_yes: Any) -> None:
    case = case_in(State.ALTA_ENVIADA)
    says_yes(case, LEFT, registro="A0112345321")
    assert now_of(case)[0].registro == "A0112345321"
    assert Cover.objects.count() == 1


def test_an_alta_rejected_after_the_student_left_owes_no_baja(case_in: Make) -> None:
    case = case_in(State.ALTA_ENVIADA)
    leave(case)
    assert now_of(case)[0].facts.baja_owed
    assert verbs.reject_alta({case.pk: Happening(LEFT, {"code": "X"}, PROOF)}, act=by_imss(LEFT)).done == [case.pk]
    (case,) = now_of(case)
    assert (case.state, case.facts.baja_owed, case.turn) == (State.BAJA, False, Turn.NADIE)


def test_a_rejected_baja_is_owed_again_and_can_be_dropped_with_a_reason(case_in: Make) -> None:
    case = case_in(State.VIGENTE)
    leave(case)
    verbs.send_baja({case.pk: {"lote": "1"}}, on=LEFT, act=by_imss(LEFT))
    verbs.reject_baja({case.pk: Happening(LEFT, {"code": "F"}, PROOF, "F: no hay alta")}, act=by_imss(LEFT))
    (case,) = now_of(case)
    assert (case.turn, case.facts.baja_unsent) == (Turn.ESCUELA, True)
    assert verbs.drop_baja([case.pk], on=LEFT, reason="El IMSS no la tiene", act=by_night(LEFT)).done == [case.pk]
    (case,) = now_of(case)
    assert (case.facts.baja_owed, Cover.objects.get().ended_on) == (False, LEFT)


def test_each_step_told_names_the_cover(case_in: Make, second: Make, sister: Plantel) -> None:
    first = case_in(State.VIGENTE)
    other = second(first, LEFT, plantel=sister)
    told = other.events.get(verb=Verb.CONFIRM_VIGENCIA)
    assert told.data["cover"] == Cover.objects.get().pk
    assert "otro expediente" in told.reason


def test_who_has_died_is_awaited_at_no_other_plantel(case_in: Make, sister: Plantel, ciclo: Ciclo) -> None:
    """A pending request of another plantel kept the baja of a student who had died from being owed."""
    first = case_in(State.VIGENTE)
    ConsentRequest.objects.create(
        kind=ConsentRequest.Kind.ENROL, student=first.student, plantel=sister, ciclo=ciclo, curp=first.student.curp, payload={},
        user_name="Otra", at=noon(LEFT), digest="x", due_on=LEFT,
    )  # fmt: skip
    leave(first, kind=BajaKind.DEFUNCION)
    assert now_of(first)[0].facts.baja_owed
