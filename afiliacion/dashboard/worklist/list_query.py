"""A list of cases as the database is asked for it: the merge of parts, each a range of one index (docs/adr/0018).

What a page costs depends neither on how many cases there are nor on how many match: a part is read up to the end of the page,
empty parts are known from the counters, and small sets (a search, one assignee's cases) are found first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest, nsmallest
from typing import Any, Final

from afiliacion.cases import counters
from afiliacion.cases.models import IS_COUNTED
from afiliacion.cases.states import RESTING, Coverage, Milestone, State, Turn, rests
from afiliacion.dashboard.shared.assignees import ME, UNASSIGNED, WITHOUT
from afiliacion.dashboard.shared.sql import Sql, all_of, fetched
from afiliacion.dashboard.worklist import row as rows
from afiliacion.dashboard.worklist.due_ranges import due_range, dues
from afiliacion.dashboard.worklist.filters import AT_REST, DueFilter, Filters, Flag, SortOrder
from afiliacion.dashboard.worklist.flags import FOUND_FIRST, OF_STATES, OWING
from afiliacion.dashboard.worklist.row import ListRow
from afiliacion.dashboard.worklist.search import RARE, Search

#: A list by name of so many cases of all planteles is better sorted than looked for along five million names.
FEW: Final = 5_000
#: The names of so many cases of some planteles are read off their index sooner than one name is found among everybody's;
#: once so many of them match, the first are soon met along the list.
NEAR: Final = 200_000
ENOUGH: Final = 3_000
#: But not a name that so large a share of everybody has: among so many cases the first who have it are met at once along any list.
COMMON: Final = 0.05
CROWD: Final = 20_000
#: What is expected to be rare and turns out to be more than this is looked for along the list.
MOST: Final = 3 * RARE


#: What a case is ordered by, and its id.
Ordered = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A row as it stood in its list: its due date (NEVER: none) and the case's id."""

    due: dt.date
    pk: int


@dataclass(frozen=True)
class Listing:
    """The cases `filters` ask for among those of `planteles` (None: all), as user `user_id` sees them on `today`."""

    filters: Filters
    planteles: frozenset[int] | None
    user_id: int
    today: dt.date

    def page(self, place: Place | None, *, back: bool, size: int, assigned: bool = False) -> list[ListRow]:
        """Up to `size` cases beyond `place` (before it if `back`), the nearest first; `assigned`: with who sees to each."""
        key, way = self._key, "DESC" if back else "ASC"
        if self._matching is not None:
            found = Sql("SELECT unnest(%s::bigint[])", (self._cut(self._matching, place, back=back, size=size),))
            return rows.read(found, Sql(f"ORDER BY c.{key} {way}, c.id {way}"), self.planteles, assigned=assigned)
        beyond = [Sql(f"(c.{key}, c.id) {'<' if back else '>'} (edge.key, edge.id)")] if place else []
        ordered = Sql(f"ORDER BY c.{key} {way}, c.id {way} LIMIT %s", (size,))
        # OFFSET: what is read whole is not to be looked for in the order asked.
        each = self._cases(f"c.id, c.{key}", beyond) + (Sql("OFFSET 0") if self._few else ordered)
        found = Sql("SELECT c.id FROM") + self._from(self._edge(place)) + Sql("CROSS JOIN LATERAL (") + each + Sql(") c") + ordered
        return rows.read(found, Sql(f"ORDER BY c.{key} {way}, c.id {way}"), self.planteles, assigned=assigned)

    def count(self, limit: int) -> int:
        """How many cases, exactly if the counters know, else up to `limit`."""
        if self.counted is not None:
            return self.counted
        if self._matching is not None:
            return min(len(self._matching), limit)
        ((n,),) = fetched(Sql("SELECT count(*) FROM (") + self._every(limit) + Sql(") c"))
        return int(n)

    def ids(self, limit: int) -> list[int]:
        """The ids of up to `limit` cases of the list, in no order."""
        if self._matching is not None:
            return [pk for _, pk in self._matching[:limit]]
        return [pk for (pk,) in fetched(self._every(limit))]

    def _cut(self, cases: Iterable[Ordered], place: Place | None, *, back: bool, size: int) -> list[int]:
        """The ids of the `size` of these cases that are nearest beyond `place`."""
        if place is not None:
            edge = self._stands(place)
            cases = [case for case in cases if edge and (case < edge if back else case > edge)]
        return [pk for _, pk in (nlargest if back else nsmallest)(size, cases)]

    def _stands(self, place: Place) -> Ordered | None:
        """What the place is in the order of the list; None if the person may not see its case, and the order is that of names."""
        return next(iter(fetched(Sql("SELECT key, id FROM") + self._edge(place))), None)

    def _every(self, limit: int) -> Sql:
        every = Sql("CROSS JOIN LATERAL (") + self._cases("c.id", []) + Sql(") c LIMIT %s", (limit,))
        return Sql("SELECT c.id FROM") + self._from(Sql("(SELECT) AS edge")) + every

    def _from(self, edge: Sql) -> Sql:
        return edge + (Sql("CROSS JOIN") + self._parts.source if self._parts else Sql(""))

    def _cases(self, columns: str, beyond: Sequence[Sql]) -> Sql:
        """The cases of one part (of the whole list, if it has none)."""
        part = [self._parts.match] if self._parts else []
        return Sql(f"SELECT {columns} FROM cases_case c WHERE") + all_of([*part, *self._conditions, *beyond])  # noqa: S608 - names of our own

    def _edge(self, place: Place | None) -> Sql:
        """The place as one row, `edge`. Where a name stands is asked of the case, if the person may see it: none travels in an address."""
        if place is None:
            return Sql("(SELECT) AS edge")
        if self._key == "due_order":
            # OFFSET: told the date itself, the planner takes NEVER for the end of all dates, and looks beyond it in those of every plantel.
            return Sql("(SELECT %s::date AS key, %s::bigint AS id OFFSET 0) AS edge", (place.due, place.pk))
        seen = Sql("AND e.plantel_id = ANY(%s)", (sorted(self.planteles),)) if self.planteles is not None else Sql("")
        return Sql("(SELECT e.name_order AS key, e.id FROM cases_case e WHERE e.id = %s", (place.pk,)) + seen + Sql(") AS edge")

    @cached_property
    def places(self) -> list[counters.StateCount]:
        """Where the cases of the list may stand, and how many stand there before what the counters do not know is asked."""
        f = self.filters
        at_rest = f.cobertura == AT_REST
        exact = {"state": f.estado, "turn": f.turno, "coverage": "" if at_rest else f.cobertura, "ciclo_id": int(f.ciclo or 0)}
        wanted = [(name, value) for name, value in exact.items() if value]
        states = OF_STATES[Flag(f.bandera)][0] if f.bandera in OF_STATES else tuple(State)
        wanted += [("reached", Milestone.VIGENCIA)] if f.bandera == Flag.UNCLAIMED else []

        def may_match(place: counters.StateCount) -> bool:
            waits = (not f.plazo or place.turn != Turn.NADIE) and (not at_rest or rests(place.state, place.coverage))
            here = place.state in states and place.reached >= int(f.paso or 0)
            return here and waits and all(getattr(place, name) == value for name, value in wanted)

        return [place for place in counters.standing(self._where) if may_match(place)]

    @property
    def is_vague(self) -> bool:
        """Whether the total is unknown and must not be counted."""
        return self._search is not None and self._small is None and self._matching is None

    @cached_property
    def counted(self) -> int | None:
        """How many, if the counters know it."""
        f = self.filters
        if f.q or f.grupo or f.asignado or f.bandera in FOUND_FIRST or f.bandera in OWING or f.bandera == Flag.ALTA_TO_SEND:
            return None
        return None if f.plazo and (f.ciclo or f.cobertura or f.paso or f.bandera) else self._at_most

    @property
    def _where(self) -> list[int] | None:
        if self.filters.plantel:
            return [int(self.filters.plantel)]
        return None if self.planteles is None else sorted(self.planteles)

    @property
    def _key(self) -> str:
        return "name_order" if self.filters.orden == SortOrder.NAME else "due_order"

    @cached_property
    def _parts(self) -> _Parts | None:
        """The parts the list is merged from; None if it is read along one index, or is a small set that is found first."""
        if self._small is not None or self._by_names_of_all or self._by_due_of_all:
            return None
        if self._of_own_index:
            return _Parts.of({"plantel_id": ("bigint", self._where)}) if self._where else _EVERY_PLANTEL
        if self._where is None:
            return _Parts.over(("state", "text"), ("coverage", "text"), ("ciclo_id", "bigint"), places=self.places)
        if self._key == "name_order":
            return _Parts.of({"plantel_id": ("bigint", list(self._where))})
        return _Parts.over(("plantel_id", "bigint"), ("state", "text"), places=self.places)

    @cached_property
    def _by_due_of_all(self) -> bool:
        """Along the due dates of all planteles: what is not asked of where a case stands is soon found there."""
        f = self.filters
        asked = f.estado or f.turno or f.cobertura or f.ciclo or f.paso or f.bandera or f.plazo in (DueFilter.HELD, DueFilter.ALERTED)
        return self._where is None and self._key == "due_order" and not asked

    @property
    def _of_own_index(self) -> bool:
        """Along the few that were told to the coordinator, or owe IMSS a baja, which have an index of their own."""
        few = self.filters.plazo == DueFilter.ALERTED or self.filters.bandera in OWING
        return few and self._key == "due_order"

    @cached_property
    def _by_names_of_all(self) -> bool:
        """Along the names of all planteles, unless so few can match that they are sorted instead."""
        return self._where is None and self._key == "name_order" and self._small is None and not self._few

    @cached_property
    def _few(self) -> bool:
        """Whether a list by name is read by where its cases stand, and sorted: the counters know that they are few."""
        return self._where is None and self._key == "name_order" and self._small is None and self._at_most <= FEW

    @cached_property
    def _near(self) -> bool:
        """Whether a search by name reads all the names of its planteles, off the one index that has all that is asked."""
        if self._search is None or not self._search.name or self._where is None:
            return False
        there = sum(place.n for place in self.places)
        return there <= NEAR and not (there > CROWD and self._search.share >= COMMON)

    @cached_property
    def _matching(self) -> list[Ordered] | None:
        """All the cases of the list, if a search finds few: looked for once, for the page and for its count."""
        if self._search is None or self._small is not None:
            return None
        here = [Sql("c.plantel_id = ANY(%s)", (self._where,))] if self._where is not None else []
        each = Sql(f"SELECT c.{self._key}, c.id FROM cases_case c WHERE") + all_of([*here, *self._asked])  # noqa: S608 - a name of our own
        if self._near:
            rows = fetched(each + Sql("AND") + self._search.matches + Sql("LIMIT %s", (ENOUGH + 1,)))
            return rows if len(rows) <= ENOUGH else None
        if not self._search.is_rare:
            return None
        found = Sql("WITH found (id) AS MATERIALIZED (SELECT id FROM (") + self._search.cases + Sql(") x (id) LIMIT %s)", (MOST + 1,))
        rows = fetched(found + each + Sql("AND c.id IN (SELECT id FROM found) UNION ALL SELECT NULL, count(*) FROM found"))
        return rows[:-1] if rows[-1][1] <= MOST else None

    @cached_property
    def _at_most(self) -> int:
        """How many the counters allow the list to have."""
        f = self.filters
        if not f.plazo:
            return sum(place.n for place in self.places)
        kinds = {(place.state, place.turn) for place in self.places}
        return sum(
            due.n for due in counters.due(self._where) if (due.state, due.turn) in kinds and DueFilter(f.plazo) in dues(due, self.today)
        )

    @cached_property
    def _small(self) -> Sql | None:
        """The ids of a small set of cases that holds all of the list, if there is one without searching."""
        f = self.filters
        if f.asignado and f.asignado != UNASSIGNED:
            who = self.user_id if f.asignado == ME else int(f.asignado)
            return Sql("SELECT case_id FROM dashboard_assignment WHERE user_id = %s", (who,))
        if f.bandera in FOUND_FIRST:
            return Sql(FOUND_FIRST[Flag(f.bandera)], (self.user_id,) if f.bandera == Flag.MENTIONED else ())
        return None

    @cached_property
    def _search(self) -> Search | None:
        return Search.of(self.filters.q, self._where)

    @cached_property
    def _conditions(self) -> list[Sql]:
        """Everything but the place in the index: true of each case of the list."""
        said = [*self._asked]
        if self._small is not None:
            said.append(Sql("c.id IN (") + self._small + Sql(")"))
        if self._small is not None and self._where is not None:
            said.append(Sql("c.plantel_id = ANY(%s)", (self._where,)))
        if self._search:
            said.append(self._search.matches)
        return said

    @cached_property
    def _asked(self) -> list[Sql]:
        """What the filters ask of each case itself."""
        f, said = self.filters, [Sql(IS_COUNTED)]
        at_rest = f.cobertura == AT_REST
        exact = {"state": f.estado, "turn": f.turno, "coverage": Coverage.OTHER if at_rest else f.cobertura, "ciclo_id": f.ciclo}
        said += [Sql(f"c.{column} = %s", (value,)) for column, value in exact.items() if value]
        said += [Sql("c.state = ANY(%s)", (sorted(RESTING),))] if at_rest else []
        said += [Sql("upper(c.grupo) = upper(%s)", (f.grupo,))] if f.grupo else []
        said += [Sql("c.reached >= %s", (int(f.paso),))] if f.paso else []
        said += [due_range(DueFilter(f.plazo), self.today), Sql("c.turn <> %s", (Turn.NADIE.value,))] if f.plazo else []
        if f.asignado == UNASSIGNED:
            said.append(Sql(WITHOUT))
        if f.bandera in OF_STATES:
            said.append(Sql(OF_STATES[Flag(f.bandera)][1]))
        if f.bandera in OWING:
            said.append(Sql(OWING[Flag(f.bandera)]))
        return said


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts as a table named `part`, and how a case matches one."""

    source: Sql
    match: Sql

    @classmethod
    def of(cls, columns: dict[str, tuple[str, list[Any]]]) -> _Parts:
        arrays = ", ".join(f"%s::{kind}[]" for kind, _ in columns.values())
        source = Sql(f"unnest({arrays}) AS part({', '.join(columns)})", tuple(values for _, values in columns.values()))
        return cls(source, Sql(" AND ".join(f"c.{name} = part.{name}" for name in columns)))

    @classmethod
    def over(cls, *columns: tuple[str, str], places: Sequence[counters.StateCount]) -> _Parts:
        rows = sorted({tuple(getattr(place, name) for name, _ in columns) for place in places})
        return cls.of({name: (kind, [row[i] for row in rows]) for i, (name, kind) in enumerate(columns)})


_EVERY_PLANTEL: Final = _Parts(Sql("(SELECT id FROM students_plantel) AS part(plantel_id)"), Sql("c.plantel_id = part.plantel_id"))
