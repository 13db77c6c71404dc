"""One-time codes by mail, for what a link and a date of birth are not enough for: an officer can print the one and knows the other.

A code goes to the student's address on record, of a minor to the tutor's, at once and at any hour. An address that was changed lately,
in whatever way, is no proof: who wants to act as the student would change it first.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from afiliacion.cases.clock import long_date
from afiliacion.cases.models import Case
from afiliacion.cases.papers.required import is_minor
from afiliacion.reminders.address import address
from afiliacion.reminders.letters.codes import KIND, code_of
from afiliacion.reminders.models import AddressChange, BadAddress, MailPause, MailStop, OneTimeCode, Reminder, ReminderKind, Tutor

#: Wrong tries that end a code.
TRIES: Final = 5
CHANGED: Final = "correo_cambiado"
#: Mails that cannot wait are put before the whole queue, which is in the order of `send_after`.
_AHEAD: Final = dt.timedelta(days=30)
_AT_COUNTER: Final = "Lleva tu carta firmada a la ventanilla de tu plantel."


class NoCode(Exception):
    """No code can be sent; str() tells the student why and what to do instead, in Spanish."""


def send(case: Case, act: str, what: str, *, now: dt.datetime) -> OneTimeCode:
    """Queue a code with which the student (of a minor, the tutor) of `case` confirms `act` (a key); earlier codes for it end.

    `what`: the act as the mail names it. Needs a transaction and the case's student and plantel.

    Raises:
        NoCode: there is no address to send it to, or none that proves anything, or no mail goes out.
    """
    today = timezone.localdate(now)
    name, to = _recipient(case, today)
    _check_usable(case, to, now, minor=is_minor(case.student.birth_date, today))
    minutes = settings.STUDENT_CODE_MINUTES
    mail = _queue(case, KIND, to, {"tramite": what, "minutos": str(minutes), "destinatario": name}, now)
    OneTimeCode.objects.filter(case=case, act=act, used_at=None, expires_at__gt=now).update(expires_at=now)
    return OneTimeCode.objects.create(case=case, act=act, mail=mail, expires_at=now + dt.timedelta(minutes=minutes))


def redeem(case: Case, act: str, typed: str, *, now: dt.datetime) -> bool:
    """Use up the code for `act` if `typed` is it; False if it is not, has expired or was tried too often.

    Each try is counted before it is compared, in one statement: many at once have no more tries than one after the other.
    """
    live = OneTimeCode.objects.filter(case=case, act=act, used_at=None, expires_at__gt=now).order_by("-pk")
    code = live.select_related("mail").first()
    if code is None or not OneTimeCode.objects.filter(pk=code.pk, used_at=None, tries__lt=TRIES).update(tries=F("tries") + 1):
        return False
    digits = "".join(filter(str.isdecimal, typed))
    return constant_time_compare(digits, code_of(code.mail)) and bool(
        OneTimeCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now)
    )


def give_back(case: Case, act: str, *, now: dt.datetime) -> None:
    """Make the code just used up for `act` valid again: what it confirmed did not proceed."""
    last = OneTimeCode.objects.filter(case=case, act=act, used_at=now).order_by("-pk").values("pk")[:1]
    OneTimeCode.objects.filter(pk__in=last).update(used_at=None)


def tell_of_change(case: Case, old: str, new: str, *, now: dt.datetime) -> bool:
    """Tell the old address (as on record) that the student's mail goes to `new` from now on; False if it cannot be written to.

    Needs a transaction.
    """
    to = address(old)
    if not to or BadAddress.objects.filter(pk=to).exists():
        return False
    when = timezone.localtime(now)
    data = {"correo_nuevo": hidden(new), "recibido": f"{long_date(when.date())} a las {when:%H:%M}"}
    _queue(case, CHANGED, to, data, now)
    return True


def hidden(email: str) -> str:
    """Return an address fit to be shown to who may not be its owner: «b•••@gmail.com»."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"


def _recipient(case: Case, today: dt.date) -> tuple[str, str]:
    """Return the name and address of the person who must confirm; the address may be empty."""
    if not is_minor(case.student.birth_date, today):
        return case.student.nombre, address(case.student.email)
    tutor = Tutor.objects.filter(pk=case.student_id).first()
    return (tutor.name, address(tutor.email)) if tutor else ("", "")


def _check_usable(case: Case, to: str, now: dt.datetime, *, minor: bool) -> None:
    whose = "de tu mamá, papá o tutor" if minor else "tuyo"
    if not to:
        raise NoCode(f"Para hacerlo desde aquí tu plantel debe tener un correo {whose}, y no lo tiene. {_AT_COUNTER}")
    if BadAddress.objects.filter(pk=to).exists():
        raise NoCode(f"El correo {whose} que tiene tu plantel no sirve. {_AT_COUNTER}")
    if _changed_lately(case, minor=minor, now=now):
        raise NoCode(
            f"El correo {whose} que tiene tu plantel cambió hace menos de {settings.STUDENT_ADDRESS_DAYS} días. Por seguridad, "
            f"mientras tanto no se puede hacer desde aquí. {_AT_COUNTER}"
        )
    stopped = MailStop.objects.filter(Q(plantel=None) | Q(plantel=case.plantel_id), lifted_at=None).exists()
    if stopped or MailPause.in_force(now):
        raise NoCode(f"En este momento tu plantel no puede enviar correos. Inténtalo más tarde. Si te urge: {_AT_COUNTER.lower()}")


def _changed_lately(case: Case, *, minor: bool, now: dt.datetime) -> bool:
    """Whether the address changed in the last STUDENT_ADDRESS_DAYS days, or last by the link without the old address being told."""
    whose = AddressChange.Owner.TUTOR if minor else AddressChange.Owner.STUDENT
    last = AddressChange.objects.filter(student=case.student_id, whose=whose).order_by("-at", "-pk").first()
    return last is not None and (last.untold or last.at > now - dt.timedelta(days=settings.STUDENT_ADDRESS_DAYS))


def _queue(case: Case, kind_key: str, to: str, data: dict[str, Any], now: dt.datetime) -> Reminder:
    kind = ReminderKind.objects.get(key=kind_key)
    return Reminder.objects.create(
        kind=kind, audience=kind.audience, case=case, student=case.student, step=str(uuid.uuid4()), recipient=to,
        night=timezone.localdate(now), data=data, created_at=now, send_after=now - _AHEAD,
    )  # fmt: skip
