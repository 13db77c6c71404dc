"""Who IMSS insures under a registro patronal of ours without our knowing: named by a standing list, or by a movement it operated.

They have no case. They are shown to who answers for all planteles of the registro patronal, as whose students they are is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from django.db.models import Count, DateField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Left, NullIf

from afiliacion.cases.outcome import Act
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.models import Cover
from afiliacion.lotes.answers.values import Verdict
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import AnswerDocument, AnswerRow
from afiliacion.reconciliation.differences import Difference
from afiliacion.reconciliation.models import Attended, InsuredList, InsuredRow
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


def strange(registros: Collection[str]) -> QuerySet[Any]:
    """The altas IMSS operated under these registros patronales that are in no lote of the office, each person once, with `under` (as IMSS
    prints it) and `number`.

    Not those of whom a cover is known by now, whose baja IMSS operated since, whom a person saw to, or whom a later list tells of.
    """
    rows = _operated(MovementType.ALTA).filter(under__in=[each[:_PRINTED] for each in registros], attended=None)
    known = _LIVE.annotate(printed=Left("registro", _PRINTED)).filter(nss=OuterRef("number"), printed=OuterRef("under"))
    same = {"number": OuterRef("number"), "under": OuterRef("under")}
    ended = _operated(MovementType.BAJA).filter(**same, day__gte=OuterRef("day"))
    again = _operated(MovementType.ALTA).filter(**same, pk__gt=OuterRef("pk"))
    listed = InsuredList.objects.annotate(printed=Left("registro", _PRINTED)).filter(
        ended="", printed=OuterRef("under"), on__gte=Cast(OuterRef("day"), DateField())
    )
    return rows.exclude(Exists(known)).exclude(Exists(ended)).exclude(Exists(again)).exclude(Exists(listed))


def _operated(kind: MovementType) -> QuerySet[Any]:
    rows = AnswerRow.objects.filter(finding=AnswerRow.Finding.STRANGE, document__status=AnswerDocument.Status.APPLIED)
    return rows.annotate(
        under=Left(Coalesce(NullIf(KT("said__registro_patronal"), Value("")), F("document__lote__registro"), Value("")), _PRINTED),
        number=KT("said__nss"), day=KT("said__fecha"),
    ).filter(said__type=kind.value, said__verdict=Verdict.OPERADO.value)  # fmt: skip


def counted(registros: Collection[str]) -> list[tuple[Difference, str, int]]:
    """How many of both kinds under each of these registros patronales. One statement."""
    kinds = ((Difference.ONLY_LISTED, only_listed(registros)), (Difference.STRANGE, strange(registros)))
    parts = [
        rows.order_by().select_related(None).annotate(what=Value(what.value)).values("what", "under").annotate(n=Count("pk"))
        .values_list("what", "under", "n")
        for what, rows in kinds
    ]  # fmt: skip
    return [(Difference(what), _whole(under, registros), n) for what, under, n in parts[0].union(parts[1], all=True)]


def _whole(printed: str, registros: Iterable[str]) -> str:
    """The registro patronal that IMSS prints so."""
    return next((each for each in registros if is_same(each, printed)), printed)


def attend(rows: Iterable[int], registros: Collection[str], reason: str, *, act: Act) -> int:
    """Note what was done about these strange movements (ids) under these registros patronales; return how many that were not noted yet."""
    found = list(strange(registros).filter(pk__in=list(rows)).values_list("pk", flat=True))
    noted = [Attended(row_id=pk, reason=reason, at=act.now, by_id=act.actor.user_id, name=act.actor.name[:160]) for pk in found]
    Attended.objects.bulk_create(noted, ignore_conflicts=True)
    return len(found)


def attended(registros: Collection[str]) -> QuerySet[Attended]:
    """What was done about strange movements under these registros patronales, the last first."""
    rows = _operated(MovementType.ALTA).filter(under__in=[each[:_PRINTED] for each in registros])
    return Attended.objects.filter(row__in=rows.values("pk")).select_related("row").order_by("-at", "-pk")


def forget(attended_id: int, registros: Collection[str]) -> bool:
    """Take such a note back: the movement is a difference again. Whether there was one."""
    return bool(attended(registros).filter(pk=attended_id).order_by().delete()[0])
