"""The work list: find, choose, act on many, and see what came of it for each."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from afiliacion.cases.models import Case
from afiliacion.cases.queries import in_name_order
from afiliacion.cases.states import State
from afiliacion.dashboard import paging
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.actions import BULK, Action
from afiliacion.dashboard.doing import carry_out
from afiliacion.dashboard.filters import FilterForm, Filters
from afiliacion.dashboard.forms import ActionForm
from students.models import Ciclo

#: Where the session keeps what the last bulk action did, so that reloading the page does not do it again.
_LAST_RESULT: Final = "bulk_result"
_PAIR: Final = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)


@require_safe
def worklist(request: OfficeRequest) -> HttpResponse:
    form = FilterForm(request.GET, request.scope.planteles(), Ciclo.objects.all())
    known = form.is_valid()
    filters = Filters.of(form.cleaned_data)
    today = timezone.localdate()
    cases = filters.apply(request.scope.cases(), today) if known else request.scope.cases().none()
    page = paging.page(
        cases.select_related("student", "plantel", "enrolment__ciclo"), paging.Order(filters.orden), request.scope.cases(),
        after=request.GET.get("despues", ""), before=request.GET.get("antes", ""),
    )  # fmt: skip
    bulk = _offered(page.rows)
    context = {
        "form": form, "filters": filters, "page": page, "total": paging.count(cases), "counted": paging.COUNTED, "today": today,
        "rows": [(case, _slugs(case, bulk)) for case in page.rows], "bulk": bulk, "several": len(form.planteles) > 1,
        "grupos": form.grupos(filters) if known else [],
    }  # fmt: skip
    if _wants_rows(request):
        here = reverse("worklist") + (f"?{filters.query}" if filters.query else "")
        return push_url(render(request, "dashboard/_cases.html", context), here)
    return render(request, "dashboard/worklist.html", context)


def _wants_rows(request: OfficeRequest) -> bool:
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def _offered(rows: list[Case]) -> list[tuple[Action, ActionForm]]:
    """The bulk actions at least one row allows, each with its empty form."""
    states, today = {State(case.state) for case in rows}, timezone.localdate()
    return [(action, action.form(today=today, prefix=action.slug)) for action in BULK if action.channel.is_open and action.sources & states]


def _slugs(case: Case, bulk: list[tuple[Action, ActionForm]]) -> str:
    """The bulk actions the case's state allows, for the script that greys out the others."""
    return " ".join(action.slug for action, _ in bulk if State(case.state) in action.sources)


@require_POST
def act_on_many(request: OfficeRequest) -> HttpResponse:
    """Do one action to the chosen rows, each as it was seen; what came of each is the next page."""
    back = _own_list(request)
    action = {action.slug: action for action in BULK}.get(request.POST.get("accion", ""))
    seen = _chosen(request)
    if action is None or not seen:
        messages.error(request, "Elija al menos un expediente y qué hacer con él.")
        return redirect(back)
    form = action.form(request.POST, today=timezone.localdate(), prefix=action.slug)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, f"{action.label}: {' '.join(map(str, errors))}")
        return redirect(back)
    result = carry_out(action, seen, form.cleaned_data, request.scope, timezone.now())
    request.session[_LAST_RESULT] = {"label": action.label, "back": back, "result": asdict(result)}
    return redirect("bulk-result")


@require_safe
def bulk_result(request: OfficeRequest) -> HttpResponse:
    """What the last action on many did, case by case."""
    kept = request.session.get(_LAST_RESULT)
    if kept is None:
        return redirect("worklist")
    result = kept["result"]
    # JSON has no whole numbers for keys.
    skipped = {int(case_id): reason for case_id, reason in result["skipped"].items()}
    ids = [*result["done"], *result["repeated"], *skipped]
    cases = list(in_name_order(request.scope.cases().filter(pk__in=ids)).select_related("student"))
    context = {
        "label": kept["label"], "back": kept["back"], "done": len(result["done"]), "repeated": len(result["repeated"]),
        "rows": [(case, skipped.get(case.pk, ""), case.pk in result["repeated"]) for case in cases], "skipped": len(skipped),
    }  # fmt: skip
    return render(request, "dashboard/bulk_result.html", context)


def _own_list(request: OfficeRequest) -> str:
    """The list the action was asked from, rebuilt from what its filters say; never an address taken as it came."""
    form = FilterForm(QueryDict(request.POST.get("lista", "")[:2000]), request.scope.planteles(), Ciclo.objects.all())
    query = Filters.of(form.cleaned_data).query if form.is_valid() else ""
    return f"{reverse('worklist')}?{query}" if query else reverse("worklist")


def _chosen(request: OfficeRequest) -> dict[int, int]:
    """The chosen rows as case id -> version seen. What is not of that form is nobody's choice."""
    pairs = (_PAIR.fullmatch(text) for text in request.POST.getlist("caso")[: paging.SIZE])
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}
