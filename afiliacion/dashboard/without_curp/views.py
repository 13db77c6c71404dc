"""Students who have no CURP yet: the list by the day each is asked again, and what an officer does with one of them."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.cases.identity import without_curp
from afiliacion.cases.models import WithoutCurp
from afiliacion.dashboard.models import ListExport
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.form_fields import Day, reason
from afiliacion.dashboard.without_curp import listing
from afiliacion.dashboard.without_curp.listing import WithoutCurpFilters
from afiliacion.exports import WORKBOOK, download
from afiliacion.roll.check.target import Target
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.models import Import, ImportState
from afiliacion.roll.upload import given
from students.curp import LENGTH, Curp, CurpError

SHOWN: Final = 100
_GONE: Final = "Ya no espera su CURP: alguien lo cerró o la trajo una lista."


class CurpForm(forms.Form):
    """The CURP that came, as the constancia has it."""

    curp = forms.CharField(
        label="CURP", max_length=2 * LENGTH, help_text="Los 18 caracteres, copiados de la constancia.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "form-control"}),
    )  # fmt: skip

    def clean_curp(self) -> Curp:
        try:
            return Curp.parse(self.cleaned_data["curp"])
        except CurpError as error:
            raise forms.ValidationError(str(error)) from error


class FollowUpForm(forms.Form):
    """When to ask again: a day after today."""

    on = Day(label="Volver a preguntar el")

    def __init__(self, person: WithoutCurp, *data: Any) -> None:
        self._today = person.plantel.day(timezone.now())
        super().__init__(*data)
        self.initial["on"] = without_curp.first_follow_up(person.plantel_id, self._today)
        self.fields["on"].widget.attrs["class"] = "form-control"

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if not 0 < (day - self._today).days <= 366:
            raise forms.ValidationError("Elija un día después de hoy, dentro de un año.")
        return day


class CloseForm(forms.Form):
    """Why no CURP will come."""

    reason = reason("Motivo")

    def __init__(self, *data: Any) -> None:
        super().__init__(*data)
        self.fields["reason"].widget.attrs["class"] = "form-control"


@require_safe
def without(request: OfficeRequest) -> HttpResponse:
    """Those who wait, the one to be asked first on top; `desde`: from which on."""
    asked, since = WithoutCurpFilters.of(request.GET), request.GET.get("desde", "")
    start = int(since) if since.isascii() and since.isdigit() and len(since) < 7 else 0
    page = list(asked.found(request.scope)[start : start + SHOWN + 1])
    today = timezone.localdate()
    context = {
        "asked": asked, "rows": [(row, row.is_late(today)) for row in page[:SHOWN]], "planteles": request.scope.named_planteles(),
        "more": start + SHOWN if len(page) > SHOWN else None,
    }  # fmt: skip
    return render(request, "dashboard/without_curp/list.html", context)


@require_POST
def as_file(request: OfficeRequest, ending: str) -> HttpResponseBase:
    """The list with its filters as a file; who took it is written down first."""
    asked = WithoutCurpFilters.of(QueryDict(request.POST.get("lista", "")[:2000]))
    found = asked.found(request.scope)
    if ending == "xlsx" and found[WORKBOOK : WORKBOOK + 1].exists():
        messages.error(request, f"Son más de {WORKBOOK:,}, demasiados para un libro de Excel: descárguelos como CSV.")
        return redirect("without-curp")
    ListExport.objects.create(user=request.user, at=timezone.now(), what="sin-curp", query=asked.query[:400])
    return download(listing.lines(found), f"sin-curp-{timezone.localdate():%Y%m%d}", ending)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: OfficeRequest, without_id: int) -> HttpResponse:
    """GET: one of them. POST: the CURP came."""
    row = _of(request, without_id)
    if request.method != "POST":
        return _page(request, row)
    if not row.is_open:
        messages.info(request, _GONE)
        return redirect("without-curp-person", row.pk)
    form = CurpForm(request.POST)
    if not form.is_valid():
        return _page(request, row, curp=form, status=422)
    try:
        job = _take(request, row, form.cleaned_data["curp"])
    except given.NotPromoted as why:
        form.add_error("curp", str(why))
        return _page(request, row, curp=form, status=422)
    return _after(request, row, job)


@require_POST
def follow(request: OfficeRequest, without_id: int) -> HttpResponse:
    """There is none yet: ask again another day."""
    row = _of(request, without_id)
    form = FollowUpForm(row, request.POST)
    if not form.is_valid():
        return _page(request, row, follow_up=form, status=422)
    done = without_curp.follow_up(row.pk, form.cleaned_data["on"], request.scope.act(timezone.now()))
    said = f"Listo: se le vuelve a preguntar el {form.cleaned_data['on']:%d/%m/%Y}."
    return _told(request, "without-curp", said if done else "")


@require_POST
def close(request: OfficeRequest, without_id: int) -> HttpResponse:
    """Nothing is awaited any more."""
    row = _of(request, without_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, row, closing=form, status=422)
    done = without_curp.close(row.pk, form.cleaned_data["reason"], request.scope.act(timezone.now()))
    return _told(request, "without-curp-person", "Listo: quedó cerrado. Puede reabrirlo aquí mismo." if done else "", row.pk)


@require_POST
def reopen(request: OfficeRequest, without_id: int) -> HttpResponse:
    """Take a closing back."""
    row = _of(request, without_id)
    done = without_curp.reopen(row.pk, request.scope.act(timezone.now()))
    return _told(request, "without-curp-person", "Listo: espera otra vez su CURP." if done else "", row.pk)


def _told(request: HttpRequest, where: str, said: str, *args: int) -> HttpResponse:
    if said:
        messages.success(request, said)
    else:
        messages.info(request, "No se hizo nada: ya estaba así.")
    return redirect(where, *args)


def _take(request: OfficeRequest, row: WithoutCurp, curp: Curp) -> Import:
    scope, now = request.scope, timezone.now()
    target = Target(row.plantel, row.ciclo, row.plantel.day(now), own=scope.plantel_ids)
    return given.with_curp(row, curp, target, JobClock(lambda: now), who=scope.actor.name, user=request.user)


def _after(request: OfficeRequest, row: WithoutCurp, job: Import) -> HttpResponse:
    """Where to go once the CURP was taken: its case, the answer of another plantel, or the list that has something to look at."""
    row.refresh_from_db()
    if row.enrolment_id:
        messages.success(request, "Listo: ya tiene su expediente. Si la CURP no era la suya, deshaga su carga en «Listas».")
        return redirect("without-curp-person", row.pk)
    if job.state == ImportState.DONE:
        messages.info(request, "Quedó en verificación: se pidió el visto bueno de otro plantel. Vea «Solicitudes».")
        return redirect("without-curp-person", row.pk)
    messages.info(request, "Revise qué haría esta CURP y confirme.")
    return redirect("upload", job.pk)


def _of(request: OfficeRequest, without_id: int) -> WithoutCurp:
    """One of this person's planteles; raises Http404 for any other."""
    if without_id > BigIntegerField.MAX_BIGINT:
        raise Http404
    known = without_curp.visible(request.scope.plantel_ids).select_related("plantel", "ciclo")
    return get_object_or_404(known, pk=without_id)


def _page(request: OfficeRequest, row: WithoutCurp, status: int = 200, **forms_said: forms.Form) -> HttpResponse:
    case = request.scope.cases().filter(enrolment=row.enrolment_id).first() if row.enrolment_id else None
    context = {
        "row": row, "late": row.is_late(row.plantel.day(timezone.now())), "case": case,
        "curp": CurpForm(), "follow_up": FollowUpForm(row), "closing": CloseForm(), **forms_said,
    }  # fmt: skip
    return render(request, "dashboard/without_curp/person.html", context, status=status)
