"""Lotes made, undone, sent and received. A movement is in one lote at most; a case moves when IMSS has received it, not before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import Details
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import State
from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.queue import under_way
from afiliacion.imss.queue.under_way import About
from afiliacion.insurance.facts import CoverHappening
from afiliacion.insurance.record import MovementNote, note
from afiliacion.lotes.file.writing import LoteFile, write
from afiliacion.lotes.line.preparing import ChangedNames
from afiliacion.lotes.line.record import MovementType
from afiliacion.lotes.refusal import Refused
from afiliacion.movements import ready
from afiliacion.movements.models import Lote, LoteKey, Movement
from afiliacion.movements.ready import Candidate

_NOTHING: Final = "No hay movimientos listos: otra persona hizo ya el lote, o dejaron de proceder."
_SENT: Final = "El lote ya se anotó como presentado: no se deshace."
_UNDONE: Final = "El lote está deshecho."
_NOT_SENT: Final = "Primero anote que se presentó en IDSE, con su número de lote."
_RECEIVED: Final = "El acuse de recibo de ese lote ya está anotado."


class NotDone(ValueError):
    """The lote stays as it is; str() says why in Spanish."""


def make(cases: QuerySet[Case], registro: str, kind: MovementType, *, act: Act) -> Lote:
    """Make a lote of what these cases have ready for a registro patronal, as many as a file takes, the oldest first.

    Raises:
        NotDone: nothing is ready, or the file cannot be written.
    """
    with transaction.atomic():
        _one_at_a_time(registro)
        candidates = _locked(cases, registro, kind, act)
        profile = ready.profiles_of([registro])[registro].profile()
        chosen = [each for each in candidates if not each.held][: profile.most]
        if not chosen:
            raise NotDone(_NOTHING)
        under_way.withdraw(ready.KINDS[kind], [About(each.nss, each.registro) for each in chosen], automatic=is_automatic())
        try:
            file = write([each.data for each in chosen if each.data], profile, made_at=timezone.localtime(act.now))
        except Refused as why:
            raise NotDone(str(why)) from why
        return _keep(file, chosen, act)


def _one_at_a_time(registro: str) -> None:
    """Wait for a lote of the same registro patronal that is just being made: planteles share it, and a clave is one person's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lote'), hashtext(%s))", [registro])


def _locked(cases: QuerySet[Case], registro: str, kind: MovementType, act: Act) -> list[Candidate]:
    """What is ready, its persons and cases locked: of two officers at once the second finds what the first has left."""
    today = timezone.localdate(act.now)
    ids = [each.case.pk for each in ready.of_registro(cases, registro, kind, today)]
    lock_people(ids)
    list(Case.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    return ready.of_registro(Case.objects.filter(pk__in=ids), registro, kind, today)


def _keep(file: LoteFile, chosen: Sequence[Candidate], act: Act) -> Lote:
    lote = Lote.objects.create(
        registro=file.registro_patronal, type=file.type.value, planteles=sorted({each.case.plantel_id for each in chosen}),
        filename=file.name, body=file.body, sha256=file.sha256, count=file.count, changed_names=[_changed(each) for each in file.changes],
        made_at=act.now, made_by_id=act.actor.user_id, made_name=act.actor.name,
    )  # fmt: skip
    known = set(LoteKey.objects.filter(registro=lote.registro).values_list("student", flat=True))
    claves = {each.case.student_id: each.data.clave for each in chosen if each.data}
    LoteKey.objects.bulk_create(
        LoteKey(registro=lote.registro, student_id=student, clave=clave) for student, clave in claves.items() if student not in known
    )
    Movement.objects.bulk_create(_movement(lote, n, each) for n, each in enumerate(chosen, 1))
    return lote


def _changed(names: ChangedNames) -> list[str]:
    parts = (names.primer_apellido, names.segundo_apellido, names.nombre)
    return [names.clave, " ".join(part.before for part in parts if part.before), " ".join(part.after for part in parts if part.after)]


def _movement(lote: Lote, position: int, each: Candidate) -> Movement:
    data: Any = each.data
    return Movement(
        lote=lote, position=position, case=each.case, cover_id=each.cover_id, type=lote.type, registro=lote.registro, nss=each.nss,
        clave=data.clave, on=data.fecha, data=data._asdict(),
    )  # fmt: skip


def undo(lote_id: int, *, act: Act) -> Lote:
    """Take back a lote that was not sent: its movements are ready again. Raises NotDone."""
    with transaction.atomic():
        lote = _of(lote_id)
        if lote.sent_on:
            raise NotDone(_SENT)
        lote.undone_at, lote.undone_name = act.now, act.actor.name
        lote.save(update_fields=["undone_at", "undone_name"])
        lote.movements.update(status=Movement.Status.CANCELLED)
        return lote


def outdated(lote: Lote) -> QuerySet[Movement]:
    """The movements of a lote that is not presented yet which would not be written so by now: the case or the person changed since."""
    if lote.type == MovementType.BAJA:
        return lote.movements.filter(Q(cover__owed_by=None) | Q(cover__ended_on__isnull=False))
    same = Q(case__student__nss=F("nss"), case__student__curp=KT("data__curp"))
    return lote.movements.exclude(same, case__state__in=[State.ACUSE_ENTREGADO, State.SIN_VIGENCIA])


def mark_sent(lote_id: int, *, number: str, signed_by: str, on: dt.date, act: Act) -> Lote:
    """Note that the file was uploaded and signed; no case moves by that. Raises NotDone."""
    with transaction.atomic():
        lote = _of(lote_id)
        if lote.sent_on:
            raise NotDone(_SENT)
        if on < timezone.localdate(lote.made_at):
            raise NotDone("No pudo presentarse antes de hacerse.")
        lote.sent_on, lote.number, lote.signed_by, lote.sent_name = on, number, signed_by, act.actor.name
        lote.save(update_fields=["sent_on", "number", "signed_by", "sent_name"])
        lote.movements.filter(status=Movement.Status.IN_LOTE).update(status=Movement.Status.SENT)
        return lote


@dataclass(frozen=True, slots=True)
class Reception:
    """What came of an acuse de recibo: movements received and refused, and those whose case had moved on, whose cover is noted alone."""

    received: int
    refused: int
    beside: int


def receive(lote_id: int, *, on: dt.date, refused: Mapping[str, str], act: Act) -> Reception:
    """Note the acuse de recibo: IMSS has all movements but those refused (clave or NSS -> reason). The cases move.

    Raises:
        NotDone: it was not sent, is received already, or a key names no movement of it.
    """
    with transaction.atomic():
        lote = _of(lote_id)
        _may_be_received(lote, on)
        rows = list(lote.movements.select_related("case").order_by("position"))
        lock_people([row.case_id for row in rows])
        turned_down = _named(rows, refused)
        taken = [row for row in rows if row.pk not in turned_down]
        outcome = _tell(lote, taken, on, act)
        for row in rows:
            row.status = Movement.Status.REFUSED if row.pk in turned_down else Movement.Status.RECEIVED
            row.message = turned_down.get(row.pk, "")
        Movement.objects.bulk_update(rows, ["status", "message"], batch_size=1000)
        lote.received_on, lote.received_name = on, act.actor.name
        lote.save(update_fields=["received_on", "received_name"])
        return Reception(len(taken), len(turned_down), len(outcome.skipped))


def _of(lote_id: int) -> Lote:
    lote = Lote.objects.select_for_update().get(pk=lote_id)
    if lote.undone_at:
        raise NotDone(_UNDONE)
    return lote


def _may_be_received(lote: Lote, on: dt.date) -> None:
    if lote.sent_on is None:
        raise NotDone(_NOT_SENT)
    if lote.received_on:
        raise NotDone(_RECEIVED)
    if on < lote.sent_on:
        raise NotDone(f"El lote se presentó el {lote.sent_on:%d/%m/%Y}: no pudo recibirse antes.")


def _named(rows: Sequence[Movement], refused: Mapping[str, str]) -> dict[int, str]:
    known = {key: row.pk for row in rows for key in (row.clave, row.nss)}
    unknown = [key for key in refused if key not in known]
    if unknown:
        raise NotDone(f"No son de este lote: {', '.join(unknown[:5])}. Escriba la clave o el NSS como están en el lote.")
    return {known[key]: reason for key, reason in refused.items()}


def _tell(lote: Lote, taken: Collection[Movement], on: dt.date, act: Act) -> Outcome:
    """Tell the cases; what those that moved on cannot be told is written of the cover alone: what IMSS has, it has."""
    is_alta = lote.type == MovementType.ALTA
    receipts: dict[int, Details] = {}
    for row in taken:
        receipts[row.case_id] = {"lote": lote.number}
        receipts[row.case_id] |= {"registro": row.registro} if is_alta else {"cover": row.cover_id or 0}
    outcome = (verbs.send_alta if is_alta else verbs.send_baja)(receipts, on=on, act=act)
    if is_alta and outcome.skipped:
        students = dict(Case.objects.filter(pk__in=outcome.skipped).values_list("pk", "student_id"))
        missed = [row for row in taken if row.case_id in outcome.skipped]
        note([MovementNote(students[row.case_id], row.case_id, row.nss, row.registro, CoverHappening.SENT, on) for row in missed], act)
    return outcome
