"""Movimientos at a glance, per registro patronal and type; and the page of one of them: what its next lote takes and what is held back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.cases import counters
from afiliacion.cases.states import State
from afiliacion.dashboard.movements import rejected
from afiliacion.dashboard.movements.answer_forms import BringForm
from afiliacion.dashboard.movements.forms import DateForm
from afiliacion.dashboard.movements.visible import documents, lotes
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.dashboard.worklist.filters import Filters, Flag
from afiliacion.database.batch_queries import Batch, Parameter, together
from afiliacion.imss.models import ImssSettings, LoteRegistro
from afiliacion.imss.queue.channels import Channels
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import ready
from afiliacion.movements.models import RegistroProfile
from afiliacion.movements.overview import Line, Overview, overview
from students.models import RegistroPatronal
from students.registros import Registros

#: Rows of each part of a page.
SHOWN: Final = 100
#: Documents of IMSS that the room shows; each lote has all of its own.
RECENT: Final = 20
#: Days before its end from which an e.firma is warned about.
_SIGNATURE_DAYS: Final = 60
#: How the address of a group calls the planteles without a registro patronal, a registro, and the types.
NONE: Final = "-"
SLUG: Final = re.compile(rf"[A-Za-z0-9]{{1,16}}|{NONE}", re.ASCII)
TYPES: Final = {kind.plural: kind for kind in MovementType}


class _Rows(NamedTuple):
    settings: list[ImssSettings]
    lotes: list[LoteRegistro]
    registros: list[RegistroPatronal]
    signatures: list[RegistroProfile]


_ROWS: Final = Batch(
    _Rows, settings=ImssSettings.objects.all(), lotes=LoteRegistro.objects.all(), registros=RegistroPatronal.objects.order_by("pk"),
    signatures=RegistroProfile.objects.filter(signature_until__lte=Parameter("soon")).order_by("signature_until"),
)  # fmt: skip


class Tally(NamedTuple):
    """A number of the room, since when the oldest of them waits, and the list that has them."""

    label: str
    n: int
    since: dt.date | None
    url: str


class GlanceLine(NamedTuple):
    """A line of the table; `url`: where its lote is made, "" if it goes by the service."""

    line: Line
    url: str


@require_safe
def movements(request: OfficeRequest) -> HttpResponse:
    """What waits, goes and came back, per registro patronal; the lotes; the documents of IMSS."""
    today = timezone.localdate()
    rows = together(_ROWS, soon=today + dt.timedelta(days=_SIGNATURE_DAYS))
    channels = Channels(rows.settings[0], rows.lotes)
    registros = Registros((row.plantel_id, row.registro, row.valid_from) for row in rows.registros)
    found = overview(request.scope.cases(), registros, today)
    context = {
        "channels": channels, "tallies": _tallies(found, request.scope), "lines": [_with_url(line, channels) for line in found.lines],
        "lotes": lotes(request.scope)[:SHOWN], "documents": documents(request.scope)[:RECENT], "bring_form": BringForm(),
        "signatures": rows.signatures,
    }  # fmt: skip
    return render(request, "dashboard/movements/list.html", context)


def _tallies(found: Overview, scope: Scope) -> list[Tally]:
    sent = sum(place.n for place in counters.standing(scope.plantel_ids) if place.state == State.ALTA_ENVIADA)
    return [
        Tally(str(Flag.ALTA_TO_SEND.label), found.altas, found.altas_since, _listed(bandera=Flag.ALTA_TO_SEND.value)),
        Tally(str(Flag.BAJA_TO_SEND.label), found.bajas, found.bajas_since, _listed(bandera=Flag.BAJA_TO_SEND.value)),
        Tally(str(Flag.ON_THEIR_WAY.label), found.cases_on_their_way, None, _listed(bandera=Flag.ON_THEIR_WAY.value)),
        Tally("Rechazadas por arreglar", found.rejected, None, f"{reverse('rejections')}?ver=pendientes"),
        Tally("Altas enviadas, sin vigencia", sent, None, _listed(estado=State.ALTA_ENVIADA.value)),
        Tally(str(Flag.BAJA_SENT.label), found.bajas_sent, None, _listed(bandera=Flag.BAJA_SENT.value)),
    ]


def _listed(**filters: str) -> str:
    """The address of a work list."""
    return f"{reverse('worklist')}?{Filters(**filters).query}"


def _with_url(line: Line, channels: Channels) -> GlanceLine:
    by_lote = channels.by_lote(line.registro)
    return GlanceLine(line, reverse("movements-group", args=[line.registro or NONE, line.type.plural]) if by_lote else "")


@require_safe
def group(request: OfficeRequest, registro: str, plural: str) -> HttpResponse:
    """What the next lote of a registro patronal and type takes, what waits until a rejection is put right, and what is held back."""
    if plural not in TYPES or not SLUG.fullmatch(registro):
        raise Http404
    found = ready.group(request.scope.cases(), "" if registro == NONE else registro, TYPES[plural], timezone.localdate())
    context = {
        "group": found, "rejected": rejected.by_family(found.candidates, request.scope), "cleared": rejected.cleared(found.candidates),
        "shown": SHOWN, "looked_at": ready.LOOKED_AT, "date_form": DateForm(), "here": f"{registro}/{plural}",
        "listed": Filters(bandera=(Flag.ALTA_TO_SEND if TYPES[plural] is MovementType.ALTA else Flag.BAJA_TO_SEND).value).query,
    }  # fmt: skip
    return render(request, "dashboard/movements/group.html", context)
