"""Printing from the screens: one paper at once, many in the background, and who took them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion import wake
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.models import Disclosure
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.dashboard.shared.form_fields import offer
from afiliacion.dashboard.subdelegacion import visits
from afiliacion.documents import print_jobs as jobs
from afiliacion.documents.context import NotPrintable, PrintContext, to_print
from afiliacion.documents.kinds import catalogue as kinds
from afiliacion.documents.layout.pdf import print_papers
from afiliacion.documents.models import DocumentKind, PrintJob
from afiliacion.documents.register import issue
from afiliacion.operations.print_worker import PRINT
from afiliacion.reminders.letters import links
from students.models import Ciclo, Enrolment

#: Jobs on the page, the latest first.
SHOWN: Final = 30
#: Cases one order may choose by hand: those of a page of the work list.
_PAIR: Final = re.compile(r"(\d{1,18}):\d{1,9}", re.ASCII)


@require_POST
def print_case(request: OfficeRequest, case_id: int, kind: str) -> HttpResponse:
    """One paper about one case, shown in the browser; one that makes no sense for it says so on the case's page."""
    if kind not in kinds.SINGLES:
        raise Http404
    case = request.scope.case(case_id)
    try:
        return case_paper(request.scope, case, DocumentKind(kind))
    except NotPrintable as reason:
        messages.error(request, str(reason))
        return redirect("case", case.pk)


def case_paper(scope: Scope, case: Case, kind: DocumentKind) -> HttpResponse:
    """The paper of this kind about a case this person may see, issued, written down and ready to be shown.

    Raises:
        NotPrintable: it makes no sense for the case as it stands.
    """
    context = PrintContext(timezone.localdate(), links.printed_urls, by=scope.user.pk)
    paper = kinds.compose_one(kind, to_print(Case.objects.filter(pk=case.pk), history=True).get(), context)
    [stamp] = issue([paper], by=scope.actor, now=timezone.now())
    _disclose(scope, kind, [case.pk], stamp.folio)
    body, name = print_papers([(paper, stamp)], paper.title), f"{kind.value}-{case.folio}.pdf"
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


@require_http_methods(["GET", "HEAD", "POST"])
def printing(request: OfficeRequest) -> HttpResponse:
    """What can be printed for many, and what was asked for lately."""
    form = OrderForm(request.POST if request.method == "POST" else None, request.scope, request.GET)
    if form.is_valid():
        try:
            return _ordered(form.order(request.scope))
        except jobs.OrderRefused as why:
            form.add_error(None, str(why))
    context = {"form": form, "jobs": print_jobs(request.scope)[:SHOWN], "kept_hours": jobs.kept_hours()}
    return render(request, "dashboard/documents/printing.html", context, status=422 if form.errors else 200)


@require_POST
def print_chosen(request: OfficeRequest) -> HttpResponse:
    """Papers about the cases chosen in the work list."""
    pairs = (_PAIR.fullmatch(text) for text in request.POST.getlist("caso")[:SHOWN_CASES])
    chosen = [int(pair[1]) for pair in pairs if pair]
    kind = request.POST.get("documento", "")
    if not chosen or kind not in kinds.ABOUT_CASES:
        messages.error(request, "Elija al menos un expediente y qué documento imprimir.")
        return redirect("worklist")
    what = "1 expediente elegido en la lista" if len(chosen) == 1 else f"{len(chosen)} expedientes elegidos en la lista"
    try:
        job = jobs.order(DocumentKind(kind), request.scope.cases().filter(pk__in=chosen), what=what, **_who(request.scope))
    except jobs.OrderRefused as why:
        messages.error(request, str(why))
        return redirect("worklist")
    return _ordered(job)


@require_POST
def print_visit(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """The oficio of a visit to the subdelegación, about those of its cases this person may see."""
    visit = get_object_or_404(visits.visits(request.scope), pk=visit_id)
    cases = visits.carried(visit, request.scope)
    if not cases.exists():
        messages.error(request, "Esta salida ya no lleva ningún caso: no hay oficio que imprimir.")
        return redirect("visit", visit.pk)
    return _ordered(jobs.order(DocumentKind.OFICIO, cases, what=f"Salida a {visit}", number=visit.number, **_who(request.scope)))


@require_safe
def print_job(request: OfficeRequest, job_id: int) -> HttpResponse:
    """How far a job is; htmx asks for its part of the page alone."""
    job = _job(request.scope, job_id)
    skipped = dict(job.skipped)
    cases = request.scope.cases().filter(pk__in=list(skipped)[:SHOWN_CASES]).select_related("student")
    context = {"job": job, "skipped": [(case, skipped[case.pk]) for case in cases], "kept_hours": jobs.kept_hours()}
    return render(request, "dashboard/documents/_print_job.html" if request.htmx else "dashboard/documents/print_job.html", context)


@require_POST
def print_download(request: OfficeRequest, job_id: int) -> HttpResponseBase:
    """Hand out what a job printed, and write down whose data was taken."""
    job = _job(request.scope, job_id)
    path = jobs.folder(job) / job.file
    if not job.file or not path.is_file():
        messages.error(request, "El archivo ya se borró: vuelva a pedirlo.")
        return redirect("print-job", job.pk)
    _disclose(request.scope, DocumentKind(job.kind), job.case_ids, f"impresión {job.pk}")
    return FileResponse(path.open("rb"), as_attachment=True, filename=job.file)


@require_POST
def print_cancel(request: OfficeRequest, job_id: int) -> HttpResponse:
    job = _job(request.scope, job_id)
    if jobs.cancel(job):
        messages.success(request, "Se canceló. No quedó ningún archivo.")
    else:
        messages.info(request, "Ya había terminado.")
    return redirect("print-job", job.pk)


class OrderForm(forms.Form):
    """What to print, and for which cases."""

    documento = forms.ChoiceField(label="Documento", choices=DocumentKind.choices)
    plantel = forms.ChoiceField(label="Plantel", required=False)
    ciclo = forms.ChoiceField(label="Ciclo", required=False)
    grupo = forms.CharField(label="Grupo", required=False, max_length=30, help_text="Vacío: todos.")
    estado = forms.ChoiceField(label="Estado del expediente", required=False, choices=[("", "Todos"), *State.choices])
    numero = forms.CharField(
        label="Número de oficio", required=False, max_length=60, help_text="Solo para el oficio. Vacío: un renglón para escribirlo."
    )

    def __init__(self, data: QueryDict | None, scope: Scope, proposed: QueryDict) -> None:
        """`proposed`: initial values from the address; not validated until the form is sent."""
        ciclos, planteles = list(Ciclo.objects.all()), list(scope.planteles())
        usual = {"documento": DocumentKind.INSTRUCCIONES.value, "ciclo": str(ciclos[0].pk) if ciclos else ""}
        super().__init__(data, initial=usual | proposed.dict())
        self._planteles, self._ciclos = {str(p.pk): p for p in planteles}, {str(c.pk): c for c in ciclos}
        offer(self, "plantel", [("", "Todos los míos"), *((key, plantel.name) for key, plantel in self._planteles.items())])
        offer(self, "ciclo", [("", "Todos"), *((key, ciclo.clave) for key, ciclo in self._ciclos.items())])
        if len(planteles) == 1:
            self.fields["plantel"].widget = forms.HiddenInput()
        for name in ("documento", "plantel", "ciclo", "estado"):
            self.fields[name].widget.attrs["class"] = "form-select"
        for name in ("grupo", "numero"):
            self.fields[name].widget.attrs |= {"class": "form-control", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("documento") == DocumentKind.INFORME and not said.get("ciclo"):
            self.add_error("ciclo", "Elija el ciclo del informe.")
        return said

    def order(self, scope: Scope) -> PrintJob:
        """Order what a valid form says.

        Raises:
            jobs.OrderRefused: nothing, or too much, to print.
        """
        said, kind = self.cleaned_data, DocumentKind(self.cleaned_data["documento"])
        ciclo = self._ciclos.get(said["ciclo"])
        if kind is DocumentKind.INFORME:
            planteles = [self._planteles[said["plantel"]]] if said["plantel"] else list(self._planteles.values())
            assert ciclo is not None  # noqa: S101 - clean() asked for it
            return jobs.order_reports(planteles, ciclo, what=self._what(), **_who(scope))
        wanted = {"plantel": said["plantel"], "ciclo": said["ciclo"], "grupo__iexact": said["grupo"], "state": said["estado"]}
        cases = scope.cases().filter(**{column: value for column, value in wanted.items() if value})
        if kind is DocumentKind.LISTA:
            cases = cases.filter(enrolment__status__in=Enrolment.ENTITLED)
        return jobs.order(kind, cases, what=self._what(), ciclo=ciclo, number=said["numero"].strip(), **_who(scope))

    def _what(self) -> str:
        said = self.cleaned_data
        plantel, ciclo = self._planteles.get(said["plantel"]), self._ciclos.get(said["ciclo"])
        state = State(said["estado"]).label if said["estado"] else ""
        parts = (
            plantel.name if plantel else "",
            f"ciclo {ciclo}" if ciclo else "",
            f"grupo {said['grupo']}" if said["grupo"] else "",
            state,
        )
        return ", ".join(filter(None, parts)) or "Todos los expedientes"


#: As many as a page of the work list shows, and as many skipped ones as a page can bear.
SHOWN_CASES: Final = 200


def _who(scope: Scope) -> dict[str, Any]:
    return {"by": scope.actor, "now": timezone.now(), "on": timezone.localdate()}


def _ordered(job: PrintJob) -> HttpResponse:
    wake.after_commit(PRINT)
    return redirect("print-job", job.pk)


def print_jobs(scope: Scope) -> QuerySet[PrintJob]:
    """The print jobs all of whose cases are in the user's planteles."""
    every = PrintJob.objects.order_by("-asked_at", "-pk").defer("case_ids")
    return every if scope.plantel_ids is None else every.filter(planteles__contained_by=sorted(scope.plantel_ids))


def _job(scope: Scope, job_id: int) -> PrintJob:
    return get_object_or_404(print_jobs(scope), pk=job_id)


def _disclose(scope: Scope, kind: DocumentKind, case_ids: Iterable[int], detail: str) -> None:
    """Record who took papers that show CURP and NSS in full, or that carry a link that acts as the student."""
    whats = [
        *([Disclosure.What.PAPER] if kinds.discloses(kind) else []),
        *([Disclosure.What.LINK] if kinds.carries_link(kind) else []),
    ]  # fmt: skip
    now, detail = timezone.now(), f"{kind.value} {detail}"[:64]
    Disclosure.objects.bulk_create(
        (Disclosure(user=scope.user, case_id=case_id, what=what, detail=detail, at=now) for case_id in case_ids for what in whats),
        batch_size=2000,
    )
