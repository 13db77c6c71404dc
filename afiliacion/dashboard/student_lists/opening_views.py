"""Covers that exist already, declared by a list: bring it, see what it would do, declare it, verify a sample, take it back."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.cases.states import Proof
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.dashboard.shared.form_fields import Day, offer_planteles
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.models import Opening, OpeningRow, OpeningState, OpeningVerdict
from afiliacion.roll.opening import jobs, undoing
from afiliacion.roll.opening.columns import COLUMNS
from afiliacion.roll.opening.reading import MOST
from afiliacion.roll.parse.reading import ENDINGS
from students.models import Plantel

#: Rows and lists shown on a page.
SHOWN: Final = 50
LATEST: Final = 20


class OpeningForm(forms.Form):
    """Which list, whose, and what holds for rows that do not say it. Only the planteles of who brings it can be chosen."""

    plantel = forms.ModelChoiceField(label="Plantel", queryset=Plantel.objects.none(), empty_label="Elija el plantel…")
    since = Day(label="Asegurados desde", required=False, help_text="Para las filas que no traen su fecha.")
    proof = forms.ChoiceField(label="Cómo consta", choices=Proof.choices, initial=Proof.LIST, help_text="Para las filas que no lo dicen.")
    file = forms.FileField(label="Lista", help_text="Excel (.xlsx), OpenDocument (.ods) o texto (.csv, .txt).")

    def __init__(self, scope: Scope, *data: Any) -> None:
        super().__init__(*data)
        offer_planteles(self, "plantel", scope.planteles())
        if scope.plantel_ids is not None and len(scope.plantel_ids) == 1:
            self.fields["plantel"].initial = next(iter(scope.plantel_ids))
        for name in self.fields:
            self.fields[name].widget.attrs["class"] = "form-select" if name in ("plantel", "proof") else "form-control"
        self.fields["file"].widget.attrs["accept"] = ",".join(ENDINGS)


@require_http_methods(["GET", "HEAD", "POST"])
def openings(request: OfficeRequest) -> HttpResponse:
    """GET: the form and the latest lists. POST: check the list and go to its page."""
    if request.method != "POST":
        return _lists(request, OpeningForm(request.scope))
    form = OpeningForm(request.scope, request.POST, request.FILES)
    if form.is_valid():
        try:
            return redirect("opening", _bring(request, form.cleaned_data).pk)
        except jobs.AlreadyBrought as other:
            messages.info(request, str(other))
            seen = _own(request).filter(pk=other.job.pk).exists()
            return redirect("opening", other.job.pk) if seen else redirect("openings")
        except UnreadableFile as refusal:
            form.add_error("file", str(refusal))
    return _lists(request, form, status=422)


@require_safe
def opening(request: OfficeRequest, opening_id: int) -> HttpResponse:
    """A list where it stands, and its rows of the kind asked for (`clase`); `desde` is the last one already seen."""
    job = _opening_of(request, opening_id)
    kind, since = request.GET.get("clase", ""), request.GET.get("desde", "")
    after = int(since) if since.isascii() and since.isdigit() and len(since) < 10 else 0
    rows = job.rows.filter(line__gt=after).order_by("line")
    page = list((rows.filter(verdict=kind) if kind in OpeningVerdict.values else rows)[: SHOWN + 1])
    context = {
        "opening": job, "kinds": _kinds(job), "kind": kind, "rows": page[:SHOWN],
        "more": page[SHOWN - 1].line if len(page) > SHOWN else None,
        "ready": job.counts.get(OpeningVerdict.READY, 0), "sample": _sample(job), **_done(job),
    }  # fmt: skip
    return render(request, "dashboard/student_lists/opening.html", context)


@require_POST
def confirm(request: OfficeRequest, opening_id: int) -> HttpResponse:
    """Declare the covers of the rows that are ready, once."""
    job = _opening_of(request, opening_id)
    if not jobs.confirm(job, act=request.scope.act(timezone.now())):
        _told_late(request, job)
    return redirect("opening", job.pk)


@require_POST
def cancel(request: OfficeRequest, opening_id: int) -> HttpResponse:
    """Do not declare it."""
    job = _opening_of(request, opening_id)
    if not jobs.cancel(job):
        _told_late(request, job)
    return redirect("opening", job.pk)


@require_POST
def undo(request: OfficeRequest, opening_id: int) -> HttpResponse:
    """Take back what nothing was built upon."""
    job = _opening_of(request, opening_id)
    try:
        if not undoing.undo(job, act=request.scope.act(timezone.now())):
            messages.info(request, "No hubo qué deshacer: ya se deshizo, o en todos sus expedientes ya se hizo algo más.")
    except undoing.ByOthers as refusal:
        messages.info(request, str(refusal))
    return redirect("opening", job.pk)


def _told_late(request: OfficeRequest, job: Opening) -> None:
    job.refresh_from_db()
    messages.info(request, f"No se hizo nada: la lista ya está «{job.get_state_display()}».")


def _kinds(job: Opening) -> list[tuple[str, str, int]]:
    """What was found: value, label and how many, only what there is."""
    found = [(value, label, job.counts.get(value, 0)) for value, label in OpeningVerdict.choices]
    return [each for each in found if each[2]]


def _done(job: Opening) -> dict[str, Any]:
    declared = job.rows.filter(declared=True).count()
    refused = job.rows.filter(verdict=OpeningVerdict.READY, declared=False).exclude(reason="").count() if job.confirmed_at else 0
    return {"declared": declared, "refused": refused, "undoable": job.state == OpeningState.DONE and declared and not job.forgotten_at}


def _sample(job: Opening) -> list[OpeningRow]:
    """Those to verify first; of a list that is declared, those that were."""
    if job.state not in (OpeningState.CHECKED, OpeningState.DONE):
        return []
    chosen = job.rows.filter(sampled=True).select_related("case__student").order_by("line")
    return list(chosen.filter(declared=True) if job.state == OpeningState.DONE else chosen)


def _own(request: OfficeRequest) -> QuerySet[Opening]:
    """The lists of the planteles of the person who asks; one not confirmed, only if that person answers for as many planteles."""
    own = request.scope.plantel_ids
    known = Q() if own is None else Q(confirmed_at__isnull=False) | Q(own__contained_by=sorted(own))
    return Opening.objects.filter(known, plantel__in=request.scope.planteles()).select_related("plantel")


def _opening_of(request: OfficeRequest, opening_id: int) -> Opening:
    return get_object_or_404(_own(request), pk=opening_id)


def _lists(request: OfficeRequest, form: OpeningForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "latest": _own(request)[:LATEST], "columns": [column.label for column in COLUMNS], "most": MOST}
    return render(request, "dashboard/student_lists/openings.html", context, status=status)


def _bring(request: OfficeRequest, said: dict[str, Any]) -> Opening:
    return jobs.bring(
        said["file"], said["file"].name or "lista", plantel=said["plantel"], since=said["since"], proof=Proof(said["proof"]),
        act=request.scope.act(timezone.now()), owner=request.user,
    )  # fmt: skip
