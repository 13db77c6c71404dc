"""Check docs/invariants.md against the whole database at once: what a rehearsal ends with."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from afiliacion.cases import counters
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, Event, Evidence, Transition, folio
from afiliacion.cases.outcome import ActorKind
from afiliacion.cases.states import OPEN_STATES, State, Verb
from afiliacion.imss.models import Answer
from afiliacion.insurance import log as cover_log
from afiliacion.insurance.settle import disagreements
from afiliacion.operations.simulation import movement_checks
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.models import Reminder, ReminderKind
from students.models import Student
from students.nss import Nss, NssError

Finding = Iterator[str]


def violations(today: dt.date) -> list[str]:
    """Every violation found, «number. what», in the order of docs/invariants.md; empty when all is true."""
    return [f"{number}. {found}" for number, check in _CHECKS.items() for found in check(today)]


def _moves_by_the_table(_today: dt.date) -> Finding:
    known = Transition.objects.filter(verb=OuterRef("verb"), from_state=OuterRef("from_state"), to_state=OuterRef("to_state"))
    yield from (f"{folio(pk)} se movió fuera de la tabla" for pk in Event.objects.exclude(Exists(known)).values_list("case_id", flat=True))


def _vigente_on_evidence(_today: dt.date) -> Finding:
    """The proof exists, says SI, and is about this very CURP."""
    vigentes = Case.objects.filter(state=State.VIGENTE).values_list("pk", "student__curp", "vigencia_evidence")
    bodies = dict(Evidence.objects.filter(sha256__in=[sha for _, _, sha in vigentes]).values_list("sha256", "body"))
    for pk, curp, sha in vigentes:
        body = bytes(bodies.get(sha, b""))
        if curp.encode() not in body or b'"SI"' not in body:
            yield f"{folio(pk)} está vigente sin una respuesta del IMSS que lo diga de su CURP"


def _one_nss_each(_today: dt.date) -> Finding:
    for student, number in Student.objects.exclude(nss=None).values_list("pk", "nss"):
        try:
            Nss.parse(str(number))
        except NssError as error:
            yield f"alumno {student}: {error}"
    yield from (f"NSS repetido en {n} alumnos" for n in _repeated(Student.objects.exclude(nss=None).values("nss")))


def _cases_and_lotes_once(today: dt.date) -> Finding:
    pairs = Case.objects.filter(state__in=OPEN_STATES).values("student", "plantel")
    yield from (f"{n} expedientes abiertos de un alumno en un plantel" for n in _repeated(pairs))
    yield from movement_checks.lotes_are_as_they_were_made(today)


def _one_reminder(_today: dt.date) -> Finding:
    for found in mail_faults().values():
        yield from found


def mail_faults() -> dict[str, list[str]]:
    """Return the faults of the mails to students and tutors, by kind; each kind with its sentences, none if there is no fault."""
    rows = Reminder.objects.exclude(case=None).values("case", "kind", "step", "recipient")
    mails = Reminder.objects.exclude(case=None).exclude(status=Reminder.Status.DROPPED).filter(part_of=None)
    mails = mails.exclude(audience=ReminderKind.Audience.RECEIPT)
    found: dict[str, list[str]] = {
        "repetidos": [
            *(f"{n} veces el mismo aviso" for n in _repeated(rows)),
            *(f"{n} correos a una persona en una noche" for n in _repeated(mails.values("student", "audience", "night"))),
        ],
        "a deshoras": [], "a quien ya lo había hecho": [], "de más en una semana": [],
    }  # fmt: skip
    for what, sentence in _badly_timed(mails.filter(status=Reminder.Status.SENT)):
        found[what].append(sentence)
    return found


def _badly_timed(sent: QuerySet[Reminder]) -> Iterator[tuple[str, str]]:
    """Mails at a quiet hour, about what was done already, or beyond what a week may have."""
    hours, week = Hours(), dt.timedelta(days=7)
    last = Event.objects.filter(case=OuterRef("case"), at__lte=OuterRef("sent_at")).order_by("-seq").values("to_state")[:1]
    nights: dict[tuple[int | None, str], list[dt.date]] = defaultdict(list)
    for mail in sent.annotate(then=Subquery(last)).select_related("kind", "case").order_by("night"):
        plantel = mail.case.plantel_id if mail.case else None
        if mail.sent_at is None or not hours.is_open(plantel, mail.sent_at):
            yield "a deshoras", f"{mail.case} recibió un correo a deshoras ({mail.sent_at:%d/%m/%Y %H:%M} UTC)"
        if mail.then not in mail.kind.states:
            yield "a quien ya lo había hecho", f"{mail.case} recibió «{mail.kind}» cuando ya estaba en {mail.then}"
        theirs = nights[mail.student_id, mail.audience]
        theirs.append(mail.night)
        if sum(night > mail.night - week for night in theirs) > hours.rule(plantel).per_week:
            yield (
                "de más en una semana",
                f"{mail.case} recibió más correos de los que permite su plantel en la semana del {mail.night:%d/%m/%Y}",
            )


def _others_answers_not_applied(_today: dt.date) -> Finding:
    """No quarantined or unreadable answer is used as evidence."""
    apart = Answer.objects.filter(verdict__in=(Answer.Verdict.QUARANTINED, Answer.Verdict.UNREADABLE)).values_list("body", flat=True)
    hashes = [hashlib.sha256(body).hexdigest() for body in apart.iterator()]
    based_on_them = Event.objects.filter(evidence__in=hashes).values_list("case_id", flat=True)
    yield from (f"{folio(pk)} se apoya en una respuesta apartada" for pk in based_on_them)


def _stored_is_derived(_today: dt.date) -> Finding:
    yield from map(str, differences())
    yield from counters.differences()
    yield from counters.wrong_copies()


def _history_is_whole(_today: dt.date) -> Finding:
    yield from (f"{folio(pk)}: {problem}" for pk, problem in broken_chains())


def _imss_moves_have_proof(_today: dt.date) -> Finding:
    """The answer behind each event of IMSS is kept by hash (receipts are in the event itself)."""
    events = Event.objects.filter(actor_kind=ActorKind.IMSS, evidence="").exclude(verb__in=(Verb.SEND_ALTA, Verb.SEND_BAJA))
    yield from (f"{folio(pk)} cambió por el IMSS sin respuesta guardada" for pk in events.values_list("case_id", flat=True))


def _repeated(rows: object) -> Iterator[int]:
    yield from rows.annotate(n=Count("pk")).filter(n__gt=1).values_list("n", flat=True)  # type: ignore[attr-defined]  # any queryset of values


#: By the number docs/invariants.md gives each; the others are about screens and imports, and have their own tests.
def _covers_are_told(today: dt.date) -> Finding:
    """What IMSS proved about a cover stands in every case that carries it, and a baja is owed exactly of those that no case carries."""
    yield from map(str, disagreements(today))
    yield from (f"aseguramiento {pk}: {problem}" for pk, problem in cover_log.broken())


_CHECKS: Final[dict[int, Callable[[dt.date], Finding]]] = {
    1: _moves_by_the_table,
    2: _vigente_on_evidence,
    3: _one_nss_each,
    4: _cases_and_lotes_once,
    5: _one_reminder,
    6: _imss_moves_have_proof,
    7: _others_answers_not_applied,
    10: _stored_is_derived,
    11: _history_is_whole,
    13: _covers_are_told,
    14: movement_checks.one_channel_and_no_more_than_imss_said,
}
