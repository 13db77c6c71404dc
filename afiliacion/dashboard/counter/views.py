"""The counter's page. With scripts it never reloads: each step is a fragment; without them the same forms make whole pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.models import PaperKind
from afiliacion.dashboard.counter import finding
from afiliacion.dashboard.counter.reading import LONGEST
from afiliacion.dashboard.counter.receiving import NotReceived, Slip, documents, mail_receipt, take, take_back
from afiliacion.dashboard.documents.views import case_paper
from afiliacion.dashboard.frame.middleware import POLICY
from afiliacion.dashboard.models import CounterReceipt
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.form_fields import NssField
from afiliacion.documents.context import NotPrintable
from afiliacion.documents.models import DocumentKind
from afiliacion.reminders.address import address
from afiliacion.reminders.decide import receipts

#: How the script asks for a fragment, and how a fragment says what it is: an answer without it is a login, a proxy's page…
HEADER: Final = "X-Ventanilla"
SHOWN: Final = 8


class SlipForm(forms.Form):
    """What an officer took, as the browser says it."""

    key = forms.UUIDField()
    caso = forms.IntegerField(min_value=1, max_value=2**62)
    estado = forms.CharField(max_length=20)
    papeles = forms.MultipleChoiceField(required=False, error_messages={"invalid_choice": "Ese documento no existe."})
    nss = NssField(required=False)
    hace = forms.IntegerField(required=False, min_value=0, max_value=10**12)
    correo = forms.BooleanField(required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        kinds = PaperKind.objects.values_list("key", "label")
        self.fields["papeles"].choices = [*kinds, (finding.NSS_ITEM, "NSS")]  # type: ignore[attr-defined]  # a ChoiceField has them

    def slip(self) -> Slip:
        said = self.cleaned_data
        papers = [code for code in said["papeles"] if code != finding.NSS_ITEM]
        # An NSS that was read and then not marked is not taken.
        nss = said["nss"] if finding.NSS_ITEM in said["papeles"] else ""
        age = dt.timedelta(milliseconds=said["hace"] or 0)
        return Slip(said["key"], said["caso"], said["estado"], papers, nss, age, said["correo"])


@require_safe
def counter(request: OfficeRequest) -> HttpResponse:
    return _page(request, None)


@require_POST
def find_person(request: OfficeRequest) -> HttpResponse:
    """Who the scanned or typed text means. A POST: what is typed here is personal, and addresses are logged."""
    shown = request.POST.get("caso", "")
    found = finding.find(
        request.POST.get("codigo", "")[:LONGEST], request.scope, timezone.localdate(),
        shown=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 19 else None,
    )  # fmt: skip
    if _is_script(request):
        return _fragment(request, "dashboard/counter/_found.html", _found(found), "found")
    return _page(request, found)


@require_POST
def receive(request: OfficeRequest) -> HttpResponse:
    """Take what the officer marked; the same key any number of times takes it once."""
    form = SlipForm(request.POST)
    if not form.is_valid():
        return _refuse(request, "Eso no se entiende: vuelva a leer el código. No se anotó nada.", status=400)
    try:
        taken = take(form.slip(), request.scope, timezone.now())
    except NotReceived as refusal:
        return _refuse(request, str(refusal))
    if _is_script(request):
        context = {"row": _row(taken.receipt), "lacking": taken.lacking}
        return _fragment(request, "dashboard/counter/_row.html", context, "taken", str(_count(request)))
    messages.success(request, f"Recibido de {taken.receipt.case.student.full_name}.")
    return redirect("counter")


@require_POST
def undo(request: OfficeRequest) -> HttpResponse:
    """Undo one receipt of one's own."""
    try:
        receipt = take_back(uuid.UUID(request.POST.get("key", "")), request.scope, timezone.now())
    except ValueError:
        return _refuse(request, "Esa recepción no existe.", status=400)
    except NotReceived as refusal:
        return _refuse(request, str(refusal))
    if _is_script(request):
        return _fragment(request, "dashboard/counter/_row.html", {"row": _row(receipt), "lacking": []}, "undone", str(_count(request)))
    messages.success(request, f"Se deshizo lo recibido de {receipt.case.student.full_name}.")
    return redirect("counter")


@require_POST
def receipt_mail(request: OfficeRequest, key: uuid.UUID) -> HttpResponse:
    """The receipt of one's own reception to the student by mail; a second click sends no second one."""
    receipt = get_object_or_404(_own(request), key=key, acuse=True, undone_at=None)
    try:
        mail_receipt(receipt, timezone.now())
    except receipts.NoReceipt as reason:
        return _refuse(request, str(reason))
    if _is_script(request):
        return _fragment(request, "dashboard/counter/_row.html", {"row": _row(receipt), "lacking": []}, "mailed", str(_count(request)))
    messages.success(request, f"El recibo va por correo a {receipt.case.student.email}.")
    return redirect("counter")


@require_POST
@xframe_options_sameorigin
def receipt_pdf(request: OfficeRequest, key: uuid.UUID) -> HttpResponse:
    """The student's receipt of one's own reception, in a frame of the counter from which it is printed."""
    receipt = _own(request).filter(key=key, acuse=True, undone_at=None).first()
    if receipt is None:
        raise Http404
    case = request.scope.case(receipt.case_id)
    try:
        response = case_paper(request.scope, case, DocumentKind.ACUSE)
    except NotPrintable as reason:
        raise Http404 from reason
    response.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return response


def _page(request: OfficeRequest, found: finding.StudentAtCounter | finding.SeveralFound | finding.NoneFound | None) -> HttpResponse:
    rows = _rows(list(_own(request).order_by("-at")[:SHOWN]))
    context = {"rows": rows, "lacking": [], "count": _count(request), **_found(found)}
    return render(request, "dashboard/counter/page.html", context)


def _found(found: finding.StudentAtCounter | finding.SeveralFound | finding.NoneFound | None) -> dict[str, Any]:
    """For the template; without scripts the key of the next reception is the page's."""
    return {
        "person": found if isinstance(found, finding.StudentAtCounter) else None,
        "choice": found if isinstance(found, finding.SeveralFound) else None,
        "none_found": found if isinstance(found, finding.NoneFound) else None,
        "without": found.without if found else (), "fresh_key": uuid.uuid4(),
    }  # fmt: skip


def _own(request: OfficeRequest) -> Any:
    """What this person received and may still see."""
    return CounterReceipt.objects.filter(user=request.user, case__in=request.scope.cases()).select_related("case__student")


def _count(request: OfficeRequest) -> int:
    """How many this person has received today."""
    midnight = timezone.make_aware(dt.datetime.combine(timezone.localdate(), dt.time()))
    return CounterReceipt.objects.filter(user=request.user, at__gte=midnight, undone_at=None).count()


def _row(receipt: CounterReceipt) -> dict[str, Any]:
    return _rows([receipt])[0]


def _rows(taken: list[CounterReceipt]) -> list[dict[str, Any]]:
    """What a line of "the last ones" shows of each."""
    labels, mails = dict(PaperKind.objects.values_list("key", "label")), receipts.known(receipt.key for receipt in taken)
    return [
        {
            "receipt": receipt, "case": receipt.case, "student": receipt.case.student, "what": documents(receipt, labels),
            "mail": mails.get(str(receipt.key)), "mailable": address(receipt.case.student.email),
        }
        for receipt in taken
    ]  # fmt: skip


def _is_script(request: OfficeRequest) -> bool:
    return HEADER in request.headers


def _fragment(request: OfficeRequest, template: str, context: dict[str, Any], kind: str, count: str = "") -> HttpResponse:
    response = render(request, template, context)
    response.headers[HEADER] = kind
    if count:
        response.headers[f"{HEADER}-Cuenta"] = count
    return response


def _refuse(request: OfficeRequest, line: str, status: int = 409) -> HttpResponse:
    """Say why not. The script keeps the refused reception in sight until the officer has seen it."""
    if _is_script(request):
        return HttpResponse(line, status=status, content_type="text/plain; charset=utf-8", headers={HEADER: "refused"})
    messages.error(request, line)
    return redirect("counter") if status != 400 else HttpResponse(line, status=400, content_type="text/plain; charset=utf-8")
