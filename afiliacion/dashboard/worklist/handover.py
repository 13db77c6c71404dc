"""Hand the cases of one user over to another, all at once: when they may not enter any more, leave a plantel, or are away."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from afiliacion.dashboard.case import assignment
from afiliacion.dashboard.models import Assignment, BulkRun
from afiliacion.dashboard.settings_screens import changes
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.dashboard.shared.assignees import UNASSIGNED
from afiliacion.dashboard.shared.colleagues import name_of
from afiliacion.dashboard.worklist.bulk_views import MOST
from afiliacion.dashboard.worklist.filters import Filters
from students.models import Plantel


class HandoverForm(forms.Form):
    """To whom: those who work at a plantel of the cases, or no one."""

    quien = forms.ChoiceField(label="A quién se entregan")

    def __init__(self, former: User, data: Any = None) -> None:
        super().__init__(data)
        choices = [(str(user.pk), name_of(user)) for user in _successors(former)]
        self.fields["quien"].choices = [("", "Elija…"), *choices, (UNASSIGNED, "Nadie: quedan sin responsable")]  # type: ignore[attr-defined]
        self.fields["quien"].widget.attrs["class"] = "form-select"


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: OfficeRequest, user_id: int) -> HttpResponse:
    """GET asks to whom; POST gives up to MOST cases to them, and what came of each is the next page, with its undo."""
    changes.only_coordinators(request.scope)
    former = get_object_or_404(User, pk=user_id, is_superuser=False)
    total = Assignment.objects.filter(user=former).count()
    if not total:
        messages.info(request, f"{name_of(former)} no tiene expedientes a su cargo: no hay nada que entregar.")
        return redirect("people")
    form = HandoverForm(former, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        run = assign_all(former, form.cleaned_data["quien"], request.scope, timezone.now())
        return redirect("bulk-result", run.pk)
    context = {"former": name_of(former), "user_id": former.pk, "total": total, "most": MOST, "form": form}
    return render(request, "dashboard/worklist/handover.html", context, status=422 if form.errors else 200)


def assign_all(former: User, to: str, scope: Scope, now: dt.datetime) -> BulkRun:
    """Assign up to MOST cases of the officer `former` to `to` (an officer's id, or UNASSIGNED: to none); undone as any run for many."""
    user = None if to == UNASSIGNED else User.objects.get(pk=to)
    cases = list(Assignment.objects.filter(user=former).order_by("case").values_list("case_id", flat=True)[:MOST])
    result = assignment.give(cases, user, scope, now)
    return BulkRun.objects.create(
        owner=scope.user, at=now, action="asignar", query=Filters(asignado=str(former.pk)).query, result=asdict(result)
    )


def _successors(former: User) -> QuerySet[User]:
    """Who may enter and works at a plantel of the cases, in the order of their names."""
    where = Plantel.objects.filter(cases__assignments__user=former)
    working = User.objects.filter(Q(posts__plantel__in=where) | Q(posts__isnull=False, posts__plantel=None), is_active=True)
    return working.exclude(pk=former.pk).distinct().order_by("first_name", "last_name", "username")
