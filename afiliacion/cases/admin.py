"""Admin of the rows by which cases are judged. Cases themselves change on the office's screens only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from afiliacion.cases.models import ClockRule, OutageDay, PaperKind, WantedPaper

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    # Generic for the type checker only.
    ModelAdmin = admin.ModelAdmin


@admin.register(ClockRule)
class ClockRuleAdmin(ModelAdmin):
    """Rules are added, never edited: a new one applies from its date on; due dates already set stay."""

    list_display = ("key", "plantel", "n", "unit", "valid_from", "alert_after", "source")
    list_filter = ("key", "plantel")
    list_select_related = ("plantel",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(WantedPaper)
class WantedPaperAdmin(ModelAdmin):
    list_display = ("kind", "step", "plantel", "minors_only")
    list_filter = ("step", "plantel")
    list_select_related = ("kind", "plantel")


admin.site.register([OutageDay, PaperKind])
