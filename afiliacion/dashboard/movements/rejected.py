"""What IMSS rejected, in the room of movements: what waits to be put right, by family; and all of it, by what an address asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.db.models import BigIntegerField, Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from afiliacion.dashboard.case.rejected import Rejection, problems_of, shown
from afiliacion.dashboard.case.remedies import Problem
from afiliacion.dashboard.shared.access import Scope
from afiliacion.dashboard.shared.form_fields import QuickSelect, dress, offer
from afiliacion.movements.models import Movement
from afiliacion.movements.ready import Candidate
from afiliacion.movements.rejections import listing
from afiliacion.movements.rejections.families import SYSTEM, Family, families
from afiliacion.movements.rejections.holding import explained
from students.models import Ciclo

#: Rows of a family that the room shows, and of a page of the whole list.
SHOWN: Final = 100
#: What the filter says of movements for which IMSS gave no code.
NO_CODE: Final = "-"


@dataclass(frozen=True, slots=True)
class FamilyPart:
    """The rejections of one family; `more`: how many of them are not shown here."""

    family: Family
    rows: Sequence[Rejection]
    more: int = 0


def by_family(candidates: Iterable[Candidate], scope: Scope) -> list[FamilyPart]:
    """What waits among these candidates, by family, the oldest first."""
    found: dict[str, list[Problem]] = {}
    for each in candidates:
        if each.waits and each.turned_down:
            found.setdefault(each.turned_down.family.key, []).append(Problem(each.case, each.turned_down, each))
    kept = {key: sorted(found[key], key=lambda each: each.told.movement.pk) for key in families() if key in found}
    rows = iter(shown([each for problems in kept.values() for each in problems[:SHOWN]], {}, scope))
    return [
        FamilyPart(families()[key], [next(rows) for _ in problems[:SHOWN]], max(0, len(problems) - SHOWN))
        for key, problems in kept.items()
    ]  # fmt: skip


def cleared(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that an officer let go, which no lote has yet."""
    return [each for each in candidates if each.turned_down and each.turned_down.movement.cleared_at]


class RejectionsForm(forms.Form):
    """The filters of the list. A value that is not among the choices is an error, never "all"."""

    ciclo = forms.ChoiceField(label="Ciclo", required=False, widget=QuickSelect)
    plantel = forms.ChoiceField(label="Plantel", required=False, widget=QuickSelect)
    familia = forms.ChoiceField(
        label="Clase", required=False, widget=QuickSelect,
        choices=lambda: [("", "Todas"), *((each.key, each.name) for each in families().values() if each.key != SYSTEM)],
    )  # fmt: skip
    codigo = forms.CharField(label="Código (- si no trae)", required=False, max_length=20)
    tipo = forms.ChoiceField(label="Tipo", required=False, widget=QuickSelect, choices=[("", "Todos"), ("08", "Altas"), ("02", "Bajas")])
    ver = forms.ChoiceField(label="Cuáles", required=False, widget=QuickSelect, choices=[("", "Todos"), ("pendientes", "Por arreglar")])

    def __init__(self, said: QueryDict, scope: Scope) -> None:
        super().__init__(said)
        offer(self, "ciclo", [("", "Todos"), *((str(pk), clave) for pk, clave in Ciclo.objects.values_list("pk", "clave"))])
        offer(self, "plantel", [("", "Todos"), *((str(pk), name) for pk, name in scope.named_planteles())])
        self._scope = scope
        dress(self)

    @property
    def query(self) -> str:
        """What is asked for, as the query string of an address."""
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})

    def found(self) -> QuerySet[Any]:
        """The rejected movements asked for, of those this person may see."""
        asked = self.cleaned_data
        same = {"ciclo": asked["ciclo"], "plantel": asked["plantel"]}
        cases = self._scope.cases().filter(**{name: int(value) for name, value in same.items() if value})
        rows = listing.pending(cases) if asked["ver"] else listing.rejected(cases)
        code = "" if asked["codigo"] == NO_CODE else asked["codigo"]
        said: dict[str, Any] = {"family": asked["familia"], "type": asked["tipo"]}
        said = {name: value for name, value in said.items() if value}
        return rows.filter(**said, **({"code": code} if asked["codigo"] else {}))


@dataclass(frozen=True, slots=True)
class RejectionsPage:
    """`following`: where the next page begins, "" if this is the last."""

    parts: Sequence[FamilyPart]
    total: int
    following: str


def page(rows: QuerySet[Any], after: str, scope: Scope, today: dt.date) -> RejectionsPage:
    """The rejected movements by family, the oldest first, from behind `after` on."""
    near = _behind(rows, after).select_related("case__student", "case__plantel").order_by("family", "pk")
    found = list(near[: SHOWN + 1])
    told = [(each.movement.case, each) for each in explained(found[:SHOWN])]
    parts: dict[str, list[Rejection]] = {}
    for each in shown(problems_of(told, today), _sent_again(found), scope):
        parts.setdefault(each.told.family.key, []).append(each)
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    following = f"{last.family}.{last.pk}" if last else ""
    return RejectionsPage([FamilyPart(families()[key], each) for key, each in parts.items()], rows.count(), following)


def _sent_again(rejected: Iterable[Movement]) -> dict[int, Movement]:
    """By rejected movement (id), the one that was sent for it."""
    later = Movement.objects.filter(previous__in=[row.pk for row in rejected]).exclude(status=Movement.Status.CANCELLED)
    return {row.previous_id or 0: row for row in later.select_related("lote").defer("lote__body")}


def _behind(rows: QuerySet[Any], after: str) -> QuerySet[Any]:
    family, _, number = after.partition(".")
    if not (number.isascii() and number.isdigit() and int(number) <= BigIntegerField.MAX_BIGINT):
        return rows
    return rows.filter(Q(family__gt=family) | Q(family=family, pk__gt=int(number)))
