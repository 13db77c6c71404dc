"""Requests between planteles about persons they share: what others ask, what was asked of them, and the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases import decisions
from afiliacion.cases.decisions import EnrolmentWay, NotDecided
from afiliacion.cases.identity.known import by_curp
from afiliacion.cases.models import ConsentRequest
from afiliacion.dashboard.consent import listing
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.reminders import tutors

Kind, Status = ConsentRequest.Kind, ConsentRequest.Status
#: Rows of each part of the page; what waits longest is first of what comes in, what was asked last first of one's own.
SHOWN: Final = 100
#: What agreeing to a request of a kind does that cases know nothing of.
_ALSO: Final = {Kind.TUTOR: tutors.agreed}
_LONGEST: Final = 500


@require_safe
def consents(request: OfficeRequest) -> HttpResponse:
    """What waits for an answer of this person's planteles, from the `desde`-th on, and what they asked of others."""
    scope, today, since = request.scope, timezone.localdate(), request.GET.get("desde", "")
    start = int(since) if since.isascii() and since.isdigit() and len(since) < 7 else 0
    pending = listing.incoming(scope).filter(status=Status.PENDING)
    waiting, total = pending.order_by("due_on", "pk")[start : start + SHOWN], pending.count()
    asked = [(each, listing.whom(each)) for each in listing.own(scope).order_by("-pk")[:SHOWN]] if scope.plantel_ids is not None else []
    closed = listing.own(scope).exclude(status=Status.PENDING).order_by("-decided_at")[:SHOWN] if scope.plantel_ids is None else []
    context = {
        "waiting": waiting, "asked": asked, "closed": closed, "today": today, "consents_waiting": total,
        "more": start + SHOWN if total > start + SHOWN else None,
    }  # fmt: skip
    return render(request, "dashboard/consent/list.html", context)


@require_safe
def consent(request: OfficeRequest, request_id: int) -> HttpResponse:
    """One request, as the side that looks at it may see it."""
    return _page(request, _of(request, request_id))


@require_POST
def accept(request: OfficeRequest, request_id: int) -> HttpResponse:
    """Agree to a request: it is done now."""
    way = EnrolmentWay.TRANSFER if request.POST.get("como") == EnrolmentWay.TRANSFER.value else EnrolmentWay.SECOND
    act = request.scope.act(timezone.now())
    return _decided(request, request_id, lambda pk: decisions.accept(pk, way, act=act, also=_ALSO), "Listo: se aceptó y quedó hecho.")


@require_POST
def refuse(request: OfficeRequest, request_id: int) -> HttpResponse:
    """Do not agree to a request, and say why."""
    reason, act = request.POST.get("motivo", "").replace("\x00", "")[:_LONGEST], request.scope.act(timezone.now())
    return _decided(
        request, request_id, lambda pk: decisions.refuse(pk, reason, act=act), "Listo: no se aceptó; quien lo pidió lee su motivo."
    )


@require_POST
def withdraw(request: OfficeRequest, request_id: int) -> HttpResponse:
    """Take back what one's own plantel asked."""
    act = request.scope.act(timezone.now())
    return _decided(request, request_id, lambda pk: decisions.withdraw(pk, act=act), "Listo: la solicitud quedó retirada.")


def _decided(request: OfficeRequest, request_id: int, decide: Callable[[int], ConsentRequest], done: str) -> HttpResponse:
    found = _of(request, request_id)
    try:
        decide(found.pk)
    except NotDecided as why:
        messages.error(request, str(why))
        return redirect("consent", found.pk)
    messages.success(request, done)
    return redirect("consents")


def _of(request: OfficeRequest, request_id: int) -> ConsentRequest:
    """A request this person asked or is asked; raises Http404 for any other."""
    known = listing.incoming(request.scope).filter(pk=request_id).first() or listing.own(request.scope).filter(pk=request_id).first()
    if known is None:
        raise Http404
    return known


def _page(request: OfficeRequest, found: ConsentRequest) -> HttpResponse:
    planteles = request.scope.plantel_ids
    ours = planteles is not None and found.plantel_id in planteles
    holder = bool(found.curp and found.student and by_curp(found.curp) != found.student) if not ours else False
    context = {
        "found": found, "said": listing.said(found), "ours": ours, "whom": listing.whom(found) if ours else "", "only_number": holder,
        "decidable": found.is_pending and not ours and decisions.may_decide(found, planteles),
        "withdrawable": found.is_pending and ours, "enrols": found.kind == Kind.ENROL, "longest": _LONGEST,
    }  # fmt: skip
    return render(request, "dashboard/consent/request.html", context)
