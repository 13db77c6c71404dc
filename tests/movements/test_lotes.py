"""Lotes made of what cases want, undone, sent and received: each movement once, and a case moves when IMSS has received it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from afiliacion.lotes.file.reading import read
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import noting
from afiliacion.movements.dates import in_time_since
from afiliacion.movements.models import Lote, LoteKey, Movement, RegistroProfile
from afiliacion.movements.sending import NotDone
from students.models import Plantel, RegistroPatronal, Student
from tests.movements.lotes import groups

ALTA, BAJA = MovementType.ALTA, MovementType.BAJA
OURS = "A0112345321"
MakeIn = Callable[..., Case]

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(now: dt.datetime) -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def made(make_in: MakeIn, act: Act) -> Lote:
    """A lote of the altas of two students."""
    make_in(State.ACUSE_ENTREGADO, matricula="M-1")
    make_in(State.ACUSE_ENTREGADO, matricula="M-2")
    return sending.make(Case.objects.all(), OURS, ALTA, act=act)


def sent(lote: Lote, act: Act, today: dt.date) -> Lote:
    return sending.mark_sent(lote.pk, number="118274", signed_by="Ángela Núñez", on=today, act=act)


def states() -> list[str]:
    return list(Case.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_ready_is_written_once_and_a_case_moves_when_imss_has_received_it(made: Lote, act: Act, today: dt.date) -> None:
    assert [record.clave for record in read(bytes(made.body), RegistroProfile(registro=OURS).profile()).records] == ["M-1", "M-2"]
    assert len(bytes(made.body)) == 2 * 170
    with pytest.raises(NotDone, match="No hay movimientos listos"):
        sending.make(Case.objects.all(), OURS, ALTA, act=act)
    assert set(states()) == {State.ACUSE_ENTREGADO}
    sent(made, act, today)
    assert set(states()) == {State.ACUSE_ENTREGADO}, "sent is not received"
    assert noting.receive(made.pk, on=today, refused={}, act=act).counts["findings"] == {"recibido": 2}
    assert set(states()) == {State.ALTA_ENVIADA}
    assert {cover.registro for cover in Cover.objects.all()} == {OURS}
    assert Case.objects.order_by("pk")[0].events.latest("seq").details["lote"] == "118274"
    assert list(disagreements(today)) == []


def test_what_imss_refuses_at_once_is_ready_again_once_it_is_put_right(made: Lote, act: Act, today: dt.date) -> None:
    sent(made, act, today)
    with pytest.raises(NotDone, match="No son de este lote: M-9"):
        noting.receive(made.pk, on=today, refused={"M-9": "?"}, act=act)
    received = noting.receive(made.pk, on=today, refused={"M-2": "NSS inexistente"}, act=act)
    assert received.counts["findings"] == {"recibido": 1, "de_entrada": 1}
    assert states() == [State.ALTA_ENVIADA, State.ACUSE_ENTREGADO]
    Student.objects.filter(cases__enrolment__matricula="M-2").update(nombre="Otro nombre")
    again = sending.make(Case.objects.all(), OURS, ALTA, act=act)
    assert [movement.clave for movement in again.movements.all()] == ["M-2"], "the same clave"
    assert Movement.objects.get(lote=made, clave="M-2").message == "NSS inexistente"


def test_a_lote_that_was_not_sent_is_undone_and_its_movements_are_ready_again(made: Lote, act: Act, today: dt.date) -> None:
    sending.undo(made.pk, act=act)
    again = sending.make(Case.objects.all(), OURS, ALTA, act=act)
    assert again.count == 2
    sent(again, act, today)
    for order in (sending.undo, lambda pk, act: sent(Lote.objects.get(pk=pk), act, today)):
        with pytest.raises(NotDone, match="ya se anotó como presentado"):
            order(again.pk, act=act)
    with pytest.raises(NotDone, match="está deshecho"):
        sent(made, act, today)
    with pytest.raises(NotDone, match="no pudo recibirse antes"):
        noting.receive(again.pk, on=today - dt.timedelta(days=1), refused={}, act=act)
    noting.receive(again.pk, on=today, refused={}, act=act)
    with pytest.raises(NotDone, match="ya está anotado"):
        noting.receive(again.pk, on=today, refused={}, act=act)


def test_the_database_keeps_a_lote_as_it_was_made_and_sent(made: Lote, act: Act, today: dt.date) -> None:
    changes = ["body = 'x'", "count = 1", "sha256 = 'x'", "number = 'x'", "undone_at = now()", "sent_on = NULL"]
    sent(made, act, today)
    for change in changes:
        with pytest.raises(DatabaseError, match="as it was made and sent"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE movements_lote SET {change}")  # noqa: S608 - our own words
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM movements_movement; DELETE FROM movements_lote")


def test_what_holds_a_movement_back_is_told(make_in: MakeIn, plantel: Plantel, today: dt.date) -> None:
    RegistroProfile.objects.create(registro=OURS, long_names="refuse")
    case = make_in(State.ACUSE_ENTREGADO)
    Student.objects.filter(pk=case.student_id).update(nombre="María de los Ángeles Guadalupe del Socorro")
    (group,) = groups(Case.objects.all(), today)
    assert "27" in group.held[0].held and not group.ready  # noqa: PT018
    RegistroPatronal.objects.filter(plantel=plantel).delete()
    (group,) = groups(Case.objects.all(), today)
    assert (group.registro, group.held[0].held) == ("", "Falta el registro patronal del plantel: captúrelo en Ajustes.")


def test_the_date_of_a_lote_is_chosen_and_told_if_it_is_late(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    RegistroProfile.objects.create(registro=OURS, date_rule="inscripcion")
    (group,) = groups(Case.objects.all(), today)
    assert [each.data.fecha for each in group.candidates if each.data] == [case.enrolled_on]
    assert case.enrolled_on < in_time_since(today)
    assert group.late == 1
    with pytest.raises(NotDone, match="a lo más la de mañana"):
        sending.make(Case.objects.all(), OURS, ALTA, act=act, on=today + dt.timedelta(days=2))
    with pytest.raises(NotDone, match="No hay movimientos listos"):
        sending.make(Case.objects.all(), OURS, ALTA, act=act, on=case.enrolled_on - dt.timedelta(days=1))
    tomorrow = today + dt.timedelta(days=1)
    assert sending.make(Case.objects.all(), OURS, ALTA, act=act, on=tomorrow).movements.get().on == tomorrow


@pytest.mark.parametrize(
    ("today", "since"), [((2026, 9, 21), (2026, 9, 11)), ((2026, 9, 18), (2026, 9, 10)), ((2026, 11, 24), (2026, 11, 17))]
)
def test_five_working_days_leave_out_weekends_and_holidays(today: tuple[int, int, int], since: tuple[int, int, int]) -> None:
    assert in_time_since(dt.date(*today)) == dt.date(*since)


def test_two_students_with_one_matricula_under_one_registro_have_a_clave_each(
    make_in: MakeIn, other_plantel: Plantel, act: Act, today: dt.date
) -> None:
    RegistroPatronal.objects.filter(plantel=other_plantel).update(registro=OURS)
    make_in(State.ACUSE_ENTREGADO, matricula="7")
    make_in(State.ACUSE_ENTREGADO, matricula="7", plantel=other_plantel)
    make_in(State.ACUSE_ENTREGADO, matricula="MATRICULA-LARGA-2026")
    lote = sending.make(Case.objects.all(), OURS, ALTA, act=act)
    claves = [movement.clave for movement in lote.movements.all()]
    assert claves[0] == "7" and all(clave.startswith("X-") for clave in claves[1:]) and len(set(claves)) == 3  # noqa: PT018
    assert LoteKey.objects.count() == 3


def test_a_baja_goes_under_the_cover_it_ends_and_none_is_sent_for_a_cover_that_is_needed(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case = make_in(State.BAJA)
    (group,) = groups(Case.objects.all(), today)
    assert (group.type, [each.case.pk for each in group.ready]) == (BAJA, [case.pk])
    lote = sending.make(Case.objects.all(), OURS, BAJA, act=act)
    assert lote.movements.get().data["causa"]
    sent(lote, act, today)
    noting.receive(lote.pk, on=today, refused={}, act=act)
    assert Case.objects.get(pk=case.pk).baja_sent_on == today
    assert groups(Case.objects.all(), today) == []


def test_a_student_who_left_while_the_lote_was_away_is_insured_all_the_same_and_owes_the_baja(
    make_in: MakeIn, act: Act, today: dt.date
) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    lote = sent(sending.make(Case.objects.all(), OURS, ALTA, act=act), act, today)
    verbs.leave([case.pk], BajaKind.DEFINITIVA, on=today, act=act)
    assert noting.receive(lote.pk, on=today, refused={}, act=act).counts["beside"] == 1
    assert Cover.objects.get().ended_on is None
    assert Case.objects.get(pk=case.pk).facts.baja_owed
    assert Verb.OWE_BAJA in set(case.events.values_list("verb", flat=True))


def test_what_changed_since_a_lote_was_made_is_told_until_it_is_presented(made: Lote, make_in: MakeIn, act: Act, today: dt.date) -> None:
    one, two = Case.objects.order_by("pk")
    assert not sending.outdated(made).exists()
    verbs.disown_nss([one.pk], on=today, act=act, reason="Era de su mamá")
    verbs.leave([two.pk], BajaKind.DEFINITIVA, on=today, act=act)
    assert [row.case_id for row in sending.outdated(made)] == [one.pk, two.pk]
    gone = make_in(State.BAJA)
    lote = sending.make(Case.objects.all(), OURS, BAJA, act=act)
    assert not sending.outdated(lote).exists()
    verbs.rejoin([gone.pk], on=today, act=act)
    assert [row.case_id for row in sending.outdated(lote)] == [gone.pk]
