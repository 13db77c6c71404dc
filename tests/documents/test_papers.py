"""Every kind of paper, for names of any length and alphabet: says what it should, whole, in its place, the same bytes each time."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.erasure import erase
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.documents.context import NotPrintable
from afiliacion.documents.kinds import catalogue as kinds
from afiliacion.documents.models import DocumentKind, Letterhead, PaperText
from afiliacion.documents.texts import PLACEHOLDERS, defaults, objection
from tests.documents.names import LONG, NAMES, SHORT
from tests.planteles import add_registro

pytestmark = pytest.mark.django_db

BORN = dt.date(2011, 3, 15)
LONG_SCHOOL = "Centro de Estudios Tecnológicos Industrial y de Servicios Núm. 123 «Profesora Margarita Maza de Juárez», Chilpancingo"


@pytest.fixture
def wordy_school(plantel):
    """A plantel that has everything to say of itself, at length."""
    plantel.name, plantel.contact_phone = LONG_SCHOOL, "762 555 0100"
    plantel.address = "Av. de los Plateros 330, col. Centro, C.P. 40200, Taxco de Alarcón, Guerrero"
    plantel.office_hours, plantel.contact_name = "Lunes a viernes de 8:00 a 15:30 y sábados de 9:00 a 13:00", " ".join(LONG.values())[:160]
    plantel.save()
    return Letterhead.objects.create(
        plantel=plantel, institution="Universidad Autónoma Benemérita y Pontificia de las Artes y las Ciencias del Sur de Guerrero",
        dependency="Dirección General de Servicios Escolares, Coordinación de Servicios Estudiantiles", place="Taxco de Alarcón, Guerrero",
        signatory=" ".join(LONG.values())[:160], signatory_post="Coordinadora de Servicios Estudiantiles",
        addressee="Lic. Ejemplo Ficticio Pérez", addressee_post="Titular de la Subdelegación", copies="Archivo.\nRectoría.\n",
    )  # fmt: skip


def letters(text: str) -> str:
    """Without blanks, nor hyphens: a reader takes one at the end of a line for a break of ours."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").replace("\ufffe", "")


def on_page(page) -> str:
    return letters("".join(char.text for n in range(len(page.pages)) for char in page.chars(n)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", kinds.SINGLES)
def test_a_name_of_any_kind_is_whole_and_nothing_overlaps(delivered, printed, read, wordy_school, kind, name):
    case = delivered(17, birth_date=BORN, **NAMES[name])
    page = read(printed(kind, case))
    assert page.faults() == []
    assert letters(case.student.full_name) in on_page(page)
    assert len(page.pages) <= 2


@pytest.mark.parametrize("kind", [*kinds.SINGLES, *kinds.GROUPS])
def test_the_same_case_gives_the_same_bytes(delivered, printed, kind, actor, now):
    case = delivered()
    if kind is DocumentKind.OFICIO:
        verbs.escalate({case.pk: Happening(dt.date(2026, 8, 18), reason="CURP distinta")}, act=Act(actor, now))
    assert printed(kind, case) == printed(kind, case)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (DocumentKind.RENUNCIA, "renuncio a que la escuela me afilie"),
        (DocumentKind.MANIFESTACION, "Bajo protesta de decir verdad, manifiesto que estoy"),
    ],
)
def test_a_letter_is_filled_in_for_its_student(make_case, make_student, printed, read, kind, said):
    case = make_case(student=make_student(birth_date=dt.date(2005, 3, 15)))
    text = read(printed(kind, case)).text
    for part in (
        said,
        case.student.full_name,
        case.student.curp,
        "Aún no tiene",
        case.enrolment.matricula,
        case.folio,
        "Lugar y fecha: __",
    ):
        assert part in text
    assert "tutor" not in text


@pytest.mark.parametrize("kind", [DocumentKind.RENUNCIA, DocumentKind.MANIFESTACION])
def test_a_minor_s_letter_is_signed_by_the_tutor(make_case, make_student, printed, read, kind):
    case = make_case(student=make_student(birth_date=BORN))
    text = read(printed(kind, case)).text
    assert "Como madre, padre o tutor de la persona menor de edad" in text
    assert "Nombre y firma de la madre, el padre o el tutor" in text
    assert "Nombre y firma del estudiante" in text


def test_sex_x_and_births_abroad_are_printed(delivered, people, printed, read):
    person = people.one()
    case = delivered(**SHORT, sex="X", entity="NE", curp=person.curp)
    text = read(printed(DocumentKind.EXPEDIENTE, case)).text
    assert "No binario" in text
    assert "Nacido en el extranjero" in text


def test_the_instructions_open_the_student_s_page(make_case, compose, read, printed, today):
    from afiliacion.reminders.letters.links import LinkChannel, Origin, page_url  # noqa: PLC0415 - reminders lies beside documents

    case = make_case()
    paper = compose(DocumentKind.INSTRUCCIONES, case)
    assert page_url(case, today, Origin(LinkChannel.PAPER)) in [getattr(block, "payload", "") for block in paper.blocks]
    text = read(printed(DocumentKind.INSTRUCCIONES, case)).text
    assert "a más tardar el martes 11 de agosto de 2026" in text
    assert case.student.curp not in text


@pytest.mark.parametrize("kind", [DocumentKind.EXPEDIENTE, DocumentKind.OFICIO])
def test_m4_a_reason_that_was_erased_is_printed_as_erased(delivered, compose, actor, now, kind):
    case = delivered()
    verbs.escalate({case.pk: Happening(dt.date(2026, 8, 18), reason="Lo dijo su tía Rosa")}, act=Act(actor, now))
    assert "tía Rosa" in str(compose(kind, case))
    erase([case.pk])
    paper = str(compose(kind, case))
    assert "[suprimido]" in paper
    assert "tía Rosa" not in paper


def test_the_dossier_tells_the_whole_history(delivered, printed, read, actor, now):
    case = delivered(10)
    verbs.send_alta({case.pk: {"lote": "118274"}}, on=dt.date(2026, 8, 14), act=Act(actor, now))
    verbs.receive_papers([case.pk], ["curp"], on=dt.date(2026, 8, 14), act=Act(actor, now))
    case.refresh_from_db()
    text = read(printed(DocumentKind.EXPEDIENTE, case)).text
    for said in (
        case.student.curp,
        case.student.nss,
        "Expediente abierto",
        "Alta enviada",
        "Lote 118274",
        "CURP Recibido",
        case.head_hash[:40],
    ):
        assert said in text


@pytest.mark.parametrize("kind", [DocumentKind.EXPEDIENTE, DocumentKind.OFICIO])
def test_a_paper_shows_the_registro_of_its_day_as_imss_prints_it(delivered, printed, read, plantel, today, kind):
    add_registro(plantel, "C0355512321", today)
    add_registro(plantel, "B0298765329", today + dt.timedelta(days=1))
    text = read(printed(kind, delivered(10))).text
    assert "C03-55512-32-1" in text
    assert not [other for other in ("A01-12345-32-1", "B02-98765-32-9", "C0355512321") if other in text]


def _escalated(all_delivered, actor, now, n, **student) -> list[Case]:
    cases: list[Case] = all_delivered(n, **student)
    told = {case.pk: Happening(dt.date(2026, 8, 18), reason=f"El nombre no coincide con el registro ({case.folio})") for case in cases}
    assert verbs.escalate(told, act=Act(actor, now)).done
    return cases


def test_an_oficio_for_one(all_delivered, actor, now, printed, read, wordy_school):
    [case] = _escalated(all_delivered, actor, now, 1, **LONG)
    page = read(printed(DocumentKind.OFICIO, case, number="CSE/118/2026"))
    for said in (
        "Oficio núm.: CSE/118/2026", "la situación de 1 estudiante", "Subdelegación", "Lic. Ejemplo Ficticio Pérez", "Presente.",
        "Taxco de Alarcón, Guerrero, jueves 20 de agosto de 2026", "C. c. p. Rectoría.",
    ):  # fmt: skip
        assert said in page.text
    numbers = (case.student.curp, case.student.nss or "no number")
    for exactly in (*numbers, case.student.list_name, f"registro ({case.folio})"):
        assert letters(exactly) in on_page(page)
    assert page.faults() == []


def test_an_oficio_for_two_hundred(all_delivered, actor, now, printed, read):
    cases = _escalated(all_delivered, actor, now, 200)
    page = read(printed(DocumentKind.OFICIO, *cases))
    assert page.faults() == []
    heads = [each.get_textpage().get_text_range() for each in page.pages]
    assert all("Motivo" in head for head in heads[:-1])
    everything = on_page(page)
    assert [case.student.curp for case in cases if case.student.curp not in everything] == []
    assert "la situación de 200 estudiantes" in page.text
    assert f"Página {len(page.pages)} de {len(page.pages)}" in heads[-1]


def test_a_group_list_has_squares_and_no_numbers(delivered, make_case, printed, read):
    cases = [delivered(10), make_case(), *(make_case() for _ in range(40))]
    page = read(printed(DocumentKind.LISTA, *cases))
    assert page.faults() == []
    assert len(page.pages) == 2
    assert "Lista del grupo 1-A" in page.text
    assert page.text.count("□") == 3 * len(cases) - 2
    for case in cases:
        assert case.enrolment.matricula in page.text
        assert case.student.curp not in page.text


def test_a_closed_case_needs_no_instructions(delivered, printed, actor, now):
    case = delivered()
    verbs.renounce([case.pk], on=dt.date(2026, 8, 18), tutor="Su mamá", act=Act(actor, now))
    with pytest.raises(NotPrintable, match="está cerrado"):
        printed(DocumentKind.INSTRUCCIONES, case)
    assert printed(DocumentKind.RENUNCIA, case)


def test_a_school_says_it_in_its_own_words(make_case, plantel, printed, read):
    case = make_case()
    PaperText.objects.create(kind=DocumentKind.RENUNCIA, part="titulo", text="Renuncia general")
    assert "Renuncia general" in read(printed(DocumentKind.RENUNCIA, case)).text
    PaperText.objects.create(plantel=plantel, kind=DocumentKind.RENUNCIA, part="titulo", text="Renuncia de $plantel")
    assert "Renuncia de Preparatoria Regional Núm. 7" in read(printed(DocumentKind.RENUNCIA, case)).text


@pytest.mark.parametrize(
    ("kind", "part", "text", "why"),
    [
        ("renuncia", "titulo", "Carta de $nombre", ""),
        ("renuncia", "titulo", "Carta de $apodo", "Nadie llena $apodo"),
        ("renuncia", "pie", "Hola", "no tiene la parte «pie»"),
        ("renuncia", "titulo", "Cuesta 5 $", "signo $ suelto"),
        ("expediente", "titulo", "Hola", "no tiene textos"),
    ],
)
def test_words_nobody_could_print_are_refused(kind, part, text, why):
    assert why in objection(kind, part, text)
    assert bool(objection(kind, part, text)) == bool(why)


@pytest.mark.parametrize("kind", DocumentKind.values)
def test_our_own_words_name_only_what_is_filled_in(kind):
    for part, sentences in defaults(kind).items():
        assert [objection(kind, part, sentence) for sentence in sentences if objection(kind, part, sentence)] == []


def test_every_placeholder_is_filled_in(make_case, desk):
    case = Case.objects.select_related("student", "plantel", "enrolment__ciclo").get(pk=make_case().pk)
    assert desk().values(case).keys() | {"cuantos"} == PLACEHOLDERS


def test_every_state_has_its_steps():
    from afiliacion.cases.states import OPEN_STATES  # noqa: PLC0415 - only this test asks
    from afiliacion.documents.kinds.instructions import STEPS  # noqa: PLC0415 - only this test asks

    assert set(STEPS) == set(OPEN_STATES) == {State(state) for state in STEPS}


def test_a_sign_no_font_has_is_not_lost(make_case, make_student, printed, read):
    case = make_case(student=make_student(nombre="김"))
    assert "[U+AE40]" in read(printed(DocumentKind.RENUNCIA, case)).text


def test_nobody_signs_a_sheet_that_says_nothing(delivered, printed, read):
    """Whatever the length of the name, where the lines to sign on are there is also something that is signed."""
    for length in range(1, 120, 17):
        case = delivered(
            17, birth_date=BORN, nombre="María " * (length // 6) + "X", primer_apellido="Ek " * (length // 3) + "Y", segundo_apellido=""
        )
        page = read(printed(DocumentKind.RENUNCIA, case))
        last = page.pages[-1].get_textpage().get_text_range()
        assert "Nombre y firma del estudiante" in last
        assert "Se me explicó" in last
