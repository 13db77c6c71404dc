"""What must hold of a document before anything of it is believed; else it is refused whole (docs/domain.md, 7.2 and 7.8)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.lotes.answers.values import ANSWERED_TYPES, Heading, Result, Totals, Verdict
from afiliacion.lotes.refusal import DocumentRefused
from students.registro_patronal import is_same

_AGAIN: Final = "No se aplicó nada: descárguelo otra vez de IDSE, completo."
#: How much later than its presentation a movement may be dated (docs/domain.md, 5.3).
_AHEAD: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ours:
    """What an office recognises as its own. `rfc`: of the school, empty if not known; `since`: the first day of what it still expects."""

    registros: Collection[str]
    rfc: str = ""
    since: dt.date | None = None


def must_add_up(received: Totals, operated: Totals, rejected: Totals, results: Iterable[Result]) -> None:
    """Refuse counts that do not add up, or that are not those of the rows.

    Raises:
        DocumentRefused: with the numbers that contradict each other.
    """
    for name, *counts in zip(Totals._fields, received, operated, rejected, strict=True):
        if counts[0] != counts[1] + counts[2]:
            raise DocumentRefused(
                f"No cuadra: dice {counts[0]} {_WORDS[name]} recibidos, y {counts[1]} operados más {counts[2]} rechazados. {_AGAIN}"
            )
    rows = Counter((row.verdict, row.type) for row in results)
    for verdict, totals in ((Verdict.OPERADO, operated), (Verdict.RECHAZADO, rejected)):
        if totals.total != totals.bajas + totals.modificaciones + totals.reingresos:
            raise DocumentRefused(f"No cuadra: el total de {verdict}s ({totals.total}) no es la suma de sus tipos. {_AGAIN}")
        for kind, name in ANSWERED_TYPES.items():
            if rows[verdict, kind] != getattr(totals, name):
                raise DocumentRefused(
                    f"No cuadra: dice {getattr(totals, name)} {_WORDS[name]} {verdict}s y trae {rows[verdict, kind]} renglones. {_AGAIN}"
                )


_WORDS: Final = {"bajas": "bajas", "modificaciones": "modificaciones", "reingresos": "reingresos", "total": "movimientos"}


def must_be_single(results: Sequence[Result]) -> None:
    """Refuse a document that says something twice of one movement, be it the same or not.

    Raises:
        DocumentRefused: naming both places.
    """
    seen: dict[object, Result] = {}
    for row in results:
        first = seen.setdefault(row.movement, row)
        if first is not row:
            raise DocumentRefused(f"El mismo movimiento está dos veces: {first.where} y {row.where}. {_AGAIN}")


def must_be_of_its_time(heading: Heading, results: Iterable[Result]) -> None:
    """Refuse a movement dated after the day that follows its reception: a date was misread, or is not of this document.

    Raises:
        DocumentRefused: naming the row.
    """
    if heading.received_at is None:
        return
    latest = heading.received_at.date() + _AHEAD
    for row in results:
        if row.fecha > latest:
            raise DocumentRefused(
                f"No se entiende: {row.where} tiene fecha {row.fecha:%d/%m/%Y} y el lote se recibió el {heading.received_at:%d/%m/%Y}."
            )


def must_be_ours(heading: Heading | None, results: Iterable[Result], ours: Ours) -> None:
    """Refuse a document of another school, or of a time before.

    Raises:
        DocumentRefused: naming the registro patronal, the RFC or the day.
    """
    rows = [row for row in results if row.registro_patronal]
    registros = {row.registro_patronal for row in rows} or ({heading.registro_patronal} if heading and heading.registro_patronal else set())
    for registro in sorted(registros):
        if not any(is_same(registro, each) for each in ours.registros):
            raise DocumentRefused(f"El documento es del registro patronal {registro}, que no es de la oficina: no se aplicó nada.")
    if heading and heading.rfc and ours.rfc and heading.rfc != ours.rfc:
        raise DocumentRefused(f"El documento es de otro patrón (RFC {heading.rfc}): no se aplicó nada.")
    latest = max((row.fecha for row in results), default=None)
    if latest and ours.since and latest < ours.since:
        raise DocumentRefused(f"El documento es de antes: su último movimiento es del {latest:%d/%m/%Y}. No se aplicó nada.")
