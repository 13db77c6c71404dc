"""Who is told what, on which night."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import F

from afiliacion.cases import enrol, verbs
from afiliacion.cases.facts import ACUSE_PAPER, Happening
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Coverage, State
from afiliacion.cases.turn import whose_turn
from afiliacion.reminders.address import address
from afiliacion.reminders.decide.night import decide, preview
from afiliacion.reminders.decide.rules import silence
from afiliacion.reminders.delivery.outbox import drop_obsolete
from afiliacion.reminders.models import MailRule, OptOut, Reminder, ReminderKind, Tutor
from students.models import Ciclo, Enrolment, Plantel, Student
from tests.reminders.conftest import through, told

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def august(day: int) -> dt.date:
    return dt.date(2026, 8, day)


def nights(first: int, last: int) -> list[dt.date]:
    return [august(day) for day in range(first, last + 1)]


def test_a_student_who_does_nothing_hears_less_and_less_often(make_in, now):
    # Enrolled on Thursday the 6th: three working days make it Tuesday the 11th.
    case = make_in(State.SIN_NSS)
    through(nights(6, 31), now)
    assert told(case) == [
        (august(6), "obten_nss"),
        (august(10), "nss_por_vencer"),
        (august(12), "nss_vencido"),
        (august(14), "nss_vencido"),
        (august(18), "nss_vencido"),
    ]


def test_with_an_nss_the_one_thing_left_is_the_acuse(make_in, now):
    case = make_in(State.NSS_OBTENIDO)
    through(nights(6, 31), now)
    assert [kind for _, kind in told(case)] == ["acuse_por_vencer", "acuse_vencido", "acuse_vencido", "acuse_vencido"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.ACUSE_ENTREGADO, []),
        (State.ALTA_ENVIADA, []),
        (State.VIGENTE, [(august(10), "registrate_en_clinica"), (august(24), "registrate_en_clinica")]),
        (State.SIN_VIGENCIA, [(august(10), "sin_vigencia")]),
        (State.EN_SUBDELEGACION, [(august(10), "en_subdelegacion")]),
    ],
)
def test_what_each_state_is_told(make_in, now, state, expected):
    case = make_in(state)
    through(nights(10, 31), now)
    assert told(case) == expected


def test_a_list_loaded_late_still_reaches_the_student(make_in, now):
    case = make_in(State.SIN_NSS)
    through(nights(20, 31), now)
    assert told(case) == [(august(20), "nss_vencido")]


def test_who_has_delivered_hears_nothing_more(make_in, actor, now):
    case = make_in(State.NSS_OBTENIDO)
    decide(august(12), now)
    verbs.deliver_acuse([case.pk], on=august(12), act=Act(actor, now))
    through(nights(13, 31), now)
    assert told(case) == [(august(12), "acuse_vencido")]


def test_who_has_registered_at_the_clinic_is_not_told_to(make_in, actor, now):
    case = make_in(State.VIGENTE)
    verbs.note_clinic([case.pk], "UMF 5", on=august(10), act=Act(actor, now))
    assert decide(august(11), now).total == 0


def test_once_the_officer_has_been_at_the_desk_the_student_is_not_called(make_in, actor, now):
    case = make_in(State.EN_SUBDELEGACION)
    verbs.file_at_desk([case.pk], on=august(10), act=Act(actor, now))
    assert decide(august(11), now).total == 0


def test_on_hold_nothing_is_said(make_in, actor, now):
    case = make_in(State.SIN_NSS)
    verbs.hold([case.pk], on=august(7), act=Act(actor, now), reason="Hospitalización")
    assert sum(decide(night, now).total for night in nights(7, 31)) == 0


def test_an_outage_chases_nobody_for_what_needs_imss(make_in, now):
    without, with_nss = make_in(State.SIN_NSS), make_in(State.NSS_OBTENIDO)
    assert decide(august(12), now, outage=True).queued == {"acuse_vencido": 1}
    assert (told(without), told(with_nss)) == ([], [(august(12), "acuse_vencido")])


def test_the_night_after_an_outage_says_what_was_kept_back(make_in, now):
    case = make_in(State.SIN_NSS)
    decide(august(12), now, outage=True)
    decide(august(13), now)
    assert told(case) == [(august(13), "nss_vencido")]


def test_deciding_again_queues_nothing(make_in, now):
    make_in(State.SIN_NSS)
    assert decide(august(12), now).queued == {"nss_vencido": 1}
    assert decide(august(12), now).queued == {}


def test_three_nights_running_nobody_gets_the_same_reminder_twice(make_in, now):
    for state in (State.SIN_NSS, State.NSS_OBTENIDO, State.VIGENTE, State.SIN_VIGENCIA, State.EN_SUBDELEGACION) * 2:
        make_in(state)
    for night in nights(10, 12):
        through([night, night], now)
    sent = Counter(Reminder.objects.values_list("student", "kind", "step"))
    assert sent
    assert set(sent.values()) == {1}


def test_what_is_due_on_one_night_travels_in_one_mail(make_in, make_case, other_plantel, now):
    urgent = make_in(State.NSS_OBTENIDO, on=august(10))
    other = make_case(student=urgent.student, plantel=other_plantel, enrolled_on=august(7))
    # They are due on the 11th and the 12th: one mail tells of both on the night that both are near, and then each speaks alone.
    through([august(11), august(12)], now)
    assert Reminder.objects.get(night=august(11), part_of=None).parts.get().case in (urgent, other)
    decide(august(13), now)
    assert told(urgent) == [(august(11), "acuse_por_vencer"), (august(12), "acuse_vencido")]
    assert told(other) == [(august(11), "acuse_por_vencer"), (august(13), "acuse_vencido")]
    third = make_case(student=urgent.student, plantel=make_plantel("P3"), enrolled_on=august(6))
    fourth = make_case(student=urgent.student, plantel=make_plantel("P4"), enrolled_on=august(6))
    Reminder.objects.update(status=Reminder.Status.SENT, sent_at=now, message_id="<x@y>", night=F("night") - dt.timedelta(days=9))
    assert decide(august(14), now).queued == {"acuse_vencido": 1}
    head = Reminder.objects.get(night=august(14), part_of=None)
    assert {head.case_id, *head.parts.values_list("case_id", flat=True)} >= {third.pk, fourth.pk}


def make_plantel(clave: str) -> Plantel:
    return Plantel.objects.create(clave=clave, name=f"Plantel {clave}")


def test_nobody_is_told_more_while_a_mail_still_waits(make_in, now):
    make_in(State.SIN_NSS)
    assert [decide(night, now).total for night in nights(12, 16)] == [1, 0, 0, 0, 0]


def test_a_week_has_only_so_many_mails(make_in, now):
    MailRule.objects.update(per_week=2)
    case = make_in(State.SIN_NSS)
    through(nights(6, 31), now)
    assert [night.day for night, _ in told(case)] == [6, 10, 13, 17, 20]


def test_who_uploaded_the_sheet_is_not_asked_for_it(make_in, actor, now):
    case = make_in(State.SIN_NSS)
    verbs.receive_papers([case.pk], ["acuse"], on=august(7), act=Act(actor, now))
    assert decide(august(12), now).total == 0
    verbs.reject_papers([case.pk], ["acuse"], on=august(12), act=Act(actor, now), reason="No se lee")
    assert decide(august(13), now).queued == {"hoja_rechazada": 1}
    assert told(case) == [(august(13), "hoja_rechazada"), (august(13), "nss_vencido")]


def test_whose_sheet_is_refused_hears_it_that_night_once_and_with_the_rest(make_in, actor, now):
    case = make_in(State.NSS_OBTENIDO)
    upload, refuse = _uploads(case, actor, now), _refuses(case, actor, now)
    upload(august(7))
    refuse(august(11), "Está borrosa")
    through(nights(11, 12), now)
    assert told(case) == [(august(11), "hoja_rechazada"), (august(11), "acuse_por_vencer"), (august(12), "acuse_vencido")]
    upload(august(13))
    through(nights(13, 13), now)
    refuse(august(14), "Es de otra persona")
    through(nights(14, 15), now)
    assert told(case)[3:] == [(august(14), "hoja_rechazada"), (august(14), "acuse_vencido")]
    assert Reminder.objects.filter(night=august(14), part_of=None).count() == 1


def test_a_sheet_refused_and_brought_again_before_the_mail_left_is_not_told(make_in, actor, now):
    case = make_in(State.NSS_OBTENIDO)
    upload, refuse = _uploads(case, actor, now), _refuses(case, actor, now)
    upload(august(7))
    refuse(august(8), "Está borrosa")
    assert decide(august(8), now).queued == {"hoja_rechazada": 1}
    upload(august(8))
    assert drop_obsolete(now) == 1


def _uploads(case, actor, now):
    return lambda on: verbs.receive_papers([case.pk], [ACUSE_PAPER], on=on, act=Act(actor, now))


def _refuses(case, actor, now):
    return lambda on, why: verbs.reject_papers([case.pk], [ACUSE_PAPER], on=on, act=Act(actor, now), reason=why)


def test_who_wants_no_optional_mail_still_gets_the_others(make_in, now):
    vigente, without = make_in(State.VIGENTE), make_in(State.SIN_NSS)
    for case in (vigente, without):
        OptOut.objects.create(student=case.student, at=now)
    assert decide(august(12), now).queued == {"nss_vencido": 1}


def test_the_tutor_of_a_minor_hears_of_it_where_the_plantel_allows(make_in, now):
    minor, adult = (make_in(State.SIN_NSS, birth_date=born) for born in (dt.date(2008, 8, 17), dt.date(2008, 8, 16)))
    for case in (minor, adult):
        Tutor.objects.create(student=case.student, name="Rosa Uc", email="Rosa@Familia.example.mx ")
    through(nights(6, 15), now)
    assert not Reminder.objects.filter(audience="tutor").exists()
    MailRule.objects.update(tells_tutors=True)
    decide(august(16), now)
    told_tutors = Reminder.objects.filter(audience="tutor")
    assert [(row.case_id, row.recipient, row.kind.key) for row in told_tutors] == [
        (minor.pk, "rosa@familia.example.mx", "tutor_vencido")
    ]  # fmt: skip


def test_mail_waits_for_a_decent_hour_in_the_zone_of_the_plantel(make_in, make_case, other_plantel, now):
    MailRule.objects.create(plantel=other_plantel, zone="America/Tijuana", opens_at=dt.time(9))
    make_in(State.SIN_NSS)
    make_case(plantel=other_plantel)
    saturday_night = dt.datetime(2026, 8, 15, 22, 30, tzinfo=ZoneInfo("America/Mexico_City"))
    decide(august(15), saturday_night)
    opens = dict(Reminder.objects.values_list("case__plantel__clave", "send_after"))
    assert opens["PREPA7"] == dt.datetime(2026, 8, 17, 8, tzinfo=ZoneInfo("America/Mexico_City"))
    assert opens["PREPA9"] == dt.datetime(2026, 8, 17, 9, tzinfo=ZoneInfo("America/Tijuana"))


@pytest.mark.parametrize(
    "email",
    ["", "   ", "sin arroba", "a@b", "dos@x.mx, tres@x.mx", "a@x.mx\nBcc: otra@x.mx", "josé@escuela.mx", "<a@x.mx>", "a@x.mx;b@x.mx"],
)
def test_without_a_usable_address_nothing_is_queued(make_in, now, email):
    make_in(State.SIN_NSS, email=email)
    assert decide(august(12), now).total == 0


def test_the_address_is_kept_in_one_form(make_in, now):
    make_in(State.SIN_NSS, email=" Ana.Lopez@Alumnos.Example.MX\t")
    decide(august(12), now)
    assert Reminder.objects.get().recipient == "ana.lopez@alumnos.example.mx"


def test_a_refused_address_once_corrected_is_told_again_and_a_good_one_is_not(make_in, now):
    refused, reached = make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    decide(august(12), now)
    Reminder.objects.filter(case=refused).update(status=Reminder.Status.FAILED)
    Reminder.objects.filter(case=reached).update(status=Reminder.Status.SENT, sent_at=now, message_id="<x@y>")
    for case in (refused, reached):
        Student.objects.filter(pk=case.student_id).update(email=f"nuevo{case.pk}@alumnos.example.mx")
    assert decide(august(13), now).total == 1
    assert Reminder.objects.get(night=august(13)).recipient == f"nuevo{refused.pk}@alumnos.example.mx"


def test_a_re_enrolment_is_reminded_anew(make_in, plantel, actor, now):
    case = make_in(State.SIN_NSS)
    through(nights(6, 18), now)
    before = len(told(case))
    later = now + dt.timedelta(days=180)
    ciclo = Ciclo.objects.create(clave="2027-1", starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 7, 30))
    again = Enrolment.objects.create(
        student=case.student, plantel=plantel, ciclo=ciclo, matricula="99", grupo="2-A", enrolled_on=dt.date(2027, 2, 3)
    )
    assert enrol.enrol([again.pk], act=Act(actor, later)).continued == [case.pk]
    assert decide(dt.date(2027, 2, 3), later).queued == {"obten_nss": 1}
    assert len(told(case)) == before + 1


def test_an_inactive_kind_says_nothing(make_in, now):
    make_in(State.SIN_NSS)
    ReminderKind.objects.filter(key="nss_vencido").update(active=False)
    assert decide(august(12), now).total == 0


def test_a_preview_tells_what_deciding_will_do_and_writes_nothing(make_in, now):
    cases = [make_in(State.SIN_NSS) for _ in range(5)] + [make_in(State.NSS_OBTENIDO)]
    shown = preview(august(12), now)
    assert Reminder.objects.count() == 0
    assert {item.kind.key: item.count for item in shown} == decide(august(12), now).queued == {"nss_vencido": 5, "acuse_vencido": 1}
    assert [len(item.samples) for item in shown] == [1, 3]
    assert set(shown[1].samples) <= {case.folio for case in cases}


def test_nobody_is_told_anything_by_saving(make_in):
    case = make_in(State.VIGENTE)
    case.student.save()
    assert Reminder.objects.count() == 0


def test_the_statement_and_the_rules_agree_on_every_night(make_in, actor, now):
    """The database's selection (due.py) and the pure rules (rules.py) are the same law."""
    cases = [make_in(state, on=on) for state in list(State)[:7] for on in (august(7), august(14))]
    cases.append(make_in(State.SIN_NSS, email="nadie"))
    held, clinic, filed = make_in(State.NSS_OBTENIDO), make_in(State.VIGENTE), make_in(State.EN_SUBDELEGACION)
    refused, brought = make_in(State.SIN_NSS), make_in(State.NSS_OBTENIDO)
    for case in (refused, brought):
        _uploads(case, actor, now)(august(9))
        _refuses(case, actor, now)(august(13), "Borrosa")
    _uploads(brought, actor, now)(august(15))
    verbs.hold([held.pk], on=august(7), act=Act(actor, now), reason="Pausa")
    verbs.note_clinic([clinic.pk], "UMF 5", on=august(11), act=Act(actor, now))
    verbs.file_at_desk([filed.pk], on=august(11), act=Act(actor, now))
    for case in (*cases, held, clinic, filed, refused, brought):
        case.refresh_from_db()
    every = [*cases, held, clinic, filed, refused, brought]
    for night in (august(1) + DAY * n for n in range(100)):
        assert _selected(night, now) == {case.pk: kind for case in every if (kind := _ruled(case, night))}, night


def _selected(night: dt.date, now: dt.datetime) -> dict[int, str]:
    with transaction.atomic():
        decide(night, now)
        chosen = dict(Reminder.objects.filter(part_of=None).values_list("case_id", "kind__key"))
        transaction.set_rollback(True)
    return {case: kind for case, kind in chosen.items() if case is not None}


def _ruled(case, night: dt.date) -> str:
    if not address(case.student.email):
        return ""
    kinds = ReminderKind.objects.filter(audience="student")
    return next((k.key for k in kinds if not silence(k, case.facts, whose_turn(case.facts).turn, case.due_on, night)), "")


@pytest.mark.parametrize("state", [State.ALTA_ENVIADA, State.SIN_VIGENCIA, State.EN_SUBDELEGACION])
def test_who_has_another_cover_is_told_so_once_and_hurried_by_nothing(make_in, actor, now, state):
    case = make_in(state)
    act = Act(actor, now)
    verbs.note_coverage({case.pk: (Coverage.OTHER, Happening(august(11)))}, act=act)
    through(nights(11, 31), now)
    # IMSS says the same again three months later: nothing is new.
    later = now + dt.timedelta(days=90)
    verbs.note_coverage({case.pk: (Coverage.OTHER, Happening(dt.date(2026, 11, 9)))}, act=Act(actor, later))
    through([dt.date(2026, 11, 10)], later)
    assert told(case) == [(august(11), "otra_cobertura")]
