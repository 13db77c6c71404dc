"""What each row of a document means for the movements of the office; and whether the document is about lotes of the office at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from afiliacion.lotes.answers.values import Acuse, Constancia, Detail, Result, Verdict
from afiliacion.lotes.refusal import DocumentRefused
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement
from students.registro_patronal import is_same

Finding = AnswerRow.Finding
Status = Movement.Status
_BY_VERDICT: Final = {Verdict.OPERADO: Finding.OPERATED, Verdict.RECHAZADO: Finding.REJECTED}
#: What a movement must be for a finding to change it, and what it is afterwards.
_FROM: Final[Mapping[str, Collection[str]]] = {
    Finding.RECEIVED: (Status.SENT,),
    Finding.REFUSED: (Status.SENT,),
    Finding.OPERATED: (Status.SENT, Status.RECEIVED),
    Finding.REJECTED: (Status.SENT, Status.RECEIVED),
}
AFTER: Final[Mapping[str, Movement.Status]] = {
    Finding.RECEIVED: Status.RECEIVED, Finding.REFUSED: Status.REFUSED, Finding.OPERATED: Status.OPERATED,
    Finding.REJECTED: Status.REJECTED,
}  # fmt: skip
_WHICH_LOTE: Final = "No se sabe de qué lote es {}: puede ser «{}» o «{}». Traiga el documento en la página de su lote. No se aplicó nada."
#: IMSS has what it operated or rejected.
_BEYOND_RECEIVED: Final = frozenset({Status.RECEIVED, Status.OPERATED, Status.REJECTED})


@dataclass(slots=True)
class Reading:
    """A document as read: its kind, what stands above its rows, its rows, what was put right in reading it."""

    kind: AnswerDocument.Kind
    results: Sequence[Result]
    number: str = ""
    folio: str = ""
    on: dt.date | None = None
    notes: Sequence[str] = field(default_factory=tuple)

    @classmethod
    def of(cls, said: Acuse | Constancia | Detail) -> Reading:
        """The same, whatever the document is."""
        if isinstance(said, Detail):
            numbers = {row.lote for row in said.results}
            return cls(AnswerDocument.Kind.DETAIL, said.results, number=numbers.pop() if len(numbers) == 1 else "", notes=said.restored)
        heading = said.heading
        on = heading.received_at.date() if heading.received_at else None
        if isinstance(said, Acuse):
            return cls(AnswerDocument.Kind.ACUSE, said.refused, heading.lote, heading.folio, on)
        return cls(AnswerDocument.Kind.CONSTANCIA, said.results, heading.lote, heading.folio, on)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row, the movement it is about, if it is one of the office's, and what it means."""

    said: Mapping[str, Any]
    movement: Movement | None
    finding: str


def judge(reading: Reading, lotes: Sequence[Lote], movements: Iterable[Movement]) -> list[Judged]:
    """Return what a document means. `movements`: all of its lotes; without lotes, those that its numbers may be about.

    Raises:
        DocumentRefused: no row is of a movement of the office.
    """
    by_number = _by_number(movements)
    if reading.kind is AnswerDocument.Kind.ACUSE:
        return _of_acuse(reading, by_number)
    known = {lote.pk for lote in lotes}
    rows = [_of_row(row, by_number, known) for row in reading.results]
    if all(row.movement is None for row in rows):
        raise DocumentRefused(
            "Ningún renglón es de un movimiento que la oficina haya presentado: es de otra escuela o de otro tiempo. No se aplicó nada."
        )
    return rows


_ByNumber = Mapping[tuple[str, str], Sequence[Movement]]


def _by_number(movements: Iterable[Movement]) -> _ByNumber:
    found: dict[tuple[str, str], list[Movement]] = {}
    for movement in movements:
        found.setdefault((movement.nss, movement.type), []).append(movement)
    return found


def _of_acuse(reading: Reading, by_number: _ByNumber) -> list[Judged]:
    """The movements it names are refused; all others of the lote are received."""
    refused = [_of_refused(row, by_number) for row in reading.results]
    named = {row.movement.pk for row in refused if row.movement}
    rest = sorted((m for same in by_number.values() for m in same if m.pk not in named), key=lambda m: m.position or 0)
    return [*refused, *(Judged({}, movement, finding_for(Finding.RECEIVED, movement)) for movement in rest)]


def _of_refused(row: Result, by_number: _ByNumber) -> Judged:
    movement = _matching(row, by_number)
    return Judged(row._asdict(), movement, finding_for(Finding.REFUSED, movement) if movement else Finding.STRANGE)


def _of_row(row: Result, by_number: _ByNumber, lotes: Collection[int]) -> Judged:
    movement = _matching(row, by_number) if lotes or row.registro_patronal or row.clave else None
    if movement is None:
        return Judged(row._asdict(), None, Finding.STRANGE)
    if row.verdict is None:
        return Judged(row._asdict(), movement, Finding.SILENT)
    return Judged(row._asdict(), movement, finding_for(_BY_VERDICT[row.verdict], movement))


def _matching(row: Result, by_number: _ByNumber) -> Movement | None:
    """The movement of a row, by number, type, date, and registro and clave where the row has them; never by number alone.

    Raises:
        DocumentRefused: it may be one of several, as one that was sent again on the same day: on which lote it was dropped would tell.
    """
    fitting = [
        movement
        for movement in by_number.get((row.nss, row.type), ())
        if movement.on == row.fecha
        and (not row.registro_patronal or is_same(row.registro_patronal, movement.registro))
        and (not row.clave or row.clave == movement.clave)
        and (not row.lote or row.lote == movement.its_lote.number)
    ]
    if len(fitting) > 1:
        raise DocumentRefused(_WHICH_LOTE.format(row.where, *sorted(str(each.lote) for each in fitting)[:2]))
    return fitting[0] if fitting else None


def finding_for(wanted: str, movement: Movement) -> str:
    """What a statement means for a movement as it stands: it changes it, was known, or contradicts what is known."""
    if movement.status in _FROM[wanted]:
        return wanted
    if movement.status == AFTER[wanted] or (wanted == Finding.RECEIVED and movement.status in _BEYOND_RECEIVED):
        return Finding.KNOWN
    return Finding.CONTRADICTS
