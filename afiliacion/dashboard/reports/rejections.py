"""What IMSS rejected in a term, counted by family and code, each number with the list of what it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.http import urlencode

from afiliacion.dashboard.movements.rejected import NO_CODE
from afiliacion.dashboard.shared.access import Scope
from afiliacion.exports import Cell
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.rejections import listing
from afiliacion.movements.rejections.families import Codes, Family, family
from afiliacion.movements.rejections.listing import RejectionCount


@dataclass(frozen=True, slots=True)
class RejectedMovements:
    """The movements rejected with one code; `meaning`: what the office told of it, "" if nothing. The queries are of their lists."""

    family: Family
    code: str
    meaning: str
    altas: int
    bajas: int
    altas_query: str
    bajas_query: str


def rejected_movements(ciclo: int, plantel: int | None, scope: Scope) -> list[RejectedMovements]:
    """Those of the cases of a term (id) that this person may see, of one plantel (id) or of all."""
    cases = scope.cases().filter(ciclo=ciclo)
    counts = listing.counted(listing.rejected(cases.filter(plantel=plantel) if plantel is not None else cases))
    codes = Codes() if counts else None
    return [_line(each, codes.meaning(each.code), ciclo, plantel) for each in counts] if codes else []


def _line(count: RejectionCount, meaning: str, ciclo: int, plantel: int | None) -> RejectedMovements:
    same = {"ciclo": str(ciclo), "plantel": str(plantel or ""), "familia": count.family, "codigo": count.code or NO_CODE}
    altas, bajas = (urlencode({**same, "tipo": kind.value}) for kind in MovementType)
    return RejectedMovements(family(count.family), count.code, meaning, count.altas, count.bajas, altas, bajas)


def table(lines: Sequence[RejectedMovements]) -> Iterator[Sequence[Cell]]:
    """The lines as a file has them."""
    yield ("Movimientos rechazados, por clase", "Código", "Altas", "Bajas")
    yield from ((each.family.name, each.code, each.altas, each.bajas) for each in lines)
