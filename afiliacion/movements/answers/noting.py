"""The acuse de recibo of a lote, noted by a person from the paper: a document as any other, applied at once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction

from afiliacion.cases.outcome import Act
from afiliacion.movements.answers import applying, bringing
from afiliacion.movements.answers.findings import Judged, finding_for
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement
from afiliacion.movements.sending import NotDone, standing

_NOT_SENT: Final = "Primero anote que se presentó en IDSE, con su número de lote."
_RECEIVED: Final = "El acuse de recibo de ese lote ya está anotado."


def receive(lote_id: int, *, on: dt.date, refused: Mapping[str, str], act: Act) -> AnswerDocument:
    """Note the acuse de recibo: IMSS has all movements of a lote but those refused (clave or NSS -> reason). The cases move.

    Raises:
        NotDone: it was not sent, is received already, or a key names no movement of it.
    """
    with transaction.atomic():
        lote = standing(lote_id)
        _may_be_received(lote, on)
        rows = list(lote.movements.select_related("lote").order_by("position"))
        body = "\n".join(
            [f"lote {lote.pk}, {on:%d/%m/%Y}, {act.now.isoformat()}", *(f"{key} {why}" for key, why in refused.items())]
        ).encode()
        document = AnswerDocument.objects.create(
            kind=AnswerDocument.Kind.NOTED, status=AnswerDocument.Status.PENDING, lote=lote, planteles=lote.planteles,
            filename="Anotado a mano", body=body, sha256=hashlib.sha256(body).hexdigest(), number=lote.number, on=on,
            brought_at=act.now, brought_by_id=act.actor.user_id, brought_name=act.actor.name,
        )  # fmt: skip
        bringing.write_rows(document, _judged(rows, _named(rows, refused)))
        return applying.apply(document.pk, act=act)


def _may_be_received(lote: Lote, on: dt.date) -> None:
    if lote.sent_on is None:
        raise NotDone(_NOT_SENT)
    if lote.received_on:
        raise NotDone(_RECEIVED)
    if on < lote.sent_on:
        raise NotDone(f"El lote se presentó el {lote.sent_on:%d/%m/%Y}: no pudo recibirse antes.")


def _named(rows: Sequence[Movement], refused: Mapping[str, str]) -> dict[int, str]:
    known = {key: row.pk for row in rows for key in (row.clave, row.nss)}
    unknown = [key for key in refused if key not in known]
    if unknown:
        raise NotDone(f"No son de este lote: {', '.join(unknown[:5])}. Escriba la clave o el NSS como están en el lote.")
    return {known[key]: reason for key, reason in refused.items()}


def _judged(rows: Sequence[Movement], refused: Mapping[int, str]) -> list[Judged]:
    return [
        Judged({"mensaje": refused[row.pk]}, row, finding_for(AnswerRow.Finding.REFUSED, row)) if row.pk in refused
        else Judged({}, row, finding_for(AnswerRow.Finding.RECEIVED, row))
        for row in rows
    ]  # fmt: skip
