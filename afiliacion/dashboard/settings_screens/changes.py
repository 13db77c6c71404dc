"""Change a setting: its effect is shown first, the change is logged with its author, and concurrent changes do not overwrite each other."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.forms import BaseForm
from django.http import HttpResponse

from afiliacion.dashboard.models import SettingChange
from afiliacion.dashboard.settings_screens.section_form import SectionForm
from afiliacion.dashboard.settings_screens.sections import Section
from afiliacion.dashboard.shared.access import OfficeRequest, Scope

_LOCK: Final = 0x0AF1_5E77


def one_by_one(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of settings whose POSTs wait for each other: what one finds free, or as it was seen, is still so when it saves."""

    @wraps(view)
    def wait(request: OfficeRequest, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, **kwargs)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            return view(request, **kwargs)

    return wait


def only_coordinators(scope: Scope) -> None:
    """Settings hold for everybody: only who works at all planteles changes them. Raises PermissionDenied."""
    if scope.plantel_ids is not None:
        raise PermissionDenied


def print_of(values: Mapping[str, Any]) -> str:
    """A short print of a row's values: whether it is still as a person saw it."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:16]


def print_of_told(told: Sequence[str], form: BaseForm) -> str:
    """A short print of what a valid form says and what a person is told that it will do; empty if nothing. Confirming it sends it back."""
    return print_of({"told": list(told), "said": form.cleaned_data}) if told else ""


def save(section: Section, form: SectionForm, before: models.Model, scope: Scope, now: dt.datetime, *, confirmed: str | None) -> list[str]:
    """Save a valid form, or (unconfirmed, with something to tell) undo it and return what it would do.

    `before`: the row as it is now; a new one without key. `confirmed`: the print of what the person was told and agreed to (the form may
    have been changed since, or what it does), empty if nothing; None: save without asking.
    """
    old, columns = section.shown(before) if before.pk else {}, section.raw(before)
    with transaction.atomic():
        row = form.save()
        told = section.effect(row, columns) if section.effect else []
        if told and confirmed not in (None, print_of_told(told, form)):
            transaction.set_rollback(True)
            return told
        record(scope, section.slug, f"{section.one}: {row}", old, section.shown(row), now)
    return []


def remove(section: Section, row: models.Model, scope: Scope, now: dt.datetime, *, confirmed: bool) -> list[str]:
    """Remove a row, or (unconfirmed) undo it and return what its absence would do."""
    old, name = section.shown(row), f"{section.one}: {row}"
    with transaction.atomic():
        before = section.raw(row)
        type(row)._default_manager.filter(pk=row.pk).delete()
        told = section.effect(row, before) if section.effect else []
        if not confirmed:
            transaction.set_rollback(True)
            return told or ["Se quita desde ahora; la historia de los expedientes no cambia."]
        record(scope, section.slug, name, old, {}, now)
    return []


def record(scope: Scope, section: str, what: str, before: Mapping[str, str], after: Mapping[str, str], now: dt.datetime) -> None:
    """Write down who changed what, only the fields that differ. Nothing, if nothing does."""
    if before and after:
        changed = {name for name in {**before, **after} if before.get(name) != after.get(name)}
        before, after = ({name: side[name] for name in side if name in changed} for side in (before, after))
    if before or after:
        SettingChange.objects.create(
            at=now, user=scope.user, user_name=scope.actor.name, section=section, what=what[:240], before=before, after=after
        )
