"""Act on many from the work list: the chosen rows or all that match, an outcome per case, and undo where there is one."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.queries import in_name_order
from afiliacion.dashboard import paging
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.asked import Asked
from afiliacion.dashboard.doing import Result
from afiliacion.dashboard.many import MANY_BY_SLUG, Many
from afiliacion.dashboard.models import BulkRun
from afiliacion.dashboard.staff import colleagues
from afiliacion.dashboard.worklist import address, own_list
from afiliacion.imss.adapters import is_automatic

_PAIR: Final = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)
#: "All that match" are at most so many at once: the rest stays for the next time, and the page says so.
MOST: Final = 5_000
#: Rows of an outcome that are shown, those not done first.
SHOWN: Final = 500


@require_POST
def act_on_many(request: OfficeRequest) -> HttpResponse:
    """Do one action to the chosen rows, each as it was seen; what came of each is the next page."""
    asked = own_list(request)
    back = address(asked)
    many = MANY_BY_SLUG.get(request.POST.get("accion", ""))
    seen = _chosen(request, asked)
    if many is None or not many.channel.suits(automatic=is_automatic()) or not seen:
        messages.error(request, "Elija al menos un expediente y qué hacer con él.")
        return redirect(back)
    form = many.form(request.POST, today=timezone.localdate(), prefix=many.slug)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, f"{many.label}: {' '.join(map(str, errors))}")
        return redirect(back)
    now = timezone.now()
    try:
        result = many.do(seen, form.cleaned_data, request.scope, now)
    except KeyError:
        messages.error(request, "Esa persona no trabaja en su plantel.")
        return redirect(back)
    query = asked.filters.query[:400] if asked.listing else ""
    run = BulkRun.objects.create(owner=request.user, at=now, action=many.slug, query=query, result=asdict(result))
    return redirect("bulk-result", run.pk)


@require_safe
def people(request: OfficeRequest) -> HttpResponse:
    """To whom cases can be given: asked for once somebody has chosen a case, for a list does not need to know."""
    return render(request, "dashboard/_people.html", {"colleagues": colleagues(request.scope)})


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
    many, result = MANY_BY_SLUG[run.action], _result(run)
    ids = [*result.skipped, *result.repeated, *result.done][:SHOWN]
    cases = list(in_name_order(request.scope.cases().filter(pk__in=ids)).select_related("student"))
    cases.sort(key=lambda case: case.pk not in result.skipped)
    total = len(result.done) + len(result.repeated) + len(result.skipped)
    context = {
        "run": run, "many": many, "done": len(result.done), "repeated": len(result.repeated), "skipped": len(result.skipped),
        "rows": [(case, result.skipped.get(case.pk, ""), case.pk in result.repeated) for case in cases],
        "undo": bool(many.undo and result.memo), "undoes": run.result.get("undoes"), "hidden": total - len(cases),
        "full": total == MOST,
    }  # fmt: skip
    return render(request, "dashboard/bulk_result.html", context)


@require_POST
def undo(request: OfficeRequest, run_id: int) -> HttpResponse:
    """Take back what an action did, for each case nothing has happened to since."""
    run = get_object_or_404(BulkRun, pk=run_id, owner=request.user)
    take_back, memo = _undo_of(run), _result(run).memo
    now = timezone.now()
    if not BulkRun.objects.filter(pk=run.pk, undone_at=None).update(undone_at=now):
        messages.info(request, "Ya estaba deshecho; no se repitió.")
        return redirect("bulk-result", run.pk)
    result: dict[str, Any] = asdict(take_back(memo, request.scope, now)) | {"memo": {}, "undoes": run.pk}
    back = BulkRun.objects.create(owner=request.user, at=now, action=run.action, query=run.query, result=result, undone_at=now)
    return redirect("bulk-result", back.pk)


def _undo_of(run: BulkRun) -> Any:
    """How the run is taken back. Raises Http404 if it cannot be."""
    many: Many = MANY_BY_SLUG[run.action]
    if many.undo is None:
        raise Http404
    return many.undo


def _result(run: BulkRun) -> Result:
    """What a run did. JSON has no whole numbers for keys."""
    kept = run.result
    memo, skipped = ({int(case_id): each for case_id, each in kept.get(name, {}).items()} for name in ("memo", "skipped"))
    return Result(kept["done"], kept["repeated"], skipped, memo)
