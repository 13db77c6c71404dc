"""A person's documents are erased with their texts, and follow the person when two records are merged."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from afiliacion.cases.history.erasure import erase
from afiliacion.cases.identity.merging import MergeOrder, merge
from afiliacion.cases.identity.unmerging import last_merge
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in import values, work
from afiliacion.papers_in.decide import deciding
from afiliacion.papers_in.decide.acting import NotDone
from afiliacion.papers_in.models import BroughtPaper, MailMessage, PaperDecision
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets
from tests.papers_in.conftest import Bring
from tests.papers_in.papers import a_bundle

pytestmark = pytest.mark.django_db
MakeIn = Callable[..., Case]


def test_erasing_a_person_erases_what_was_read_said_and_brought(bring: Bring, make_in: MakeIn, people: People, act: Act) -> None:
    case, other = make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    refused = bring(sheets.constancia(case, own_nss(case, people), timezone.localdate(), registro="A0112345321"))
    kept = bring(sheets.nss_sheet(other, own_nss(other, people), timezone.localdate()))
    deciding.refuse(refused.pk, refused.version, "Es de Rosa", act=act)
    message = MailMessage.objects.create(key="k", sender="rosa@x.mx", at=act.now, case=case)
    message.papers.add(refused)
    erase([case.pk])
    refused.refresh_from_db()
    assert (refused.evidence_id, refused.filename, refused.reading, refused.reasons, refused.said, refused.reason) == (
        None, "", None, [], {}, "",
    )  # fmt: skip
    assert refused.status == BroughtPaper.Status.REFUSED
    assert set(PaperDecision.objects.filter(paper=refused).values_list("reason", flat=True)) == {""}
    assert MailMessage.objects.get().sender == ""
    assert BroughtPaper.objects.get(pk=kept.pk).evidence_id == kept.evidence_id
    with pytest.raises(NotDone, match="suprimieron"):
        deciding.take_back(refused.pk, refused.version, act=act)


def test_the_file_that_proves_an_event_stays_where_the_event_is(bring: Bring, make_in: MakeIn, people: People, act: Act) -> None:
    case = make_in(State.SIN_NSS)
    paper = bring(sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()))
    file = paper.evidence_id
    deciding.accept(paper.pk, paper.version, work.proposed(paper, values.from_json(paper.reading or {})), act=act)
    erase([case.pk])
    assert Evidence.objects.filter(pk=file).exists()
    assert BroughtPaper.objects.get().evidence_id is None


def test_a_document_of_a_record_that_was_merged_is_decided_on_the_case_that_goes_on(
    bring: Bring, make_in: MakeIn, people: People, act: Act
) -> None:
    kept, repeated = make_in(State.SIN_NSS), make_in(State.SIN_NSS)
    body = sheets.nss_sheet(repeated, own_nss(repeated, people), timezone.localdate())
    paper = bring(body)
    assert paper.case_id == repeated.pk
    proof = a_bundle(act).files.exclude(paper=None).get().paper
    assert proof
    whole = Act(act.actor, act.now)
    why, day = "Es la misma", timezone.localdate()
    order = MergeOrder(kept.pk, repeated.student_id, right_is_other=True, on=day, reason=why, evidence=proof.evidence_id or "")
    assert not merge(order, act=whole).skipped
    assert last_merge(kept.student_id)
    goes_on = Case.objects.filter(student=kept.student_id, state__in=[State.SIN_NSS, State.NSS_OBTENIDO]).get()
    deciding.accept(paper.pk, paper.version, work.proposed(paper, values.from_json(paper.reading or {})), act=act)
    goes_on.refresh_from_db()
    assert goes_on.state == State.ACUSE_ENTREGADO
    assert BroughtPaper.objects.get(pk=paper.pk).case_id == goes_on.pk
