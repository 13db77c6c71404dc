"""The IMSS queue: pending questions, questions that need a person, answers about another person; ask now, pause."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.dashboard.settings_screens import changes
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.imss.client import adapters
from afiliacion.imss.models import ConnectionState, ImssSettings
from afiliacion.imss.queue import plan
from afiliacion.imss.queue.channels import Channels
from afiliacion.imss.rate import circuit_breaker
from afiliacion.imss.screens import queue_lists

#: Rows of one page.
SIZE: Final = 50
_MOST_DIGITS: Final = 18


@require_safe
def room(request: OfficeRequest) -> HttpResponse:
    try:
        kind = queue_lists.QueueList(request.GET.get("ver", queue_lists.QueueList.PENDING))
    except ValueError as error:
        raise Http404 from error
    cases, today, channels = request.scope.cases(), timezone.localdate(), Channels()
    after = _number(request.GET.get("despues", ""))
    found = queue_lists.quarantined(cases) if kind is queue_lists.QueueList.QUARANTINE else queue_lists.errands(cases, kind)
    rows: list[Any] = list((found.filter(pk__gt=after) if after else found)[: SIZE + 1])
    context = {
        "kind": kind, "lists": queue_lists.QueueList.choices, "rows": rows[:SIZE], "next": rows[SIZE - 1].pk if len(rows) > SIZE else None,
        "foreign": [(answer, queue_lists.about(answer)) for answer in rows[:SIZE]] if kind is queue_lists.QueueList.QUARANTINE else [],
        "ages": queue_lists.by_age(cases, today), "today": today, "automatic": channels.automatic, "by_lote": channels.some_by_lote,
        "service": adapters.has_service(),
        "imss_settings": ImssSettings.objects.get(), "line": ConnectionState.objects.get(), "going_on": circuit_breaker.current(),
        "several": request.scope.plantel_ids is None or len(request.scope.plantel_ids) > 1, "may_pause": request.scope.plantel_ids is None,
    }  # fmt: skip
    return render(request, "dashboard/imss_queue/page.html", context)


@require_POST
def ask(request: OfficeRequest) -> HttpResponse:
    """Ask about the chosen cases right away."""
    chosen = list(request.scope.cases().filter(pk__in=_numbers(request, "caso")).values_list("pk", flat=True))
    asked = plan.ask_now(chosen, act=request.scope.act(timezone.now())) if chosen else []
    if not chosen:
        messages.error(request, "Elija al menos un expediente.")
    elif not asked:
        messages.error(
            request, "Ninguno de los elegidos tiene algo que preguntarle al IMSS. Los movimientos se vuelven a pedir en su expediente."
        )
    else:
        left = len(chosen) - len(asked)
        rest = f" {left} no tienen nada que preguntar." if left else ""
        messages.success(request, f"Se pregunta ahora por {len(asked)} expedientes; la respuesta llega en unos minutos.{rest}")
    return redirect(_list(request))


@require_POST
def seen(request: OfficeRequest) -> HttpResponse:
    """Acknowledge the chosen answers about another person."""
    n = queue_lists.review(_numbers(request, "respuesta"), request.scope.cases(), act=request.scope.act(timezone.now()))
    if n:
        messages.success(request, f"{n} respuestas quedaron como revisadas. Nunca se aplicaron; siguen en el archivo.")
    else:
        messages.error(request, "Elija al menos una respuesta.")
    return redirect(_list(request))


@require_POST
def pause(request: OfficeRequest) -> HttpResponse:
    """Pause or resume all questions to IMSS (coordinators only)."""
    if request.scope.plantel_ids is not None:
        raise Http404
    paused = request.POST.get("pausar") == "1"
    with transaction.atomic():
        imss_settings = ImssSettings.objects.select_for_update().get()
        before, imss_settings.paused = _asking(imss_settings), paused
        imss_settings.save(update_fields=["paused"])
        changes.record(request.scope, "trato-imss", "trato con el IMSS", before, _asking(imss_settings), timezone.now())
    messages.success(request, "Nadie le pregunta nada al IMSS hasta que usted lo reanude." if paused else "Se vuelve a preguntar al IMSS.")
    return redirect("imss")


def _asking(imss_settings: ImssSettings) -> dict[str, str]:
    """How the pause stands in the record of changes."""
    return {"preguntas al IMSS": "en pausa" if imss_settings.paused else "en marcha"}


def _list(request: OfficeRequest) -> str:
    kind = request.POST.get("ver", "")
    return f"{reverse('imss')}?ver={kind}" if kind in queue_lists.QueueList.values else reverse("imss")


def _numbers(request: OfficeRequest, name: str) -> list[int]:
    return [number for text in request.POST.getlist(name)[:SIZE] if (number := _number(text))]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
