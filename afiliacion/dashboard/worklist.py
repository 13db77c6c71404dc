"""The work list: find, choose, act on many, and see what came of it for each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.states import State
from afiliacion.dashboard import paging
from afiliacion.dashboard.access import OfficeRequest, Scope
from afiliacion.dashboard.actions import BULK, Action
from afiliacion.dashboard.doing import Result, carry_out
from afiliacion.dashboard.filters import FilterForm, Filters
from students.models import Ciclo

#: Where the session keeps what the last bulk action did, so that reloading the page does not do it again.
_LAST_RESULT = "bulk_result"


@require_safe
def worklist(request: OfficeRequest) -> HttpResponse:
    form = FilterForm(request.GET, request.scope.planteles(), Ciclo.objects.all())
    known = form.is_valid()
    filters = Filters.of(form.cleaned_data)
    today = timezone.localdate()
    cases = filters.apply(request.scope.cases(), today) if known else request.scope.cases().none()
    page = paging.page(
        cases.select_related("student", "plantel", "enrolment__ciclo"), paging.Order(filters.orden), request.scope.cases(),
        after=_cursor(request, "despues"), before=_cursor(request, "antes"),
    )  # fmt: skip
    context = {
        "form": form, "filters": filters, "page": page, "total": paging.count(cases), "counted": paging.COUNTED, "today": today,
        "bulk": _offered(page.rows), "several": len(form.planteles) > 1, "grupos": form.grupos(filters) if known else [],
    }  # fmt: skip
    return render(request, "dashboard/_cases.html" if _wants_rows(request) else "dashboard/worklist.html", context)


def _wants_rows(request: OfficeRequest) -> bool:
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def _cursor(request: OfficeRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _offered(rows: list[Any]) -> list[tuple[Action, Any]]:
    """The bulk actions at least one row allows, each with its empty form."""
    states = {State(case.state) for case in rows}
    return [(action, action.form(today=timezone.localdate(), auto_id=f"{action.slug}-%s")) for action in BULK if action.sources & states]
