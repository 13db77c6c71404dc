"""What IMSS tells of persons unknown here under a number: an answer with a row of no movement of ours, a list of its insured."""

from __future__ import annotations

import datetime as dt
import io
import itertools

from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.movements import sending
from afiliacion.movements.answers import applying
from afiliacion.movements.models import AnswerRow
from afiliacion.reconciliation import strangers
from afiliacion.reconciliation.insured import keeping
from afiliacion.reconciliation.models import Attended, InsuredList
from tests.movements.answers import as_csv, bring, rows
from tests.movements.lotes import a_lote

OURS = "A0112345321"
#: Numbers of no student whose check digit holds.
STRANGERS = ("03230500013", "15967600014", "92038512346")
_NUMBERS = itertools.count(900)


def a_strange_row(case: Case, act: Act, name: str = "FICTICIA PRUEBA", number: str = STRANGERS[0], **said: str) -> AnswerRow:
    """The answer of a lote of the case, applied, in which IMSS tells of an alta the office did not send too."""
    lote = a_lote(case, act)
    lote = sending.mark_sent(lote.pk, number=f"{next(_NUMBERS)}", signed_by="Ángela Núñez", on=timezone.localdate(act.now), act=act)
    (row,) = rows(lote)
    stranger = {**row, "nss": number, "claveTrabajador": "NADIE", **said}
    both = [{**each, "nombreSINDO": written} for each, written in ((row, ""), (stranger, name))]
    document = applying.apply(bring(as_csv(both), act, "respuesta.csv").pk, act=act)
    return document.rows.get(finding=AnswerRow.Finding.STRANGE)


def attended(case: Case, act: Act, **said: str) -> Attended:
    """Such a row, and that it was seen to."""
    row = a_strange_row(case, act, **said)
    assert strangers.attend([row.pk], [OURS], {}, "Se capturó su baja en IDSE.", act=act) == 1
    return Attended.objects.get(row=row)


def list_of(*numbers: str) -> bytes:
    """A list of IMSS that names these, each with a name and the day since when."""
    lines = [f"{number},ASEGURADO FICTICIO {n},05/02/2026" for n, number in enumerate(numbers, 1)]
    return "\n".join(["Número de seguridad social,Nombre del asegurado,Fecha alta", *lines]).encode()


def a_list(act: Act, *numbers: str, on: dt.date | None = None, registro: str = OURS) -> InsuredList:
    """Such a list, kept; of the day of the act if none is given."""
    day = on or timezone.localdate(act.now)
    return keeping.bring(io.BytesIO(list_of(*numbers)), "asegurados.csv", registro=registro, on=day, act=act)
