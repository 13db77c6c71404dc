"""After a death is noted nothing is written to the student or the family, of any of the student's cases; taken back, it is again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest

from afiliacion.cases import enrol, verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor
from afiliacion.cases.states import BajaKind, State
from afiliacion.cases.verbs.undo_leave import undo_leave
from afiliacion.reminders.decide import by_hand, codes, receipts
from afiliacion.reminders.decide.explain import why
from afiliacion.reminders.decide.night import decide, preview
from afiliacion.reminders.delivery.outbox import drop_obsolete
from afiliacion.reminders.models import MailRule, Reminder, ReminderKind, Tutor
from students.models import Ciclo, Enrolment, Student
from tests.reminders.conftest import ON, told

pytestmark = pytest.mark.django_db
NIGHT = dt.date(2026, 8, 21)
MINOR, ADULT = dt.date(2009, 5, 5), dt.date(2001, 5, 5)


@pytest.fixture
def act(actor: Actor, now: dt.datetime) -> Act:
    return Act(actor, now)


@pytest.fixture
def kinds_for_the_closed() -> None:
    """Kinds an office might have made for closed cases, and tutors told: the loudest it can be."""
    MailRule.objects.update(tells_tutors=True)
    for kind in ReminderKind.objects.filter(audience__in=["student", "tutor"]):
        kind.states = [*kind.states, State.BAJA.value]
        kind.anchor, kind.days, kind.turn, kind.stop = "since", list(range(30)), "", ""
        kind.save()


@pytest.fixture
def two_planteles(make_in: Callable[..., Case], make_case: Callable[..., Case], other_plantel: object) -> tuple[Case, Case]:
    """The cases of one person at two planteles."""
    here = make_in(State.NSS_OBTENIDO, birth_date=MINOR)
    Tutor.objects.create(student=here.student, name="Rosa Uc", email="rosa@familia.example.mx")
    return here, make_case(student=here.student, plantel=other_plantel)


def test_whoever_died_is_written_to_by_no_kind_and_from_no_plantel(
    two_planteles: tuple[Case, Case], kinds_for_the_closed: None, act: Act, now: dt.datetime
) -> None:
    here, there = two_planteles
    assert verbs.leave([here.pk], BajaKind.DEFUNCION, on=ON, act=act).done == [here.pk]
    assert [found for found in preview(NIGHT, now) if found.kind.audience in ("student", "tutor")] == []
    decide(NIGHT, now)
    assert told(here) == told(there) == []
    for case in (here, there):
        case.refresh_from_db()
        result = by_hand.remind([case], by=1, night=NIGHT, now=now, outage=False)
        assert "consta su defunción" in result.skipped[case.pk]
        assert any("consta su defunción" in said for said in why(case, NIGHT, now))
    with pytest.raises(receipts.NoReceipt, match="consta su defunción"):
        receipts.mail(there, uuid.uuid4(), ["CURP"], by=None, at=now, now=now)


def test_another_kind_of_baja_at_one_plantel_does_not_silence_the_other(
    two_planteles: tuple[Case, Case], kinds_for_the_closed: None, act: Act, now: dt.datetime
) -> None:
    here, there = two_planteles
    verbs.leave([here.pk], BajaKind.EGRESO, on=ON, act=act)
    decide(NIGHT, now)
    assert Reminder.objects.filter(student=there.student, audience="student").exists()


def test_what_waits_to_go_out_is_dropped_receipts_and_codes_too(two_planteles: tuple[Case, Case], act: Act, now: dt.datetime) -> None:
    here, there = two_planteles
    Student.objects.filter(pk=here.student_id).update(birth_date=ADULT)
    there.student.refresh_from_db()
    decide(NIGHT, now)
    codes.send(there, "renuncia", "renunciar", now=now)
    receipts.mail(there, uuid.uuid4(), ["CURP"], by=None, at=now, now=now)
    waiting = Reminder.objects.filter(student=here.student, status=Reminder.Status.QUEUED)
    assert {row.audience for row in waiting} == {"student", "receipt"}
    assert len(waiting) >= 3
    assert drop_obsolete(now) == 0
    verbs.leave([here.pk], BajaKind.DEFUNCION, on=ON, act=act)
    assert drop_obsolete(now) == waiting.model.objects.filter(status=Reminder.Status.DROPPED).count() > 0
    assert not waiting.all().exists()


def test_a_list_that_names_the_person_again_opens_no_correspondence_and_taken_back_it_goes_on(
    make_in: Callable[..., Case], make_enrolment: Callable[..., Enrolment], ciclo: Ciclo, act: Act, now: dt.datetime
) -> None:
    case = make_in(State.SIN_NSS)
    verbs.leave([case.pk], BajaKind.DEFUNCION, on=ON, act=act)
    later = Ciclo.objects.create(clave="otro", starts_on=dt.date(2026, 8, 2), ends_on=dt.date(2027, 2, 1))
    again = make_enrolment(student=case.student, ciclo=later)
    (opened,) = enrol.enrol([again.pk], act=act).opened
    decide(NIGHT, now)
    assert not Reminder.objects.filter(student=case.student).exists()
    verbs.leave([opened], BajaKind.DEFINITIVA, on=ON, act=act)
    assert undo_leave([case.pk], on=NIGHT - dt.timedelta(days=1), reason="Era otra persona", act=act).done == [case.pk]
    decide(NIGHT + dt.timedelta(days=1), now)
    assert Reminder.objects.filter(case=case).exists()
