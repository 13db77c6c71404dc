"""What a student can do by themselves, each through the case's own verbs or the registry."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from afiliacion.cases import evidence, verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import Actor, ActorKind, Outcome
from afiliacion.cases.states import Verb
from afiliacion.reminders.models import BadAddress, OptOut
from students.models import Student

STUDENT = Actor(ActorKind.STUDENT, "Alumno, por su página")


def bring_sheet(case: Case, body: bytes, media_type: str, *, today: dt.date, now: dt.datetime) -> Outcome:
    """Keep the sheet and note that it came; the very same one again is already here."""
    proof = evidence.keep([body], kind=Evidence.Kind.PAPER, media_type=media_type, now=now)[0]
    last = case.events.filter(verb__in=(Verb.RECEIVE_PAPERS, Verb.REJECT_PAPERS)).order_by("-seq").first()
    if last and last.evidence == proof:
        return Outcome([case.pk])
    return verbs.receive_papers([case.pk], [ACUSE_PAPER], on=today, actor=STUDENT, now=now, evidence=proof)


def renounce(case: Case, *, reason: str, tutor: str, today: dt.date, now: dt.datetime) -> Outcome:
    return verbs.renounce([case.pk], on=today, actor=STUDENT, now=now, reason=reason, tutor=tutor)


def want_it_after_all(case: Case, *, today: dt.date, now: dt.datetime) -> Outcome:
    return verbs.withdraw_renuncia([case.pk], on=today, actor=STUDENT, now=now, reason="Lo pidió el alumno por su página")


def correct_contact(case: Case, *, email: str, phone: str) -> None:
    """Write the new e-mail or phone; an address just given is tried again, whatever was refused before."""
    given = {name: value for name, value in (("email", email), ("phone", phone)) if value}
    with transaction.atomic():
        Student.objects.filter(pk=case.student_id).update(**given)
        BadAddress.objects.filter(pk=email).delete()


def end_optional_mail(case: Case, now: dt.datetime) -> None:
    OptOut.objects.get_or_create(student_id=case.student_id, defaults={"at": now})
