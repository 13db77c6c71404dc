"""A document is decided once, its verb is done with it as evidence, and it is taken back while nothing was built upon it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case, Event, PaperKind, WantedPaper
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Coverage, PaperStatus, State, Verb
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in import values, work
from afiliacion.papers_in.decide import deciding
from afiliacion.papers_in.decide.acting import NotDone, Noted
from afiliacion.papers_in.judgment import Proposal
from afiliacion.papers_in.models import BroughtPaper, Door, PaperDecision
from students.models import Plantel, Student
from tests.at_once import at_once
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets
from tests.papers_in.conftest import Bring

pytestmark = pytest.mark.django_db
MakeIn = Callable[..., Case]
Status = BroughtPaper.Status
REGISTRO = "A0112345321"


@pytest.fixture
def sheet(bring: Bring, make_in: MakeIn, people: People) -> BroughtPaper:
    """A clear sheet that waits."""
    case = make_in(State.SIN_NSS)
    return bring(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))


def noted(paper: BroughtPaper) -> Noted:
    return work.proposed(paper, values.from_json(paper.reading or {}))


def accept(paper: BroughtPaper, act: Act) -> deciding.Accepted:
    return deciding.accept(paper.pk, paper.version, noted(paper), act=act)


def nss_of(case: Case) -> str:
    return Student.objects.get(pk=case.student_id).nss or ""


def test_accepting_does_the_verbs_with_the_document_as_proof(sheet: BroughtPaper, act: Act) -> None:
    done = accept(sheet, act)
    case = Case.objects.get(pk=sheet.case_id or 0)
    obtained = case.events.get(verb=Verb.OBTAIN_NSS)
    assert (case.state, case.acuse_on, done.lacking) == (State.ACUSE_ENTREGADO, sheet.on, ())
    assert (obtained.evidence, obtained.actor_name) == (sheet.evidence_id, "Begoña Ñáñez")
    assert done.paper.status == Status.APPLIED


def test_what_is_missing_is_told_and_the_number_stays(sheet: BroughtPaper, act: Act, plantel: Plantel) -> None:
    WantedPaper.objects.create(plantel=plantel, step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key="curp"))
    done = accept(sheet, act)
    case = Case.objects.get(pk=sheet.case_id or 0)
    assert (case.state, dict(case.facts.papers)[ACUSE_PAPER]) == (State.NSS_OBTENIDO, PaperStatus.VERIFIED)
    assert "Falta" in done.lacking[0]


def test_a_constancia_confirms_its_own_day_with_its_clinic(bring: Bring, make_in: MakeIn, act: Act) -> None:
    case, day = make_in(State.ALTA_ENVIADA), timezone.localdate() - dt.timedelta(days=2)
    paper = bring(sheets.constancia(case, nss_of(case), day, registro=REGISTRO))
    assert paper.proposal == Proposal.CONFIRM_VIGENCIA
    accept(paper, act)
    case.refresh_from_db()
    assert (case.state, case.vigencia_on, case.vigencia_evidence, case.umf) == (State.VIGENTE, day, paper.evidence_id, "005")


def test_a_constancia_under_another_registro_is_other_cover_and_never_our_vigencia(bring: Bring, make_in: MakeIn, act: Act) -> None:
    case = make_in(State.ALTA_ENVIADA)
    paper = bring(sheets.constancia(case, nss_of(case), timezone.localdate(), registro="Z9912345678"))
    assert paper.proposal == Proposal.OTHER_COVER
    accept(paper, act)
    case.refresh_from_db()
    assert (case.state, case.coverage) == (State.ALTA_ENVIADA, Coverage.OTHER)


def test_a_constancia_that_says_no_is_noted_as_such(bring: Bring, make_in: MakeIn, act: Act) -> None:
    case = make_in(State.ALTA_ENVIADA)
    paper = bring(sheets.constancia(case, nss_of(case), timezone.localdate(), registro=REGISTRO, right="NO"))
    assert paper.proposal == Proposal.NOT_VIGENTE
    accept(paper, act)
    assert Case.objects.get(pk=case.pk).state == State.SIN_VIGENCIA


def test_refusing_tells_the_student_and_asks_for_another(sheet: BroughtPaper, act: Act) -> None:
    refused = deciding.refuse(sheet.pk, sheet.version, "Está borrosa.", act=act)
    case = Case.objects.get(pk=sheet.case_id or 0)
    assert (refused.status, refused.reason) == (Status.REFUSED, "Está borrosa.")
    assert case.events.get(verb=Verb.REJECT_PAPERS).reason == "Está borrosa."
    assert dict(case.facts.papers)[ACUSE_PAPER] == PaperStatus.REJECTED


def as_it_stands(case_id: int | None) -> dict[str, Any]:
    """All but since when it is in its state, which is the day of the last step."""
    case = Case.objects.get(pk=case_id or 0)
    facts = case.facts._replace(state_since=timezone.localdate())._asdict()
    return {**facts, "nss": nss_of(case), "turn": case.turn, "due_on": case.due_on}


@pytest.mark.parametrize("what", ["accept", "refuse", "aside"])
def test_each_decision_is_taken_back_and_all_is_as_before(what: str, sheet: BroughtPaper, act: Act) -> None:
    before = as_it_stands(sheet.case_id)
    done = {
        "accept": lambda: accept(sheet, act).paper,
        "refuse": lambda: deciding.refuse(sheet.pk, sheet.version, "No", act=act),
        "aside": lambda: deciding.set_aside(sheet.pk, sheet.version, "", act=act),
    }[what]()
    back = deciding.take_back(done.pk, done.version, act=act)
    assert back.status == Status.WAITING
    assert as_it_stands(sheet.case_id) == before
    again = BroughtPaper.objects.get(pk=back.pk)
    assert accept(again, act).paper.status == Status.APPLIED
    assert list(PaperDecision.objects.filter(paper=sheet).order_by("version").values_list("to_status", flat=True))[-2:] == [
        Status.WAITING, Status.APPLIED,
    ]  # fmt: skip


def test_what_was_built_upon_is_not_taken_back(sheet: BroughtPaper, act: Act) -> None:
    done = accept(sheet, act).paper
    verbs.send_alta({sheet.case_id or 0: {"lote": "1", "recibo": "R"}}, on=timezone.localdate(), act=act)
    with pytest.raises(NotDone, match="avanzó"):
        deciding.take_back(done.pk, done.version, act=act)
    assert BroughtPaper.objects.get(pk=done.pk).status == Status.APPLIED


def test_another_document_that_says_the_same_needs_no_decision_and_comes_back_with_it(
    bring: Bring, make_in: MakeIn, people: People, act: Act
) -> None:
    case = make_in(State.SIN_NSS)
    nss = own_nss(case, people)
    one, other = (bring(sheets.nss_sheet(case, nss, timezone.localdate() - dt.timedelta(days=n))) for n in (0, 1))
    done = accept(one, act).paper
    other.refresh_from_db()
    assert (other.status, other.instead_id) == (Status.SET_ASIDE, one.pk)
    deciding.take_back(done.pk, done.version, act=act)
    other.refresh_from_db()
    assert (other.status, other.instead_id) == (Status.WAITING, None)


def test_a_document_of_nobody_is_given_to_whom_a_person_names(bring: Bring, make_in: MakeIn, people: People, act: Act) -> None:
    case = make_in(State.SIN_NSS)
    nss = own_nss(case, people)
    paper = bring(sheets.photo(sheets.nss_sheet(case, nss, timezone.localdate()), quality=5))
    said = Noted(Proposal.OBTAIN_AND_DELIVER, nss=nss)
    with pytest.raises(NotDone, match="de quién"):
        deciding.accept(paper.pk, paper.version, said, act=act)
    done = deciding.accept(paper.pk, paper.version, said, case=Case.objects.select_related("student").get(pk=case.pk), act=act).paper
    assert (done.case_id, done.plantel_id, nss_of(case)) == (case.pk, case.plantel_id, nss)


def test_an_nss_of_somebody_else_writes_nothing_at_all(sheet: BroughtPaper, make_in: MakeIn, act: Act) -> None:
    other = make_in(State.SIN_NSS)
    Student.objects.filter(pk=other.student_id).update(nss=noted(sheet).nss)
    before = Event.objects.count()
    with pytest.raises(NotDone, match="otra persona"):
        accept(sheet, act)
    assert Event.objects.count() == before
    assert BroughtPaper.objects.get(pk=sheet.pk).status == Status.WAITING


STEPS = st.lists(st.tuples(st.sampled_from(["accept", "refuse", "aside", "back"]), st.integers(0, 2)), max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_one_decision_a_version_whatever_is_asked_in_which_order(
    steps: list[tuple[str, int]], bring: Bring, make_in: MakeIn, people: People, act: Act
) -> None:
    """Orders given upon what was seen some versions ago: only one given upon the present version and status does anything."""
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))
    say = noted(paper)
    for what, ago in steps:
        now = BroughtPaper.objects.get(pk=paper.pk)
        events, decisions = Event.objects.count(), PaperDecision.objects.count()
        fits = ago == 0 and (now.status == Status.WAITING) == (what != "back")
        do = {
            "accept": lambda v: deciding.accept(paper.pk, v, say, act=act),
            "refuse": lambda v: deciding.refuse(paper.pk, v, "No", act=act),
            "aside": lambda v: deciding.set_aside(paper.pk, v, "", act=act),
            "back": lambda v: deciding.take_back(paper.pk, v, act=act),
        }[what]
        if fits:
            do(now.version)
            assert PaperDecision.objects.count() == decisions + 1
        else:
            with pytest.raises(deciding.AlreadyDecided):
                do(now.version - ago)
            assert (Event.objects.count(), PaperDecision.objects.count()) == (events, decisions)
    delivered = Case.objects.get(pk=case.pk).state == State.ACUSE_ENTREGADO
    assert delivered == (BroughtPaper.objects.get(pk=paper.pk).status == Status.APPLIED)


@pytest.mark.usefixtures("committed")
def test_of_many_hands_at_once_one_decides(bring: Bring, make_in: MakeIn, people: People, act: Act) -> None:
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))

    def hand(what: Callable[[], Any]) -> Callable[[], bool]:
        def do() -> bool:
            try:
                what()
            except deciding.AlreadyDecided:
                return False
            return True

        return do

    works = [hand(lambda: accept(paper, act)), hand(lambda: deciding.refuse(paper.pk, paper.version, "No", act=act))] * 4
    assert sum(at_once(*works)) == 1
    assert PaperDecision.objects.filter(paper=paper).count() == 1


def test_a_wrong_year_in_the_number_is_a_doubt_and_the_mail_door_never_touches_the_case(
    bring: Bring, make_in: MakeIn, people: People
) -> None:
    case = make_in(State.SIN_NSS)
    nss = next(each for each in iter(lambda: people.one().nss, "") if each[4:6] != f"{case.student.birth_date:%y}")
    paper = bring(sheets.nss_sheet(case, nss, timezone.localdate()), None, Door.MAIL)
    assert "birth_year" in [code for code, _ in paper.reasons]
    assert Case.objects.get(pk=case.pk).version == case.version
