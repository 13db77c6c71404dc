"""The desk's pages: what is to be taken, one visit, and its answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.models import Case, PaperKind
from afiliacion.cases.outcome import Outcome
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.models import DeskVisit, Disclosure
from afiliacion.dashboard.subdelegacion import visits
from afiliacion.dashboard.subdelegacion.forms import AnswersForm, FiledForm, PrepareForm
from afiliacion.roll.exporting import Cell, download

LATEST: Final = 20


@require_safe
def desk(request: OfficeRequest) -> HttpResponse:
    return _desk(request)


def _desk(request: OfficeRequest, bound: PrepareForm | None = None, where: str = "", status: int = 200) -> HttpResponse:
    today, officer = timezone.localdate(), request.scope.actor.name
    forms = [
        (group, bound if bound and group.name == where else PrepareForm(None, today=today, officer=officer, auto_id=f"g{n}_%s"))
        for n, group in enumerate(visits.groups(request.scope))
    ]
    context = {"groups": forms, "visits": visits.visits(request.scope)[:LATEST], "today": today}
    return render(request, "dashboard/subdelegacion/desk.html", context, status=status)


@require_POST
def prepare(request: OfficeRequest) -> HttpResponse:
    """Gather the chosen cases into a visit."""
    where = request.POST.get("subdelegacion", "")
    chosen = [int(text) for text in request.POST.getlist("caso") if text.isascii() and text.isdigit() and len(text) < 19]
    form = PrepareForm(request.POST, today=timezone.localdate(), officer=request.scope.actor.name)
    if not form.is_valid():
        return _desk(request, form, where, status=422)
    visit, left = visits.prepare(request.scope, chosen, subdelegacion=where, now=timezone.now(), **form.cleaned_data)
    if visit is None:
        messages.error(request, "Elija al menos un caso que esté por llevarse.")
        return redirect("desk")
    if left:
        told = "1 ya no estaba por llevarse y no se agregó." if left == 1 else f"{left} ya no estaban por llevarse y no se agregaron."
        messages.info(request, told)
    return redirect("visit", visit.pk)


@require_safe
def visit(request: OfficeRequest, visit_id: int) -> HttpResponse:
    return _visit(request, _of(request, visit_id))


def _visit(
    request: OfficeRequest, visit: DeskVisit, *, filed: FiledForm | None = None, answers: AnswersForm | None = None, status: int = 200
) -> HttpResponse:
    today, rows = timezone.localdate(), list(visits.errands(visit, request.scope))
    whys = {case.pk: case for case in visits.with_reason(Case.objects.filter(pk__in=[row.case_id for row in rows]))}
    waiting = [row for row in rows if not row.result]
    context = {
        "visit": visit, "rows": [(row, whys[row.case_id]) for row in rows], "waiting": len(waiting),
        "filed_form": filed or FiledForm(today=today), "answers": answers or AnswersForm(waiting, today=today),
    }  # fmt: skip
    return render(request, "dashboard/subdelegacion/visit.html", context, status=status)


@require_POST
def filed(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """The cases were presented."""
    visit = _of(request, visit_id)
    form = FiledForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _visit(request, visit, filed=form, status=422)
    outcome = visits.file(visit, request.scope, now=timezone.now(), **form.cleaned_data)
    _tell(request, outcome, "presentado", "presentados")
    return redirect("visit", visit.pk)


@require_POST
def results(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """What came back, for each student."""
    visit = _of(request, visit_id)
    waiting = visits.errands(visit, request.scope).filter(result="")
    form = AnswersForm(waiting, request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _visit(request, visit, answers=form, status=422)
    outcome = visits.answer(visit, request.scope, form.answers(), on=form.cleaned_data["on"], now=timezone.now())
    _tell(request, outcome, "resultado anotado", "resultados anotados")
    return redirect("visit", visit.pk)


@require_POST
def cancel(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """Nobody went."""
    visit = _of(request, visit_id)
    left = visits.cancel(visit, request.scope)
    if left:
        messages.success(request, f"La salida se deshizo: {left} {'caso vuelve' if left == 1 else 'casos vuelven'} a estar por llevarse.")
    else:
        messages.info(request, "Esa salida ya se presentó o ya se había deshecho.")
    return redirect("desk")


@require_POST
def as_file(request: OfficeRequest, visit_id: int, ending: str) -> HttpResponseBase:
    """The list that goes with the oficio, numbers in full: whose they are is written down."""
    visit = _of(request, visit_id)
    cases = visits.with_reason(request.scope.cases().filter(desk_errands__visit=visit))
    now, detail = timezone.now(), f"lista de la salida {visit.pk}"
    Disclosure.objects.bulk_create(
        [Disclosure(user=request.user, case=case, what=Disclosure.What.NUMBERS, detail=detail, at=now) for case in cases]
    )
    labels = dict(PaperKind.objects.values_list("key", "label"))
    rows: Iterator[Sequence[Cell]] = ([number, *_line(case, labels)] for number, case in enumerate(cases, 1))
    return download(chain([_HEADS], rows), f"subdelegacion-{visit.day.isoformat()}", ending)


_HEADS: Final = ("Núm.", "Folio", "Nombre", "CURP", "NSS", "Matrícula", "Plantel", "Registro patronal", "Documentos", "Motivo")


def _line(case: Any, labels: dict[str, str]) -> list[str]:
    papers = "; ".join(sorted(labels.get(key, key) for key in case.facts.papers_in))
    return [
        case.folio, case.student.list_name, case.student.curp, case.student.nss or "", case.enrolment.matricula, case.plantel.name,
        case.plantel.registro_patronal, papers, case.why or case.message or "",
    ]  # fmt: skip


def _of(request: OfficeRequest, visit_id: int) -> DeskVisit:
    return get_object_or_404(visits.visits(request.scope), pk=visit_id)


def _tell(request: OfficeRequest, outcome: Outcome, one: str, many: str) -> None:
    if outcome.done:
        messages.success(request, f"{len(outcome.done)} {one if len(outcome.done) == 1 else many}.")
    names = {case.pk: case.student.list_name for case in request.scope.cases().filter(pk__in=outcome.skipped).select_related("student")}
    for case_id, reason in outcome.skipped.items():
        messages.error(request, f"{names.get(case_id, 'Un expediente')}: {reason}")
    if not outcome.done and not outcome.skipped:
        messages.info(request, "No había nada que anotar.")
