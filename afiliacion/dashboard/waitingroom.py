"""IMSS' waiting room: what is still to be asked, what waits for a person, which answers were about somebody else; ask now, pause."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.dashboard.access import OfficeRequest
from afiliacion.imss import adapters, outage, plan, waiting
from afiliacion.imss.models import Line, Manners

#: Rows of one page.
SIZE: Final = 50
_MOST_DIGITS: Final = 18


@require_safe
def room(request: OfficeRequest) -> HttpResponse:
    try:
        kind = waiting.Kind(request.GET.get("ver", waiting.Kind.PENDING))
    except ValueError as error:
        raise Http404 from error
    cases, today = request.scope.cases(), timezone.localdate()
    after = _number(request.GET.get("despues", ""))
    found = waiting.quarantined(cases) if kind is waiting.Kind.QUARANTINE else waiting.errands(cases, kind)
    rows: list[Any] = list((found.filter(pk__gt=after) if after else found)[: SIZE + 1])
    context = {
        "kind": kind, "lists": waiting.Kind.choices, "rows": rows[:SIZE], "next": rows[SIZE - 1].pk if len(rows) > SIZE else None,
        "foreign": [(answer, waiting.about(answer)) for answer in rows[:SIZE]] if kind is waiting.Kind.QUARANTINE else [],
        "ages": waiting.by_age(cases, today), "today": today, "automatic": adapters.is_automatic(), "service": adapters.has_service(),
        "manners": Manners.objects.get(), "line": Line.objects.get(), "going_on": outage.current(),
        "several": request.scope.plantel_ids is None or len(request.scope.plantel_ids) > 1, "may_pause": request.scope.plantel_ids is None,
    }  # fmt: skip
    return render(request, "dashboard/imss/room.html", context)


@require_POST
def ask(request: OfficeRequest) -> HttpResponse:
    """Ask about the chosen cases right away."""
    chosen = list(request.scope.cases().filter(pk__in=_numbers(request, "caso")).values_list("pk", flat=True))
    asked = plan.ask_now(chosen, actor=request.scope.actor, now=timezone.now()) if chosen else []
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
    """Somebody looked at the chosen answers about somebody else."""
    n = waiting.review(_numbers(request, "respuesta"), request.scope.cases(), actor=request.scope.actor, now=timezone.now())
    if n:
        messages.success(request, f"{n} respuestas quedaron como revisadas. Nunca se aplicaron; siguen en el archivo.")
    else:
        messages.error(request, "Elija al menos una respuesta.")
    return redirect(_list(request))


@require_POST
def pause(request: OfficeRequest) -> HttpResponse:
    """The kill switch, for coordinators: nobody asks IMSS anything, or everybody does again."""
    if request.scope.plantel_ids is not None:
        raise Http404
    paused = request.POST.get("pausar") == "1"
    manners = Manners.objects.get()
    manners.paused = paused
    manners.save(update_fields=["paused"])
    messages.success(request, "Nadie le pregunta nada al IMSS hasta que usted lo reanude." if paused else "Se vuelve a preguntar al IMSS.")
    return redirect("imss")


def _list(request: OfficeRequest) -> str:
    kind = request.POST.get("ver", "")
    return f"{reverse('imss')}?ver={kind}" if kind in waiting.Kind.values else reverse("imss")


def _numbers(request: OfficeRequest, name: str) -> list[int]:
    return [number for text in request.POST.getlist(name)[:SIZE] if (number := _number(text))]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
