"""What a movement that IMSS turned down means for the next one of its case: it waits until what was wrong is put right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from afiliacion.lotes.line.record import MovementData, MovementType
from afiliacion.movements.models import Movement
from afiliacion.movements.rejections.families import SYSTEM, Again, Codes, Family

_SAID: Final = "El IMSS lo rechazó{code}{words}. {meaning} Lo arregla: {who}."


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """The last movement of a case and type, which IMSS turned down: of which family it is, and what its code means ("": not told)."""

    movement: Movement
    family: Family
    meaning: str

    @property
    def counts(self) -> bool:
        """Whether it is a rejection at all."""
        return self.family.key != SYSTEM

    def holds(self, data: MovementData, written: Callable[[MovementData], Any]) -> bool:
        """Whether the next movement, with these data, waits: no officer let it go, and it would be written as the one before but for its
        date. `written`: how a movement's data stand in the file."""
        if self.movement.cleared_at or self.family.again is Again.AS_IT_IS:
            return False
        if not self.movement.data:
            return True  # what was sent is erased
        return bool(written(self.sent(data)) == written(data))

    def sent(self, data: MovementData) -> MovementData:
        """What was sent then, with the date of these data."""
        before = {name: value for name, value in self.movement.data.items() if name in MovementData._fields}
        # What went by the service has no clave.
        return MovementData(**{**data._asdict(), **before, "type": data.type, "fecha": data.fecha})

    def __str__(self) -> str:
        """Why the next one waits, in Spanish: what IMSS said, what it means, who puts it right."""
        code = f" con el código {self.movement.code}" if self.movement.code else ""
        words = f": «{self.movement.message}»" if self.movement.message else "" if code else " sin decir por qué"
        meaning = (self.meaning or self.family.meaning).rstrip(".") + "."
        return _SAID.format(code=code, words=words, meaning=meaning, who=self.family.fixed_by)


def turned_down(cases: Iterable[int], kind: MovementType) -> Mapping[int, TurnedDown]:
    """Of these cases (ids), those of which IMSS turned down the last movement of this type."""
    rows = Movement.objects.filter(case__pk__among=list(cases), type=kind.value).exclude(status=Movement.Status.CANCELLED)
    last = [row for row in rows.order_by("case_id", "-pk").distinct("case_id") if row.status in Movement.TURNED_DOWN]
    return {each.movement.case_id: each for each in explained(last)}


def explained(rows: Iterable[Movement]) -> list[TurnedDown]:
    """These movements, which IMSS turned down, with what that means."""
    found = list(rows)
    codes = Codes() if found else None
    return [TurnedDown(row, codes.family(row.code), codes.meaning(row.code)) for row in found] if codes else []


def has_been_turned_down(kind: MovementType) -> Exists:
    """Of a case: whether IMSS ever turned down a movement of this type."""
    return Exists(Movement.objects.filter(case=OuterRef("pk"), type=kind.value, status__in=Movement.TURNED_DOWN))


def last_of_their_case(rows: QuerySet[Movement]) -> QuerySet[Movement]:
    """Of these movements, those that IMSS turned down and after which none was made for the same case."""
    return without_later(rows).filter(status__in=Movement.TURNED_DOWN)


def without_later(rows: QuerySet[Movement]) -> QuerySet[Movement]:
    """Of these movements, those after which none of the same type was made for the same case, but in a lote that was undone."""
    later = Movement.objects.filter(case=OuterRef("case"), type=OuterRef("type"), pk__gt=OuterRef("pk"))
    return rows.filter(~Exists(later.exclude(status=Movement.Status.CANCELLED)))
