"""What a student can do by themselves, each through the case's own verbs or the registry. Each says by whose link it was done."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from afiliacion.cases import verbs
from afiliacion.cases.history import record_changes
from afiliacion.cases.models import Case, RecordChange
from afiliacion.cases.outcome import Act, Actor, ActorKind, Outcome
from afiliacion.papers_in import bringing
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.decide import notes
from afiliacion.papers_in.models import BroughtPaper, Door
from afiliacion.reminders.decide import codes
from afiliacion.reminders.letters.links import LinkChannel
from afiliacion.reminders.letters.links import Origin as LinkOrigin
from afiliacion.reminders.models import AddressChange, BadAddress, OneTimeCode, OptOut
from students.models import Student

#: The act a code confirms, and how its mail names it.
RENOUNCE: Final = "renuncia"
_RENOUNCING: Final = "renunciar al seguro de estudiante"
WRONG_CODE: Final = "Ese código no es, ya se usó o caducó. Pide otro si hace falta."
_ORIGINS: Final = {
    LinkChannel.MAIL: ("liga del correo de la noche", "liga del correo que pidió {}"),
    LinkChannel.PAPER: ("liga impresa", "liga impresa por {}"),
    LinkChannel.RECEIPT: ("liga del recibo de ventanilla", "liga del recibo de ventanilla que envió {}"),
}

#: How the fields stand in the record of changes.
_CONTACT: Final = {"email": "correo", "phone": "teléfono"}


def student(origin: LinkOrigin | None) -> Actor:
    """Return the student as actor, with how the link that was used had been handed out, and by whom."""
    return Actor(ActorKind.STUDENT, f"Alumno, por su página ({described(origin)})"[:320])


def described(origin: LinkOrigin | None) -> str:
    """Say in Spanish how a link was handed out, and by whom; None: it is older than the office keeps that."""
    if origin is None:
        return "liga anterior"
    unnamed, named = _ORIGINS[origin.channel]
    issuer = User.objects.filter(pk=origin.issuer).first() if origin.issuer else None
    return named.format(issuer.get_full_name() or issuer.username) if issuer else unnamed


def bring_paper(
    case: Case, body: bytes, filename: str = "", *, origin: LinkOrigin | None = None, today: dt.date, now: dt.datetime
) -> Outcome:  # fmt: skip
    """Keep the document and have it read; where the sheet is still wanted, note that it came. The very same file again changes nothing."""
    act = Act(student(origin), now, frozenset({case.plantel_id}))
    with transaction.atomic():
        paper, _ = bringing.bring(body, filename, Origin(Door.STUDENT, today, act), case)
        outcome = notes.sheet_came(paper, act, replaces=True)
        return outcome if outcome.skipped else Outcome([case.pk])


def last_brought(case: Case) -> BroughtPaper | None:
    """The last document the student brought by their page for this case."""
    return BroughtPaper.objects.filter(case=case, door=Door.STUDENT).order_by("-pk").first()


def ask_to_renounce(case: Case, *, now: dt.datetime) -> OneTimeCode:
    """Send the code that confirms a renuncia.

    Raises:
        codes.NoCode: it cannot be confirmed by mail; str() says why and what to do.
    """
    with transaction.atomic():
        return codes.send(case, RENOUNCE, _RENOUNCING, now=now)


def renounce(case: Case, code: str, *, origin: LinkOrigin | None, reason: str, tutor: str, today: dt.date, now: dt.datetime) -> Outcome:
    """Renounce, if `code` confirms it; a renuncia that does not proceed uses up no code."""
    if not codes.redeem(case, RENOUNCE, code, now=now):
        return Outcome(skipped={case.pk: WRONG_CODE})
    outcome = verbs.renounce([case.pk], on=today, act=Act(student(origin), now), reason=reason, tutor=tutor)
    if not outcome.done:
        codes.give_back(case, RENOUNCE, now=now)
    return outcome


def want_it_after_all(case: Case, *, origin: LinkOrigin | None, today: dt.date, now: dt.datetime) -> Outcome:
    """Withdraw the renuncia."""
    return verbs.withdraw_renuncia([case.pk], on=today, act=Act(student(origin), now), reason="Lo pidió el alumno por su página")


def correct_contact(case: Case, *, email: str, phone: str, origin: LinkOrigin | None, now: dt.datetime) -> None:
    """Write the new e-mail or phone (empty: unchanged), note by whose link, and tell the old address of a new one.

    An address just given is tried again, whatever was refused before.
    """
    given = {name: value for name, value in (("email", email), ("phone", phone)) if value}
    with transaction.atomic():
        before = Student.objects.select_for_update().get(pk=case.student_id)
        changed = {name: value for name, value in given.items() if getattr(before, name) != value}
        Student.objects.filter(pk=case.student_id).update(**given)
        told = "email" in changed and codes.tell_of_change(case, before.email, email, now=now)
        BadAddress.objects.filter(pk=email).delete()
        record_changes.note(
            case.student_id, RecordChange.What.CONTACT,
            {_CONTACT[name]: getattr(before, name) for name in changed}, {_CONTACT[name]: value for name, value in changed.items()},
            Act(student(origin), now),
        )  # fmt: skip
        if "email" in changed and not told:
            last = AddressChange.objects.filter(student=case.student_id, whose=AddressChange.Owner.STUDENT).order_by("-at", "-pk")
            AddressChange.objects.filter(pk__in=last.values("pk")[:1]).update(untold=True)


def end_optional_mail(case: Case, now: dt.datetime) -> None:
    """Send the student no optional mail any more."""
    OptOut.objects.get_or_create(student_id=case.student_id, defaults={"at": now})


def resume_optional_mail(case: Case) -> None:
    """Send the student optional mail again."""
    OptOut.objects.filter(student_id=case.student_id).delete()
