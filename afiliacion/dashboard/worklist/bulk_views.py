"""Act on many from the work list: the chosen rows or all that match, an outcome per case, and undo where there is one."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.history.text import LAST_EVENT
from afiliacion.cases.models import Case
from afiliacion.cases.queries import BAJA_TO_SEND, in_name_order
from afiliacion.cases.states import State
from afiliacion.dashboard.case.execute import ExecutionResult
from afiliacion.dashboard.case.forms import ActionForm
from afiliacion.dashboard.models import BulkRun
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.colleagues import colleagues
from afiliacion.dashboard.worklist.bulk_actions import MANY_BY_SLUG, Many
from afiliacion.dashboard.worklist.list_request import ListRequest
from afiliacion.dashboard.worklist.views import address, own_list
from afiliacion.imss.queue.channels import Channels

_PAIR: Final = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)
#: Reasons a preview counts; the cases of the others are named beside theirs.
REASONS: Final = 20
#: "All that match" are at most so many at once: the rest stays for the next time, and the page says so.
MOST: Final = 5_000
#: What takes a case from its registro patronal to another; after these and the bajas, IMSS is owed a baja.
_MOVING: Final = "nuevo-registro"
_OWING: Final = ("baja", _MOVING)
#: Rows of an outcome that are shown, those not done first.
SHOWN: Final = 500


@require_POST
def act_on_many(request: OfficeRequest) -> HttpResponse:
    """Do one action to the chosen rows, each as it was seen; what came of each is the next page."""
    asked = own_list(request)
    back = address(asked)
    many = MANY_BY_SLUG.get(request.POST.get("accion", ""))
    seen = _chosen(request, asked)
    if many is None or not _suits(many) or not seen:
        messages.error(request, "Elija al menos un expediente y qué hacer con él.")
        return redirect(back)
    form = many.form(request.POST, today=request.scope.day(timezone.now()), prefix=many.slug)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, f"{many.label}: {' '.join(map(str, errors))}")
        return redirect(back)
    now = timezone.now()
    if many.previewed and not request.POST.get("confirmado"):
        return _preview(request, many, seen, form, back, now)
    try:
        result = many.do(seen, form.cleaned_data, request.scope, now)
    except KeyError:
        messages.error(request, "Esa persona no trabaja en su plantel.")
        return redirect(back)
    query = asked.filters.query[:400] if asked.listing else ""
    run = BulkRun.objects.create(owner=request.user, at=now, action=many.slug, query=query, result=asdict(result))
    return redirect("bulk-result", run.pk)


def _suits(many: Many) -> bool:
    """Whether an action makes sense for the movements of any registro patronal."""
    return any(many.channel.suits(automatic=automatic) for automatic in Channels().ways)


def _preview(request: OfficeRequest, many: Many, seen: Mapping[int, int], form: ActionForm, back: str, now: dt.datetime) -> HttpResponse:
    """Show what the action would do, case by case, by doing it and taking it all back; the form of the page has it done."""
    with transaction.atomic():
        result = many.do(seen, form.cleaned_data, request.scope, now)
        after = Case.objects.filter(pk__in=result.done)
        owing = after.filter(BAJA_TO_SEND).count() if many.slug in _OWING else 0
        sheetless = after.filter(state=State.NSS_OBTENIDO).count() if many.slug == _MOVING else 0
        transaction.set_rollback(True)
    shown = list(result.skipped)[:SHOWN]
    cases = in_name_order(request.scope.cases().filter(pk__in=shown)).select_related("student")
    context = {
        "many": many, "form": form, "back": back, "list": request.POST.get("lista", ""), "done": len(result.done), "owing": owing,
        "sheetless": sheetless,
        "reasons": _reasons(result), "skipped": len(result.skipped), "full": len(seen) == MOST,
        "rows": [(case, result.skipped[case.pk]) for case in cases], "hidden": len(result.skipped) - len(shown),
        "seen": " ".join(f"{case_id}:{seen[case_id]}" for case_id in result.done),
    }  # fmt: skip
    return render(request, "dashboard/worklist/bulk_preview.html", context)


@require_safe
def people(request: OfficeRequest) -> HttpResponse:
    """Return the possible assignees; loaded once a case is chosen, as the list itself does not need them."""
    return render(request, "dashboard/worklist/_people.html", {"colleagues": colleagues(request.scope)})


def _reasons(result: ExecutionResult) -> list[tuple[str, int]]:
    """How many cases each reason holds back, the most frequent first; without what happened last to each of them."""
    return Counter(reason.split(LAST_EVENT)[0].strip() for reason in result.skipped.values()).most_common(REASONS)


def _chosen(request: OfficeRequest, asked: ListRequest) -> dict[int, int]:
    """The chosen rows as case id -> version seen (those of a preview, as it saw them); all that match, as they are now.

    Entries of another form are ignored.
    """
    if previewed := request.POST.get("vistos"):
        return _seen(previewed.split()[:MOST])
    if request.POST.get("todos") and asked.listing:
        cases = request.scope.cases().filter(pk__in=asked.listing.ids(MOST))
        return dict(cases.values_list("pk", "version"))
    return _seen(request.POST.getlist("caso")[:MOST])


def _seen(texts: Iterable[str]) -> dict[int, int]:
    pairs = (_PAIR.fullmatch(text) for text in texts)
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
    return render(request, "dashboard/worklist/bulk_result.html", context)


@require_POST
def undo(request: OfficeRequest, run_id: int) -> HttpResponse:
    """Take back what an action did, for each case nothing has happened to since."""
    run = get_object_or_404(BulkRun, pk=run_id, owner=request.user)
    back = _take_back(run, request)
    if back is None:
        messages.info(request, "Ya estaba deshecho; no se repitió.")
    return redirect("bulk-result", (back or run).pk)


def _take_back(run: BulkRun, request: OfficeRequest) -> BulkRun | None:
    """Undo what `run` did and mark it as undone, both or neither; return the run of the undoing, None if it was undone before.

    Raises:
        Http404: its action cannot be undone.
    """
    take_back, now = _undo_of(run), timezone.now()
    with transaction.atomic():
        # The row stays locked until the undoing is committed: a second click waits here, and then finds it done.
        if not BulkRun.objects.filter(pk=run.pk, undone_at=None).update(undone_at=now):
            return None
        result: dict[str, Any] = asdict(take_back(_result(run).memo, request.scope, now)) | {"memo": {}, "undoes": run.pk}
        return BulkRun.objects.create(owner=request.user, at=now, action=run.action, query=run.query, result=result, undone_at=now)


def _undo_of(run: BulkRun) -> Any:
    """How the run is taken back. Raises Http404 if it cannot be."""
    many: Many = MANY_BY_SLUG[run.action]
    if many.undo is None:
        raise Http404
    return many.undo


def _result(run: BulkRun) -> ExecutionResult:
    """What a run did. JSON has no whole numbers for keys."""
    kept = run.result
    memo, skipped = ({int(case_id): each for case_id, each in kept.get(name, {}).items()} for name in ("memo", "skipped"))
    return ExecutionResult(kept["done"], kept["repeated"], skipped, memo)
