"""What waits to be sent, what is on its way and what came back, per registro patronal and type, whichever the channel: one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db.models import CharField, Count, DateField, F, IntegerField, Min, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from afiliacion.cases.models import ALTA_WANTED, Case
from afiliacion.cases.queries import BAJA_SENT, BAJA_TO_SEND
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import Movement
from afiliacion.movements.rejections import listing
from students.registros import Registros

ALTA, BAJA = MovementType.ALTA, MovementType.BAJA
#: Of which IMSS has not said that it received them. The first part is that of `movement_one_under_way`, an index of few rows.
ON_THEIR_WAY: Final = (Q(status__in=["en_lote", "enviado"]) | Q(errand_open=True)) & ~Q(nss="") & Q(
    status__in=["en_lote", "enviado", "servicio", "en_duda"]
)  # fmt: skip
#: The same in SQL, as cases (ids).
CASES_ON_THEIR_WAY_SQL: Final = """
SELECT case_id FROM movements_movement WHERE (status IN ('en_lote', 'enviado') OR errand_open) AND NOT nss = ''
  AND status IN ('en_lote', 'enviado', 'servicio', 'en_duda')"""


@dataclass(slots=True)
class Line:
    """Of one registro patronal ("": the plantel has none) and type. `to_send`: cases, those on their way too, the oldest `since`."""

    registro: str
    type: MovementType
    to_send: int = 0
    since: dt.date | None = None
    on_their_way: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Overview:
    """The lines, and how many cases there are of each sort in all: a case may owe two bajas, and is counted once here."""

    lines: list[Line] = field(default_factory=list)
    altas: int = 0
    altas_since: dt.date | None = None
    bajas: int = 0
    bajas_since: dt.date | None = None
    bajas_sent: int = 0
    cases_on_their_way: int = 0
    rejected: int = 0


class _Count(NamedTuple):
    what: str
    type: str
    registro: str
    plantel_id: int
    n: int
    since: dt.date | None


def overview(cases: QuerySet[Case], registros: Registros, today: dt.date) -> Overview:
    """Count what waits, goes and came back of these cases. `registros`: of their planteles, those in force by today."""
    counts = [_Count(*row) for row in _counted(cases)]
    lines: dict[tuple[str, str], Line] = {}
    for each in counts:
        if each.what in _OF_A_LINE:
            registro = each.registro or registros.on(each.plantel_id, today)
            line = lines.setdefault((registro, each.type), Line(registro, MovementType(each.type)))
            setattr(line, each.what, getattr(line, each.what) + each.n)
            line.since = min(filter(None, (line.since, each.since)), default=None)
    ordered = sorted(lines.values(), key=lambda line: (line.registro, line.type is BAJA))
    found = Overview(ordered, rejected=sum(line.rejected for line in ordered))
    found.altas = sum(line.to_send for line in ordered if line.type is ALTA)
    found.altas_since = min((line.since for line in ordered if line.type is ALTA and line.since), default=None)
    for each in counts:
        if each.what in _OF_ALL:
            setattr(found, each.what, each.n)
        if each.what == "bajas":
            found.bajas_since = each.since
    return found


_OF_A_LINE: Final = ("to_send", "on_their_way", "rejected")
_OF_ALL: Final = ("bajas", "bajas_sent", "cases_on_their_way")
_SINCE_OWED: Final = Min(Coalesce("former_owed_on", "owed_on", "state_since"))


def _counted(cases: QuerySet[Case]) -> Iterable[tuple[Any, ...]]:
    cases = cases.order_by()
    owing = cases.filter(BAJA_TO_SEND)
    waiting = Movement.objects.filter(ON_THEIR_WAY, case__in=cases).order_by()
    unsent = Q(owed_covers__ended_on=None, owed_covers__baja_sent_on=None)
    first, *others = (
        _part("to_send", cases.filter(ALTA_WANTED), Value(ALTA.value), Value(""), F("plantel_id"), Min("acuse_on")),
        _part("to_send", owing.filter(unsent), Value(BAJA.value), F("owed_covers__registro"), F("plantel_id"), _SINCE_OWED),
        _part("bajas", owing, Value(BAJA.value), Value(""), None, _SINCE_OWED),
        _part("bajas_sent", cases.filter(BAJA_SENT), Value(BAJA.value), Value(""), None, None),
        _part("on_their_way", waiting, F("type"), F("registro"), None, None),
        _part("cases_on_their_way", waiting, Value(""), Value(""), None, None, of="case"),
        _part("rejected", listing.pending(cases).order_by(), F("type"), F("registro"), None, None),
    )
    every: QuerySet[Any] = first.union(*others, all=True)
    return every


def _part(what: str, rows: QuerySet[Any], kind: Any, registro: Any, plantel: Any, since: Any, of: str = "pk") -> QuerySet[Any]:
    """The rows counted by type, registro patronal and plantel; what a part does not tell apart is empty in all of it."""
    named = rows.annotate(
        what_=Value(what), type_=Cast(kind, CharField()), registro_=Cast(registro, CharField()),
        plantel_=Cast(plantel or Value(0), IntegerField()),
    )  # fmt: skip
    grouped = named.values("what_", "type_", "registro_", "plantel_").annotate(n_=Count(of, distinct=True), since_=since or _NEVER)
    counted: QuerySet[Any] = grouped.values_list("what_", "type_", "registro_", "plantel_", "n_", "since_")
    return counted


_NEVER: Final = Cast(Value(None), DateField())
