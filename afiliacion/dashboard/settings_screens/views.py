"""The settings' pages: what there is, one row, what a change will do before it is done, and who changed what."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.dashboard.models import SettingChange
from afiliacion.dashboard.settings_screens import changes
from afiliacion.dashboard.settings_screens.section_form import SectionForm
from afiliacion.dashboard.settings_screens.sections import BY_SLUG, SECTIONS, Section
from afiliacion.dashboard.shared.access import OfficeRequest

SHOWN: Final = 500
LATEST: Final = 100


@require_safe
def index(request: OfficeRequest) -> HttpResponse:
    changes.only_coordinators(request.scope)
    context = {"sections": SECTIONS, "latest": SettingChange.objects.all()[:5]}
    return render(request, "dashboard/settings_screens/index.html", context)


@require_safe
def changes_log(request: OfficeRequest) -> HttpResponse:
    """Who changed what."""
    changes.only_coordinators(request.scope)
    return render(request, "dashboard/settings_screens/changes.html", {"latest": SettingChange.objects.all()[:LATEST], "shown": LATEST})


@require_safe
def rows(request: OfficeRequest, setting: str) -> HttpResponse:
    section = _section(request, setting)
    wanting = section.wanting() if section.wanting else ()
    context = {"section": section, "rows": _lines(section, list(section.rows()[:SHOWN])), "wanting": wanting[:SHOWN]}
    return render(request, "dashboard/settings_screens/rows.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@changes.one_by_one
def edit(request: OfficeRequest, setting: str, row_id: int | None = None) -> HttpResponse:
    """GET: the form. POST: what it will do, and (confirmed, or with nothing to tell) do it."""
    section = _section(request, setting)
    if not (section.can_edit if row_id else section.can_add):
        raise Http404
    row, before = _row(section, row_id), _row(section, row_id)
    if why := _why_settled(section, row):
        messages.error(request, why)
        return redirect(_back(request, section, row))
    seen = changes.print_of(section.raw(before))
    form = section.form_class()(
        request.POST if request.method == "POST" else None, instance=row, fixed=section.fixed, initial=_asked(request, section)
    )
    if request.method != "POST":
        return _form(request, section, row_id, form, seen)
    if request.POST.get("visto", "") != seen:
        form.add_error(None, "Alguien más lo cambió mientras usted lo veía. Revise cómo quedó y vuelva a guardar.")
        return _form(request, section, row_id, form, seen, status=422)
    if not form.is_valid():
        return _form(request, section, row_id, form, seen, status=422)
    told = changes.save(section, form, before, request.scope, timezone.now(), confirmed=request.POST.get("confirmado", ""))
    if told:
        return _form(request, section, row_id, form, seen, told=told)
    messages.success(request, "Guardado. Quedó anotado quién lo cambió.")
    return redirect(_back(request, section, row))


@require_POST
@changes.one_by_one
def remove(request: OfficeRequest, setting: str, row_id: int) -> HttpResponse:
    """Ask first, with what will happen; then do it."""
    section = _section(request, setting)
    row = section.model._default_manager.filter(pk=row_id).first()
    if row is None:
        messages.info(request, "Eso ya se había quitado.")
        return redirect("setting-list", section.slug)
    back = _back(request, section, row)
    if why := _why_settled(section, row) or _why_stays(section, row):
        messages.error(request, why)
        return redirect(back)
    told = changes.remove(section, row, request.scope, timezone.now(), confirmed="confirmado" in request.POST)
    if told:
        context = {"section": section, "row": row, "row_id": row_id, "told": told, "back": back}
        return render(request, "dashboard/settings_screens/remove.html", context)
    messages.success(request, "Se quitó. Quedó anotado quién lo hizo.")
    return redirect(back)


def _section(request: OfficeRequest, setting: str) -> Section:
    changes.only_coordinators(request.scope)
    if setting not in BY_SLUG:
        raise Http404
    return BY_SLUG[setting]


def _row(section: Section, row_id: int | None) -> Model:
    return get_object_or_404(section.model, pk=row_id) if row_id else section.model()


def _why_stays(section: Section, row: Any) -> str:
    return section.keep(row) if section.keep else "Eso no se quita: hay historia que lo nombra."


def _why_settled(section: Section, row: Any) -> str:
    return section.settled(row) if section.settled and row.pk else ""


def _lines(section: Section, found: list[Any]) -> list[tuple[Any, list[tuple[str, str]], str]]:
    """Each row with label and value of its columns, and why it is not to be removed."""
    labels, stays = section.labels, [_why_stays(section, row) for row in found]
    values = [list(zip(labels, each, strict=True)) for each in section.values(found)]
    return list(zip(found, values, stays, strict=True))


def _asked(request: OfficeRequest, section: Section) -> dict[str, str]:
    """What a new row is asked for with: the row under which it stands (?plantel=7), or what came and has none (?code=107)."""
    if section.wanting:
        return {name: request.GET[name][:80] for name in section.fixed if request.GET.get(name)}
    name = section.under[1] if section.under else ""
    asked = request.GET.get(name, "")
    return {name: asked} if asked.isascii() and asked.isdigit() else {}


def _back(request: OfficeRequest, section: Section, row: Any) -> str:
    """Where a row's page leads: to the row it stands under, or to its list."""
    if section.under:
        slug, name = section.under
        if above := getattr(row, f"{name}_id") or _asked(request, section).get(name):
            return reverse("setting", args=[slug, above])
    return reverse("setting-list", args=[section.slug])


def _parts(section: Section, row_id: int | None) -> list[tuple[Section, list[tuple[Any, list[tuple[str, str]], str]]]]:
    """The sections whose rows stand on the page of this row, with these rows."""
    parts = [(part, part.under[1]) for part in SECTIONS if part.under and part.under[0] == section.slug and row_id]
    return [(part, _lines(part, list(part.rows().filter(**{name: row_id})[:SHOWN]))) for part, name in parts]


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
    context = {
        "section": section, "row_id": row_id, "form": form, "seen": seen, "told": told or [],
        "told_print": changes.print_of_told(told or [], form), "parts": _parts(section, row_id),
        "back": _back(request, section, form.instance),
    }  # fmt: skip
    return render(request, "dashboard/settings_screens/edit.html", context, status=status)
