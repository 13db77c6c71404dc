"""What a document says is applied: the cases move, the covers are written, the movements get their answer; once, or not at all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import Details, Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import rests
from afiliacion.database.bulk_writes import update_rows
from afiliacion.insurance.facts import CoverHappening
from afiliacion.insurance.record import MovementNote, note
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.answers.findings import AFTER, finding_for
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement
from afiliacion.movements.sending import NotDone

Finding = AnswerRow.Finding
Status = Movement.Status
#: What of a movement an answer writes, and what undoing it writes back.
DETAILS: Final = ("code", "message", "late", "register_name")
ANSWERED: Final = ("status", "answered_on", *DETAILS)
_APPLIED: Final = "Ese documento ya se aplicó ({}): no se aplica dos veces."
_GONE: Final = "Ese documento ya no espera que se aplique: {}."


@dataclass(slots=True)
class _Answer:
    """A row of the document that changes its movement. `finding`: as the movement stands now, with the persons locked."""

    row: AnswerRow
    movement: Movement
    finding: str

    def said(self, name: str) -> str:
        return str(self.row.said.get(name, ""))


def apply(document_id: int, *, act: Act) -> AnswerDocument:
    """Apply a document that was brought: each movement it changes, once.

    Raises:
        NotDone: it was applied already, put aside or taken back.
    """
    with transaction.atomic():
        document = _to_apply(document_id)
        lotes = _lock(document)
        rows = list(document.rows.select_related("movement").order_by("position"))
        answers = _standing(rows, lotes)
        on = document.on or timezone.localdate(act.now)
        beside = _tell(answers, document.sha256, on, act)
        _write(answers, on)
        _write_details(rows)
        document.counts = {
            "findings": Counter(row.finding for row in rows), "beside": beside, "lotes": _note_reception(answers, lotes, on, act),
        }  # fmt: skip
        document.status, document.applied_at, document.applied_name = AnswerDocument.Status.APPLIED, act.now, act.actor.name
        document.save(update_fields=["status", "applied_at", "applied_name", "counts"])
        return document


def _to_apply(document_id: int) -> AnswerDocument:
    document = AnswerDocument.objects.select_for_update().defer("body").get(pk=document_id)
    if document.status == AnswerDocument.Status.APPLIED:
        raise NotDone(_APPLIED.format(document.applied_name))
    if document.status != AnswerDocument.Status.PENDING:
        raise NotDone(_GONE.format(document.get_status_display().lower()))
    return document


def _lock(document: AnswerDocument) -> dict[int, Lote]:
    """Lock the lotes, and the persons, of a document's rows, before these are read; return the lotes by id."""
    rows = document.rows.filter(movement__isnull=False)
    wanted = Lote.objects.filter(pk__in=rows.values("movement__lote")).defer("body", "changed_names").order_by("pk")
    lotes = {lote.pk: lote for lote in wanted.select_for_update()}
    lock_people(rows.order_by().values_list("movement__case", flat=True))
    return lotes


def _standing(rows: Sequence[AnswerRow], lotes: Mapping[int, Lote]) -> list[_Answer]:
    """Judge the rows anew, as another document may have been applied since they were read; return those that change something."""
    answers, changed = [], []
    for row in rows:
        if row.movement is None or row.finding not in AnswerRow.APPLIED:
            continue
        row.movement.lote = lotes[row.movement.lote_id or 0]
        wanted, row.finding = row.finding, finding_for(row.finding, row.movement)
        if row.finding == wanted:
            answers.append(_Answer(row, row.movement, row.finding))
        else:
            changed.append((row.pk, row.finding))
    update_rows(AnswerRow, ["finding"], changed)
    return answers


def _tell(answers: Sequence[_Answer], evidence: str, on: dt.date, act: Act) -> int:
    """Tell the cases, received before answered; return how many were not waiting for it any more, whose cover alone was written."""
    received = [each for each in answers if each.movement.status == Status.SENT and each.finding != Finding.REFUSED]
    beside = 0
    for kind in MovementType:
        of_kind = [each for each in received if each.movement.type == kind]
        beside += _tell_received(kind, of_kind, on, act)
        for finding in (Finding.OPERATED, Finding.REJECTED):
            answered = [each for each in answers if each.movement.type == kind and each.finding == finding]
            beside += _tell_answer(kind, finding, answered, evidence, on, act)
    return beside


def _tell_received(kind: MovementType, answers: Sequence[_Answer], on: dt.date, act: Act) -> int:
    receipts: dict[int, Details] = {}
    for each in answers:
        movement = each.movement
        receipts[movement.case_id] = {"lote": movement.its_lote.number}
        receipts[movement.case_id] |= {"registro": movement.registro} if kind is MovementType.ALTA else {"cover": movement.cover_id or 0}
    told = verbs.send_alta(receipts, on=on, act=act) if kind is MovementType.ALTA else verbs.send_baja(receipts, on=on, act=act)
    return _note_beside(answers, told, _RECEIVED[kind], on, act)


def _tell_answer(kind: MovementType, finding: str, answers: Sequence[_Answer], evidence: str, on: dt.date, act: Act) -> int:
    """Operated is not vigente: of an alta that IMSS operated a case is told nothing."""
    if not answers or (kind, finding) == (MovementType.ALTA, Finding.OPERATED):
        return 0
    coverages = dict[int, tuple[str, str]]()
    if kind is MovementType.ALTA:
        found = Case.objects.filter(pk__in=[each.movement.case_id for each in answers]).values_list("pk", "state", "coverage")
        coverages = {pk: (state, coverage) for pk, state, coverage in found}
    happenings = {each.movement.case_id: _happening(each, finding, evidence, on, coverages) for each in answers}
    verb = {
        (MovementType.ALTA, Finding.REJECTED): verbs.reject_alta, (MovementType.BAJA, Finding.OPERATED): verbs.operate_baja,
        (MovementType.BAJA, Finding.REJECTED): verbs.reject_baja,
    }[kind, Finding(finding)]  # fmt: skip
    return _note_beside(answers, verb(happenings, act=act), _ANSWERED[kind, Finding(finding)], on, act, evidence)


def _happening(each: _Answer, finding: str, evidence: str, on: dt.date, coverages: Mapping[int, tuple[str, str]]) -> Happening:
    data: Details = {"cover": each.movement.cover_id} if each.movement.cover_id else {}
    if finding == Finding.OPERATED:
        return Happening(on, {**data, "lote": each.movement.its_lote.number}, evidence)
    code, text = each.said("codigo"), each.said("mensaje")
    data = {**data, "code": code, "text": text, "register_name": each.said("nombre_sindo")}
    state, coverage = coverages.get(each.movement.case_id, ("", ""))
    if rests(state, coverage):
        # A rejected alta says nothing about the cover by another.
        data["coverage"] = coverage
    return Happening(on, data, evidence, reason=f"{code}: {text}".strip(": ") or "El IMSS no dijo por qué.")


_RECEIVED: Final = {MovementType.ALTA: CoverHappening.SENT, MovementType.BAJA: CoverHappening.BAJA_SENT}
_ANSWERED: Final = {
    (MovementType.ALTA, Finding.REJECTED): CoverHappening.REJECTED, (MovementType.BAJA, Finding.OPERATED): CoverHappening.BAJA_OPERATED,
    (MovementType.BAJA, Finding.REJECTED): CoverHappening.BAJA_REJECTED,
}  # fmt: skip


def _note_beside(answers: Iterable[_Answer], told: Outcome, what: CoverHappening, on: dt.date, act: Act, evidence: str = "") -> int:
    """What cases that moved on cannot be told is written of the cover alone: what IMSS has, it has."""
    missed = [each.movement for each in answers if each.movement.case_id in told.skipped]
    if missed:
        students = dict(Case.objects.filter(pk__in=told.skipped).values_list("pk", "student_id"))
        note([MovementNote(students[row.case_id], row.case_id, row.nss, row.registro, what, on, evidence) for row in missed], act)
    return len(missed)


def _write(answers: Sequence[_Answer], on: dt.date) -> None:
    """Give the movements their answers, and keep how they were."""
    update_rows(AnswerRow, ["before"], [(each.row.pk, _before(each.movement)) for each in answers])
    update_rows(Movement, ANSWERED, [_answered(each, on) for each in answers])


def _write_details(rows: Sequence[AnswerRow]) -> None:
    """What a document says more of an answer that was known, as the rows of a constancia have no name of IMSS' register."""
    known = [(row, row.movement) for row in rows if row.movement and row.finding == Finding.KNOWN]
    more = [(row, movement, said) for row, movement in known if (said := _details(row, movement))]
    update_rows(AnswerRow, ["before"], [(row.pk, _before(movement)) for row, movement, _ in more])
    values = [(movement.pk, *(said.get(name, getattr(movement, name)) for name in DETAILS)) for _, movement, said in more]
    update_rows(Movement, DETAILS, values)


def _details(row: AnswerRow, movement: Movement) -> dict[str, Any]:
    """The details of this row that its movement does not have."""
    told = {**_told(row), **({"code": ""} if movement.status == Status.OPERATED else {})}
    return {name: value for name, value in told.items() if value not in ("", None) and getattr(movement, name) in ("", None)}


def _told(row: AnswerRow) -> dict[str, Any]:
    """The details as a row has them, within the room there is for them."""
    said = row.told
    return {
        "code": str(said["codigo"])[:20], "message": str(said["mensaje"]), "late": row.said.get("extemporaneo"),
        "register_name": str(said["nombre_sindo"])[:120],
    }  # fmt: skip


def _before(movement: Movement) -> dict[str, Any]:
    values = {name: getattr(movement, name) for name in ANSWERED}
    return {**values, "answered_on": movement.answered_on.isoformat() if movement.answered_on else None}


def _answered(each: _Answer, on: dt.date) -> tuple[Any, ...]:
    answered_on = None if each.finding == Finding.RECEIVED else on
    # Of what IMSS operated the code is 0, which says nothing to a person.
    told = {**_told(each.row), **({"code": ""} if each.finding == Finding.OPERATED else {})}
    return (each.movement.pk, AFTER[each.finding].value, answered_on, *(told[name] for name in DETAILS))


def _note_reception(answers: Sequence[_Answer], lotes: Mapping[int, Lote], on: dt.date, act: Act) -> list[int]:
    """Note that IMSS received the lotes of these answers; return those (ids) of which that was not known."""
    new = [lotes[pk] for pk in sorted({each.movement.lote_id or 0 for each in answers}) if lotes[pk].received_on is None]
    for lote in new:
        lote.received_on, lote.received_name = on, act.actor.name
        lote.save(update_fields=["received_on", "received_name"])
    return [lote.pk for lote in new]
