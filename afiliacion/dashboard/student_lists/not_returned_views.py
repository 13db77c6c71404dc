"""Who did not re-enrol, by what each means, and the baja of all or of chosen ones; the work list does it, shows it first and undoes it."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.student_lists.views import upload_of
from afiliacion.dashboard.worklist.bulk_actions import MANY_BY_SLUG
from afiliacion.dashboard.worklist.bulk_views import MOST
from afiliacion.dashboard.worklist.filters import Filters
from afiliacion.roll.check import not_returning
from afiliacion.roll.check.not_returning import OPEN_MEANINGS, REMEDIES, Meaning
from afiliacion.roll.models import Import, ImportState

#: Names a page shows, each with its box: fewer fields than a form may have.
NAMES: Final = 200
_LOADED: Final = (ImportState.DONE, ImportState.DONE_WITH_ERRORS)


@require_safe
def not_returned(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """Those of one meaning (`que`), from the `desde`-th on, and the form of their baja once the list is loaded."""
    job = upload_of(request, upload_id)
    found = not_returning.named(job, request.scope.cases())
    groups = not_returning.counted(found)
    asked = request.GET.get("que", "")
    meaning = Meaning(asked) if asked in Meaning.values else groups[0][0] if groups else Meaning.OWING
    since = request.GET.get("desde", "")
    start = int(since) if since.isascii() and since.isdigit() and len(since) < 7 else 0
    context = {
        "upload": job, "groups": groups, "meaning": meaning, "remedy": REMEDIES[meaning], "loaded": job.state in _LOADED,
        "total": dict(groups).get(meaning, 0), "list": Filters(plantel=str(job.plantel_id)).query,
        **_names(found.filter(meaning=meaning), start), **_form(job, found.filter(meaning=meaning), meaning),
    }  # fmt: skip
    return render(request, "dashboard/student_lists/not_returned.html", context)


def _names(found: QuerySet[Any], start: int) -> dict[str, Any]:
    page = list(found.select_related("student", "ciclo", "enrolment")[start : start + NAMES + 1])
    return {"cases": page[:NAMES], "more": start + NAMES if len(page) > NAMES else None}


def _form(job: Import, found: QuerySet[Any], meaning: Meaning) -> dict[str, Any]:
    """The form of the baja, and all the cases as they are now; nothing before the list is loaded, nor for whom there is nothing to do."""
    if job.state not in _LOADED or meaning not in OPEN_MEANINGS:
        return {}
    many = MANY_BY_SLUG["baja"]
    everyone = found.order_by().values_list("pk", "version")[:MOST]
    seen = " ".join(f"{pk}:{version}" for pk, version in everyone)
    return {"many": many, "form": many.form(today=timezone.localdate(), prefix=many.slug), "seen": seen, "most": MOST}
