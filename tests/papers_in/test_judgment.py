"""What a paper means for a student: clear only where nothing speaks against it; every mistake is caught with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afiliacion.cases.states import State
from afiliacion.operations.simulation.invented_people import Person
from afiliacion.papers_in.judgment import Certainty, Judgment, Proposal, judge
from afiliacion.papers_in.reasons import BY_MISTAKE, REASONS, REFUSING
from afiliacion.papers_in.refusals import REFUSALS
from afiliacion.papers_in.saying import is_same_name
from imss_mock.procedures import pdf
from imss_mock.procedures.sheet import Facts
from paper_reader.document import read
from paper_reader.reading import Field, Kind, Reading, Source, Value
from students.registro_patronal import with_dashes
from tests.paper_reader.made.altered import saved_again, swapped_card, with_letters_over, written_over
from tests.paper_reader.made.facts import THEIRS, TODAY, facts, known, people
from tests.paper_reader.made.pictures import scanned

BOTH = people(41)
OWN, OTHER = next(BOTH), next(BOTH)
SHEET, CONSTANCIA = facts(OWN, 4), facts(OWN, 9, formato="anterior")
#: The state in which each paper is waited for.
WAITED = {
    "nss": "SIN_NSS",
    "tarjeta": "SIN_NSS",
    "vigencia": "ALTA_ENVIADA",
    "acuse_clinica": "VIGENTE",
    "carnet": "VIGENTE",
    "sav_002": "VIGENTE",
}


def judged(kind: str, said: Facts, person: Person = OWN, state: str = "", **of_student: object) -> Judgment:
    state = state or WAITED[kind]
    nss = of_student.pop("nss", "" if state == "SIN_NSS" else person.nss)
    return judge(read(pdf.render(kind, said)), known(person, state, str(nss), **of_student), TODAY)


def codes(judgment: Judgment) -> list[str]:
    return [reason.code for reason in judgment.reasons]


@pytest.mark.parametrize(
    ("kind", "state", "proposal", "certainty"),
    [
        ("nss", "SIN_NSS", Proposal.OBTAIN_AND_DELIVER, Certainty.CLEAR),
        ("nss", "NSS_OBTENIDO", Proposal.DELIVER_ACUSE, Certainty.CLEAR),
        ("nss", "ACUSE_ENTREGADO", Proposal.NOTHING, Certainty.DOUBTFUL),
        ("tarjeta", "SIN_NSS", Proposal.OBTAIN_NSS, Certainty.CLEAR),
        ("tarjeta", "NSS_OBTENIDO", Proposal.DELIVER_ACUSE, Certainty.DOUBTFUL),
        ("vigencia", "ALTA_ENVIADA", Proposal.CONFIRM_VIGENCIA, Certainty.CLEAR),
        ("vigencia", "VIGENTE", Proposal.CONFIRM_VIGENCIA, Certainty.CLEAR),
        ("vigencia", "SIN_NSS", Proposal.CONFIRM_VIGENCIA, Certainty.DOUBTFUL),
        ("acuse_clinica", "VIGENTE", Proposal.NOTE_CLINIC, Certainty.CLEAR),
        ("carnet", "VIGENTE", Proposal.NOTE_CLINIC, Certainty.CLEAR),
        ("sav_002", "VIGENTE", Proposal.NOTE_CLINIC, Certainty.CLEAR),
    ],
)
def test_a_right_paper_proposes_what_follows(kind: str, state: str, proposal: Proposal, certainty: Certainty) -> None:
    judgment = judged(kind, facts(OWN, 4), state=state)
    assert judgment[:2] == (proposal, certainty), judgment.reasons


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("kind", WAITED)
def test_every_paper_in_every_state_is_judged(kind: str, state: str) -> None:
    judgment = judged(kind, SHEET, state=state)
    assert judgment.certainty is Certainty.CLEAR or judgment.reasons


def test_si_under_another_registro_is_other_cover_and_never_our_vigencia() -> None:
    by_job = {
        "registro_patronal": with_dashes(THEIRS),
        "razon_social": "TIENDA",
        "agregado_medico": CONSTANCIA["agregado_medico"][:-2] + "OR",
    }
    assert judged("vigencia", CONSTANCIA | by_job)[:2] == (Proposal.OTHER_COVER, Certainty.CLEAR)
    by_school = judged("vigencia", CONSTANCIA | {"registro_patronal": with_dashes(THEIRS)})
    assert (by_school[:2], codes(by_school)) == ((Proposal.OTHER_COVER, Certainty.DOUBTFUL), ["student_elsewhere"])


def test_no_is_never_clear() -> None:
    said = (
        CONSTANCIA | dict.fromkeys(("vigente", "delegacion", "umf", "turno", "consultorio", "agregado_medico"), "") | {"con_derecho": "NO"}
    )
    assert (judged("vigencia", said)[:2], codes(judged("vigencia", said))) == ((Proposal.NOT_VIGENTE, Certainty.DOUBTFUL), ["no_right"])
    assert codes(judged("vigencia", said, state="ACUSE_ENTREGADO")) == ["no_alta"]


AGREGADO = CONSTANCIA["agregado_medico"]
MISTAKES: dict[str, Callable[[], Judgment]] = {
    "of_another": lambda: judged("nss", facts(OTHER, 4)),
    "curp_differs": lambda: judged("nss", SHEET, curp=OTHER.curp),
    "curp_former": lambda: judged("nss", SHEET, curp=OTHER.curp, former_curps=(OWN.curp,)),
    "nss_of_another": lambda: judged("nss", SHEET, nss_of_another=True),
    "brought_by_another": lambda: judged("nss", SHEET, brought_by_another=True),
    "nss_differs": lambda: judged("vigencia", CONSTANCIA, nss=OTHER.nss),
    "nss_digit": lambda: judged("vigencia", CONSTANCIA | {"nss": f"{OWN.nss[:-1]}{(int(OWN.nss[-1]) + 1) % 10}"}),
    "curp_digit": lambda: judged("nss", SHEET | {"curp": f"{OWN.curp[:-1]}{(int(OWN.curp[-1]) + 1) % 10}"}),
    "beneficiary": lambda: judged("vigencia", CONSTANCIA | {"agregado_medico": f"2{AGREGADO[1:]}"}),
    "birth_year": lambda: judged("nss", SHEET | {"nss": "11977512341"}),
    "name_differs": lambda: judged("nss", SHEET | {"nombre": "OTRA PERSONA"}),
    "birth_differs": lambda: judged("nss", SHEET | {"nacimiento": "01/02/1975"}),
    "sex_differs": lambda: judged("nss", SHEET | {"sexo": "Mujer" if OWN.sex == "H" else "Hombre"}),
    "agregado_differs": lambda: judged("vigencia", CONSTANCIA | {"agregado_medico": "1F1976ES"}),
    "worker": lambda: judged("vigencia", CONSTANCIA | {"agregado_medico": f"{AGREGADO[:-2]}OR"}),
    "future": lambda: judge(read(pdf.render("nss", SHEET)), known(OWN), dt.date(2026, 8, 1)),
    "folio_date": lambda: judged("vigencia", CONSTANCIA | {"fecha": "13/09/2026"}),
    "old_constancia": lambda: judged("vigencia", CONSTANCIA, ciclo_starts=dt.date(2026, 9, 14)),
    "old_sheet": lambda: judged("nss", SHEET, ciclo_starts=dt.date(2026, 9, 14)),
    "old_clinic": lambda: judged("acuse_clinica", SHEET, ciclo_starts=dt.date(2026, 9, 14)),
    "no_own_registro": lambda: judged("vigencia", CONSTANCIA, registros=()),
    "missing": lambda: judged("nss", SHEET | {"curp": ""}),
    "disagree": lambda: judge(read(swapped_card(SHEET, facts(OTHER, 4))), known(OWN), TODAY),
    "changed": lambda: judge(read(saved_again(pdf.render("nss", SHEET))), known(OWN), TODAY),
    "covered": lambda: judge(
        read(written_over(pdf.render("vigencia", CONSTANCIA), OTHER.nss)), known(OWN, "ALTA_ENVIADA", OWN.nss), TODAY
    ),
    "text_over_picture": lambda: judge(read(with_letters_over(pdf.render("vigencia", SHEET), 1, SHEET)), known(OWN), TODAY),
    "no_student": lambda: judge(read(pdf.render("nss", SHEET)), None, TODAY),
}  # fmt: skip


@pytest.mark.parametrize("code", MISTAKES)
def test_every_mistake_is_caught_with_its_reason(code: str) -> None:
    judgment = MISTAKES[code]()
    assert code in codes(judgment)
    assert judgment.certainty is (Certainty.REFUSED if code in REFUSING else Certainty.DOUBTFUL)
    assert all("{" not in reason.text and reason.text.endswith(".") for reason in judgment.reasons)
    ranks = [[*REASONS].index(each) for each in codes(judgment)]
    assert ranks == sorted(ranks), "the gravest first"


#: Reasons of what a case waits for, and warnings of the reader: each in a test of its own.
ELSEWHERE = {
    "editor", "fonts", "several_documents", "ocr", "student_elsewhere", "no_right", "no_alta", "nss_unknown", "not_yet", "card",
    "nothing_new",
}  # fmt: skip


def test_every_reason_is_tried() -> None:
    assert {*REASONS} == {*MISTAKES} | ELSEWHERE


def of_values(*values: Value, kind: Kind = Kind.NSS_CARD, warnings: tuple[str, ...] = ()) -> Reading:
    return Reading(kind, 1, values, warnings)


CARD = [Value(field, text, Source.QR, 0, None) for field, text in ((Field.NSS, OWN.nss), (Field.CURP, OWN.curp), (Field.FULL_NAME, ""))]
CARD[2] = CARD[2]._replace(text=f"{OWN.nombre} {OWN.primer_apellido} {OWN.segundo_apellido}".upper())


@pytest.mark.parametrize("at", range(3))
def test_what_is_read_from_a_picture_alone_is_never_clear(at: int) -> None:
    values = [value._replace(source=Source.OCR) if number == at else value for number, value in enumerate(CARD)]
    assert judge(of_values(*CARD), known(OWN), TODAY).certainty is Certainty.CLEAR
    assert codes(judge(of_values(*values), known(OWN), TODAY)) == ["ocr"]


@pytest.mark.parametrize("warning", ["several_documents", "changed", "editor", "fonts", "covered", "text_over_picture"])
def test_a_mere_doubt_is_enough(warning: str) -> None:
    judgment = judge(of_values(*CARD, warnings=(warning,)), known(OWN), TODAY)
    assert (judgment.certainty, codes(judgment)) == (Certainty.DOUBTFUL, [warning])


def test_a_scanned_card_is_clear_by_its_code() -> None:
    judgment = judge(read(scanned(pdf.render("tarjeta", SHEET), 1)), known(OWN), TODAY)
    assert judgment == (Proposal.OBTAIN_NSS, Certainty.CLEAR, ())


@pytest.mark.parametrize("refused", REFUSALS)
def test_what_was_not_read_is_refused_in_its_sentence(refused: str) -> None:
    judgment = judge(Reading(Kind.UNKNOWN, 0, refused=refused), known(OWN), TODAY)
    assert judgment == (Proposal.NOTHING, Certainty.REFUSED, ((refused, REFUSALS[refused]),))


@pytest.mark.parametrize("kind", BY_MISTAKE)
def test_what_is_brought_by_mistake_is_refused_by_name(kind: Kind) -> None:
    judgment = judge(of_values(*CARD, kind=kind), known(OWN), TODAY)
    assert judgment == (Proposal.NOTHING, Certainty.REFUSED, ((kind.value, BY_MISTAKE[kind]),))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("IÑAKI NÚÑEZ", "Iñaki Núñez", True),
        ("INAKI NUNEZ", "Iñaki Núñez", True),
        ("IXAKI NUXEZ", "Iñaki Núñez", True),
        ("I#AKI NU#EZ", "Iñaki Núñez", True),
        ("OFARRILL", "O'Farrill", True),
        ("AGUIRRE ORTIZ", "Aguirre-Ortiz", True),
        ("DELAO", "De la O", True),
        ("NUNES", "Núñez", False),
        ("MARIA", "Mariana", False),
        ("", "Uc", False),
    ],
)
def test_names_are_compared_as_imss_writes_them(one: str, other: str, *, same: bool) -> None:
    assert is_same_name(one, other) is same


FACT_OF = {
    "nss": ("curp", "nombre", "primer_apellido", "segundo_apellido", "nacimiento"),
    "tarjeta": ("curp", "nombre_completo"),
    "vigencia": ("nss", "curp", "nombre_completo", "nacimiento"),
    "acuse_clinica": ("nss", "curp", "nombre_completo", "nacimiento"),
}


@given(data=st.data(), seed=st.integers(0, 10**6), kind=st.sampled_from(sorted(FACT_OF)))
@settings(max_examples=120, deadline=None)
def test_a_paper_with_anything_of_another_person_is_never_clear(data: st.DataObject, seed: int, kind: str) -> None:
    both = people(seed)
    own, other = next(both), next(both)
    mine, theirs = facts(own, seed), facts(other, seed + 1)
    of_other = [name for name in FACT_OF[kind] if not is_same_name(mine[name], theirs[name]) or mine[name][:1].isdigit()]
    changed = data.draw(st.lists(st.sampled_from(of_other), min_size=1, unique=True))
    said = mine | {name: theirs[name] for name in changed if mine[name] != theirs[name]}
    judgment = judge(read(pdf.render(kind, said)), known(own, WAITED[kind], "" if WAITED[kind] == "SIN_NSS" else own.nss), TODAY)
    assert judgment.certainty is not Certainty.CLEAR or said == mine, changed
