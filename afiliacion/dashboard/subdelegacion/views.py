"""The desk's pages: what is to be taken, one visit, and its answers."""

from __future__ import annotations

import re
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
from afiliacion.dashboard.models import DeskErrand, DeskVisit, Disclosure
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.subdelegacion import visits
from afiliacion.dashboard.subdelegacion.forms import AnswersForm, FiledForm, PrepareForm
from afiliacion.exports import Cell, download
from students.registro_patronal import with_dashes
from students.registros import Registros

LATEST: Final = 20


@require_safe
def desk(request: OfficeRequest) -> HttpResponse:
    return _desk(request)


def _desk(request: OfficeRequest, bound: PrepareForm | None = None, where: str = "", status: int = 200) -> HttpResponse:
    today, officer = request.scope.day(timezone.now()), request.scope.actor.name
    forms = [
        (group, bound if bound and group.name == where else PrepareForm(None, today=today, officer=officer, auto_id=f"g{n}_%s"))
        for n, group in enumerate(visits.groups(request.scope))
    ]
    presented: list[Any] = list(visits.presented(request.scope)[: visits.SHOWN])
    context = {
        "groups": forms, "visits": visits.visits(request.scope)[:LATEST], "today": today, "counts": visits.counts(request.scope),
        "presented": presented, "alone": any(case.visit is None for case in presented),
    }  # fmt: skip
    return render(request, "dashboard/subdelegacion/desk.html", context, status=status)


@require_POST
def prepare(request: OfficeRequest) -> HttpResponse:
    """Gather the chosen cases into a visit."""
    where = request.POST.get("subdelegacion", "")
    chosen = [int(text) for text in request.POST.getlist("caso") if text.isascii() and text.isdigit() and len(text) < 19]
    form = PrepareForm(request.POST, today=request.scope.day(timezone.now()), officer=request.scope.actor.name)
    if not form.is_valid():
        return _desk(request, form, where, status=422)
    visit, left = visits.prepare(request.scope, chosen, subdelegacion=where, now=timezone.now(), **form.cleaned_data)
    if visit is None:
        gone = "Lo que eligió ya va en otra salida, ya se presentó o ya se resolvió. " if chosen else ""
        messages.error(request, f"{gone}Elija al menos un caso que esté por llevarse.")
        return redirect("desk")
    if left:
        told = "1 ya no estaba por llevarse y no se agregó." if left == 1 else f"{left} ya no estaban por llevarse y no se agregaron."
        messages.info(request, told)
    return redirect("visit", visit.pk)


@require_POST
def together(request: OfficeRequest) -> HttpResponse:
    """Gather the cases presented one by one, to note their answers together."""
    visit = visits.gather_presented(request.scope, now=timezone.now())
    if visit is None:
        messages.info(request, "Todos los presentados están ya en una salida: anote ahí sus respuestas.")
        return redirect("desk")
    return redirect("visit", visit.pk)


@require_safe
def visit(request: OfficeRequest, visit_id: int) -> HttpResponse:
    return _visit(request, _of(request, visit_id))


def _visit(
    request: OfficeRequest, visit: DeskVisit, *, filed: FiledForm | None = None, answers: AnswersForm | None = None, status: int = 200
) -> HttpResponse:
    today, rows = request.scope.day(timezone.now()), list(visits.errands(visit, request.scope))
    whys = {case.pk: case for case in visits.with_reason(Case.objects.filter(pk__in=[row.case_id for row in rows]))}
    waiting = [row for row in rows if not row.result]
    context = {
        "visit": visit, "rows": [(row, whys[row.case_id]) for row in rows], "waiting": len(waiting), "today": today,
        "filed_form": filed or FiledForm(today=today), "answers": answers or AnswersForm(waiting, today=today),
    }  # fmt: skip
    return render(request, "dashboard/subdelegacion/visit.html", context, status=status)


@require_POST
def filed(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """The cases were presented."""
    visit = _of(request, visit_id)
    form = FiledForm(request.POST, today=request.scope.day(timezone.now()))
    # With nothing left to present, there is no form on the page that could say what is wrong.
    if not form.is_valid() and visits.pending(visit, request.scope):
        return _visit(request, visit, filed=form, status=422)
    outcome = visits.file(visit, request.scope, now=timezone.now(), **form.cleaned_data) if form.is_valid() else Outcome()
    _tell(request, outcome, "presentado", "presentados", nothing=_ALREADY_FILED)
    return redirect("visit", visit.pk)


_ALREADY_FILED: Final = "Ya se había anotado que se presentó: no se cambió nada. Si el día o el folio están mal, deshaga la presentación."


@require_POST
def take_back_filing(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """The visit was noted as presented by mistake."""
    visit = _of(request, visit_id)
    outcome = visits.take_back_filing(visit, request.scope, now=timezone.now())
    _tell(request, outcome, "vuelve a estar por presentarse", "vuelven a estar por presentarse", nothing=_NOTHING_FILED)
    return redirect("visit", visit.pk)


_NOTHING_FILED: Final = "No hay en esta salida casos presentados que sigan sin respuesta: no se deshizo nada."


@require_POST
def results(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """What came back, for each student."""
    visit = _of(request, visit_id)
    waiting = list(visits.errands(visit, request.scope).filter(result=""))
    form = AnswersForm(waiting, request.POST, today=request.scope.day(timezone.now()))
    outcome = Outcome()
    if form.is_valid():
        outcome = visits.answer(visit, request.scope, form.answers(), on=form.cleaned_data["on"], now=timezone.now())
    elif waiting:
        return _visit(request, visit, answers=form, status=422)
    late = _answered_before(request, visit, set(outcome.done))
    _tell(request, outcome, "resultado anotado", "resultados anotados", nothing="" if late else "No había nada que anotar.")
    for errand in late:
        messages.info(request, f"{errand.case.student.list_name} ya tenía respuesta y no se cambió: {errand.get_result_display()}.")
    return redirect("visit", visit.pk)


_ANSWERED: Final = re.compile(r"caso-(\d{1,18})-result", re.ASCII)


def _answered_before(request: OfficeRequest, visit: DeskVisit, now_done: set[int]) -> list[DeskErrand]:
    """The cases of the visit for which an answer was sent although they had one: another window, or a double click."""
    sent = {int(match[1]) for name, said in request.POST.items() if said and (match := _ANSWERED.fullmatch(name))}
    return list(visits.errands(visit, request.scope).filter(case__in=sent - now_done).exclude(result=""))


@require_POST
def take_back_answer(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """That something was missing was noted by mistake for one case."""
    visit, said = _of(request, visit_id), request.POST.get("caso", "")
    case_id = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0
    outcome = visits.take_back_answer(visit, request.scope, case_id, now=timezone.now())
    _tell(request, outcome, "vuelve a esperar respuesta", "vuelven a esperar respuesta", nothing=_NOTHING_ANSWERED)
    return redirect("visit", visit.pk)


_NOTHING_ANSWERED: Final = "No se deshizo nada: ese caso ya no espera que lo lleven otra vez por lo que faltó en esta salida."


@require_POST
def cancel(request: OfficeRequest, visit_id: int) -> HttpResponse:
    """Cancel a visit that did not take place."""
    visit = _of(request, visit_id)
    left = visits.cancel(visit, request.scope)
    if left:
        messages.success(request, f"La salida se deshizo: {left} {'caso vuelve' if left == 1 else 'casos vuelven'} a estar por llevarse.")
    else:
        messages.info(request, "Esa salida ya se presentó o ya se había deshecho: no se cambió nada.")
    return redirect("desk")


@require_POST
def as_file(request: OfficeRequest, visit_id: int, ending: str) -> HttpResponseBase:
    """The list that goes with the oficio, numbers in full: whose they are is written down."""
    visit = _of(request, visit_id)
    cases = visits.with_reason(visits.carried(visit, request.scope))
    now, detail = timezone.now(), f"lista de la salida {visit.pk}"
    Disclosure.objects.bulk_create(
        [Disclosure(user=request.user, case=case, what=Disclosure.What.NUMBERS, detail=detail, at=now) for case in cases]
    )
    labels, registros = dict(PaperKind.objects.values_list("key", "label")), Registros.of()
    rows: Iterator[Sequence[Cell]] = (
        [number, *_line(case, labels, registros.on(case.plantel_id, visit.day))] for number, case in enumerate(cases, 1)
    )
    return download(chain([_HEADS], rows), f"subdelegacion-{visit.day.isoformat()}", ending)


_HEADS: Final = ("Núm.", "Folio", "Nombre", "CURP", "NSS", "Matrícula", "Plantel", "Registro patronal", "Documentos", "Motivo")


def _line(case: Any, labels: dict[str, str], registro: str) -> list[str]:
    papers = "; ".join(sorted(labels.get(key, key) for key in case.facts.papers_in))
    why = case.why or case.message or ""
    if case.wanted_on and case.lacking:
        why = f"{why}. Pidieron el {case.wanted_on:%d/%m/%Y}: {case.lacking}"
    return [
        case.folio, case.student.list_name, case.student.curp, case.student.nss or "", case.enrolment.matricula, case.plantel.name,
        with_dashes(registro), papers, why,
    ]  # fmt: skip


def _of(request: OfficeRequest, visit_id: int) -> DeskVisit:
    return get_object_or_404(visits.visits(request.scope), pk=visit_id)


def _tell(request: OfficeRequest, outcome: Outcome, one: str, many: str, *, nothing: str = "") -> None:
    """Say what came of it; `nothing`: what to say if there was nothing to do."""
    if outcome.done:
        messages.success(request, f"{len(outcome.done)} {one if len(outcome.done) == 1 else many}.")
    names = {case.pk: case.student.list_name for case in request.scope.cases().filter(pk__in=outcome.skipped).select_related("student")}
    for case_id, reason in outcome.skipped.items():
        messages.error(request, f"{names.get(case_id, 'Un expediente')}: {reason}")
    if nothing and not outcome.done and not outcome.skipped:
        messages.info(request, nothing)
