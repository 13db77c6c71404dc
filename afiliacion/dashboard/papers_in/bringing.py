"""The officer's door: files or a ZIP dropped on «Hojas por revisar», one at the counter; and what became of each."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.dashboard.papers_in import visible
from afiliacion.dashboard.papers_in.forms import BringForm
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.papers_in import bundles, work
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.models import BroughtPaper, Bundle, BundleFile, Door

#: Files of a bundle on a page.
SHOWN: Final = 100


@require_POST
def bring(request: OfficeRequest) -> HttpResponse:
    """Take what was dropped. A single document is read at once and opened: an officer waits for it."""
    form = BringForm(request.POST, request.FILES)
    counter = request.POST.get("puerta") == Door.COUNTER
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("counter" if counter else "sheets")
    now = timezone.now()
    origin = Origin(Door.COUNTER if counter else Door.OFFICE, request.scope.day(now), request.scope.act(now))
    files: list[UploadedFile[Any]] = form.cleaned_data["file"]
    zips = [each for each in files if bundles.is_zip(_start(each))]
    brought = [bundles.bring_zip(each.name or "", each, origin) for each in zips]
    plain = [(each.name or "", each.read()) for each in files if each not in zips]
    if plain:
        brought.append(bundles.bring_files(plain, origin))
    if len(files) == 1 and plain and (found := brought[0].files.select_related("paper").get()).paper:
        work.read_now([found.paper])
        if found.again:
            messages.info(request, "Ese archivo ya se había traído: aquí está.")
        return redirect("brought", found.paper.pk)
    return redirect("bundle", brought[-1].pk)


def _start(file: UploadedFile[Any]) -> bytes:
    start: bytes = file.read(len(bundles.ZIP))
    file.seek(0)
    return start


@require_safe
def bundle(request: OfficeRequest, bundle_id: int) -> HttpResponse:
    """What became of each file that was brought together."""
    found = visible.bundle_of(request, bundle_id)
    asked = request.GET.get("desde", "")
    since = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    rows = list(found.files.filter(position__gte=since).select_related("paper__case__student").order_by("position")[: SHOWN + 1])
    context = {
        "bundle": found, "rows": [(row, _became(row)) for row in rows[:SHOWN]], "more": rows[SHOWN].position if len(rows) > SHOWN else 0,
        "counts": _counts(found),
    }  # fmt: skip
    return render(request, "dashboard/papers_in/bundle.html", context)


def _became(row: BundleFile) -> str:
    if row.paper is None:
        return row.problem
    reason = f": {row.paper.reason}" if row.paper.reason else ""
    again = " (ya se había traído)" if row.again else ""
    return f"{row.paper.get_status_display()}{again}{reason}"


def _counts(found: Bundle) -> list[tuple[str, int]]:
    """How many of each outcome, as the page says it."""
    numbers = dict(found.files.order_by().values_list("paper__status").annotate(n=Count("pk")))
    labels = [*BroughtPaper.Status.choices, (None, "No son hojas")]
    return [(label, numbers[status]) for status, label in labels if status in numbers]
