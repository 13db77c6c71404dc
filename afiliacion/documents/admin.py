"""Letterheads and texts, to edit; the register, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from afiliacion.documents.models import Issued, Letterhead, PaperText
from students.admin import OnlyToLook
from students.staff import plantel_ids

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    # Generic for the type checker only.
    ModelAdmin = admin.ModelAdmin


@admin.register(Letterhead)
class LetterheadAdmin(ModelAdmin):
    list_display = ("__str__", "institution", "signatory", "signatory_post")
    list_select_related = ("plantel",)


@admin.register(PaperText)
class PaperTextAdmin(ModelAdmin):
    list_display = ("kind", "part", "plantel")
    list_filter = ("kind", "plantel")
    list_select_related = ("plantel",)


@admin.register(Issued)
class IssuedAdmin(OnlyToLook):
    list_display = ("folio", "kind", "plantel", "case", "issued_at", "issued_name")
    list_filter = ("kind",)
    list_select_related = ("plantel", "case")
    fields = ("folio", "kind", "plantel", "case", "fingerprint", "issued_at", "issued_name")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Issued]:
        theirs = plantel_ids(request.user)
        return super().get_queryset(request).filter(Q() if theirs is None else Q(plantel__in=theirs))

    @admin.display(description="folio", ordering="pk")
    def folio(self, issued: Issued) -> str:
        return issued.folio

    @admin.display(description="huella")
    def fingerprint(self, issued: Issued) -> str:
        return issued.fingerprint
