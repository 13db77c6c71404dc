"""The settings' pages: what there is, one row, what a change will do before it is done, and who changed what."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.models import SettingChange
from afiliacion.dashboard.setup import changes
from afiliacion.dashboard.setup.sections import BY_SLUG, SECTIONS, Section, SectionForm, value_of

SHOWN: Final = 500
LATEST: Final = 100


@require_safe
def index(request: OfficeRequest) -> HttpResponse:
    changes.only_coordinators(request.scope)
    context = {"sections": SECTIONS, "latest": SettingChange.objects.all()[:5]}
    return render(request, "dashboard/setup/index.html", context)


@require_safe
def changes_log(request: OfficeRequest) -> HttpResponse:
    """Who changed what."""
    changes.only_coordinators(request.scope)
    return render(request, "dashboard/setup/changes.html", {"latest": SettingChange.objects.all()[:LATEST], "shown": LATEST})


@require_safe
def rows(request: OfficeRequest, setting: str) -> HttpResponse:
    section = _section(request, setting)
    found = section.model._default_manager.order_by(*(section.model._meta.ordering or ["pk"]))[:SHOWN]
    labels = section.labels(section.columns)
    context = {
        "section": section,
        "labels": labels,
        "rows": [
            (row, list(zip(labels, (value_of(row, name) for name in section.columns), strict=True)), _why_stays(section, row))
            for row in found
        ],
    }
    return render(request, "dashboard/setup/rows.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@changes.one_by_one
def edit(request: OfficeRequest, setting: str, row_id: int | None = None) -> HttpResponse:
    """GET: the form. POST: what it will do, and (confirmed, or with nothing to tell) do it."""
    section = _section(request, setting)
    if not (section.can_edit if row_id else section.can_add):
        raise Http404
    row, before = _row(section, row_id), _row(section, row_id)
    seen = changes.print_of(changes.raw(before))
    form = section.form_class()(request.POST if request.method == "POST" else None, instance=row, fixed=section.fixed)
    if request.method != "POST":
        return _form(request, section, row_id, form, seen)
    if request.POST.get("visto", "") != seen:
        form.add_error(None, "Alguien más lo cambió mientras usted lo veía. Revise cómo quedó y vuelva a guardar.")
        return _form(request, section, row_id, form, seen, status=422)
    if not form.is_valid():
        return _form(request, section, row_id, form, seen, status=422)
    told = changes.save(section, form, before, request.scope, timezone.now(), confirmed="confirmado" in request.POST)
    if told:
        return _form(request, section, row_id, form, seen, told=told)
    messages.success(request, "Guardado. Quedó anotado quién lo cambió.")
    return redirect("setting-list", section.slug)


@require_POST
@changes.one_by_one
def remove(request: OfficeRequest, setting: str, row_id: int) -> HttpResponse:
    """Ask first, with what will happen; then do it."""
    section = _section(request, setting)
    row = section.model._default_manager.filter(pk=row_id).first()
    if row is None:
        messages.info(request, "Eso ya se había quitado.")
        return redirect("setting-list", section.slug)
    if why := _why_stays(section, row):
        messages.error(request, why)
        return redirect("setting-list", section.slug)
    told = changes.remove(section, row, request.scope, timezone.now(), confirmed="confirmado" in request.POST)
    if told:
        return render(request, "dashboard/setup/remove.html", {"section": section, "row": row, "row_id": row_id, "told": told})
    messages.success(request, "Se quitó. Quedó anotado quién lo hizo.")
    return redirect("setting-list", section.slug)


def _section(request: OfficeRequest, setting: str) -> Section:
    changes.only_coordinators(request.scope)
    if setting not in BY_SLUG:
        raise Http404
    return BY_SLUG[setting]


def _row(section: Section, row_id: int | None) -> Model:
    return get_object_or_404(section.model, pk=row_id) if row_id else section.model()


def _why_stays(section: Section, row: Any) -> str:
    return section.keep(row) if section.keep else "Eso no se quita: hay historia que lo nombra."


def _form(
    request: OfficeRequest,
    section: Section,
    row_id: int | None,
    form: SectionForm,
    seen: str,
    *,
    told: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"section": section, "row_id": row_id, "form": form, "seen": seen, "told": told or []}
    return render(request, "dashboard/setup/edit.html", context, status=status)
