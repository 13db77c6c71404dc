"""Lotes made, undone and sent. A movement is in one lote at most; a case moves when IMSS has received it (answers/), not before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from afiliacion.cases.engine import lock_people
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.queue import under_way
from afiliacion.imss.queue.under_way import About
from afiliacion.lotes.file.writing import LoteFile, write
from afiliacion.lotes.line.preparing import ChangedNames
from afiliacion.lotes.line.record import MovementType
from afiliacion.lotes.refusal import Refused
from afiliacion.movements import ready
from afiliacion.movements.models import Lote, LoteKey, Movement
from afiliacion.movements.ready import Candidate

_NOTHING: Final = "No hay movimientos listos: otra persona hizo ya el lote, o dejaron de proceder."
_AHEAD: Final = "La fecha de los movimientos es a lo más la de mañana: el IMSS no recibe altas ni bajas de más adelante."
_SENT: Final = "El lote ya se anotó como presentado: no se deshace."
_UNDONE: Final = "El lote está deshecho."


class NotDone(ValueError):
    """The lote stays as it is; str() says why in Spanish."""


def make(cases: QuerySet[Case], registro: str, kind: MovementType, *, act: Act, on: dt.date | None = None) -> Lote:
    """Make a lote of what these cases have ready for a registro patronal, as many as a file takes, the oldest first.

    `on`: the date of the movements, at most tomorrow (docs/domain.md, 5.3); None: as the registro's profile has it.

    Raises:
        NotDone: nothing is ready, or the file cannot be written.
    """
    with transaction.atomic():
        _one_at_a_time(registro)
        if on and on > timezone.localdate(act.now) + dt.timedelta(days=1):
            raise NotDone(_AHEAD)
        candidates = _locked(cases, registro, kind, act, on)
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


def _locked(cases: QuerySet[Case], registro: str, kind: MovementType, act: Act, on: dt.date | None) -> list[Candidate]:
    """What is ready, its persons and cases locked: of two officers at once the second finds what the first has left."""
    today = timezone.localdate(act.now)
    # So many that a file is filled though some are held back.
    most = 2 * ready.profiles_of([registro])[registro].most
    ids = [each.case.pk for each in ready.of_registro(cases, registro, kind, today, most, on)]
    lock_people(ids)
    list(Case.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    return ready.of_registro(Case.objects.filter(pk__in=ids), registro, kind, today, most, on)


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
        clave=data.clave, on=data.fecha, data=data._asdict(), previous=each.turned_down.movement if each.turned_down else None,
    )  # fmt: skip


def undo(lote_id: int, *, act: Act) -> Lote:
    """Take back a lote that was not sent: its movements are ready again. Raises NotDone."""
    with transaction.atomic():
        lote = standing(lote_id)
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
        lote = standing(lote_id)
        if lote.sent_on:
            raise NotDone(_SENT)
        if on < timezone.localdate(lote.made_at):
            raise NotDone("No pudo presentarse antes de hacerse.")
        lote.sent_on, lote.number, lote.signed_by, lote.sent_name = on, number, signed_by, act.actor.name
        lote.save(update_fields=["sent_on", "number", "signed_by", "sent_name"])
        lote.movements.filter(status=Movement.Status.IN_LOTE).update(status=Movement.Status.SENT)
        return lote


def standing(lote_id: int) -> Lote:
    """The lote, locked. Raises NotDone if it was undone."""
    lote = Lote.objects.select_for_update().get(pk=lote_id)
    if lote.undone_at:
        raise NotDone(_UNDONE)
    return lote
