"""The receipt of an acuse, to be printed at the counter."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from afiliacion.dashboard.access import OfficeRequest
from afiliacion.documents.acuse import NotPrintable, acuse_receipt


@require_safe
def acuse(request: OfficeRequest, case_id: int) -> HttpResponse:
    """The PDF, shown in the browser; a case without an acuse says so on its page."""
    case = request.scope.case(case_id)
    try:
        body = acuse_receipt(case, printed_at=timezone.now(), printed_by=request.scope.actor.name)
    except NotPrintable as reason:
        messages.error(request, str(reason))
        return redirect("case", case.pk)
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="acuse-{case.folio}.pdf"'})
