"""Beside the case: notes with @mentions, and whose case it is. Nothing here moves a case."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from afiliacion.cases.models import Case
from afiliacion.dashboard.case import assignment
from afiliacion.dashboard.models import Mention, Note
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.colleagues import colleagues, name_of

LONGEST: Final = 2_000
_CALLED: Final = re.compile(r"(?<!\w)@([\w.+-]{1,150})")
#: How many user names a warning offers when a note mentions one that does not exist.
_OFFERED: Final = 12


@require_POST
def write(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Store a note, once however often the form is sent, and mention the colleagues it names."""
    case = request.scope.case(case_id)
    text, token = request.POST.get("texto", "").strip().replace("\x00", ""), _token(request.POST.get("token", ""))
    if not text or len(text) > LONGEST or token is None:
        messages.error(request, f"Escriba una nota de hasta {LONGEST:,} letras.")
    else:
        _keep(request, case, text, token)
    return redirect(f"{reverse('case', args=[case.pk])}#notas")


def _keep(request: OfficeRequest, case: Case, text: str, token: uuid.UUID) -> None:
    known = {pk for pk, _ in colleagues(request.scope)}
    names = {name.rstrip(".") for name in _CALLED.findall(text)}
    called = list(User.objects.filter(pk__in=known, username__in=names))
    try:
        with transaction.atomic():
            note = Note.objects.create(case=case, author=request.user, text=text, at=timezone.now(), token=token)
            Mention.objects.bulk_create([Mention(note=note, user=user) for user in called])
    except IntegrityError:
        messages.info(request, "Esa nota ya estaba guardada; no se repitió.")
        return
    told = ", ".join(name_of(user) for user in called)
    messages.success(request, f"Nota guardada. Se avisa a: {told}." if told else "Nota guardada.")
    if unknown := sorted(names - {user.username for user in called}):
        messages.warning(request, f"No se avisó a {_at(unknown)}: nadie de su oficina se llama así.{_whom(known - {request.user.pk})}")


def _whom(ids: set[int]) -> str:
    """Who of these users can be called, as it is written; of a large office, the first."""
    there = User.objects.filter(pk__in=ids).order_by("username").values_list("username", flat=True)[:_OFFERED]
    return f" Puede avisar a {_at(there)}." if there else ""


def _at(usernames: Iterable[str]) -> str:
    return ", ".join(f"@{name}" for name in usernames)


def _token(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@require_POST
def seen(request: OfficeRequest, case_id: int) -> HttpResponse:
    """The person has seen what calls them in this case's notes."""
    case = request.scope.case(case_id)
    Mention.objects.filter(user=request.user, note__case=case, seen_at=None).update(seen_at=timezone.now())
    return redirect(f"{reverse('case', args=[case.pk])}#notas")


@require_POST
def assign(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Assign the case to a colleague, or unassign it."""
    case = request.scope.case(case_id)
    try:
        user = assignment.whom(request.POST.get("quien", ""), request.scope)
    except KeyError:
        messages.error(request, "Esa persona no trabaja en este plantel.")
        return redirect("case", case.pk)
    result = assignment.give([case.pk], user, request.scope, timezone.now())
    if result.skipped:
        messages.error(request, result.skipped[case.pk])
    else:
        messages.success(request, f"Asignado a {name_of(user)}." if user else "Nadie tiene asignado el expediente.")
    return redirect("case", case.pk)
