"""Lists of enrolled students: bring one, see what it would do, load its good rows, watch it, take it back. Nothing is written before
it is confirmed; the work is a worker's (afiliacion/roll/load/work.py), so every page may be closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from pathlib import PurePath
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from afiliacion import exports
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.dashboard.shared.form_fields import Day, offer_planteles
from afiliacion.dashboard.student_lists.remarks import SHOWN, alike, labelled, stranger
from afiliacion.dashboard.worklist.filters import Filters, Flag
from afiliacion.roll import job_steps, stored_file
from afiliacion.roll.check import not_returning
from afiliacion.roll.check.not_returning import Meaning
from afiliacion.roll.findings import FieldChange, RowCounts, UnreadableFile
from afiliacion.roll.load import applying
from afiliacion.roll.models import Import, ImportState, RowKind, Severity
from afiliacion.roll.parse.columns import COLUMNS
from afiliacion.roll.parse.reading import ENDINGS, read
from afiliacion.roll.upload import column_choice, jobs, rejected_rows, run_now
from students.models import Ciclo, Enrolment, Plantel

#: Lists shown on a page.
LATEST: Final = 20
#: What the form asks beside the file.
_SAME: Final = ("plantel", "ciclo", "enrolled_on")

_DONE: Final = {
    "opened": "expedientes abiertos",
    "continued": "expedientes que continúan",
    "students_new": "alumnos nuevos",
    "students_changed": "alumnos con datos corregidos",
    "enrolments_changed": "inscripciones con cambios",
    "nss_obtained": "NSS registrados",
    "left": "bajas escolares",
    "rejoined": "reingresos",
    "no_curp": "sin CURP: quedan anotados",
    "promoted": "anotados sin CURP que ya la tienen",
    "asked": "pedidos a otro plantel (vea Solicitudes)",
}
_DOUBTS: Final = {"dates": "cómo se leen las fechas", "word": "qué significan palabras de la escuela", "hidden": "las filas ocultas",
           "enrolled": "desde qué fecha corre el plazo"}  # fmt: skip
_TOLD: Final = {
    ImportState.UPLOADED: "Espera a que empiece la revisión.",
    ImportState.CHECKING: "Se revisa cada fila. Todavía no se guarda nada.",
    ImportState.CONFIRMED: "Espera su turno: las listas de un mismo plantel y ciclo se cargan una tras otra.",
    ImportState.RUNNING: "Se cargan las filas buenas.",
    ImportState.UNDOING: "Se deshace lo que cargó.",
}


class UploadForm(forms.Form):
    """Which list, whose and of which ciclo. Only the planteles of who brings it can be chosen."""

    plantel = forms.ModelChoiceField(label="Plantel", queryset=Plantel.objects.none(), empty_label="Elija el plantel…")
    ciclo = forms.ModelChoiceField(label="Ciclo", queryset=Ciclo.objects.all(), empty_label="Elija el ciclo…")
    enrolled_on = Day(label="Fecha de inscripción para todos", required=False, help_text="Solo si la lista no la trae en cada fila.")
    file = forms.FileField(label="Lista", help_text="Excel (.xlsx), OpenDocument (.ods) o texto (.csv, .txt), tal como sale de su sistema.")

    def __init__(self, scope: Scope, *data: Any, **said: Any) -> None:
        super().__init__(*data, **said)
        today = timezone.localdate()
        offer_planteles(self, "plantel", scope.planteles())
        if scope.plantel_ids is not None and len(scope.plantel_ids) == 1:
            self.fields["plantel"].initial = next(iter(scope.plantel_ids))
        running = list(Ciclo.objects.filter(starts_on__lte=today, ends_on__gte=today)[:2])
        # Of two that run at once, the person says which.
        self.fields["ciclo"].initial = running[0] if len(running) == 1 else None
        for name in self.fields:
            self.fields[name].widget.attrs["class"] = "form-select" if name in ("plantel", "ciclo") else "form-control"
        self.fields["file"].widget.attrs["accept"] = ",".join(ENDINGS)


def or_the_same_list(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that goes to the page of the same list if that one is in hand already, and says so."""

    @wraps(view)
    def meet(request: OfficeRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except jobs.AlreadyBrought as other:
            messages.info(request, str(other))
            seen = _own(request).filter(pk=other.job.pk).exists()
            return redirect("upload", other.job.pk) if seen else redirect("uploads")

    return meet


@require_http_methods(["GET", "HEAD", "POST"])
@or_the_same_list
def uploads(request: OfficeRequest) -> HttpResponse:
    """GET: the form and the latest lists. POST: keep the list, have it checked, and go to its page."""
    if request.method != "POST":
        # Another file in place of one that was refused goes to the same plantel and ciclo.
        return _lists(request, UploadForm(request.scope, initial={name: request.GET[name] for name in _SAME if name in request.GET}))
    form = UploadForm(request.scope, request.POST, request.FILES)
    if not form.is_valid():
        return _lists(request, form, status=422)
    return redirect("upload", _bring(request, form.cleaned_data).pk)


@require_safe
def upload(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """A list where it stands: being worked on, waiting to be confirmed, loaded, or refused and why."""
    job = upload_of(request, upload_id)
    if job.at_work:
        return render(request, "dashboard/student_lists/working.html", _working(job))
    if job.state == ImportState.CHECKED:
        return render(request, "dashboard/student_lists/checked.html", _checked(job, request.scope))
    return render(request, "dashboard/student_lists/done.html", _over(job, request.scope))


@require_safe
def progress(request: OfficeRequest, upload_id: int) -> HttpResponseBase:
    """The part of the page that moves; when the work is over, the whole page anew."""
    job = upload_of(request, upload_id)
    if not job.at_work:
        return HttpResponseClientRefresh()
    return render(request, "dashboard/student_lists/_progress.html", _working(job))


@require_POST
def confirm(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """Have the good rows loaded, once: of two windows, the second is told that it is confirmed."""
    job = upload_of(request, upload_id)
    scope = request.scope
    if job.state == ImportState.CHECKED and stranger(RowCounts(**job.counts)) and not request.POST.get("segura"):
        messages.warning(request, "Diga primero que sí es la lista de este plantel y de este ciclo.")
        return redirect("upload", job.pk)
    if not jobs.confirm(job, now=timezone.now(), by=request.user, name=scope.actor.name, own=scope.plantel_ids):
        who = f" por {job.confirmed_name}" if job.confirmed_name else ""
        messages.info(request, f"Ya no había qué confirmar: está «{job.get_state_display()}»{who}.")
    return redirect("upload", job.pk)


@require_POST
def cancel(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """Stop it where it stands."""
    job = upload_of(request, upload_id)
    if not jobs.cancel(job, now=timezone.now()):
        messages.info(request, f"Ya no había qué cancelar: está «{job.get_state_display()}».")
    return redirect("upload", job.pk)


@require_POST
@or_the_same_list
def retry(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """Go on with one that failed or was cancelled."""
    job = upload_of(request, upload_id)
    if not jobs.retry(job):
        messages.info(request, f"No hay qué reintentar: está «{job.get_state_display()}».")
    return redirect("upload", job.pk)


@require_POST
def undo(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """Undo a loaded list if none of its cases was worked on since; else show which were."""
    job = upload_of(request, upload_id)
    try:
        scope = request.scope
        moved = jobs.undo(job, now=timezone.now(), by=request.user, name=scope.actor.name, own=scope.plantel_ids)
    except (jobs.Occupied, jobs.BroughtByOthers) as other:
        messages.info(request, str(other))
        return redirect("upload", job.pk)
    if moved:
        return render(request, "dashboard/student_lists/done.html", {**_over(job, scope), "moved": moved}, status=409)
    return redirect("upload", job.pk)


@require_safe
def errors(request: OfficeRequest, upload_id: int) -> HttpResponseBase:
    """The rows that were not taken, as they came, each with its line and reason: to be corrected and brought again."""
    job = upload_of(request, upload_id)
    ending = "xlsx" if request.GET.get("como") == "xlsx" else "csv"
    try:
        with stored_file.on_disk(job) as path:
            table = read(path, job.filename)
    except UnreadableFile as refusal:
        messages.error(request, str(refusal))
        return redirect("upload", job.pk)
    return exports.download(rejected_rows.bad_rows(table, rejected_rows.errors_of(job)), f"errores-{PurePath(job.filename).stem}", ending)


def _working(job: Import) -> dict[str, Any]:
    done = job_steps.applied_rows(job) if job.state == ImportState.RUNNING else job.progress
    return {
        "upload": job, "told": _TOLD[ImportState(job.state)], "done": done, "percent": 100 * done // job.total if job.total else None,
        "reading": job.being_read and job.total, "cancellable": job.state in jobs.CANCELLABLE,
    }  # fmt: skip


def _checked(job: Import, scope: Scope) -> dict[str, Any]:
    preview = run_now.preview_of(job)
    labels = [f"{n} {Enrolment.Status(status).label.lower()}" for status, n in sorted(preview.counts.leaving.items())]
    answered = job.rows.filter(kind=RowKind.ASKED).exclude(answer="").count()
    return {
        "read_as": _read_as(job),
        "upload": job, "preview": preview, "counts": preview.counts, "good": preview.good + answered,
        "shown": SHOWN, "unanswered": preview.counts.asked - answered,
        "errors": alike(job, Severity.ERROR), "warnings": alike(job, Severity.WARNING), "stranger": stranger(preview.counts),
        "doubts": ", ".join(sorted({_DOUBTS[question["kind"]] for question in job.questions if not question["answer"]})),
        "changes": _with_labels(preview.changes), "missing": [absent for absent in preview.missing if not absent.before][:SHOWN],
        "left": sum(preview.counts.leaving.values()), "leaving": ", ".join(labels),
        "not_returned": _not_returned(job, scope), "names": job.absent.filter(case__isnull=False)[:SHOWN],
    }  # fmt: skip


def _read_as(job: Import) -> list[tuple[str, str]]:
    """Each column found, and its heading in the file."""
    where = job.mapping or {}
    return [(column.label, job.headers[where[column.name]]) for column in COLUMNS if column.name in where]


def _with_labels(remarks: Sequence[FieldChange]) -> list[dict[str, Any]]:
    """The first remarks, each with its column as people call it."""
    return [{**asdict(remark), "label": labelled(remark.column)} for remark in remarks[:SHOWN]]


def _not_returned(job: Import, scope: Scope) -> list[tuple[Meaning, int]]:
    """Who did not re-enrol, by what each means as it stands now; nothing of a list that was undone or never loaded."""
    wanted = job.counts.get("not_returned") and job.state in (ImportState.CHECKED, ImportState.DONE, ImportState.DONE_WITH_ERRORS)
    return not_returning.counted(not_returning.named(job, scope.cases())) if wanted else []


def _over(job: Import, scope: Scope) -> dict[str, Any]:
    """What a list did, in words; or why it did nothing."""
    half_undone = job.undo_begun and job.state != ImportState.UNDONE
    done = job.done if job.done and not half_undone else asdict(applying.summed(job))
    applied = job_steps.applied_rows(job)
    return {
        "readable": column_choice.can_say(job),
        "upload": job, "lines": [(done[name], label) for name, label in _DONE.items() if done.get(name)], "applied": applied,
        "not_loaded": job.findings.filter(severity=Severity.REFUSED).values("line").distinct().count() + job.counts.get("invalid", 0),
        "skipped": job.findings.filter(severity=Severity.SKIPPED)[:SHOWN], "retriable": jobs.can_retry(job),
        "refused": job.state == ImportState.REFUSED,
        "undoable": job.state in jobs.UNDOABLE and applied and not job.forgotten_at, "moved": (),
        "same_query": urlencode({name: value for name, value in zip(_SAME, _where(job), strict=True) if value}),
        "not_returned": _not_returned(job, scope),
        "owing_query": Filters(plantel=str(job.plantel_id), bandera=Flag.BAJA_TO_SEND.value).query if done.get("left") else "",
        "list_query": Filters(plantel=str(job.plantel_id), ciclo=str(job.ciclo_id)).query,
    }  # fmt: skip


def _where(job: Import) -> tuple[Any, ...]:
    """What a list brought in place of this one is asked again: the values of _SAME."""
    return job.plantel_id, job.ciclo_id, job.enrolled_on


def _own(request: OfficeRequest) -> QuerySet[Import]:
    """The lists of the planteles of the person who asks. What a check says goes by whom its bringer may know: until it is confirmed, only
    a person who answers for as many planteles sees it."""
    own = request.scope.plantel_ids
    known = Q() if own is None else Q(confirmed_at__isnull=False) | Q(own__contained_by=sorted(own))
    return Import.objects.filter(known, plantel__in=request.scope.planteles()).select_related("plantel", "ciclo", "owner", "confirmed_by")


def upload_of(request: OfficeRequest, upload_id: int) -> Import:
    """A list of one of the user's planteles; 404 for any other."""
    return get_object_or_404(_own(request), pk=upload_id)


def _lists(request: OfficeRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    before = request.GET.get("antes", "")
    # Numbered as they came: what is older than the last one seen.
    older = {"pk__lt": int(before)} if before.isascii() and before.isdigit() and len(before) < 10 else {}
    page = list(_own(request).filter(**older).order_by("-pk")[: LATEST + 1])
    context = {"form": form, "latest": page[:LATEST], "more": page[LATEST - 1].pk if len(page) > LATEST else None}
    return render(request, "dashboard/student_lists/lists.html", context, status=status)


def _bring(request: OfficeRequest, said: dict[str, Any]) -> Import:
    return jobs.bring(
        said["file"], said["file"].name or "lista", plantel=said["plantel"], ciclo=said["ciclo"], enrolled_on=said["enrolled_on"],
        owner=request.user, owner_name=request.scope.actor.name, own=request.scope.plantel_ids, now=timezone.now(),
    )  # fmt: skip
