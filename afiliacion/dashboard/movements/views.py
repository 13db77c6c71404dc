"""Lotes: each from its file to the acuse de recibo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.outcome import Act
from afiliacion.dashboard.models import ListExport
from afiliacion.dashboard.movements.answer_forms import BringForm
from afiliacion.dashboard.movements.forms import DateForm, ReceivedForm, SentForm
from afiliacion.dashboard.movements.room import SHOWN
from afiliacion.dashboard.movements.visible import documents, lote_of
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.imss.queue.channels import Channels
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import noting
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement, RegistroProfile
from afiliacion.movements.sending import NotDone

Finding = AnswerRow.Finding


@require_POST
def make(request: OfficeRequest) -> HttpResponse:
    """Make a lote of what is ready for one registro patronal."""
    registro, kind = request.POST.get("registro", "")[:16], request.POST.get("tipo", "")
    if kind not in set(MovementType) or not registro.isalnum():
        messages.error(request, "Elija de qué registro patronal y de qué tipo es el lote.")
        return redirect("movements")
    if not Channels().by_lote(registro):
        messages.error(request, "Las altas y bajas de ese registro patronal salen por el servicio del IMSS.")
        return redirect("movements")
    form = DateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "La fecha de los movimientos no se entiende: elíjala otra vez.")
        return redirect("movements")
    try:
        lote = sending.make(
            request.scope.cases(), registro, MovementType(kind), act=request.scope.act(timezone.now()), on=form.cleaned_data["fecha"]
        )
    except NotDone as why:
        messages.error(request, str(why))
        return redirect("movements")
    messages.success(request, f"Listo: el lote lleva {_so_many(lote.count)}. Descárguelo y preséntelo en IDSE.")
    return redirect("lote", lote.pk)


@require_safe
def lote(request: OfficeRequest, lote_id: int) -> HttpResponse:
    """One lote: its file, its movements, and what can be noted of it."""
    return _page(request, lote_of(request, lote_id))


@require_POST
def download(request: OfficeRequest, lote_id: int) -> HttpResponse:
    """The file, always the same bytes; who took it is written down first."""
    found = lote_of(request, lote_id)
    ListExport.objects.create(user=request.user, at=timezone.now(), what="lote", query=f"{found.pk} {found.sha256}")
    response = HttpResponse(bytes(found.body), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.filename}"'
    return response


@require_POST
def undo(request: OfficeRequest, lote_id: int) -> HttpResponse:
    """Take back a lote that was not presented."""
    found = lote_of(request, lote_id)
    return _done(request, found, lambda: sending.undo(found.pk, act=_act(request)), "Listo: sus movimientos vuelven a estar por enviarse.")


@require_POST
def sent(request: OfficeRequest, lote_id: int) -> HttpResponse:
    """The file was uploaded to IDSE and signed."""
    found = lote_of(request, lote_id)
    form = SentForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, found, sent_form=form, status=422)
    said = "Listo: presentado. Cuando tenga el acuse de recibo, anótelo aquí: hasta entonces ningún expediente avanza."
    return _done(request, found, lambda: sending.mark_sent(found.pk, **form.cleaned_data, act=_act(request)), said)


@require_POST
def received(request: OfficeRequest, lote_id: int) -> HttpResponse:
    """The acuse de recibo came."""
    found = lote_of(request, lote_id)
    form = ReceivedForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, found, received_form=form, status=422)
    return _done(request, found, lambda: noting.receive(found.pk, **form.cleaned_data, act=_act(request)), _told)


def _told(came: AnswerDocument) -> str:
    numbers = came.counts["findings"]
    refused = f" Rechazados de entrada, que esperan su arreglo: {numbers[Finding.REFUSED]:,}." if numbers[Finding.REFUSED] else ""
    beside = f" Ya no lo esperaban {came.counts['beside']:,}: queda anotado su seguro." if came.counts["beside"] else ""
    return f"Listo: el IMSS recibió {_so_many(numbers[Finding.RECEIVED])}.{refused}{beside}"


def _so_many(count: int) -> str:
    return "1 movimiento" if count == 1 else f"{count:,} movimientos"


def _done(request: OfficeRequest, found: Lote, do: Callable[[], Any], said: str | Callable[[Any], str]) -> HttpResponse:
    try:
        came = do()
    except NotDone as why:
        messages.error(request, str(why))
    else:
        messages.success(request, said if isinstance(said, str) else said(came))
    return redirect("lote", found.pk)


def _act(request: OfficeRequest) -> Act:
    return request.scope.act(timezone.now())


def _page(
    request: OfficeRequest, found: Lote, *, sent_form: SentForm | None = None, received_form: ReceivedForm | None = None, status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    signer = RegistroProfile.objects.filter(registro=found.registro).values_list("signer", flat=True).first() or ""
    context = {
        "lote": found, "outdated": () if found.sent_on or found.undone_at else sending.outdated(found).select_related("case")[:SHOWN],
        "rows": found.movements.select_related("case__student")[:SHOWN], "shown": SHOWN,
        "documents": documents(request.scope).filter(Q(lote=found) | Q(pk__in=_about(found)))[:SHOWN],
        "bring_form": BringForm(), "standing": _standing(found),
        "sent_form": sent_form or SentForm(today=today, signer=signer), "received_form": received_form or ReceivedForm(today=today),
    }  # fmt: skip
    return render(request, "dashboard/movements/lote.html", context, status=status)


def _about(found: Lote) -> QuerySet[AnswerRow, tuple[int]]:
    """The documents (ids) that say something of its movements."""
    return AnswerRow.objects.filter(movement__lote=found).values_list("document")


def _standing(found: Lote) -> list[tuple[Movement.Status, int]]:
    """How many of its movements stand where."""
    numbers = dict(found.movements.order_by().values_list("status").annotate(n=Count("pk")))
    return [(status, numbers[status]) for status in Movement.Status if status in numbers]
