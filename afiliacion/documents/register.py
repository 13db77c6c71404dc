"""The register of what we issued: a folio for each paper, and what a stranger may learn of a folio.

The same paper printed again is the same row and the same folio, so a jammed printer or a killed worker issues nothing twice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from afiliacion.cases.outcome import Actor
from afiliacion.documents.blocks import Paper, Stamp
from afiliacion.documents.models import Issued

#: Crockford's digits: no I, L, O nor U, which people take for others.
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_LENGTH: Final = 12
_LIKE: Final = str.maketrans("OIL", "011")
_SERIAL: Final = re.compile(r"\d{1,18}", re.ASCII)


class Standing(Enum):
    """What the register says of a folio."""

    GENUINE = "genuine"
    ALTERED = "altered"
    NEVER_ISSUED = "never issued"
    NOT_A_FOLIO = "not a folio"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The standing of a folio and, only if it is genuine, its row."""

    standing: Standing
    issued: Issued | None = None


def issue(papers: Sequence[Paper], *, by: Actor, now: dt.datetime) -> list[Stamp]:
    """Write the papers down (those already issued keep their row) and return the stamp of each, in order."""
    digests = [paper.digest for paper in papers]
    Issued.objects.bulk_create(
        [
            Issued(
                kind=paper.kind, plantel_id=paper.plantel_id, case_id=paper.case_id, digest=digest, check_part=_check_part(digest),
                issued_at=now, issued_by_id=by.user_id, issued_name=by.name,
            )
            for paper, digest in zip(papers, digests, strict=True)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    rows = {row.digest: row for row in Issued.objects.filter(digest__in=digests)}
    return [_stamp(rows[digest]) for digest in digests]


def verify(text: str) -> Verdict:
    """What the register says of a folio as somebody typed or scanned it."""
    signs = re.sub(r"[^0-9A-Z]", "", text.upper()).removeprefix("D").translate(_LIKE)
    serial, check = signs[:-_CHECK_LENGTH], signs[-_CHECK_LENGTH:]
    if not _SERIAL.fullmatch(serial):
        return Verdict(Standing.NOT_A_FOLIO)
    issued = Issued.objects.filter(pk=int(serial)).select_related("plantel").first()
    if issued is None:
        return Verdict(Standing.NEVER_ISSUED)
    return Verdict(Standing.GENUINE, issued) if constant_time_compare(check, issued.check_part) else Verdict(Standing.ALTERED)


def _check_part(digest: str) -> str:
    """Sixty bits that only this office can work out from what was printed."""
    number = int.from_bytes(salted_hmac("afiliacion.documents.folio", digest, algorithm="sha256").digest()[:8]) >> 4
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_CHECK_LENGTH)))


def _stamp(issued: Issued) -> Stamp:
    foot = f"Folio {issued.folio}. Expedido el {timezone.localtime(issued.issued_at):%d/%m/%Y a las %H:%M} por {issued.issued_name}."
    return Stamp(issued.folio, f"{settings.OFFICE_URL}/v/{issued.folio}", f"{foot} Huella {issued.fingerprint}.")
