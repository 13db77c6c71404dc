"""The register of issued papers: a folio for each, and what the public page may say of a folio.

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

from afiliacion import base32
from afiliacion.cases.outcome import Actor
from afiliacion.documents.layout.blocks import Paper, Stamp
from afiliacion.documents.models import Issued

_CHECK_LENGTH: Final = 12
_SERIAL: Final = re.compile(r"\d{1,18}", re.ASCII)


class FolioStatus(Enum):
    """What the register says of a folio."""

    GENUINE = "genuine"
    #: Altered, miscopied or never issued: telling them apart would tell which numbers exist.
    NOT_GENUINE = "not genuine"
    NOT_A_FOLIO = "not a folio"


@dataclass(frozen=True, slots=True)
class FolioCheck:
    """The status of a folio and, only if it is genuine, its row."""

    status: FolioStatus
    issued: Issued | None = None


def issue(papers: Sequence[Paper], *, by: Actor, now: dt.datetime) -> list[Stamp]:
    """Register the papers (those already issued keep their row) and return the stamp of each, in order."""
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


def verify(text: str) -> FolioCheck:
    """Look up a folio as it was typed or scanned."""
    typed = base32.normalized(re.sub(r"[^0-9A-Z]", "", text.upper()).removeprefix("D"))
    serial, check = typed[:-_CHECK_LENGTH], typed[-_CHECK_LENGTH:]
    if not _SERIAL.fullmatch(serial):
        return FolioCheck(FolioStatus.NOT_A_FOLIO)
    issued = Issued.objects.filter(pk=int(serial)).select_related("plantel").first()
    matches = constant_time_compare(check, issued.check_part if issued else "-" * _CHECK_LENGTH)
    return FolioCheck(FolioStatus.GENUINE, issued) if matches else FolioCheck(FolioStatus.NOT_GENUINE)


def _check_part(digest: str) -> str:
    """Return sixty bits, as base 32, that only this office can compute from the digest (hex) of a paper."""
    number = int.from_bytes(salted_hmac("afiliacion.documents.folio", digest, algorithm="sha256").digest()[:8]) >> 4
    return base32.encode(number, _CHECK_LENGTH)


def _stamp(issued: Issued) -> Stamp:
    foot = f"Folio {issued.folio}. Expedido el {timezone.localtime(issued.issued_at):%d/%m/%Y a las %H:%M} por {issued.issued_name}."
    return Stamp(issued.folio, f"{settings.OFFICE_URL}/v/{issued.folio}", f"{foot} Huella {issued.fingerprint}.")
