"""Who read whose full data, for the officers of the plantel."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from afiliacion.dashboard.models import Disclosure
from afiliacion.dashboard.student_lists.admin import RollAdmin
from students.admin import OnlyToLook
from students.staff import planteles

__all__ = ["DisclosureAdmin", "RollAdmin"]


@admin.register(Disclosure)
class DisclosureAdmin(OnlyToLook):
    list_display = ("at", "user", "case", "what")
    list_filter = ("what",)
    date_hierarchy = "at"
    list_select_related = ("user", "case")
    fields = ("at", "user", "case", "what", "detail")
    ordering = ("-at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Disclosure]:
        return super().get_queryset(request).filter(case__plantel__in=planteles(request.user))
