"""Who IMSS insures under a registro patronal of ours without our knowing: named by a standing list, or by a movement it operated.

They have no case. They are shown to who answers for all planteles of the registro patronal, as whose students they are is not known.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left, NullIf

from afiliacion.cases.outcome import Act
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.models import Cover
from afiliacion.lotes.answers.values import Verdict
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import AnswerDocument, AnswerRow
from afiliacion.reconciliation.differences import Difference
from afiliacion.reconciliation.models import Attended, InsuredRow
from students.registro_patronal import LENGTH, is_same
from students.registros import Registros

#: IMSS also prints a registro patronal without its check digit (docs/domain.md, 1.4).
_PRINTED: Final = LENGTH - 1
_LIVE: Final = Cover.objects.filter(whose=CoverOwner.OURS, ended_on=None)


def answered_for(registros: Registros, planteles: Collection[int] | None) -> frozenset[str]:
    """The registros patronales all of whose planteles are among these (ids; None: all)."""
    every = registros.every()
    return every if planteles is None else frozenset(each for each in every if registros.planteles_of(each) <= frozenset(planteles))


def only_listed(registros: Collection[str]) -> QuerySet[Any]:
    """Whom standing lists of these registros patronales name, and of whom no cover is known under that number; each with its `under`."""
    known = _LIVE.filter(nss=OuterRef("nss"), registro=OuterRef("list__registro"))
    rows = InsuredRow.objects.filter(list__ended="", list__registro__in=registros)
    return rows.exclude(Exists(known)).annotate(under=F("list__registro")).select_related("list")


class StrangeRow(NamedTuple):
    """A row about a movement that IMSS operated and no lote of the office has. `under`: the registro patronal as IMSS prints it."""

    pk: int
    under: str
    number: str
    type: str
    day: str
    attended: int | None


def strange(registros: Collection[str], lists: Mapping[str, dt.date]) -> QuerySet[Any]:
    """The altas IMSS operated under these registros patronales that are in no lote of the office, each person once.

    Not those of whom a cover is known by now, whose baja IMSS operated since, whom a person saw to, or whom a list of that day or a later
    one tells of. `lists`: the day of the one that stands, by registro patronal.
    """
    return AnswerRow.objects.filter(pk__among=list(_strange(registros, lists)))


def _strange(registros: Collection[str], lists: Mapping[str, dt.date]) -> dict[int, str]:
    """The same: row (id) -> registro patronal as IMSS prints it. They are few, and read before the covers: in one statement the database
    takes them for none, and reads all covers for each."""
    rows = _operated(registros)
    last = {(row.under, row.number): row for row in rows if row.type == MovementType.ALTA}
    gone = {(row.under, row.number, row.day) for row in rows if row.type == MovementType.BAJA}
    listed = {registro[:_PRINTED]: on.isoformat() for registro, on in lists.items()}
    known = _known({row.number for row in last.values()})
    return {
        row.pk: row.under
        for key, row in last.items()
        if row.attended is None and key not in known and listed.get(row.under, "") < row.day
        and not any((under, number) == key and day >= row.day for under, number, day in gone)
    }  # fmt: skip


def _operated(registros: Collection[str]) -> list[StrangeRow]:
    """By id, so that the last that was brought of a person is the last."""
    rows = AnswerRow.objects.filter(finding=AnswerRow.Finding.STRANGE, document__status=AnswerDocument.Status.APPLIED)
    printed = Left(Coalesce(NullIf(KT("said__registro_patronal"), Value("")), F("document__lote__registro"), Value("")), _PRINTED)
    found = rows.annotate(under=printed).filter(said__verdict=Verdict.OPERADO.value, under__in=[each[:_PRINTED] for each in registros])
    values = found.order_by("pk").values_list("pk", "under", KT("said__nss"), KT("said__type"), KT("said__fecha"), "attended")
    return [StrangeRow(*row) for row in values]


def _known(numbers: Collection[str]) -> set[tuple[str, str]]:
    """(registro patronal as IMSS prints it, NSS) of the live covers of ours with these numbers."""
    covers = _LIVE.filter(nss__among=list(numbers)).values_list("registro", "nss") if numbers else ()
    return {(registro[:_PRINTED], number) for registro, number in covers}


def counted(registros: Collection[str], lists: Mapping[str, dt.date]) -> list[tuple[Difference, str, int]]:
    """How many of both kinds under each of these registros patronales."""
    listed = only_listed(registros).order_by().select_related(None).values("under").annotate(n=Count("pk")).values_list("under", "n")
    of_answers = Counter(_strange(registros, lists).values())
    return [
        *((Difference.ONLY_LISTED, under, n) for under, n in listed),
        *((Difference.STRANGE, _whole(under, registros), n) for under, n in of_answers.items()),
    ]


def _whole(printed: str, registros: Iterable[str]) -> str:
    """The registro patronal that IMSS prints so."""
    return next((each for each in registros if is_same(each, printed)), printed)


def attend(rows: Iterable[int], registros: Collection[str], lists: Mapping[str, dt.date], reason: str, *, act: Act) -> int:
    """Note what was done about these strange movements (ids) under these registros patronales; return how many that were not noted yet."""
    found = list(strange(registros, lists).filter(pk__in=list(rows)).values_list("pk", flat=True))
    noted = [Attended(row_id=pk, reason=reason, at=act.now, by_id=act.actor.user_id, name=act.actor.name[:160]) for pk in found]
    Attended.objects.bulk_create(noted, ignore_conflicts=True)
    return len(found)


def attended(registros: Collection[str]) -> QuerySet[Attended]:
    """What was done about strange movements under these registros patronales, the last first."""
    rows = [row.pk for row in _operated(registros) if row.attended is not None]
    return Attended.objects.filter(row__pk__among=rows).select_related("row").order_by("-at", "-pk")


def forget(attended_id: int, registros: Collection[str]) -> bool:
    """Take such a note back: the movement is a difference again. Whether there was one."""
    return bool(attended(registros).filter(pk=attended_id).order_by().delete()[0])
