"""A rejected movement holds the next one back until it is put right, or an officer says so; and the next one is linked to it."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import State
from afiliacion.lotes.line.preparing import Preparation
from afiliacion.lotes.line.record import MovementData, MovementType
from afiliacion.lotes.profile import shipped
from afiliacion.movements import ready, sending
from afiliacion.movements.models import Movement, RegistroProfile, RejectionCode
from afiliacion.movements.rejections import clearing, listing
from afiliacion.movements.rejections.families import Again, families
from afiliacion.movements.rejections.holding import TurnedDown
from afiliacion.movements.sending import NotDone
from afiliacion.operations.simulation.invented_people import People
from students.models import Student
from tests.lotes.made import movements
from tests.movements.lotes import groups, turn_down

ALTA, BAJA = MovementType.ALTA, MovementType.BAJA
OURS = "A0112345321"
MakeIn = Callable[..., Case]
ALL = Case.objects


@pytest.fixture
def act() -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def case(make_in: MakeIn) -> Case:
    return make_in(State.ACUSE_ENTREGADO, matricula="M-1")


def made(act: Act, kind: MovementType = ALTA) -> list[Movement]:
    """The movements of a lote made now; none if nothing is ready."""
    try:
        return list(sending.make(ALL.all(), OURS, kind, act=act).movements.order_by("position"))
    except NotDone:
        return []


def tell(code: str, family: str, meaning: str = "") -> None:
    RejectionCode.objects.create(code=code, family=family, meaning=meaning)


MOVEMENTS = st.sampled_from([*movements(100), *movements(100, BAJA)])
PREPARATIONS = st.sampled_from([Preparation(profile) for profile in shipped().values()])
TEXTS = ("nss", "curp", "primer_apellido", "segundo_apellido", "nombre", "clave", "causa", "registro_patronal")


def rejected(data: MovementData, family: str) -> TurnedDown:
    """The movement as the database gives it back."""
    return TurnedDown(Movement(data=json.loads(json.dumps(data._asdict(), cls=DjangoJSONEncoder))), families()[family], "")


@given(MOVEMENTS, PREPARATIONS, st.dates(), st.sampled_from(sorted(families())))
def test_what_would_be_written_again_waits_whatever_the_date(data: MovementData, how: Preparation, day: dt.date, family: str) -> None:
    told = rejected(data, family)
    waits = told.holds(data._replace(fecha=day), lambda each: how.of(each, []))
    assert waits == (families()[family].again is not Again.AS_IT_IS)


@given(MOVEMENTS, PREPARATIONS, st.sampled_from(TEXTS), st.sampled_from(sorted(families())))
def test_what_would_be_written_otherwise_is_free(data: MovementData, how: Preparation, name: str, family: str) -> None:
    said: dict[str, Any] = {name: "OTRO"}
    other = data._replace(**said)
    differs = how.of(other, []) != how.of(data, [])
    assert rejected(data, family).holds(other, lambda each: how.of(each, [])) == (
        not differs and families()[family].again is not Again.AS_IT_IS
    )


@pytest.mark.django_db
@pytest.mark.parametrize("refused", [True, False], ids=["at once", "later"])
def test_a_rejected_alta_waits_and_says_why(case: Case, act: Act, today: dt.date, refused: bool) -> None:
    turn_down(ALL.all(), act, refused=refused, code="107", message="NSS INEXISTENTE")
    assert made(act) == []
    (group,) = groups(ALL.all(), today)
    (candidate,) = group.waiting
    assert (group.ready, group.held) == ([], [])
    assert candidate.held == (
        "El IMSS lo rechazó con el código 107: «NSS INEXISTENTE». La oficina todavía no sabe qué significa. Lo arregla: usted."
    )
    tell("107", "NSS_NO_REGISTRADO", "No existe ese NSS")
    assert groups(ALL.all(), today)[0].waiting[0].held == (
        "El IMSS lo rechazó con el código 107: «NSS INEXISTENTE». No existe ese NSS. Lo arregla: el alumno."
    )


@pytest.mark.django_db
def test_what_imss_did_not_explain_is_told_so(case: Case, act: Act, today: dt.date) -> None:
    turn_down(ALL.all(), act)
    assert groups(ALL.all(), today)[0].waiting[0].held.startswith("El IMSS lo rechazó sin decir por qué. La oficina")
    Movement.objects.update(message="Nombre distinto")
    (told,) = groups(ALL.all(), today)[0].waiting
    assert told.held.startswith("El IMSS lo rechazó: «Nombre distinto». La oficina todavía no sabe"), "no family is guessed from the text"


@pytest.mark.django_db
def test_once_the_person_is_corrected_it_goes_out_linked_to_the_rejected_one(case: Case, act: Act) -> None:
    (first,) = turn_down(ALL.all(), act, code="107")
    Student.objects.filter(pk=case.student_id).update(nombre="Otro Nombre")
    (second,) = made(act)
    assert (first.previous_id, second.previous_id) == (None, first.pk)
    sending.undo(second.its_lote.pk, act=act)
    (third,) = made(act)
    assert third.previous_id == first.pk, "the one that was never sent does not count"


@pytest.mark.django_db
def test_a_correction_that_the_file_does_not_show_changes_nothing(case: Case, act: Act) -> None:
    Student.objects.filter(pk=case.student_id).update(nombre="Jose")
    turn_down(ALL.all(), act)
    Student.objects.filter(pk=case.student_id).update(nombre="José")
    assert made(act) == [], "in ASCII it is the same line"
    RegistroProfile.objects.create(registro=OURS, alphabet="cp1252", keeps_accents=True)
    assert len(made(act)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("family", sorted(families()))
def test_an_unchanged_one_goes_out_again_only_where_nothing_was_wrong_with_it_or_an_officer_says_so(
    case: Case, act: Act, family: str
) -> None:
    tell("107", family)
    (first,) = turn_down(ALL.all(), act, code="107")
    if families()[family].again is Again.AS_IT_IS:
        assert [each.previous_id for each in made(act)] == [first.pk]
        return
    assert made(act) == []
    assert made(replace(act, now=act.now + dt.timedelta(days=9))) == [], "another date is no remedy"
    rows = Movement.objects.filter(pk=first.pk)
    assert (clearing.clear(rows, act=act), clearing.clear(rows, act=act)) == (1, 0)
    first.refresh_from_db()
    assert (first.cleared_at, first.cleared_name) == (act.now, "Begoña Ñáñez")
    assert (clearing.take_back(rows), clearing.take_back(rows)) == (1, 0)
    assert made(act) == []
    clearing.clear(rows, act=act)
    assert [each.previous_id for each in made(act)] == [first.pk]
    assert clearing.take_back(rows) == 0, "it is in a lote"


@pytest.mark.django_db
def test_a_second_rejection_is_put_right_by_itself(case: Case, act: Act) -> None:
    (first,) = turn_down(ALL.all(), act)
    clearing.clear(Movement.objects.filter(pk=first.pk), act=act)
    (second,) = turn_down(ALL.all(), act)
    assert second.previous_id == first.pk
    assert made(act) == []
    assert clearing.clear(Movement.objects.filter(pk=first.pk), act=act) == 0
    assert clearing.clear(Movement.objects.filter(pk__in=[first.pk, second.pk]), act=act) == 1
    assert [each.previous_id for each in made(act)] == [second.pk]


@pytest.mark.django_db
def test_a_rejected_baja_waits_too(make_in: MakeIn, act: Act, today: dt.date) -> None:
    case = make_in(State.BAJA)
    (first,) = turn_down(ALL.all(), act, kind=BAJA, code="55", message="SIN ALTA")
    assert Case.objects.get(pk=case.pk).baja_sent_on is None
    assert made(act, BAJA) == []
    assert groups(ALL.all(), today)[0].waiting[0].turned_down is not None
    clearing.clear(Movement.objects.filter(pk=first.pk), act=act)
    assert [each.previous_id for each in made(act, BAJA)] == [first.pk]


@pytest.mark.django_db
def test_a_new_nss_is_a_new_movement(case: Case, act: Act, today: dt.date, people: People) -> None:
    (first,) = turn_down(ALL.all(), act)
    nss = people.one().nss
    assert verbs.correct_nss({case.pk: nss}, on=today, reason="Era otro", evidence="f" * 64, act=act).done
    assert verbs.deliver_acuse([case.pk], on=today, act=act).done
    (second,) = made(act)
    assert (second.nss, second.previous_id) == (nss, first.pk)


@pytest.mark.django_db
def test_a_rejected_lote_does_not_hide_what_can_be_sent(make_in: MakeIn, act: Act, today: dt.date, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        make_in(State.ACUSE_ENTREGADO, matricula=f"R-{n}")
    turn_down(ALL.all(), act)
    fresh = make_in(State.ACUSE_ENTREGADO, matricula="F-1")
    monkeypatch.setattr(ready, "LOOKED_AT", 1)
    (group,) = groups(ALL.all(), today)
    assert ([each.case.pk for each in group.ready], len(group.waiting)) == ([fresh.pk], 1)
    RegistroProfile.objects.create(registro=OURS, most=1)
    assert [each.case_id for each in made(act)] == [fresh.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_no_movement_goes_out_again_as_it_was_rejected(make_in: MakeIn, act: Act, seed: int) -> None:
    """A walk of lotes made, undone, rejected, of corrections, and of officers who say that it is put right and take it back."""
    dice, later = random.Random(seed), act
    for n in range(3):
        make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}")
    for _ in range(25):
        later = replace(later, now=later.now + dt.timedelta(hours=7))
        step = dice.choice(["send", "send", "correct", "clear", "take back", "undo"])
        rows = Movement.objects.filter(pk__in=[pk for pk in Movement.objects.values_list("pk", flat=True) if dice.random() < 0.5])
        if step == "send" and any(each.ready for each in groups(ALL.all(), timezone.localdate(later.now))):
            turn_down(ALL.all(), later, refused=dice.random() < 0.5, code="107")
        elif step == "correct":
            whom = dice.choice(list(Student.objects.order_by("pk").values_list("pk", flat=True)))
            Student.objects.filter(pk=whom).update(nombre=dice.choice(["Ana", "Eva", "Eva María"]))
        elif step == "undo" and (last := made(later)):
            sending.undo(last[0].its_lote.pk, act=later)
        elif step in ("clear", "take back"):
            clearing.clear(rows, act=later) if step == "clear" else clearing.take_back(rows)
    resent = Movement.objects.exclude(previous=None).select_related("previous")
    for row in resent:
        before = row.previous
        same = {**row.data, "fecha": ""} == {**before.data, "fecha": ""}  # type: ignore[union-attr]  # excluded above
        assert not same or before.cleared_at, "only an officer lets it go unchanged"  # type: ignore[union-attr]
    sent = Movement.objects.exclude(status=Movement.Status.CANCELLED)
    assert sent.filter(previous=None).count() <= 3, "each is linked to the one before it"


@pytest.mark.django_db
def test_what_the_system_of_imss_failed_at_is_not_counted_as_rejected(make_in: MakeIn, act: Act) -> None:
    for n, code in enumerate(["S", "107", "107", ""]):
        turn_down(Case.objects.filter(pk=make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}").pk), act, code=code, message=f"Texto {n}")
    tell("S", "SISTEMA")
    rows = listing.rejected(ALL.all())
    assert listing.counted(rows) == [("DESCONOCIDO", "107", 2, 0), ("DESCONOCIDO", "", 1, 0)]
    assert listing.untold() == [("107", 2, ["Texto 1", "Texto 2"])]
    tell("107", "CURP")
    assert listing.counted(rows)[0] == ("CURP", "107", 2, 0), "valid for those that came before as well"
    assert listing.untold() == []
