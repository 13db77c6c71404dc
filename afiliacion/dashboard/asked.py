"""The list an address asks for: its filters, its cases, its columns, for one person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from afiliacion.dashboard import columns
from afiliacion.dashboard.access import Scope
from afiliacion.dashboard.filters import FilterForm, Filters, checked
from afiliacion.dashboard.listing import Listing
from afiliacion.dashboard.models import SavedView
from students.models import Ciclo
from students.together import Given, together

_CICLOS: Final = Ciclo.objects.all()
#: The person's own lists by name, and those shared: where they work, and for who sees all, anywhere.
_SHARED: Final = SavedView.objects.filter(Q(owner=Given("user")) | Q(plantel__pk__among=Given("planteles"))).order_by("name", "pk")
_SHARED_ANYWHERE: Final = SavedView.objects.filter(Q(owner=Given("user")) | Q(plantel__isnull=False)).order_by("name", "pk")


@dataclass(frozen=True)
class Asked:
    """`listing` is None if the address asks for something that does not exist."""

    scope: Scope
    form: FilterForm
    filters: Filters
    listing: Listing | None
    views: list[SavedView]

    @classmethod
    def of(cls, query: QueryDict, scope: Scope) -> Self:
        return cls.beside(query, scope)[0]

    @classmethod
    def beside(cls, query: QueryDict, scope: Scope, *others: QuerySet[Any]) -> tuple[Self, list[Any]]:
        """The list, and what `others` find, asked for together with what the list needs to know."""
        shared, own = (_SHARED_ANYWHERE, []) if scope.plantel_ids is None else (_SHARED, sorted(scope.plantel_ids))
        ciclos, views, *found = together(_CICLOS, shared, *others, user=scope.user.pk, planteles=own)
        form = checked(query, (tuple(scope.named_planteles()), tuple((ciclo.pk, ciclo.clave) for ciclo in ciclos)))
        filters = Filters.of(form.cleaned_data)
        listing = Listing(filters, scope.plantel_ids, scope.user.pk, timezone.localdate()) if form.is_valid() else None
        return cls(scope, form, filters, listing, views), found

    @property
    def several(self) -> bool:
        return len(self.form.planteles) > 1

    @cached_property
    def columns(self) -> list[columns.Column]:
        own = [view for view in self.views if view.owner_id == self.scope.user.pk and not view.name]
        asked = [view for view in self.views if str(view.pk) == self.filters.vista]
        return columns.chosen([slug for view in (asked or own)[:1] for slug in view.columns], several=self.several)

    @property
    def assigned(self) -> bool:
        """Whether the columns say who sees to each case."""
        return any(column.slug == "asignado" for column in self.columns)
