"""Check what docs/invariants.md says of movements (4 and 14) against the whole database, whichever channel they went by."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Final

from django.db.models import Count, Exists, OuterRef, Subquery

from afiliacion.imss.client.port import ALTA, BAJA
from afiliacion.imss.models import Errand, MovementUnderWay
from afiliacion.insurance.facts import CoverHappening
from afiliacion.insurance.models import Cover
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement

Status = Movement.Status
_TYPES: Final = {Errand.Kind.SEND_ALTA.value: ALTA, Errand.Kind.SEND_BAJA.value: BAJA}
#: What the row of an answer must have said for a movement to be this.
_SAID: Final = {
    Status.REFUSED: AnswerRow.Finding.REFUSED, Status.OPERATED: AnswerRow.Finding.OPERATED, Status.REJECTED: AnswerRow.Finding.REJECTED,
}  # fmt: skip


def lotes_are_as_they_were_made(_today: dt.date) -> Iterator[str]:
    """A lote is its bytes, and has as many movements as it was made with."""
    for lote in Lote.objects.annotate(lines=Count("movements")).iterator():
        if hashlib.sha256(bytes(lote.body)).hexdigest() != lote.sha256 or lote.lines != lote.count:
            yield f"{lote} no es como se hizo"


def one_channel_and_no_more_than_imss_said(_today: dt.date) -> Iterator[str]:
    """A movement goes by one channel. Presented, received, operated: each only where IMSS said so, and of what came before it."""
    yield from _under_way()
    yield from _statuses()
    yield from _ended_covers()


def _under_way() -> Iterator[str]:
    errands = Errand.objects.filter(kind__in=_TYPES, status__in=Errand.UNFINISHED).exclude(nss="").values_list("kind", "nss", "registro")
    in_lotes = Movement.objects.filter(status__in=Movement.UNRECEIVED).values_list("type", "nss", "registro")
    found = {(_TYPES[kind], nss, registro) for kind, nss, registro in errands}.union(in_lotes)
    if found != set(MovementUnderWay.objects.values_list("type", "nss", "registro")):
        yield "lo que está en camino no es lo que dicen los movimientos"
    lost = Errand.objects.filter(kind__in=_TYPES, sends=None).values_list("pk", flat=True)
    yield from (f"la gestión {pk} envía un movimiento que no está" for pk in lost)


def _statuses() -> Iterator[str]:
    in_lotes = Movement.objects.filter(lote__isnull=False)
    presented = in_lotes.exclude(status__in=(Status.IN_LOTE, Status.CANCELLED)).filter(lote__sent_on=None)
    yield from (f"movimiento {pk} de un lote que no se presentó" for pk in presented.values_list("pk", flat=True))
    received = in_lotes.filter(status__in=(Status.RECEIVED, Status.OPERATED, Status.REJECTED), lote__received_on=None)
    yield from (f"movimiento {pk} de un lote que el IMSS no recibió" for pk in received.values_list("pk", flat=True))
    applied = AnswerRow.objects.filter(movement=OuterRef("pk"), before__isnull=False, document__status=AnswerDocument.Status.APPLIED)
    for status, finding in _SAID.items():
        unsaid = in_lotes.filter(status=status).exclude(Exists(applied.filter(finding=finding)))
        yield from (f"movimiento {pk} está «{status.label}» sin una respuesta que lo diga" for pk in unsaid.values_list("pk", flat=True))


def _ended_covers() -> Iterator[str]:
    """A cover whose last baja went in a lote ends by it only once that is operated."""
    last = Movement.objects.filter(cover=OuterRef("pk"), type=MovementType.BAJA.value).order_by("-pk").values("status")[:1]
    ended = Cover.objects.filter(ended_by=CoverHappening.BAJA_OPERATED).annotate(baja=Subquery(last)).exclude(baja=None)
    wrong = ended.exclude(baja=Status.OPERATED).values_list("pk", flat=True)
    yield from (f"aseguramiento {pk} terminó sin que se operara su baja" for pk in wrong)
