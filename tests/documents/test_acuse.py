"""The receipt says the facts, for names of any length, on one page, the same bytes each time."""

from __future__ import annotations

import datetime as dt

import pytest
import segno

from afiliacion.cases import verbs
from afiliacion.documents.acuse import NotPrintable, acuse_receipt, delivery_of
from afiliacion.documents.paper import Qr
from students.models import Calendar, NonWorkingDay

pytestmark = pytest.mark.django_db

NAMES = [
    {"nombre": nombre, "primer_apellido": primero, "segundo_apellido": segundo}
    for nombre, primero, segundo in (
        ("Li", "Ek", ""),
        ("Íñigo Óscar", "Ñáñez", "Güemes"),
        ("María del Sagrado Corazón de Jesús Guadalupe", "De los Ríos y Villaseñor", "Mac Gregor"),
        ("Xóchitl-Noé", "Aguirre-Ortiz-de-Montellano-y-Hernández-Ibarrola-Peñaloza", "O'Farrill"),
        ("W" * 60, "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren", "Ñ" * 40),
        ("Łukasz Đorđe", "Şahin", "Žižek"),
        ("<b>Ana</b> &amp;", '"Cruz" <br/>', "{{ x }}"),
    )
]


def _printed(case, now) -> bytes:
    return acuse_receipt(case, printed_at=now, printed_by="Begoña Ñáñez")


def test_it_says_the_facts(delivered, read, now):
    case = delivered(10)
    page = read(_printed(case, now))
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
        "Ángela Núñez Ordóñez",
        "Impreso el 20/08/2026 a las 12:00 por Begoña Ñáñez",
        "Página 1 de 1",
    ):
        assert said in page.text


def test_the_nss_is_masked_and_the_curp_is_not_there(delivered, read, now):
    case = delivered()
    text = read(_printed(case, now)).text
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
def test_late_is_counted_in_working_days(delivered, day, verdict):
    assert delivery_of(delivered(day)).verdict.startswith(verdict)


def test_late_on_an_idle_day_is_late_by_no_working_day(delivered, plantel):
    plantel.calendar = Calendar.objects.create(clave="C", name="Calendario")
    plantel.save()
    NonWorkingDay.objects.create(calendar=plantel.calendar, date=dt.date(2026, 8, 12), reason="Aniversario")
    delivery = delivery_of(delivered(12))
    assert delivery.days_late == 0
    assert "antes del siguiente día hábil" in delivery.verdict


def test_the_plantel_s_own_idle_days_are_explained(delivered, plantel, read, now):
    plantel.calendar = Calendar.objects.create(clave="C", name="Calendario")
    plantel.save()
    NonWorkingDay.objects.create(calendar=plantel.calendar, date=dt.date(2026, 8, 10), reason="Aniversario")
    case = delivered(12)
    assert delivery_of(case).verdict == "Lo entregaste a tiempo."
    assert "no cuenta (Aniversario)" in read(_printed(case, now)).text


def test_what_happened_later_does_not_change_the_receipt(delivered, actor, now):
    case = delivered(12)
    before = delivery_of(case)
    verbs.send_alta({case.pk: {}}, on=dt.date(2026, 8, 14), actor=actor, now=now)
    case.refresh_from_db()
    assert delivery_of(case) == before


def test_handed_in_while_the_clock_was_on_hold(make_case, make_student, people, actor, now, read):
    case = make_case(student=make_student(nss=people.one().nss))
    verbs.hold([case.pk], on=dt.date(2026, 8, 7), actor=actor, now=now, reason="Hospitalización")
    verbs.deliver_acuse([case.pk], on=dt.date(2026, 8, 19), actor=actor, now=now)
    case.refresh_from_db()
    text = read(_printed(case, now)).text
    assert "Tu plazo estaba en pausa." in text
    assert "Fecha límite" not in text


def test_without_an_acuse_there_is_no_receipt(make_case, now):
    case = make_case()
    with pytest.raises(NotPrintable, match=f"{case.folio} no tiene un acuse entregado"):
        _printed(case, now)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name["nombre"][:12])
def test_a_name_of_any_kind_is_whole_on_one_page(delivered, plantel, read, now, name):
    plantel.name = (
        "Centro de Estudios Tecnológicos Industrial y de Servicios Núm. 123 «Profesora Margarita Maza de Juárez», extensión Chilpancingo"
    )
    plantel.address, plantel.contact_phone = "Av. de los Plateros 330, col. Centro, C.P. 40200, Taxco de Alarcón, Guerrero", "762 555 0100"
    plantel.save()
    case = delivered(17, **name)
    page = read(_printed(case, now))
    assert len(page.pages) == 1
    assert page.outside() == []
    assert page.overlapping() == []
    letters = "".join("".join(c.text for c in page.chars()).split())
    assert "".join(case.student.full_name.split()) in letters


def test_the_same_case_gives_the_same_bytes(delivered, now):
    case = delivered()
    assert _printed(case, now) == _printed(case, now)


def test_a_long_reckoning_goes_on_to_numbered_pages(make_case, make_student, people, actor, now, read):
    case = make_case(student=make_student(nss=people.one().nss), enrolled_on=dt.date(2026, 6, 1))
    verbs.hold([case.pk], on=dt.date(2026, 6, 2), actor=actor, now=now, reason="Hospitalización")
    verbs.release([case.pk], on=dt.date(2026, 8, 10), actor=actor, now=now)
    verbs.deliver_acuse([case.pk], on=dt.date(2026, 8, 12), actor=actor, now=now)
    case.refresh_from_db()
    page = read(_printed(case, now))
    assert len(page.pages) > 1
    for n in range(len(page.pages)):
        assert f"Página {n + 1} de {len(page.pages)}" in "".join(c for c in page.pages[n].get_textpage().get_text_range())
        assert page.outside(n) == page.overlapping(n) == []


def test_the_document_says_its_language_and_title(delivered, now):
    content = _printed(delivered(), now)
    assert b"/Lang (es-MX)" in content
    assert b"/Title" in content


def test_the_qr_holds_the_folio(delivered, read, now):
    """What is drawn is, module by module, the code that segno makes of the folio."""
    case = delivered()
    page = read(_printed(case, now))
    image = page.pages[0].render(scale=4).to_pil().convert("L")
    matrix = [list(row) for row in segno.make(case.folio, error="m", micro=False).matrix_iter(border=4)]
    left, top, side = _square(page, image, case.folio)
    module = side / len(matrix)
    seen = [
        [int(image.getpixel((left + (x + 0.5) * module, top + (y + 0.5) * module)) < 128) for x in range(len(matrix))]
        for y in range(len(matrix))
    ]
    assert seen == matrix


def _square(page, image, folio: str) -> tuple[float, float, float]:
    """Where the code is, by its dark pixels to the right of the school's name."""
    box = image.crop((image.width * 3 // 4, 0, image.width, image.height // 4)).point(lambda level: 255 * (level < 128)).getbbox()
    label_top = min(image.height - 4 * c.box[3] for c in page.chars()[:60] if c.box[0] > page.pages[0].get_size()[0] * 0.78)
    modules = len(list(segno.make(folio, error="m", micro=False).matrix_iter(border=0)))
    left, top = box[0] + image.width * 3 // 4, box[1]
    module = (box[2] - box[0]) / modules
    assert label_top > top
    return left - 4 * module, top - 4 * module, module * (modules + 8)


def test_a_qr_has_the_size_it_says():
    assert Qr("E-0000001").wrap(500, 500) == (76, 76)
