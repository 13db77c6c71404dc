"""The list an address asks for: its filters, its cases, its columns, for one person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, NamedTuple, Self, TypeVar

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from afiliacion.dashboard.models import SavedView
from afiliacion.dashboard.shared.access import Scope
from afiliacion.dashboard.worklist import columns
from afiliacion.dashboard.worklist.filters import FilterForm, Filters, checked
from afiliacion.dashboard.worklist.list_query import Listing
from afiliacion.database.batch_queries import Batch, Parameter, together
from students.models import Ciclo

_CICLOS: Final = Ciclo.objects.all()
#: The person's own lists by name, and those shared: where they work, and for who sees all, anywhere.
_SHARED: Final = SavedView.objects.filter(Q(owner=Parameter("user")) | Q(plantel__pk__among=Parameter("planteles"))).order_by("name", "pk")
_SHARED_ANYWHERE: Final = SavedView.objects.filter(Q(owner=Parameter("user")) | Q(plantel__isnull=False)).order_by("name", "pk")

R = TypeVar("R", bound=tuple[Any, ...])


class _Nothing(NamedTuple):
    """No results: of a list alone."""


_NOTHING: Final = Batch(_Nothing)


class _ListRows(NamedTuple):
    """What a list needs: the ciclos, the lists kept by name, and what the page shows beside it."""

    ciclos: list[Ciclo]
    views: list[SavedView]
    others: Any


@cache
def _queries(others: Batch[Any], *, everywhere: bool) -> Batch[_ListRows]:
    return Batch(_ListRows, ciclos=_CICLOS, views=_SHARED_ANYWHERE if everywhere else _SHARED, others=others)


@dataclass(frozen=True)
class ListRequest:
    """`listing` is None if the address asks for something that does not exist."""

    scope: Scope
    form: FilterForm
    filters: Filters
    listing: Listing | None
    views: list[SavedView]

    @classmethod
    def of(cls, query: QueryDict, scope: Scope) -> Self:
        return cls.beside(query, scope, _NOTHING)[0]

    @classmethod
    def beside(cls, query: QueryDict, scope: Scope, others: Batch[R]) -> tuple[Self, R]:
        """The list, and the results of `others`, read in one statement with what the list needs."""
        batch = _queries(others, everywhere=scope.plantel_ids is None)
        found = together(batch, user=scope.user.pk, planteles=sorted(scope.plantel_ids or ()))
        form = checked(query, (tuple(scope.named_planteles()), tuple((ciclo.pk, ciclo.clave) for ciclo in found.ciclos)))
        filters = Filters.of(form.cleaned_data)
        listing = Listing(filters, scope.plantel_ids, scope.user.pk, timezone.localdate()) if form.is_valid() else None
        return cls(scope, form, filters, listing, found.views), found.others

    @property
    def several(self) -> bool:
        return len(self.form.planteles) > 1

    @cached_property
    def columns(self) -> list[columns.ListColumn]:
        own = [view for view in self.views if view.owner_id == self.scope.user.pk and not view.name]
        asked = [view for view in self.views if str(view.pk) == self.filters.vista]
        return columns.chosen([slug for view in (asked or own)[:1] for slug in view.columns], several=self.several)

    @property
    def assigned(self) -> bool:
        """Whether the columns say who sees to each case."""
        return any(column.slug == "asignado" for column in self.columns)
