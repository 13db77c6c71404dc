"""The addresses we give a student without a password: short enough to type, signed, expiring, revocable, each for one purpose.

A token is `case.lastday.signature`, in Crockford's base 32 (no letter that looks like a digit): it says nothing of the person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import Final

from django.conf import settings
from django.core import signing
from django.db.models import F
from django.utils.crypto import salted_hmac

from afiliacion.cases.models import Case
from afiliacion.reminders.models import PageKey

_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOK_ALIKES: Final = str.maketrans("oil", "011", "-")
#: 80 bits: nobody guesses one, and a hand can still type it.
_SIGNATURE_DIGITS: Final = 16
_LONGEST: Final = 60


class Purpose(Enum):
    """What a token opens, and the path it stands below."""

    PAGE = "a"
    #: Ends the mails the law lets one end, and nothing else.
    UNSUBSCRIBE = "x"


class BadLink(ValueError):
    """A token opens nothing: made up, for something else, revoked or expired. `expired` tells the last apart."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("expired" if expired else "unknown")
        self.expired = expired


class _ShortSigner(signing.Signer):
    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        digest = salted_hmac(f"{self.salt!s}signer", value, key or self.key, algorithm="sha256").digest()
        return _written(int.from_bytes(digest[:10], "big")).rjust(_SIGNATURE_DIGITS, "0")


def page_url(case: Case, today: dt.date) -> str:
    """Where the student of `case` sees and does their part: for a mail, or a QR on paper. Good for STUDENT_LINK_DAYS days."""
    return urls([case.pk], today)[case.pk]


def urls(case_ids: Iterable[int], today: dt.date, purpose: Purpose = Purpose.PAGE) -> dict[int, str]:
    """The addresses of many cases by case id, with one question to the database."""
    wanted = list(case_ids)
    generations = dict(PageKey.objects.filter(pk__in=wanted).values_list("pk", "generation"))
    last_day = (today + dt.timedelta(days=settings.STUDENT_LINK_DAYS)).toordinal()
    return {
        pk: f"{settings.OFFICE_URL}/{purpose.value}/{_signer(purpose, generations.get(pk, 0)).sign(f'{_written(pk)}.{_written(last_day)}')}"
        for pk in wanted
    }


def case_of(token: str, today: dt.date, purpose: Purpose = Purpose.PAGE) -> int:
    """The case (id) a token opens on `today`. Capitals, hyphens and look-alikes of a hand-typed one are forgiven.

    Raises:
        BadLink: it opens nothing.
    """
    typed = token[:_LONGEST].lower().translate(_LOOK_ALIKES)
    try:
        case_id, last_day = (_read(part) for part in typed.split(".")[:2])
        key = PageKey.objects.filter(pk=case_id).values_list("generation", flat=True).first()
        _signer(purpose, key or 0).unsign(typed)
    except (ValueError, OverflowError, signing.BadSignature) as error:
        raise BadLink from error
    if last_day < today.toordinal():
        raise BadLink(expired=True)
    return case_id


def revoke(case: Case) -> None:
    """Make every token given for `case` so far open nothing."""
    PageKey.objects.bulk_create([PageKey(case=case)], ignore_conflicts=True)
    PageKey.objects.filter(pk=case.pk).update(generation=F("generation") + 1)


def _signer(purpose: Purpose, generation: int) -> _ShortSigner:
    return _ShortSigner(salt=f"afiliacion.reminders.links.{purpose.name}.{generation}", sep=".")


def _written(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _read(digits: str) -> int:
    number = 0
    for digit in digits[:13]:
        number = number * 32 + _DIGITS.index(digit)
    if not 0 < number < 2**63:
        raise ValueError(digits)
    return number
