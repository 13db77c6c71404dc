"""The addresses we give a student without a password: short enough to type, signed, expiring, revocable, each for one purpose.

A token is `case.lastday.origin.signature` in base 32: it says nothing of the person. The origin (how it was handed out, and by which
user) goes into what is done with the link: an officer can print one, so its use alone does not prove that it was the student. Links of
an earlier version have no origin.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from django.conf import settings
from django.core import signing
from django.db.models import F
from django.utils.crypto import salted_hmac

from afiliacion import base32
from afiliacion.cases.models import Case
from afiliacion.reminders.models import PageKey

#: 80 bits cannot be guessed, and can still be typed by hand.
_SIGNATURE_DIGITS: Final = 16
_LONGEST: Final = 60
#: An origin is one number: the user's id times this, and the channel.
_CHANNELS: Final = 8


class Purpose(Enum):
    """What a token opens, and the path it stands below."""

    PAGE = "a"
    #: Ends the mails the law lets one end, and nothing else.
    UNSUBSCRIBE = "x"


class LinkChannel(IntEnum):
    """How a link was handed out."""

    MAIL = 1
    PAPER = 2
    #: The mail with the receipt of what was handed in at the counter.
    RECEIPT = 3


@dataclass(frozen=True, slots=True)
class Origin:
    """How a link was handed out and on whose order (a user's id; None: the night's)."""

    channel: LinkChannel = LinkChannel.MAIL
    issuer: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a valid token says: the case (id) it opens and its origin (None: of a version that did not keep it)."""

    case_id: int
    origin: Origin | None


class BadLink(ValueError):
    """A token opens nothing: made up, for something else, revoked or expired. `expired` tells the last apart."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("expired" if expired else "unknown")
        self.expired = expired


class _ShortSigner(signing.Signer):
    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        digest = salted_hmac(f"{self.salt!s}signer", value, key or self.key, algorithm="sha256").digest()
        return base32.encode(int.from_bytes(digest[:10], "big"), _SIGNATURE_DIGITS).lower()


#: What the night's mails carry.
NIGHT_MAIL: Final = Origin()


def page_url(case: Case, today: dt.date, origin: Origin = NIGHT_MAIL) -> str:
    """Return the address where the student of `case` sees and does their part. Valid for STUDENT_LINK_DAYS days."""
    return urls([case.pk], today, origin=origin)[case.pk]


def printed_urls(case_ids: Iterable[int], today: dt.date, issuer: int | None) -> dict[int, str]:
    """Return the addresses that a paper printed by `issuer` (user id) carries, by case id."""
    return urls(case_ids, today, origin=Origin(LinkChannel.PAPER, issuer))


def urls(case_ids: Iterable[int], today: dt.date, purpose: Purpose = Purpose.PAGE, origin: Origin = NIGHT_MAIL) -> dict[int, str]:
    """Return the addresses of many cases by case id, with one query."""
    wanted = list(case_ids)
    generations = dict(PageKey.objects.filter(pk__in=wanted).values_list("pk", "generation"))
    last_day = (today + dt.timedelta(days=settings.STUDENT_LINK_DAYS)).toordinal()
    tail = f"{_written(last_day)}.{_written((origin.issuer or 0) * _CHANNELS + origin.channel)}"
    return {
        pk: f"{settings.OFFICE_URL}/{purpose.value}/{_signer(purpose, generations.get(pk, 0)).sign(f'{_written(pk)}.{tail}')}"
        for pk in wanted
    }


def opened(token: str, today: dt.date, purpose: Purpose = Purpose.PAGE) -> OpenedLink:
    """Return what a token opens on `today`. Capitals, hyphens and look-alikes of a hand-typed one are forgiven.

    Raises:
        BadLink: it opens nothing.
    """
    typed = base32.normalized(token[:_LONGEST]).lower()
    try:
        case_id, last_day, *origin = (_read(part) for part in typed.split(".")[:-1])
        key = PageKey.objects.filter(pk=case_id).values_list("generation", flat=True).first()
        _signer(purpose, key or 0).unsign(typed)
        link = OpenedLink(case_id, _origin(*origin))
    except (ValueError, TypeError, OverflowError, signing.BadSignature) as error:
        raise BadLink from error
    if last_day < today.toordinal():
        raise BadLink(expired=True)
    return link


def case_of(token: str, today: dt.date, purpose: Purpose = Purpose.PAGE) -> int:
    """Return the case (id) a token opens on `today`; see `opened`."""
    return opened(token, today, purpose).case_id


def generation(case: Case) -> int:
    """Return how often the links of `case` were revoked."""
    return PageKey.objects.filter(pk=case.pk).values_list("generation", flat=True).first() or 0


def revoke(case: Case, seen: int) -> bool:
    """Make every token given for `case` so far open nothing, if they were revoked `seen` times until now; whether they were."""
    PageKey.objects.bulk_create([PageKey(case=case)], ignore_conflicts=True)
    return bool(PageKey.objects.filter(pk=case.pk, generation=seen).update(generation=F("generation") + 1))


def _signer(purpose: Purpose, generation: int) -> _ShortSigner:
    return _ShortSigner(salt=f"afiliacion.reminders.letters.links.{purpose.name}.{generation}", sep=".")


def _origin(number: int | None = None) -> Origin | None:
    if number is None:
        return None
    issuer, channel = divmod(number, _CHANNELS)
    return Origin(LinkChannel(channel), issuer or None)


def _written(number: int) -> str:
    return base32.encode(number).lower()


def _read(digits: str) -> int:
    number = base32.decode(digits.upper())
    if not 0 < number < 2**63:
        raise ValueError(digits)
    return number
