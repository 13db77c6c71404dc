"""Rows of a list that may be a person on record under another CURP: the officer says of each, or of all, whose it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.student_lists.remarks import SHOWN
from afiliacion.dashboard.student_lists.views import upload_of
from afiliacion.roll.models import Import, ImportState, PersonAnswer, RowKind
from afiliacion.roll.upload import jobs
from students.models import Student


@require_http_methods(["GET", "HEAD", "POST"])
def persons(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """GET: each row beside the person it may be; `desde` is the last one already seen. POST: the answers."""
    job = upload_of(request, upload_id)
    if job.state != ImportState.CHECKED:
        messages.info(request, f"Ya no se puede responder: la lista está «{job.get_state_display()}».")
        return redirect("upload", job.pk)
    if request.method == "POST":
        _answer(request, job)
        return redirect("upload", job.pk)
    since = request.GET.get("desde", "")
    after = int(since) if since.isascii() and since.isdigit() and len(since) < 10 else 0
    return render(request, "dashboard/student_lists/persons.html", {"upload": job, "answers": PersonAnswer.choices, **_shown(job, after)})


def _answer(request: OfficeRequest, job: Import) -> None:
    lines = job.rows.filter(kind=RowKind.ASKED).values_list("line", flat=True)
    every = request.POST.get("todas", "")
    typed = {line: every or request.POST.get(f"fila-{line}", "") for line in lines}
    said = {line: PersonAnswer(value) for line, value in typed.items() if value in PersonAnswer.values}
    if doubled := jobs.answer(job, said):
        messages.warning(request, f"Quedaron {doubled} sin respuesta: otra fila de la lista ya es esa misma persona.")
    else:
        messages.success(request, "Listo: la lista se cargará según sus respuestas.")


def _shown(job: Import, after: int) -> dict[str, Any]:
    page = list(job.rows.filter(kind=RowKind.ASKED, line__gt=after).order_by("line")[: SHOWN + 1])
    known = Student.objects.in_bulk([row.twin_id for row in page])
    rows = [(row, known[row.twin_id]) for row in page[:SHOWN] if row.twin_id in known]
    return {"rows": rows, "more": page[SHOWN - 1].line if len(page) > SHOWN else None}
