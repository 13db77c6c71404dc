"""What IMSS answered about lotes: files brought, shown with what they mean, applied, put aside or taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.outcome import Act
from afiliacion.dashboard.models import ListExport
from afiliacion.dashboard.movements.answer_forms import BringForm, ColumnsForm, UndoForm
from afiliacion.dashboard.movements.visible import document_of, lote_of
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.lotes.answers.columns import recognised
from afiliacion.lotes.refusal import DocumentRefused
from afiliacion.movements.answers import applying, bringing, undoing
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement
from afiliacion.movements.sending import NotDone

#: Rows shown of each finding.
SHOWN: Final = 100
Status = AnswerDocument.Status


@require_POST
def bring(request: OfficeRequest) -> HttpResponse:
    """Take the files dropped on a lote, or on the room; of one alone, show what it means."""
    lote = lote_of(request, int(request.POST["lote"])) if request.POST.get("lote", "").isdecimal() else None
    form = BringForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("lote", lote.pk) if lote else redirect("movements")
    brought = [_bring_one(request, file, lote) for file in form.cleaned_data["file"]]
    if len(brought) == 1:
        return redirect("answer", brought[0].pk)
    waiting = sum(document.status in (Status.PENDING, Status.COLUMNS) for document in brought)
    messages.info(request, f"Se trajeron {len(brought)} archivos; {waiting} esperan que los revise. Ábralos en «Documentos del IMSS».")
    return redirect("lote", lote.pk) if lote else redirect("movements")


def _bring_one(request: OfficeRequest, file: UploadedFile[Any], lote: Lote | None) -> AnswerDocument:
    """A file that was brought before is not brought again: the document it became is shown."""
    scope = request.scope
    try:
        return bringing.bring(file.read(), file.name or "archivo", act=_act(request), scope_planteles=scope.plantel_ids, lote=lote)
    except bringing.AlreadyBrought as before:
        messages.info(request, str(before))
        return before.document


@require_safe
def answer(request: OfficeRequest, document_id: int) -> HttpResponse:
    """One document: what it means, movement by movement, before it is applied and after."""
    return _page(request, document_of(request, document_id))


@require_POST
def file(request: OfficeRequest, document_id: int) -> HttpResponse:
    """The document as it came; who took it is written down first."""
    found = document_of(request, document_id)
    ListExport.objects.create(user=request.user, at=timezone.now(), what="answer", query=f"{found.pk} {found.sha256}")
    response = HttpResponse(bytes(found.body), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="documento-{found.pk}{_ending(found)}"'
    return response


def _ending(found: AnswerDocument) -> str:
    ending = found.filename.rpartition(".")[2].lower()
    return f".{ending}" if ending in ("pdf", "csv", "txt", "tsv", "xlsx", "ods") else ".txt"


@require_POST
def columns(request: OfficeRequest, document_id: int) -> HttpResponse:
    """What each column of an answer is."""
    found = document_of(request, document_id)
    form = ColumnsForm(request.POST, document=found, found={})
    if not form.is_valid():
        return _page(request, found, columns_form=form, status=422)
    said = form.cleaned_data["places"]
    return _done(
        request, found, lambda: bringing.say_columns(found.pk, said, act=_act(request), scope_planteles=request.scope.plantel_ids), ""
    )


@require_POST
def apply(request: OfficeRequest, document_id: int) -> HttpResponse:
    """Apply what the document says."""
    found = document_of(request, document_id)
    return _done(request, found, lambda: applying.apply(found.pk, act=_act(request)), "Listo: se aplicó lo que dice el documento.")


@require_POST
def discard(request: OfficeRequest, document_id: int) -> HttpResponse:
    """Put a document aside that was not applied."""
    found = document_of(request, document_id)
    return _done(request, found, lambda: bringing.discard(found.pk), "Listo: no se aplicó nada. Si lo necesita, tráigalo otra vez.")


@require_POST
def undo(request: OfficeRequest, document_id: int) -> HttpResponse:
    """Take an applied document back."""
    found = document_of(request, document_id)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _page(request, found, undo_form=form, status=422)
    why = form.cleaned_data["reason"]
    return _done(
        request, found, lambda: undoing.undo(found.pk, act=_act(request), reason=why), "Listo: todo quedó como estaba antes del documento."
    )


def _act(request: OfficeRequest) -> Act:
    return request.scope.act(timezone.now())


def _done(request: OfficeRequest, found: AnswerDocument, do: Callable[[], AnswerDocument], said: str) -> HttpResponse:
    try:
        do()
    except NotDone as why:
        messages.error(request, str(why))
    else:
        if said:
            messages.success(request, said)
    return redirect("answer", found.pk)


def _page(
    request: OfficeRequest, found: AnswerDocument, *, columns_form: ColumnsForm | None = None, undo_form: UndoForm | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "document": found, "groups": _groups(found), "shown": SHOWN, "unanswered": _unanswered(found),
        "columns_form": columns_form or (_columns_form(found) if found.status == Status.COLUMNS else None),
        "undo_form": undo_form or (UndoForm() if found.status == Status.APPLIED else None),
    }  # fmt: skip
    return render(request, "dashboard/movements/answer.html", context, status=status)


def _columns_form(found: AnswerDocument) -> ColumnsForm:
    try:
        known = recognised(found.headers)
    except DocumentRefused:
        known = {}
    return ColumnsForm(document=found, found=known)


def _groups(found: AnswerDocument) -> list[tuple[AnswerRow.Finding, int, list[AnswerRow]]]:
    """Of each finding there is, in the order of the enum: how many rows, and the first of them."""
    numbers = dict(found.rows.order_by().values_list("finding").annotate(n=Count("pk")))
    return [(finding, numbers[finding], list(_rows(found, finding)[:SHOWN])) for finding in AnswerRow.Finding if finding in numbers]


def _rows(found: AnswerDocument, finding: str) -> QuerySet[AnswerRow]:
    return found.rows.filter(finding=finding).select_related("movement__case__student").order_by("position")


def _unanswered(found: AnswerDocument) -> int:
    """How many movements of its lotes a document does not name: silence is no refusal."""
    is_answer = found.kind in (AnswerDocument.Kind.CONSTANCIA, AnswerDocument.Kind.DETAIL)
    if not is_answer or found.status not in (Status.PENDING, Status.APPLIED):
        return 0
    lotes = found.rows.filter(movement__isnull=False).values("movement__lote")
    named = found.rows.filter(movement__isnull=False).values("movement")
    waiting = [Movement.Status.SENT, Movement.Status.RECEIVED]
    return Movement.objects.filter(lote__in=lotes, status__in=waiting).exclude(pk__in=named).count()
