"""The sheets that were received on paper alone, without a file to look at: taken or refused."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from afiliacion.cases import acuse_review
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.case.forms import RefuseSheet, TakeSheet
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.papers_in import waiting


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: OfficeRequest, case_id: int) -> HttpResponse:
    """One sheet: what came, and the two answers to it."""
    case = request.scope.case(case_id)
    today = case.plantel.day(timezone.now())
    if not waiting.on_paper_alone(Case.objects.filter(pk=case.pk)).exists():
        messages.info(request, f"El expediente {case.folio} no tiene una hoja por revisar.")
        return redirect("sheets")
    refusing = request.POST.get("respuesta") == "rechazar"
    data = request.POST if request.method == "POST" else None
    take = TakeSheet(None if refusing else data, today=today, case=case, prefix="si")
    refuse = RefuseSheet(data if refusing else None, today=today, case=case, prefix="no")
    chosen = refuse if refusing else take
    if chosen.is_valid() and _answered(request, case, chosen):
        return redirect("sheets")
    context = {"case": case, "sheet": acuse_review.last_sheet(case), "take": take, "refuse": refuse, "today": today}
    return render(request, "dashboard/papers_in/without_file.html", context, status=422 if data else 200)


def _answered(request: OfficeRequest, case: Case, form: TakeSheet | RefuseSheet) -> bool:
    said, now = form.cleaned_data, timezone.now()
    today, act = case.plantel.day(now), request.scope.act(now)
    try:
        if isinstance(form, RefuseSheet):
            acuse_review.refuse(case, said["reason"], today=today, act=act)
            messages.success(request, f"La hoja de {case.student.full_name} quedó rechazada: su página le dice por qué y le pide otra.")
            return True
        nss, sheet = said.get("nss", "") if case.state == State.SIN_NSS else "", acuse_review.last_sheet(case)
        came, proof = (sheet.on, sheet.evidence) if sheet else (today, "")
        lacking = acuse_review.take(case, nss, came=came, evidence=proof, today=today, act=act).lacking
    except acuse_review.AcuseNotTaken as why:
        form.add_error(None, str(why))
        return False
    if acuse_review.to_review(Case.objects.filter(pk=case.pk)).exists():
        messages.info(request, f"La hoja de {case.student.full_name} sigue por revisar. {' '.join(lacking)}")
        return True
    messages.success(request, f"La hoja de {case.student.full_name} quedó aceptada. {' '.join(lacking) or 'Su acuse está entregado.'}")
    return True
