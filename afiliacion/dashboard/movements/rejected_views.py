"""What IMSS rejected, as a list; and what an officer says of it: that it is put right, and that this was a mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.outcome import Act, Outcome
from afiliacion.dashboard.movements import rejected
from afiliacion.dashboard.movements.rejected import RejectionsForm
from afiliacion.dashboard.movements.room import SLUG, TYPES
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.imss.queue.channels import Channels
from afiliacion.imss.queue.movements import request_altas, request_bajas
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import Movement
from afiliacion.movements.rejections import clearing, listing
from afiliacion.movements.rejections.families import families


@require_safe
def rejections(request: OfficeRequest) -> HttpResponse:
    """All movements that IMSS rejected, as they are asked for, with where each stands."""
    form = RejectionsForm(request.GET, request.scope)
    if not form.is_valid():
        return render(request, "dashboard/movements/rejections.html", {"form": form}, status=422)
    page = rejected.page(form.found(), request.GET.get("despues", ""), request.scope, timezone.localdate())
    return render(request, "dashboard/movements/rejections.html", {"form": form, "page": page, "query": form.query})


@require_POST
def clear(request: OfficeRequest) -> HttpResponse:
    """What was wrong is put right: of the movements named, or of all of a family, where that makes sense."""
    rows = listing.pending(request.scope.cases())
    family = families().get(request.POST.get("familia", ""))
    asked = rows.filter(family=family.key) if family and family.in_bulk else _named(rows, request)
    act, channels = request.scope.act(timezone.now()), Channels()
    by_service = [row for row in asked.only("case", "type", "registro") if not channels.by_lote(row.registro)]
    count = clearing.clear(asked.exclude(pk__in=[row.pk for row in by_service]), act=act)
    sent = _send(by_service, act)
    if count:
        messages.success(request, f"Listo: {_so_many(count, 'irá', 'irán')} en el próximo lote. Mientras no se haga, puede deshacerlo.")
    if sent.done:
        messages.success(request, f"Listo: {_so_many(len(sent.done), 'sale', 'salen')} por el servicio del IMSS en unos minutos.")
    for reason, n in Counter(sent.skipped.values()).items():
        messages.warning(request, f"No se {'envió' if n == 1 else 'enviaron'} {n:,}: {reason}")
    if not count and not by_service:
        messages.info(request, "No había nada que esperara ese arreglo: ya se había dicho, o el expediente cambió.")
    return _back(request)


def _send(rejected: Iterable[Movement], act: Act) -> Outcome:
    """Send again by the service what IMSS rejected of it."""
    altas, bajas = ([row.case_id for row in rejected if row.type == kind] for kind in (MovementType.ALTA, MovementType.BAJA))
    told = [request(cases, act=act) for request, cases in ((request_altas, altas), (request_bajas, bajas)) if cases]
    done = [case_id for each in told for case_id in each.done]
    return Outcome(done, {case_id: why for each in told for case_id, why in each.skipped.items()})


@require_POST
def take_back(request: OfficeRequest) -> HttpResponse:
    """It is not put right yet: the movements named wait again."""
    count = clearing.take_back(_named(listing.rejected(request.scope.cases()), request))
    if count:
        messages.success(request, f"Listo: {_so_many(count, 'vuelve', 'vuelven')} a esperar su arreglo.")
    else:
        messages.info(request, "Ya no se puede deshacer: ya va en un lote, o ya estaba deshecho.")
    return _back(request)


def _named(rows: QuerySet[Any], request: OfficeRequest) -> QuerySet[Any]:
    said = request.POST.getlist("movimiento")
    return rows.filter(pk__in=[int(text) for text in said if text.isascii() and text.isdigit() and len(text) < 19])


def _so_many(count: int, one: str, many: str) -> str:
    return f"1 movimiento {one}" if count == 1 else f"{count:,} movimientos {many}"


def _back(request: OfficeRequest) -> HttpResponse:
    """To the page on which it was said."""
    case = request.POST.get("expediente", "")
    if case.isascii() and case.isdigit() and len(case) < 19:
        return redirect("case", int(case))
    registro, _, kind = request.POST.get("grupo", "").partition("/")
    if kind in TYPES and SLUG.fullmatch(registro):
        return redirect("movements-group", registro, kind)
    return redirect(f"{reverse('rejections')}?{request.POST.get('lista', '')}")
