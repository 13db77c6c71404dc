"""Each situation a student can be in, built by the office's own verbs and lotes: which differences it is, and that its remedy ends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import pytest
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.queries import visible_cases
from afiliacion.cases.states import BajaKind, Coverage, State
from afiliacion.dashboard.worklist.filters import Flag
from afiliacion.dashboard.worklist.flags import OWING
from afiliacion.imss.models import Errand
from afiliacion.insurance.models import Cover
from afiliacion.movements.models import Movement, RejectionCode
from afiliacion.reconciliation.counting import count, under
from afiliacion.reconciliation.differences import OF_CASES, Difference, find
from afiliacion.reconciliation.ground import Ground
from afiliacion.reconciliation.models import InsuredList, InsuredRow
from students.models import Ciclo, Plantel, RegistroPatronal
from tests.planteles import add_registro
from tests.reconciliation.deeds import BAJA, OURS, Deeds, act
from tests.reconciliation.judgment import found, judged

D = Difference
TODAY: Final = dt.date(2026, 10, 20)
#: Before the days of rule `respuesta` began to be over, and before those of rule `vigencia` were.
LATE, LONG_AGO = dt.date(2026, 10, 8), dt.date(2026, 9, 1)

pytestmark = pytest.mark.django_db


def sets(deeds: Deeds) -> dict[int, set[Difference]]:
    """The differences of today; what the queries say is what is true."""
    said = found(TODAY)
    assert said == judged(TODAY)
    return said


#: A situation: whose case it makes, and what ends it (None: nothing is to be ended).
Situation = Callable[[Deeds], tuple[Case, Callable[[], object] | None]]


def received_and_vigente(deeds: Deeds, case: Case) -> Callable[[], object]:
    def remedy() -> None:
        deeds.operated(deeds.received(case, TODAY), TODAY)
        deeds.says_yes(case, TODAY)

    return remedy


def put_right_and_vigente(deeds: Deeds, case: Case) -> Callable[[], object]:
    def remedy() -> None:
        deeds.put_right(case, TODAY)
        received_and_vigente(deeds, case)()

    return remedy


def without_nss(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.SIN_NSS)

    def remedy() -> None:
        verbs.obtain_nss({case.pk: deeds.people.one().nss}, on=TODAY, act=act(TODAY))
        verbs.deliver_acuse([case.pk], on=TODAY, act=act(TODAY))
        received_and_vigente(deeds, case)()

    return case, remedy


def with_the_acuse(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    return case, received_and_vigente(deeds, case)


def in_a_lote(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.lote(case, LATE)
    return case, lambda: verbs.renounce([case.pk], on=TODAY, tutor="Su mamá", act=act(TODAY))


def presented_long_since(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    lote = deeds.presented(case, LATE)

    def remedy() -> None:
        deeds.take(lote, TODAY)

    return case, remedy


def presented_today(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    lote = deeds.presented(case, TODAY)
    return case, lambda: deeds.take(lote, TODAY)


def received_and_silent(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    movement = deeds.received(case, LATE)
    return case, lambda: deeds.operated(movement, TODAY)


def received_and_silent_for_months(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.received(case, LONG_AGO)
    return case, lambda: deeds.says_yes(case, TODAY)


def received_today(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.received(case, TODAY)
    return case, None


def operated_and_no_vigencia(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.operated(deeds.received(case, LONG_AGO), LONG_AGO)
    return case, lambda: deeds.says_yes(case, TODAY)


def operated_and_in_time(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.operated(deeds.received(case, LATE), LATE)
    return case, None


def noted_by_hand_long_since(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ALTA_ENVIADA)
    return case, lambda: deeds.says_yes(case, TODAY)


def imss_says_no(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.SIN_VIGENCIA)
    return case, lambda: deeds.says_yes(case, TODAY)


def at_the_subdelegacion_after_a_no(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.SIN_VIGENCIA)
    verbs.escalate({case.pk: Happening(TODAY, reason="Nunca apareció")}, act=act(TODAY))
    return case, lambda: deeds.says_yes(case, TODAY)


def at_the_subdelegacion_without_alta(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.EN_SUBDELEGACION)
    return case, lambda: verbs.renounce([case.pk], on=TODAY, tutor="Su mamá", act=act(TODAY))


def rests(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.make_in(State.SIN_VIGENCIA)
    deeds.noted(case, TODAY, Coverage.OTHER)
    return case, None


def covered_by_a_job(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.make_in(State.NSS_OBTENIDO)
    deeds.noted(case, TODAY, Coverage.OTHER)
    return case, None


def renounced(deeds: Deeds) -> tuple[Case, None]:
    return deeds.make_in(State.RENUNCIA), None


def refused_at_reception(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.received(case, LATE, refused="NSS inexistente")
    return case, put_right_and_vigente(deeds, case)


def refused_and_in_another_lote(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.received(case, LATE, refused="NSS inexistente")
    deeds.put_right(case, TODAY)
    lote = deeds.presented(case, TODAY)
    return case, lambda: deeds.take(lote, TODAY)


def rejected(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.rejected(deeds.received(case, LATE), TODAY)
    return case, put_right_and_vigente(deeds, case)


def rejected_and_sent_again(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.make_in(State.ACUSE_ENTREGADO)
    deeds.rejected(deeds.received(case, LATE), LATE)
    deeds.put_right(case, TODAY)
    deeds.received(case, TODAY)
    return case, None


def baja_left(deeds: Deeds, case: Case) -> Callable[[], object]:
    return lambda: deeds.operated(deeds.received(case, TODAY, BAJA), TODAY)


def left_with_the_alta(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.vigente()
    deeds.leaves(case, LATE)
    return case, baja_left(deeds, case)


def baja_received_and_silent(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.vigente()
    deeds.leaves(case, LONG_AGO)
    movement = deeds.received(case, LATE, BAJA)
    return case, lambda: deeds.operated(movement, TODAY)


def baja_received_today(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.vigente()
    deeds.leaves(case, LATE)
    deeds.received(case, TODAY, BAJA)
    return case, None


def baja_noted_by_hand_long_since(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.vigente()
    deeds.leaves(case, LONG_AGO)
    verbs.send_baja({case.pk: {"lote": "7"}}, on=LONG_AGO, act=act(LONG_AGO))
    return case, lambda: verbs.operate_baja({case.pk: Happening(TODAY)}, act=act(TODAY))


def baja_rejected(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.vigente()
    deeds.leaves(case, LONG_AGO)
    deeds.rejected(deeds.received(case, LATE, BAJA), TODAY)

    def remedy() -> None:
        deeds.put_right(case, TODAY)
        baja_left(deeds, case)()

    return case, remedy


def another_number(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    """IMSS has the alta under a number that was not the student's; the right one has its alta already."""
    case = deeds.vigente()
    right = {case.pk: deeds.people.one().nss}
    assert verbs.correct_nss(right, on=LATE, reason="Era el de su mamá", evidence="ab" * 32, act=act(LATE)).done == [case.pk]
    verbs.deliver_acuse([case.pk], on=LATE, act=act(LATE))
    deeds.operated(deeds.received(case, TODAY), TODAY)
    return case, baja_left(deeds, case)


def did_not_come_back(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    """Insured since the term before, and the plantel has a list of the new one."""
    case = deeds.vigente(ciclo=deeds.before)
    deeds.vigente()

    def remedy() -> None:
        deeds.leaves(case, TODAY)
        baja_left(deeds, case)()

    return case, remedy


def is_awaited_for_the_new_term(deeds: Deeds) -> tuple[Case, None]:
    """No list of the new term has come: between two terms students stay covered."""
    return deeds.vigente(ciclo=deeds.before), None


def was_forgotten_for_years(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    """No list came any more, and a whole term has gone by."""
    of_old = Ciclo.objects.create(clave="2024-1", starts_on=dt.date(2024, 2, 1), ends_on=dt.date(2024, 7, 1))
    case = deeds.vigente(ciclo=of_old)

    def remedy() -> None:
        deeds.leaves(case, TODAY, BajaKind.DESERCION)
        baja_left(deeds, case)()

    return case, remedy


def never_came_back_and_never_had_an_alta(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.make_in(State.NSS_OBTENIDO, ciclo=deeds.before)
    deeds.vigente()
    return case, None


def comes_back(deeds: Deeds) -> tuple[Case, None]:
    case = deeds.vigente(ciclo=deeds.before)
    deeds.enrolled_too(case, LONG_AGO)
    return case, None


def under_two_registros(deeds: Deeds) -> tuple[Case, Callable[[], object]]:
    case = deeds.vigente()
    deeds.with_other_alta(case, LATE)

    def remedy() -> None:
        deeds.leaves(case, TODAY, BajaKind.TRASLADO)
        baja_left(deeds, case)()

    return case, remedy


ALONE: Final[dict[str, tuple[Situation, set[Difference]]]] = {
    "without NSS": (without_nss, {D.WITHOUT_ALTA}),
    "with the acuse": (with_the_acuse, {D.WITHOUT_ALTA}),
    "in a lote that was not presented": (in_a_lote, {D.WITHOUT_ALTA}),
    "presented, and no acuse de recibo": (presented_long_since, {D.WITHOUT_ALTA, D.UNANSWERED}),
    "presented today": (presented_today, {D.WITHOUT_ALTA}),
    "received, and no answer": (received_and_silent, {D.UNANSWERED}),
    "received, and no answer for months": (received_and_silent_for_months, {D.UNANSWERED}),
    "received today": (received_today, set()),
    "operated, and no vigencia after the weeks": (operated_and_no_vigencia, {D.WITHOUT_VIGENCIA}),
    "operated, before the weeks are over": (operated_and_in_time, set()),
    "noted by hand, and no vigencia after the weeks": (noted_by_hand_long_since, {D.WITHOUT_VIGENCIA}),
    "IMSS says no": (imss_says_no, {D.WITHOUT_VIGENCIA}),
    "at the subdelegación after a no": (at_the_subdelegacion_after_a_no, {D.WITHOUT_VIGENCIA}),
    "at the subdelegación without alta": (at_the_subdelegacion_without_alta, {D.WITHOUT_ALTA}),
    "another cover prevails": (rests, set()),
    "another cover, and no alta": (covered_by_a_job, set()),
    "renounced": (renounced, set()),
    "refused at reception": (refused_at_reception, {D.WITHOUT_ALTA, D.TURNED_DOWN}),
    "refused at reception, and in another lote": (refused_and_in_another_lote, {D.WITHOUT_ALTA}),
    "rejected": (rejected, {D.TURNED_DOWN}),
    "rejected and received again": (rejected_and_sent_again, set()),
    "left, and no baja was sent": (left_with_the_alta, {D.BAJA_TO_SEND}),
    "the baja is received, and no answer": (baja_received_and_silent, {D.UNANSWERED}),
    "the baja is received today": (baja_received_today, set()),
    "the baja noted by hand, and no answer": (baja_noted_by_hand_long_since, {D.UNANSWERED}),
    "the baja is rejected": (baja_rejected, {D.BAJA_TO_SEND, D.TURNED_DOWN}),
    "insured under another number too": (another_number, {D.BAJA_TO_SEND}),
    "did not come back": (did_not_come_back, {D.NOT_ENROLLED}),
    "is awaited for the new term": (is_awaited_for_the_new_term, set()),
    "was forgotten for years": (was_forgotten_for_years, {D.NOT_ENROLLED}),
    "never came back, and never had an alta": (never_came_back_and_never_had_an_alta, set()),
    "comes back": (comes_back, set()),
    "under two registros": (under_two_registros, {D.TWICE}),
}


@pytest.mark.parametrize("name", ALONE)
def test_each_situation_is_these_differences_and_none_after_its_remedy(name: str, deeds: Deeds) -> None:
    situation, expected = ALONE[name]
    case, remedy = situation(deeds)
    assert sets(deeds).get(case.pk, set()) == expected
    if remedy:
        remedy()
        assert sets(deeds) == {}


def test_all_situations_at_once_are_counted_as_they_are_alone(deeds: Deeds, plantel: Plantel) -> None:
    cases = {name: situation(deeds)[0] for name, (situation, _) in ALONE.items() if name not in OF_A_PLANTEL_WITHOUT_A_NEW_LIST}
    said, ground = sets(deeds), Ground.read(TODAY)
    assert {name: said.get(case.pk, set()) for name, case in cases.items()} == {name: ALONE[name][1] for name in cases}
    tallies = count(visible_cases(None), ground)
    for what in OF_CASES:
        assert sum(tally.n for tally in tallies if tally.what is what) == sum(what in differences for differences in said.values()), what
    for what, registro in {(tally.what, tally.registro) for tally in tallies}:
        listed = under(find(what, visible_cases(None), ground), registro, ground)
        assert listed.count() == sum(tally.n for tally in tallies if (tally.what, tally.registro) == (what, registro))


#: With the others' lists they would be those that did not come back.
OF_A_PLANTEL_WITHOUT_A_NEW_LIST: Final = {"is awaited for the new term"}


def test_the_bajas_to_send_are_those_of_the_work_list_and_the_reports(deeds: Deeds) -> None:
    for situation in (left_with_the_alta, baja_rejected, another_number, baja_received_today):
        situation(deeds)
    listed = set(find(D.BAJA_TO_SEND, visible_cases(None), Ground.read(TODAY)).values_list("pk", flat=True))
    flagged = Case.objects.raw(f"SELECT c.id FROM cases_case c WHERE {OWING[Flag.BAJA_TO_SEND]}")  # noqa: S608 - our own condition
    assert listed == {case.pk for case in flagged}
    assert len(listed) == 3


def test_what_the_system_of_imss_failed_at_is_no_rejection(deeds: Deeds) -> None:
    case, _ = refused_at_reception(deeds)
    Movement.objects.update(code="900")
    assert sets(deeds) == {case.pk: {D.WITHOUT_ALTA, D.TURNED_DOWN}}
    RejectionCode.objects.create(code="900", family="SISTEMA")
    assert sets(deeds) == {case.pk: {D.WITHOUT_ALTA}}


def test_one_cover_for_two_planteles_is_as_it_should_be_until_one_of_them_has_the_student_no_more(
    deeds: Deeds, sister: Plantel, plantel: Plantel
) -> None:
    case = deeds.vigente(ciclo=deeds.before)
    second = deeds.enrolled_too(case, LONG_AGO, plantel=sister)
    assert second.state == State.VIGENTE
    assert sets(deeds) == {}
    deeds.vigente(plantel=plantel)
    assert sets(deeds) == {case.pk: {D.TWICE}}
    deeds.leaves(case, TODAY)
    assert sets(deeds) == {}, "the other plantel needs the cover, so that no baja is owed"
    assert Cover.objects.filter(student=case.student_id, ended_on=None).exists()


def test_a_registro_that_the_other_plantel_is_to_have_later_is_not_its_own_yet(deeds: Deeds, other_plantel: Plantel) -> None:
    case = deeds.vigente(ciclo=deeds.before)
    deeds.enrolled_too(case, LONG_AGO, plantel=other_plantel)
    deeds.vigente()
    add_registro(other_plantel, OURS, TODAY + dt.timedelta(days=1))
    assert sets(deeds)[case.pk] == {D.NOT_ENROLLED}
    RegistroPatronal.objects.filter(registro=OURS, plantel=other_plantel).update(valid_from=TODAY)
    assert sets(deeds)[case.pk] == {D.TWICE}


def test_who_changed_to_a_sister_and_is_awaited_there_is_no_difference(deeds: Deeds, sister: Plantel) -> None:
    case = deeds.vigente()
    verbs.transfer([case.pk], on=LATE, act=act(LATE), to=sister)
    assert Case.objects.get(pk=case.pk).keeps_cover
    assert sets(deeds) == {}


def test_an_enrolment_that_gives_no_right_any_more_is_told_whatever_the_case_says(deeds: Deeds) -> None:
    case = deeds.vigente()
    case.enrolment.status = "desertor"
    case.enrolment.save()
    assert sets(deeds) == {case.pk: {D.NOT_ENROLLED}}


def errand(case: Case, kind: str, **fields: object) -> Errand:
    known = {"key": "7" * 32, "requested_on": LATE, "requested_at": timezone.now(), "next_on": TODAY, "requested_name": "Begoña Ñáñez"}
    return Errand.objects.create(case=case, kind=kind, **{**known, **fields})


@pytest.mark.parametrize(
    ("state", "fields", "expected"),
    [
        (State.ACUSE_ENTREGADO, {"in_doubt": True}, {D.WITHOUT_ALTA, D.UNANSWERED}),
        (State.ACUSE_ENTREGADO, {"in_doubt": True, "requested_on": TODAY}, {D.WITHOUT_ALTA}),
        (State.ACUSE_ENTREGADO, {"status": "parked"}, {D.WITHOUT_ALTA, D.TURNED_DOWN}),
        (State.ACUSE_ENTREGADO, {"status": "parked", "in_doubt": True}, {D.WITHOUT_ALTA, D.UNANSWERED}),
        (State.ACUSE_ENTREGADO, {}, {D.WITHOUT_ALTA}),
        (State.ALTA_ENVIADA, {"received_on": LATE, "movement": {}}, {D.UNANSWERED}),
        (State.ALTA_ENVIADA, {"received_on": TODAY, "movement": {}}, {D.WITHOUT_VIGENCIA}),
        (State.ALTA_ENVIADA, {"received_on": LATE, "movement": {}, "status": "done"}, {D.WITHOUT_VIGENCIA}),
    ],
)
def test_by_the_service_an_alta_is_told_likewise(deeds: Deeds, state: State, fields: dict[str, object], expected: set[Difference]) -> None:
    case = deeds.make_in(state)
    errand(case, "send_alta", **fields)
    assert sets(deeds) == {case.pk: expected}


def test_by_the_service_a_baja_is_told_likewise(deeds: Deeds) -> None:
    case = deeds.vigente()
    deeds.leaves(case, LONG_AGO)
    verbs.send_baja({case.pk: {"lote": "7"}}, on=LATE, act=act(LATE))
    sent = errand(case, "send_baja", received_on=TODAY, movement={})
    assert sets(deeds) == {}
    Errand.objects.filter(pk=sent.pk).update(received_on=LATE)
    assert sets(deeds) == {case.pk: {D.UNANSWERED}}
    verbs.reject_baja({case.pk: Happening(TODAY, {"code": "1"})}, act=act(TODAY))
    Errand.objects.filter(pk=sent.pk).update(status="parked")
    assert sets(deeds) == {case.pk: {D.BAJA_TO_SEND, D.TURNED_DOWN}}


def a_list(on: dt.date, *cases: Case) -> InsuredList:
    said = InsuredList.objects.create(registro=OURS, on=on, filename="lista.csv", count=len(cases), brought_at=timezone.now())
    for n, case in enumerate(cases):
        InsuredRow.objects.create(list=said, nss=case.student.nss or "", line=n + 2)
    return said


def test_who_is_insured_here_and_not_in_the_list_of_imss_until_imss_says_yes_again(deeds: Deeds) -> None:
    there, not_there, leaving = deeds.vigente(), deeds.vigente(), deeds.vigente()
    deeds.leaves(leaving, LATE)
    deeds.received(leaving, LATE, BAJA)
    deeds.operated(Movement.objects.get(), LATE)
    a_list(TODAY, there)
    assert sets(deeds) == {not_there.pk: {D.NOT_LISTED}}
    deeds.says_yes(not_there, TODAY + dt.timedelta(days=1))
    assert sets(deeds) == {}


def test_a_list_of_a_day_before_the_answer_says_nothing_of_it(deeds: Deeds) -> None:
    deeds.vigente()
    a_list(dt.date(2026, 8, 9))
    assert sets(deeds) == {}


def test_of_another_registro_nothing_is_compared(deeds: Deeds, other_plantel: Plantel) -> None:
    deeds.vigente(plantel=other_plantel)
    a_list(TODAY)
    assert sets(deeds) == {}
