"""Documents are read in the background, each once, find their student, and act by themselves only where they may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import PaperStatus, State
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in import reading, work
from afiliacion.papers_in.judgment import Certainty, Proposal
from afiliacion.papers_in.models import BroughtPaper, Door, MailMessage, PaperRules
from afiliacion.student_page import actions
from students.models import Plantel
from tests.at_once import at_once
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets
from tests.papers_in.conftest import Bring

pytestmark = pytest.mark.django_db
MakeIn = Callable[..., Case]
Status = BroughtPaper.Status
REGISTRO = "A0112345321"


@pytest.fixture
def local_today() -> dt.date:
    return timezone.localdate()


def test_a_clear_sheet_finds_its_student_and_proposes_and_does_nothing(
    bring: Bring, make_in: MakeIn, people: People, local_today: dt.date
) -> None:
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), local_today))
    assert (paper.case_id, paper.status, paper.proposal) == (case.pk, Status.WAITING, Proposal.OBTAIN_AND_DELIVER)
    assert paper.certainty == Certainty.CLEAR
    case.refresh_from_db()
    # The reminders of the sheet stop: it is there.
    assert (case.state, dict(case.facts.papers)) == (State.SIN_NSS, {ACUSE_PAPER: PaperStatus.RECEIVED})


@pytest.mark.parametrize("door", [Door.OFFICE, Door.STUDENT])
def test_a_clear_sheet_acts_by_itself_where_the_plantel_lets_it(
    door: Door, bring: Bring, make_in: MakeIn, people: People, plantel: Plantel, local_today: dt.date
) -> None:
    PaperRules.objects.create(plantel=plantel, clear_acts=True)
    case = make_in(State.SIN_NSS)
    nss = own_nss(case, people)
    paper = bring(sheets.nss_sheet(case, nss, local_today), case if door == Door.STUDENT else None, door)
    case.refresh_from_db()
    assert (paper.status, paper.decided_name) == (Status.APPLIED, work.READER.name)
    assert (case.state, case.acuse_on, case.student.__class__.objects.get(pk=case.student_id).nss) == (
        State.ACUSE_ENTREGADO, local_today, nss,
    )  # fmt: skip


def test_nothing_acts_by_itself_by_mail(bring: Bring, make_in: MakeIn, people: People, plantel: Plantel, local_today: dt.date) -> None:
    PaperRules.objects.create(plantel=plantel, clear_acts=True)
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), local_today), None, Door.MAIL, read=False)
    # From the address on record, so that nothing at all speaks against it.
    MailMessage.objects.create(key="k", sender="a@b.mx", at=timezone.now(), case=case).papers.add(paper)
    work.work_due(60)
    paper.refresh_from_db()
    assert (paper.status, paper.certainty, paper.case_id) == (Status.WAITING, Certainty.CLEAR, case.pk)
    assert Case.objects.get(pk=case.pk).papers == []


def test_a_doubtful_sheet_waits_even_where_clear_ones_act(
    bring: Bring, make_in: MakeIn, people: People, plantel: Plantel, local_today: dt.date
) -> None:
    PaperRules.objects.create(plantel=plantel, clear_acts=True)
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), local_today, nombre="OTRO NOMBRE"))
    assert (paper.status, paper.certainty) == (Status.WAITING, Certainty.DOUBTFUL)
    assert "name_differs" in [code for code, _ in paper.reasons]


def test_of_who_is_not_ones_own_nobody_is_found(
    bring: Bring, make_in: MakeIn, people: People, other_plantel: Any, local_today: dt.date
) -> None:
    case = make_in(State.SIN_NSS, plantel=other_plantel)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), local_today))
    assert (paper.case_id, paper.status) == (None, Status.WAITING)
    assert [code for code, _ in paper.reasons] == ["no_student"]


def test_what_a_student_brings_by_mistake_is_refused_by_name_and_the_sheet_still_wanted(make_in: MakeIn, local_today: dt.date) -> None:
    case = make_in(State.SIN_NSS)
    actions.bring_paper(case, b"\xff\xd8\xff\xe0 una hoja", "foto.jpg", today=local_today, now=timezone.now())
    work.work_due(60)
    paper = BroughtPaper.objects.get()
    case.refresh_from_db()
    assert (paper.status, paper.decided_name) == (Status.REFUSED, work.READER.name)
    assert "dañada" in paper.reason
    assert (dict(case.facts.papers)[ACUSE_PAPER], case.sheet_refused_on) == (PaperStatus.REJECTED, local_today)


def test_a_photo_a_machine_cannot_read_waits_for_a_person(make_in: MakeIn, people: People, local_today: dt.date) -> None:
    case = make_in(State.SIN_NSS)
    body = sheets.photo(sheets.nss_sheet(case, own_nss(case, people), local_today), quality=5)
    actions.bring_paper(case, body, "foto.jpg", today=local_today, now=timezone.now())
    work.work_due(60)
    paper = BroughtPaper.objects.get()
    assert (paper.status, paper.certainty) == (Status.WAITING, Certainty.DOUBTFUL)
    assert dict(Case.objects.get(pk=case.pk).facts.papers)[ACUSE_PAPER] == PaperStatus.RECEIVED


def test_a_constancia_brought_in_place_of_the_sheet_is_none_and_waits_as_what_it_is(
    make_in: MakeIn, people: People, local_today: dt.date
) -> None:
    case = make_in(State.SIN_NSS)
    body = sheets.constancia(case, own_nss(case, people), local_today, registro=REGISTRO)
    actions.bring_paper(case, body, "c.pdf", today=local_today, now=timezone.now())
    work.work_due(60)
    assert BroughtPaper.objects.get().status == Status.WAITING
    assert Case.objects.get(pk=case.pk).facts.papers_in == frozenset()


def test_the_same_file_twice_is_one_document(bring: Bring, make_in: MakeIn, people: People, local_today: dt.date) -> None:
    case = make_in(State.SIN_NSS)
    body = sheets.nss_sheet(case, own_nss(case, people), local_today)
    assert bring(body).pk == bring(body).pk
    other = make_in(State.SIN_NSS)
    brought = bring(body, other, Door.STUDENT)
    assert {"brought_by_another"} <= {code for code, _ in brought.reasons} or brought.status == Status.REFUSED


def test_the_same_file_by_two_doors_is_put_aside_once_it_is_known_whose_it_is(
    bring: Bring, make_in: MakeIn, people: People, local_today: dt.date
) -> None:
    case = make_in(State.SIN_NSS)
    body = sheets.nss_sheet(case, own_nss(case, people), local_today)
    first = bring(body, read=False)
    second = bring(body, case, Door.STUDENT)
    first.refresh_from_db()
    assert {first.status, second.status} == {Status.WAITING, Status.SET_ASIDE}


def test_a_worker_that_died_holding_documents_is_followed_when_its_lease_is_over(
    bring: Bring, make_in: MakeIn, people: People, local_today: dt.date
) -> None:
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), local_today), read=False)
    (claimed,) = work._claim(work.due())
    assert not work.work_due(5)
    BroughtPaper.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    work.work_due(60)
    paper.refresh_from_db()
    assert paper.status == Status.WAITING
    # The dead one was only slow: what it read comes to nothing.
    version = paper.version
    work.settle(claimed, reading.read([b""])[0])
    paper.refresh_from_db()
    assert (paper.status, paper.version) == (Status.WAITING, version)


def test_a_document_that_kills_its_workers_is_left_to_a_person_and_the_others_are_read(
    bring: Bring, make_in: MakeIn, people: People, local_today: dt.date
) -> None:
    one, other = make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    deadly = bring(sheets.nss_sheet(one, own_nss(one, people), local_today), read=False)
    BroughtPaper.objects.update(attempts=work.STRIKES)
    good = bring(sheets.nss_sheet(other, own_nss(other, people), local_today))
    deadly.refresh_from_db()
    assert (deadly.status, deadly.certainty, deadly.proposal) == (Status.WAITING, Certainty.DOUBTFUL, Proposal.NOTHING)
    assert (good.status, good.certainty) == (Status.WAITING, Certainty.CLEAR)


@pytest.mark.usefixtures("committed")
def test_two_workers_read_each_document_once(bring: Bring, make_in: MakeIn, people: People, local_today: dt.date) -> None:
    cases = [make_in(State.SIN_NSS) for _ in range(6)]
    for case in cases:
        bring(sheets.nss_sheet(case, own_nss(case, people), local_today), read=False)
    at_once(lambda: work.work_due(60), lambda: work.work_due(60))
    work.work_due(60)
    assert sorted(BroughtPaper.objects.values_list("status", "attempts", "version")) == [(Status.WAITING, 1, 1)] * 6


def test_a_clear_constancia_of_another_employer_is_never_our_vigencia(
    bring: Bring, make_in: MakeIn, plantel: Plantel, local_today: dt.date, act: Act
) -> None:
    PaperRules.objects.create(plantel=plantel, clear_acts=True)
    case = make_in(State.ALTA_ENVIADA)
    nss = case.student.__class__.objects.get(pk=case.student_id).nss or ""
    paper = bring(sheets.constancia(case, nss, local_today, registro="Z9912345678"))
    assert (paper.status, paper.proposal) == (
        Status.APPLIED if paper.certainty == Certainty.CLEAR else Status.WAITING,
        Proposal.OTHER_COVER,
    )
    assert Case.objects.get(pk=case.pk).state != State.VIGENTE
