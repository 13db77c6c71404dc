"""What a worker does with documents that came in: have them read, find whose they are, judge them, and let the clear ones act.

A wake-up carries nothing: what waits is asked of the rows. A worker claims some with a lease and writes each in a transaction of its own,
so of a worker that dies the next one goes on with what is unread when the lease is over, and of two workers each document is read by one.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Case as Choose
from django.db.models import F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length, Now
from django.utils import timezone

from afiliacion.cases.identity.repeated import goes_on
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.papers_in import matching, reading, values
from afiliacion.papers_in.decide import deciding, notes
from afiliacion.papers_in.decide.acting import NotDone, Noted
from afiliacion.papers_in.judgment import Certainty, Judgment, Proposal, Reason, judge
from afiliacion.papers_in.models import BroughtPaper, Door, MailMessage, PaperRules
from paper_reader.reading import Field, Kind, Reading

log = logging.getLogger(__name__)

#: Documents claimed at once, and bytes given to the reader at once.
BATCH: Final = 30
BYTES: Final = 40 * 2**20
#: The lease outlasts the reading of a batch in which every document takes all the time the reader allows.
LEASE: Final = dt.timedelta(minutes=5)
#: Claims of one document without a result, before it is left to a person unread.
STRIKES: Final = 3
Status = BroughtPaper.Status
READER: Final = Actor(ActorKind.NIGHT, "Lectura de hojas")
_UNREADABLE: Final = Reading(Kind.UNKNOWN, 0, refused="died")
#: Why nothing was read, of what a person may read all the same: a photo, a paper of an unknown layout.
_FOR_A_PERSON: Final = frozenset({"no_text", "unknown_paper", "died"})
_OTHER_SENDER: Final = "Llegó de un correo que no es el registrado del alumno: cualquiera pudo enviarla."
_SAME_FILE: Final = "El mismo archivo ya estaba, con el mismo alumno."
_NO_SHEET: Final = "No es la hoja del NSS: es otro documento."


def due() -> QuerySet[BroughtPaper]:
    """The unread documents that no worker holds (by the database's clock): first what a person waits for, then the bundles'."""
    waited_for = Choose(When(door=Door.OFFICE, then=Value(1)), default=Value(0), output_field=IntegerField())
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return BroughtPaper.objects.filter(free, status=Status.UNREAD).order_by(waited_for, "pk")


def work_due(seconds: float, clock: Callable[[], float] = time.monotonic) -> bool:
    """Read what is due for about so long; whether something is left."""
    until = clock() + seconds
    while clock() < until:
        claimed = _claim(due())
        if not claimed:
            return False
        read_claimed(claimed)
    return due().exists()


def read_now(papers: Sequence[BroughtPaper]) -> None:
    """Read these at once, as a user waits for them; what a worker holds already is left to it."""
    read_claimed(_claim(due().filter(pk__in=[paper.pk for paper in papers])))


def _claim(wanted: QuerySet[BroughtPaper]) -> list[BroughtPaper]:
    """Some of `wanted`, ours for the length of a lease. One that was claimed before without a result comes alone: it may kill us."""
    with transaction.atomic():
        found = list(wanted.select_for_update(skip_locked=True).only("pk", "attempts")[:BATCH])
        chosen = found[:1] if found and found[0].attempts else [paper for paper in found if not paper.attempts]
        ids = [paper.pk for paper in chosen]
        BroughtPaper.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, lease_until=Now() + LEASE)
    rows = BroughtPaper.objects.filter(pk__in=ids).annotate(size=Length("evidence__body")).order_by("pk")
    return list(rows)


def read_claimed(papers: Sequence[BroughtPaper]) -> None:
    """Have the documents read, a portion at a time, and settle each."""
    for portion in _portions(papers):
        tired = [paper for paper in portion if paper.attempts > STRIKES]
        fresh = [paper for paper in portion if paper.attempts <= STRIKES]
        bodies = dict(BroughtPaper.objects.filter(pk__in=[paper.pk for paper in fresh]).values_list("pk", "evidence__body"))
        readings = reading.read([bytes(bodies[paper.pk]) for paper in fresh]) if fresh else []
        for paper, read in [*zip(fresh, readings, strict=True), *((paper, _UNREADABLE) for paper in tired)]:
            _settle_safely(paper, read)


def _portions(papers: Sequence[BroughtPaper]) -> Iterator[list[BroughtPaper]]:
    """The documents in portions that weigh no more than BYTES together, or one that is heavier alone."""
    portion: list[BroughtPaper] = []
    weight = 0
    for paper in papers:
        size: int = paper.size  # type: ignore[attr-defined]  # annotated by _claim
        if portion and weight + size > BYTES:
            yield portion
            portion, weight = [], 0
        portion.append(paper)
        weight += size
    if portion:
        yield portion


def _settle_safely(paper: BroughtPaper, read: Reading) -> None:
    """One document that cannot be settled does not stop the others: it stays unread, is tried again, and is then left to a person."""
    try:
        settle(paper, read)
    except Exception:
        log.exception("the document %s was read and could not be settled", paper.pk)


def settle(claimed: BroughtPaper, read: Reading) -> None:
    """Write what a document says, whose it is and what is proposed; a wrong one is refused, and a clear one acts where the plantel lets it.

    What an officer brought for a student by name, or has in front of them, only they refuse. Nothing happens if another worker has the
    document by now.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = BroughtPaper.objects.select_for_update(of=("self",)).select_related("case__student", "case__plantel")
        paper = rows.filter(pk=claimed.pk, status=Status.UNREAD, attempts=claimed.attempts).first()
        if paper is None:
            return
        named = paper.case_id is not None and paper.door != Door.STUDENT
        case = _whose(paper, read)
        judgment = _judge(paper, case, read, now)
        _write(paper, read, judgment)
        if case and paper.case_id is None and not _given_to(paper, case, now):
            return
        if judgment.certainty is Certainty.REFUSED and not named and paper.door != Door.COUNTER:
            why = " ".join(reason.text for reason in judgment.reasons[:1])[:500]
            deciding.refuse_locked(paper, why, _by_reader(paper, now))
        elif not named:
            _tell_case(paper, read, _by_reader(paper, now))
    _act_alone(paper, read, judgment)


def _whose(paper: BroughtPaper, read: Reading) -> Case | None:
    if paper.case:
        case = goes_on(paper.case)
        return Case.objects.select_related("student", "plantel", "enrolment__ciclo").get(pk=case.pk)
    planteles = None if paper.planteles is None else frozenset(paper.planteles)
    return matching.case_for(read, planteles) or _sender_s(paper)


def _sender_s(paper: BroughtPaper) -> Case | None:
    """The case of who has the address a mail came from, where the document does not say whose it is."""
    cases = Case.objects.filter(pk__in=MailMessage.objects.filter(papers=paper, case__isnull=False).values("case"))
    return cases.select_related("student", "plantel", "enrolment__ciclo").first()


def _judge(paper: BroughtPaper, case: Case | None, read: Reading, now: dt.datetime) -> Judgment:
    today = case.plantel.day(now) if case else timezone.localdate(now)
    judgment = judge(read, matching.known(case, read, paper) if case else None, today)
    judgment = _with_sender(paper, case, judgment)
    for_a_person = read.refused in _FOR_A_PERSON or (read.kind is Kind.UNKNOWN and not read.refused)
    return judgment._replace(certainty=Certainty.DOUBTFUL) if for_a_person else judgment


def _with_sender(paper: BroughtPaper, case: Case | None, judgment: Judgment) -> Judgment:
    """Of a mail: a doubt, if it did not come from the address on record of the student it is of. From it, it proves nothing either."""
    if paper.door != Door.MAIL or case is None or MailMessage.objects.filter(papers=paper, case__student=case.student_id).exists():
        return judgment
    reasons = (*judgment.reasons, Reason("sender", _OTHER_SENDER))
    certainty = Certainty.DOUBTFUL if judgment.certainty is Certainty.CLEAR else judgment.certainty
    return judgment._replace(certainty=certainty, reasons=reasons)


def _write(paper: BroughtPaper, read: Reading, judgment: Judgment) -> None:
    paper.kind, paper.reading = read.kind, values.as_json(read)
    paper.proposal, paper.certainty = judgment.proposal, judgment.certainty
    paper.reasons = [list(reason) for reason in judgment.reasons]
    paper.status, paper.version, paper.lease_until = Status.WAITING, paper.version + 1, None
    paper.save()


def _given_to(paper: BroughtPaper, case: Case, now: dt.datetime) -> bool:
    """Make it the document of this case; False if the case has the same file, and this row is put aside."""
    other = BroughtPaper.objects.filter(evidence=paper.evidence_id, plantel=case.plantel_id, case=case).first()
    if other is None:
        paper.case, paper.plantel_id = case, case.plantel_id
        paper.save(update_fields=["case", "plantel"])
        return True
    paper.instead = other
    paper.save(update_fields=["instead"])
    deciding.set_aside(paper.pk, paper.version, _SAME_FILE, act=Act(READER, now, frozenset()))
    return False


def _by_reader(paper: BroughtPaper, now: dt.datetime) -> Act:
    return Act(READER, now, frozenset({paper.plantel_id} if paper.plantel_id else ()))


def _tell_case(paper: BroughtPaper, read: Reading, act: Act) -> None:
    """What the case is told before a person looks: that its sheet came, or that what came as it is none. A mail proves nothing."""
    if paper.case_id and read.kind in values.SHEETS and paper.door != Door.MAIL:
        notes.sheet_came(paper, act)
    elif paper.case_id and read.kind not in {*values.SHEETS, Kind.UNKNOWN, Kind.WEB_PAGE}:
        notes.no_sheet(paper, _NO_SHEET, act)


def _act_alone(paper: BroughtPaper, read: Reading, judgment: Judgment) -> None:
    """Let a clear document act, where its plantel lets it and it did not come by mail; if a verb refuses it, a person looks at it."""
    lets = judgment.certainty is Certainty.CLEAR and judgment.proposal is not Proposal.NOTHING and paper.door != Door.MAIL
    if not lets or paper.case is None or not PaperRules.objects.filter(plantel=paper.plantel_id, clear_acts=True).exists():
        return
    act = Act(READER, timezone.now(), frozenset({paper.case.plantel_id}))
    try:
        deciding.accept(paper.pk, paper.version, proposed(paper, read), act=act)
    except NotDone as why:
        log.info("%s: no act of its own, %s", paper.pk, why)


def proposed(paper: BroughtPaper, read: Reading) -> Noted:
    """What a document proposes, with the values that were read."""
    return Noted(
        Proposal(paper.proposal or Proposal.NOTHING), values.text_of(read, Field.NSS), values.day_of(read, Field.ISSUED_ON),
        values.text_of(read, Field.UMF), values.text_of(read, Field.TURNO), values.text_of(read, Field.CONSULTORIO),
        values.text_of(read, Field.REGISTRO_PATRONAL),
    )  # fmt: skip
