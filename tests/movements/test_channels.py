"""A movement goes by one channel: the service of IMSS or a lote, whichever its registro patronal goes by, and never by both."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act, Actor, ActorKind
from afiliacion.cases.states import State
from afiliacion.imss.models import Errand, ImssSettings, LoteRegistro, MovementUnderWay
from afiliacion.imss.queue.movements import replace, request_altas, request_bajas
from afiliacion.imss.queue.plan import plan
from afiliacion.insurance.models import Cover
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import noting, undoing
from afiliacion.movements.models import Lote, Movement
from afiliacion.movements.sending import NotDone
from students.models import Plantel, RegistroPatronal, Student
from tests.movements.lotes import groups

ALTA, BAJA = MovementType.ALTA, MovementType.BAJA
OURS, THEIRS = "A0112345321", "B0298765329"
MakeIn = Callable[..., Case]

pytestmark = pytest.mark.django_db


@pytest.fixture
def act() -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture(autouse=True)
def _with_a_service(settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"


def by_lote(*registros: str) -> None:
    LoteRegistro.objects.all().delete()
    LoteRegistro.objects.bulk_create(LoteRegistro(registro=registro) for registro in registros)


def make(act: Act, registro: str = OURS, kind: MovementType = ALTA) -> Lote:
    return sending.make(Case.objects.all(), registro, kind, act=act)


def offered(today: dt.date) -> dict[tuple[str, str], list[int]]:
    return {(group.registro, group.type.value): [each.case.pk for each in group.ready] for group in groups(Case.objects.all(), today)}


def under_way() -> list[tuple[str, bool]]:
    return list(MovementUnderWay.objects.order_by("pk").values_list("type", "by_lote"))


def test_of_two_registros_one_goes_by_lotes_and_the_other_by_the_service(
    make_in: MakeIn, other_plantel: Plantel, act: Act, today: dt.date
) -> None:
    here, there = make_in(State.ACUSE_ENTREGADO), make_in(State.ACUSE_ENTREGADO, plantel=other_plantel)
    gone, left = make_in(State.BAJA), make_in(State.BAJA, plantel=other_plantel)
    by_lote(OURS)
    altas, bajas = request_altas([here.pk, there.pk], act=act), request_bajas([gone.pk, left.pk], act=act)
    assert (altas.done, bajas.done) == ([there.pk], [left.pk])
    assert {"haga el lote en Movimientos" in reason for reason in (*altas.skipped.values(), *bajas.skipped.values())} == {True}
    assert offered(today) == {(OURS, "08"): [here.pk], (OURS, "02"): [gone.pk]}
    assert make(act).count == 1
    with pytest.raises(NotDone, match="No hay movimientos listos"):
        make(act, THEIRS)


def test_where_no_registro_goes_by_lotes_none_is_offered_and_without_the_service_all_are(
    make_in: MakeIn, other_plantel: Plantel, today: dt.date
) -> None:
    make_in(State.ACUSE_ENTREGADO)
    make_in(State.ACUSE_ENTREGADO, plantel=other_plantel)
    assert offered(today) == {}
    ImssSettings.objects.update(way=ImssSettings.Way.BY_HAND)
    assert set(offered(today)) == {(OURS, "08"), (THEIRS, "08")}


def test_questions_are_asked_by_the_service_all_the_same(make_in: MakeIn, act: Act) -> None:
    by_lote(OURS)
    make_in(State.ALTA_ENVIADA)
    far = timezone.localdate() + dt.timedelta(days=90)
    assert plan(far, act.now).opened == {Errand.Kind.CHECK_VIGENCIA: 1}


def test_what_goes_by_the_service_stays_there_and_no_lote_takes_it(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case, gone = make_in(State.ACUSE_ENTREGADO), make_in(State.BAJA)
    assert request_altas([case.pk], act=act).done == [case.pk]
    assert request_bajas([gone.pk], act=act).done == [gone.pk]
    by_lote(OURS)
    held = {group.type: group.held for group in groups(Case.objects.all(), today)}
    assert {each.held for each in (*held[ALTA], *held[BAJA])} == {
        f"Ya va por el servicio del IMSS desde el {today:%d/%m/%Y}: espere lo que responda."
    }
    for kind in (ALTA, BAJA):
        with pytest.raises(NotDone):
            make(act, kind=kind)
    assert set(Errand.objects.values_list("status", flat=True)) == {Errand.Status.OPEN}
    assert "ya está en camino" in request_altas([case.pk], act=act).skipped[case.pk]


def test_what_is_in_a_lote_stays_there_and_the_service_does_not_send_it(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case, gone = make_in(State.ACUSE_ENTREGADO), make_in(State.BAJA)
    by_lote(OURS)
    lotes = [make(act), make(act, kind=BAJA)]
    by_lote()
    for refused in (request_altas([case.pk], act=act), request_bajas([gone.pk], act=act)):
        assert list(refused.skipped.values()) == ["Ese movimiento va en un lote: véalo en Movimientos."]
    for lote in lotes:
        sending.undo(lote.pk, act=act)
    assert request_altas([case.pk], act=act).done == [case.pk]
    assert request_bajas([gone.pk], act=act).done == [gone.pk]


def test_another_case_of_the_person_gets_no_movement_of_its_own_by_either_channel(
    make_in: MakeIn, make_case: Callable[..., Case], other_plantel: Plantel, act: Act, today: dt.date
) -> None:
    """Both planteles are under one registro patronal: the alta is one."""
    RegistroPatronal.objects.filter(plantel=other_plantel).update(registro=OURS)
    first = make_in(State.ACUSE_ENTREGADO)
    second = make_case(student=first.student, plantel=other_plantel)
    assert verbs.deliver_acuse([second.pk], on=today, act=act).done == [second.pk]
    by_lote(OURS)
    make(act)
    assert offered(today) == {}
    with pytest.raises(NotDone):
        make(act)
    by_lote()
    assert set(request_altas([first.pk, second.pk], act=act).skipped) == {first.pk, second.pk}


def test_what_the_service_refused_goes_in_a_lote_and_waits_for_nobody_any_more(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=act)
    Errand.objects.update(status=Errand.Status.PARKED, message="Texto del IMSS.")
    by_lote(OURS)
    assert offered(today) == {(OURS, "08"): [case.pk]}
    make(act)
    assert Errand.objects.get().status == Errand.Status.DONE
    assert under_way() == [("08", True)]


def test_what_imss_may_have_from_the_service_is_looked_up_and_not_sent_in_a_lote(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=act)
    Errand.objects.update(status=Errand.Status.PARKED, in_doubt=True)
    by_lote(OURS)
    assert offered(today) == {(OURS, "08"): []}
    assert request_altas([case.pk], act=act).done == [case.pk], "it goes on under its own key"
    assert Errand.objects.get().status == Errand.Status.OPEN


def test_without_the_service_a_lote_takes_what_never_left_and_not_what_imss_may_have(make_in: MakeIn, act: Act, today: dt.date) -> None:
    waiting, doubtful = make_in(State.ACUSE_ENTREGADO), make_in(State.ACUSE_ENTREGADO)
    request_altas([waiting.pk, doubtful.pk], act=act)
    Errand.objects.filter(case=doubtful).update(in_doubt=True)
    ImssSettings.objects.update(way=ImssSettings.Way.BY_HAND)
    (group,) = groups(Case.objects.all(), today)
    assert [(each.case.pk, "quizá ya lo tiene" in each.held) for each in group.held] == [(doubtful.pk, True)]
    assert [row.case_id for row in make(act).movements.all()] == [waiting.pk]
    assert Errand.objects.get(case=waiting).status == Errand.Status.DONE
    ImssSettings.objects.update(way=ImssSettings.Way.SERVICE)
    assert "va en un lote" in request_altas([waiting.pk], act=act).skipped[waiting.pk]


def test_an_alta_waits_in_a_lote_too_until_imss_has_operated_the_baja_before_it(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case = make_in(State.BAJA)
    by_lote(OURS)
    verbs.send_baja({case.pk: {"lote": "1", "cover": Cover.objects.get().pk}}, on=today, act=act)
    assert verbs.rejoin([case.pk], on=today, act=act).done == [case.pk]
    verbs.deliver_acuse([case.pk], on=today, act=act)
    (group,) = groups(Case.objects.all(), today)
    assert [each.held for each in group.held] == ["Espera a que el IMSS opere la baja de su estancia anterior."]


def test_a_movement_whose_number_was_corrected_is_not_sent_again_where_a_lote_has_the_right_one(make_in: MakeIn, act: Act) -> None:
    case, other = make_in(State.ACUSE_ENTREGADO), make_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=act)
    by_lote(OURS)
    lote = make(act)
    assert [row.case_id for row in lote.movements.all()] == [other.pk]
    number = lote.movements.get().nss
    Student.objects.filter(pk=other.student_id).update(nss=None)
    Student.objects.filter(pk=case.student_id).update(nss=number)
    replace(Errand.objects.select_related("case__student"))
    assert [errand.status for errand in Errand.objects.all()] == [Errand.Status.DONE]


def test_the_database_keeps_a_movement_to_one_channel(make_in: MakeIn, act: Act) -> None:
    case, other = make_in(State.ACUSE_ENTREGADO), make_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk, other.pk], act=act)
    Errand.objects.filter(case=other).update(status=Errand.Status.DONE)
    assert under_way() == [("08", False)]
    by_lote(OURS)
    lote = make(act)
    assert under_way() == [("08", False), ("08", True)]
    with pytest.raises(DatabaseError, match="movement_one_under_way"), transaction.atomic():
        Errand.objects.filter(case=other).update(status=Errand.Status.OPEN)
    with pytest.raises(DatabaseError, match="movement_one_under_way"), transaction.atomic():
        lote.movements.update(nss=case.student.nss)
    lote.movements.update(status=Movement.Status.RECEIVED)
    assert under_way() == [("08", False)]
    Errand.objects.update(status=Errand.Status.DONE)
    assert under_way() == []


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    pytest.fail("it never came to that")


def waiting(count: int) -> Callable[[], bool]:
    """Whether so many others wait for a lock."""

    def holds() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            return bool(cursor.fetchone()[0] == count)

    return holds


def in_thread(work: Callable[[], Any], results: list[Any]) -> threading.Thread:
    def run() -> None:
        try:
            results.append(work())
        except NotDone as why:
            results.append(str(why))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("first", ["service", "lote"])
def test_asked_for_by_both_channels_at_once_it_goes_by_one(make_in: MakeIn, first: str) -> None:
    """The setting changes while both wait for the person: each has read it as it wants it."""
    case, act = make_in(State.ACUSE_ENTREGADO), Act(NIGHT, timezone.now())
    works: Sequence[tuple[Callable[[], Any], Callable[[], Any]]] = [
        (by_lote, lambda: request_altas([case.pk], act=act).done),
        (lambda: by_lote(OURS), lambda: make(act).count),
    ]
    results: list[Any] = []
    threads = []
    with transaction.atomic():
        lock_people([case.pk])
        for n, (setting, work) in enumerate(works if first == "service" else reversed(works), 1):
            in_thread(setting, []).join()
            threads.append(in_thread(work, results))
            until(waiting(n))
    for thread in threads:
        thread.join()
    assert len(results) == 2 and len(under_way()) == 1  # noqa: PT018
    went = {"service": [case.pk] in results, "lote": 1 in results}
    assert sorted(went.values()) == [False, True], results
    assert Movement.objects.count() == 1


@pytest.mark.parametrize("again", ["service", "lote"])
def test_an_acuse_is_not_taken_back_once_what_it_refused_was_sent_again_by_either_channel(
    make_in: MakeIn, act: Act, today: dt.date, again: str
) -> None:
    case = make_in(State.ACUSE_ENTREGADO, matricula="M-1")
    by_lote(OURS)
    lote = sending.mark_sent(make(act).pk, number="118274", signed_by="Ángela Núñez", on=today, act=act)
    acuse = noting.receive(lote.pk, on=today, refused={"M-1": "NSS inexistente"}, act=act)
    Movement.objects.update(cleared_at=act.now)
    if again == "service":
        by_lote()
        assert request_altas([case.pk], act=act).done == [case.pk]
    else:
        make(act)
    with pytest.raises(NotDone, match="se enviaron otra vez"):
        undoing.undo(acuse.pk, act=act, reason="Era de otro lote")
