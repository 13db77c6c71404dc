"""The list an address asks for: its filters, its cases, its columns, for one person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from afiliacion.dashboard import columns
from afiliacion.dashboard.access import Scope
from afiliacion.dashboard.filters import FilterForm, Filters
from afiliacion.dashboard.listing import Listing
from afiliacion.dashboard.models import SavedView
from students.models import Ciclo


@dataclass(frozen=True)
class Asked:
    """`listing` is None if the address asks for something that does not exist."""

    scope: Scope
    form: FilterForm
    filters: Filters
    listing: Listing | None

    @classmethod
    def of(cls, query: QueryDict, scope: Scope) -> Self:
        form = FilterForm(query, scope.named_planteles(), Ciclo.objects.values_list("pk", "clave"))
        known = form.is_valid()
        filters = Filters.of(form.cleaned_data)
        return cls(scope, form, filters, Listing(filters, scope.plantel_ids, scope.user.pk, timezone.localdate()) if known else None)

    @property
    def several(self) -> bool:
        return len(self.form.planteles) > 1

    @cached_property
    def views(self) -> list[SavedView]:
        """The person's own lists by name, and those shared where they work."""
        theirs = Q(owner=self.scope.user)
        shared = Q(plantel__isnull=False) if self.scope.plantel_ids is None else Q(plantel__in=self.scope.plantel_ids)
        return list(SavedView.objects.filter(theirs | shared).order_by("name", "pk"))

    @cached_property
    def columns(self) -> list[columns.Column]:
        own = [view for view in self.views if view.owner_id == self.scope.user.pk and not view.name]
        asked = [view for view in self.views if str(view.pk) == self.filters.vista]
        return columns.chosen([slug for view in (asked or own)[:1] for slug in view.columns], several=self.several)

    @property
    def assigned(self) -> bool:
        """Whether the columns say who sees to each case."""
        return any(column.slug == "asignado" for column in self.columns)
