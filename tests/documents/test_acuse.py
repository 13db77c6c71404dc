"""The receipt says the facts: what was handed in, when, by when it was due and how that was counted."""

from __future__ import annotations

import datetime as dt

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.documents.context import NotPrintable
from afiliacion.documents.kinds.acuse import Delivery, delivery_of
from afiliacion.documents.models import DocumentKind
from students.models import Calendar, NonWorkingDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(desk):
    def of(case: Case) -> Delivery:
        return delivery_of(Case.objects.get(pk=case.pk), list(case.events.order_by("seq")), desk())

    return of


def test_it_says_the_facts(delivered, printed, read):
    case = delivered(10)
    page = read(printed(DocumentKind.ACUSE, case))
    for said in (
        "Preparatoria Regional Núm. 7",
        "CCT 14EBH0007X",
        case.folio,
        case.student.full_name,
        case.enrolment.matricula,
        "1-A",
        "Lunes 10 de agosto de 2026",
        "Martes 11 de agosto de 2026",
        "Lo entregaste a tiempo.",
        "Plazo: 3 días hábiles.",
        "Sábado 8 de agosto de 2026: no cuenta (sábado).",
        "a más tardar el lunes 17 de agosto de 2026",
        "En este plantel suele ser UMF 5.",
        "Ángela Núñez Ordóñez",
        "Expedido el 20/08/2026 a las 12:00 por Proceso nocturno",
        "Página 1 de 1",
    ):
        assert said in page.text


def test_the_nss_is_masked_and_the_curp_is_not_there(delivered, printed, read):
    case = delivered()
    text = read(printed(DocumentKind.ACUSE, case)).text
    assert case.student.nss[-4:] in text
    assert case.student.nss not in text
    assert case.student.curp not in text


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (7, "Lo entregaste a tiempo."),
        (11, "Lo entregaste a tiempo."),
        (12, "Lo entregaste 1 día hábil después"),
        (17, "Lo entregaste 4 días hábiles después"),
    ],
)
def test_late_is_counted_in_working_days(delivered, delivery, day, verdict):
    assert delivery(delivered(day)).verdict.startswith(verdict)


def test_late_on_an_idle_day_is_late_by_no_working_day(delivered, delivery, plantel):
    plantel.calendar = Calendar.objects.create(clave="C", name="Calendario")
    plantel.save()
    NonWorkingDay.objects.create(calendar=plantel.calendar, date=dt.date(2026, 8, 12), reason="Aniversario")
    made = delivery(delivered(12))
    assert made.days_late == 0
    assert "antes del siguiente día hábil" in made.verdict


def test_the_plantel_s_own_idle_days_are_explained(delivered, delivery, plantel, printed, read):
    plantel.calendar = Calendar.objects.create(clave="C", name="Calendario")
    plantel.save()
    NonWorkingDay.objects.create(calendar=plantel.calendar, date=dt.date(2026, 8, 10), reason="Aniversario")
    case = delivered(12)
    assert delivery(case).verdict == "Lo entregaste a tiempo."
    assert "no cuenta (Aniversario)" in read(printed(DocumentKind.ACUSE, case)).text


def test_what_happened_later_does_not_change_the_receipt(delivered, delivery, actor, now):
    case = delivered(12)
    before = delivery(case)
    verbs.send_alta({case.pk: {}}, on=dt.date(2026, 8, 14), act=Act(actor, now))
    assert delivery(case) == before


def test_handed_in_while_the_clock_was_on_hold(make_case, make_student, people, actor, now, printed, read):
    case = make_case(student=make_student(nss=people.one().nss))
    verbs.hold([case.pk], on=dt.date(2026, 8, 7), act=Act(actor, now), reason="Hospitalización")
    verbs.deliver_acuse([case.pk], on=dt.date(2026, 8, 19), act=Act(actor, now))
    text = read(printed(DocumentKind.ACUSE, case)).text
    assert "Tu plazo estaba en pausa." in text
    assert "Fecha límite" not in text


def test_without_an_acuse_there_is_no_receipt(make_case, printed):
    case = make_case()
    with pytest.raises(NotPrintable, match=rf"{case.folio} porque no tiene un acuse entregado"):
        printed(DocumentKind.ACUSE, case)


def test_a_long_reckoning_goes_on_to_numbered_pages(make_case, make_student, people, actor, now, printed, read):
    case = make_case(student=make_student(nss=people.one().nss), enrolled_on=dt.date(2026, 6, 1))
    verbs.hold([case.pk], on=dt.date(2026, 6, 2), act=Act(actor, now), reason="Hospitalización")
    verbs.release([case.pk], on=dt.date(2026, 8, 10), act=Act(actor, now))
    verbs.deliver_acuse([case.pk], on=dt.date(2026, 8, 12), act=Act(actor, now))
    page = read(printed(DocumentKind.ACUSE, case))
    assert len(page.pages) > 1
    for n, each in enumerate(page.pages, 1):
        assert f"Página {n} de {len(page.pages)}" in each.get_textpage().get_text_range()
    assert page.faults() == []
