"""Act on many from the work list: the chosen rows or all that match, an outcome per case, and undo where there is one."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.queries import in_name_order
from afiliacion.dashboard import paging
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.actions import BULK, BY_SLUG
from afiliacion.dashboard.asked import Asked
from afiliacion.dashboard.doing import carry_out
from afiliacion.dashboard.models import BulkRun
from afiliacion.dashboard.worklist import address, own_list

_PAIR: Final = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)
#: "All that match" are at most so many at once: the rest stays for the next time, and the page says so.
MOST: Final = 5_000
#: Rows of an outcome that are shown, those not done first.
SHOWN: Final = 500
#: What takes an action back, by slug.
UNDO: Final = {"acuse": "deshacer-acuse", "pausa": "reanudar", "reanudar": "pausa"}
_WHY: Final = "Se deshizo una acción en bloque."


@require_POST
def act_on_many(request: OfficeRequest) -> HttpResponse:
    """Do one action to the chosen rows, each as it was seen; what came of each is the next page."""
    asked = own_list(request)
    back = address(asked)
    action = {action.slug: action for action in BULK}.get(request.POST.get("accion", ""))
    seen = _chosen(request, asked)
    if action is None or not seen:
        messages.error(request, "Elija al menos un expediente y qué hacer con él.")
        return redirect(back)
    form = action.form(request.POST, today=timezone.localdate(), prefix=action.slug)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, f"{action.label}: {' '.join(map(str, errors))}")
        return redirect(back)
    now = timezone.now()
    result = carry_out(action, seen, form.cleaned_data, request.scope, now)
    query = asked.filters.query[:400] if asked.listing else ""
    run = BulkRun.objects.create(owner=request.user, at=now, action=action.slug, query=query, result=asdict(result))
    return redirect("bulk-result", run.pk)


def _chosen(request: OfficeRequest, asked: Asked) -> dict[int, int]:
    """The chosen rows as case id -> version seen; all that match, as they are now. What is not of that form is nobody's choice."""
    if request.POST.get("todos") and asked.listing:
        cases = request.scope.cases().filter(pk__in=asked.listing.ids(MOST))
        return dict(cases.values_list("pk", "version"))
    pairs = (_PAIR.fullmatch(text) for text in request.POST.getlist("caso")[: paging.SIZE])
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


@require_safe
def bulk_result(request: OfficeRequest, run_id: int) -> HttpResponse:
    """What an action on many did, case by case."""
    run = get_object_or_404(BulkRun, pk=run_id, owner=request.user)
    # JSON has no whole numbers for keys.
    skipped = {int(case_id): reason for case_id, reason in run.result["skipped"].items()}
    done, repeated = run.result["done"], run.result["repeated"]
    ids = [*skipped, *repeated, *done][:SHOWN]
    cases = list(in_name_order(request.scope.cases().filter(pk__in=ids)).select_related("student"))
    cases.sort(key=lambda case: case.pk not in skipped)
    context = {
        "run": run, "label": BY_SLUG[run.action].label, "done": len(done), "repeated": len(repeated), "skipped": len(skipped),
        "rows": [(case, skipped.get(case.pk, ""), case.pk in repeated) for case in cases],
        "undo": bool(run.action in UNDO and done), "hidden": len(done) + len(repeated) + len(skipped) - len(cases),
    }  # fmt: skip
    return render(request, "dashboard/bulk_result.html", context)


@require_POST
def undo(request: OfficeRequest, run_id: int) -> HttpResponse:
    """Take back what an action did, for each case nothing has happened to since."""
    run = get_object_or_404(BulkRun, pk=run_id, owner=request.user, action__in=UNDO)
    now = timezone.now()
    if not BulkRun.objects.filter(pk=run.pk, undone_at=None).update(undone_at=now):
        messages.info(request, "Ya estaba deshecho; no se repitió.")
        return redirect("bulk-result", run.pk)
    action = BY_SLUG[UNDO[run.action]]
    cases = request.scope.cases().filter(pk__in=run.result["done"])
    said = {"on": timezone.localdate(), "reason": _WHY}
    result = carry_out(action, dict(cases.values_list("pk", "version")), said, request.scope, now)
    back = BulkRun.objects.create(owner=request.user, at=now, action=action.slug, query=run.query, result=asdict(result), undone_at=now)
    return redirect("bulk-result", back.pk)
