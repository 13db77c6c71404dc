"""Lists of enrolled students: bring one, see what it would do, load its good rows. Nothing is written before the last step."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.dashboard import uploaded
from afiliacion.dashboard.access import OfficeRequest, Scope
from afiliacion.dashboard.fields import Day, offer_planteles
from afiliacion.dashboard.filters import Filters
from afiliacion.dashboard.models import RollUpload
from afiliacion.roll import load
from afiliacion.roll.cells import safe
from afiliacion.roll.columns import BY_NAME
from afiliacion.roll.findings import Change, Finding, UnreadableFile
from afiliacion.roll.reading import ENDINGS
from students.models import Ciclo, Plantel

#: Errors, warnings and lists shown on a page; all the errors are in the file to download.
SHOWN: Final = 50
LATEST: Final = 20


_DONE: Final = {
    "opened": "expedientes abiertos",
    "continued": "expedientes que continúan",
    "students_new": "alumnos nuevos",
    "students_changed": "alumnos con datos corregidos",
    "enrolments_changed": "inscripciones con cambios",
    "nss_obtained": "NSS registrados",
    "left": "bajas escolares",
    "rejoined": "reingresos",
}


class UploadForm(forms.Form):
    """Which list, whose and of which ciclo. Only the planteles of who brings it can be chosen."""

    plantel = forms.ModelChoiceField(label="Plantel", queryset=Plantel.objects.none(), empty_label="Elija el plantel…")
    ciclo = forms.ModelChoiceField(label="Ciclo", queryset=Ciclo.objects.all(), empty_label="Elija el ciclo…")
    enrolled_on = Day(label="Fecha de inscripción", required=False, help_text="Solo si la lista no trae esa columna o tiene celdas vacías.")
    file = forms.FileField(label="Lista", help_text="Excel (.xlsx), OpenDocument (.ods) o texto (.csv, .txt), tal como sale de su sistema.")

    def __init__(self, scope: Scope, *data: Any) -> None:
        super().__init__(*data)
        today = timezone.localdate()
        offer_planteles(self, "plantel", scope.planteles())
        if scope.plantel_ids is not None and len(scope.plantel_ids) == 1:
            self.fields["plantel"].initial = next(iter(scope.plantel_ids))
        self.fields["ciclo"].initial = Ciclo.objects.filter(starts_on__lte=today, ends_on__gte=today).first()
        for name in self.fields:
            self.fields[name].widget.attrs["class"] = "form-select" if name in ("plantel", "ciclo") else "form-control"
        self.fields["file"].widget.attrs["accept"] = ",".join(ENDINGS)


@require_http_methods(["GET", "HEAD", "POST"])
def uploads(request: OfficeRequest) -> HttpResponse:
    """GET: the form and the latest lists. POST: keep the list and show what it would do."""
    if request.method != "POST":
        return _lists(request, UploadForm(request.scope))
    form = UploadForm(request.scope, request.POST, request.FILES)
    if not form.is_valid():
        return _lists(request, form, status=422)
    upload = _keep(request, form.cleaned_data)
    return redirect("upload", upload.pk)


@require_safe
def upload(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """What the list would do; once loaded, what it did."""
    upload = _of(request, upload_id)
    if upload.applied_at:
        return render(request, "dashboard/upload_done.html", _done(upload))
    try:
        preview = _preview(upload, request.scope)
    except (UnreadableFile, uploaded.Expired) as refusal:
        return render(request, "dashboard/upload_refused.html", {"upload": upload, "reason": str(refusal)})
    counts = preview.counts
    context = {
        "upload": upload, "preview": preview, "counts": counts, "good": counts.new + counts.changed, "shown": SHOWN,
        "errors": _labelled(preview.errors), "warnings": _labelled(preview.warnings),
        "changes": _labelled(preview.changes), "missing": preview.missing[:SHOWN],
    }  # fmt: skip
    return render(request, "dashboard/upload.html", context)


def _labelled(remarks: Sequence[Finding | Change]) -> list[dict[str, Any]]:
    """The first remarks, each with its column as people call it."""
    return [{**asdict(remark), "label": _label(remark.column)} for remark in remarks[:SHOWN]]


def _label(column: str) -> str:
    return BY_NAME[column].label if column in BY_NAME else ""


def _done(upload: RollUpload) -> dict[str, Any]:
    """What a loaded list did, in words."""
    done = upload.result["done"]
    lines = [(done[name], label) for name, label in _DONE.items() if done[name]]
    list_query = Filters(plantel=str(upload.plantel_id), ciclo=str(upload.ciclo_id)).query
    return {
        "upload": upload,
        "lines": lines,
        "skipped": done["skipped"][:SHOWN],
        "list_query": list_query,
        "kept": uploaded.is_kept(upload),
    }


@require_POST
def confirm(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """Load the good rows, once: of two at the same time, the second finds it done."""
    with transaction.atomic():
        upload = get_object_or_404(_own(request).select_for_update(of=("self",)), pk=upload_id)
        if upload.applied_at is None:
            try:
                _apply(upload, request)
            except (UnreadableFile, uploaded.Expired) as refusal:
                messages.error(request, str(refusal))
    return redirect("upload", upload.pk)


@require_safe
def errors(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """The rows that were not taken, as they came, each with its line and reason: to be corrected and brought again."""
    upload = _of(request, upload_id)
    try:
        preview = _preview(upload, request.scope)
    except (UnreadableFile, uploaded.Expired) as refusal:
        messages.error(request, str(refusal))
        return redirect("uploads")
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="errores.csv"'})
    # Excel takes a CSV for UTF-8 only with the mark.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(["Fila", "Motivo", *map(safe, preview.table.headers)])
    for line, cells, findings in preview.bad_rows:
        reasons = " ".join(f"{_label(f.column)}: {f.reason}" if _label(f.column) else f.reason for f in findings)
        writer.writerow([line, safe(reasons), *map(safe, cells)])
    return response


def _own(request: OfficeRequest) -> Any:
    """A list is its owner's until it is loaded, and only while the plantel is theirs."""
    found = RollUpload.objects.filter(owner=request.user).select_related("plantel", "ciclo")
    return found if request.scope.plantel_ids is None else found.filter(plantel__in=request.scope.plantel_ids)


def _of(request: OfficeRequest, upload_id: int) -> RollUpload:
    upload: RollUpload = get_object_or_404(_own(request), pk=upload_id)
    return upload


def _lists(request: OfficeRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    latest = RollUpload.objects.exclude(applied_at=None).filter(plantel__in=request.scope.planteles())
    context = {"form": form, "latest": latest.select_related("plantel", "ciclo", "owner").order_by("-uploaded_at")[:LATEST]}
    return render(request, "dashboard/uploads.html", context, status=status)


def _keep(request: OfficeRequest, said: dict[str, Any]) -> RollUpload:
    file: UploadedFile[Any] = said["file"]
    return uploaded.keep(
        file.read(), filename=file.name or "lista", owner=request.user, plantel=said["plantel"], ciclo=said["ciclo"],
        enrolled_on=said["enrolled_on"], now=timezone.now(),
    )  # fmt: skip


def _target(upload: RollUpload, scope: Scope) -> dict[str, Any]:
    today: dt.date = timezone.localdate()
    return {
        "plantel": upload.plantel, "ciclo": upload.ciclo, "today": today, "enrolled_on": upload.enrolled_on, "own": scope.plantel_ids,
    }  # fmt: skip


def _preview(upload: RollUpload, scope: Scope) -> load.Preview:
    return load.preview(uploaded.body(upload), upload.filename, **_target(upload, scope))


def _apply(upload: RollUpload, request: OfficeRequest) -> None:
    actor = load.importer(upload.filename, request.scope.actor.name, request.user.pk)
    now = timezone.now()
    report = load.apply(uploaded.body(upload), upload.filename, **_target(upload, request.scope), actor=actor, now=now)
    upload.applied_at, upload.result = now, {"done": asdict(report.done), "counts": asdict(report.preview.counts)}
    upload.save(update_fields=["applied_at", "result"])
