"""The registros patronales of planteles by date: which one a plantel has on a day, which ones it had, and whose one is."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from django.db.models import Q

from students.models import RegistroPatronal
from students.registro_patronal import is_same, plain

__all__ = ["Registros", "plain"]


class Registros:
    """The registros patronales of some planteles, as values (`plain`), read once."""

    def __init__(self, rows: Iterable[tuple[int, str, dt.date | None]]) -> None:
        """`rows`: (plantel id, registro patronal, the day from which it holds; None: always)."""
        self._by_plantel: dict[int, list[tuple[dt.date, str]]] = defaultdict(list)
        for plantel_id, registro, valid_from in rows:
            self._by_plantel[plantel_id].append((valid_from or dt.date.min, plain(registro)))
        for versions in self._by_plantel.values():
            versions.sort(reverse=True)

    @classmethod
    def of(cls, planteles: Iterable[int] | None = None, *, until: dt.date | None = None) -> Self:
        """Read those of these planteles (ids); None: of all. `until`: only those that hold by that day; None: future ones too."""
        rows = RegistroPatronal.objects.order_by()
        if planteles is not None:
            rows = rows.filter(plantel__in=list(planteles))
        if until is not None:
            rows = rows.filter(Q(valid_from=None) | Q(valid_from__lte=until))
        return cls(rows.values_list("plantel_id", "registro", "valid_from"))

    def on(self, plantel_id: int, date: dt.date) -> str:
        """Return the registro of a plantel in force on that date, the last that began by then; "" if it has none."""
        return next((registro for valid_from, registro in self._by_plantel.get(plantel_id, ()) if valid_from <= date), "")

    def held(self, date: dt.date) -> dict[int, str]:
        """Return the registro in force on that date of each plantel (id) read that has one."""
        return {plantel_id: registro for plantel_id in self._by_plantel if (registro := self.on(plantel_id, date))}

    def ever(self, plantel_id: int) -> frozenset[str]:
        """Return all registros read of a plantel: cover under any of them is the school's own."""
        return frozenset(registro for _, registro in self._by_plantel.get(plantel_id, ()))

    def every(self) -> frozenset[str]:
        """Return all registros read."""
        return frozenset(registro for versions in self._by_plantel.values() for _, registro in versions)

    def has(self, plantel_id: int, registro: str) -> bool:
        """Whether a registro, as IMSS prints it (also without its check digit), is one of `ever`."""
        return any(is_same(registro, own) for own in self.ever(plantel_id))

    def planteles_of(self, registro: str) -> frozenset[int]:
        """Return the planteles (ids) that have it among `ever`: several may share one."""
        return frozenset(plantel_id for plantel_id in self._by_plantel if plain(registro) in self.ever(plantel_id))
