"""Simulate the person who takes the lotes of a registro patronal to IDSE and brings back what IMSS answers, as on the screens."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from itertools import count
from typing import Final

from django.db.models import Q, QuerySet

from afiliacion.cases import verbs
from afiliacion.cases.identity.correcting import correct_person
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import State
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import applying, bringing
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement
from afiliacion.movements.rejections import clearing
from afiliacion.movements.rejections.holding import last_of_their_case
from afiliacion.operations.simulation.imss_control import IdseDocument, Presented, StandInControl, StandInError
from students.models import Student
from students.names import search_key

LOTES: Final = Actor(ActorKind.PERSON, "Responsable de los lotes")
SIGNER: Final = "Quien tiene la e.firma"
_ALL_REFUSED: Final = "SIN_MOVIMIENTOS_RECIBIDOS"
#: Days after the acuse on which the alta goes into a lote.
_TO_SEND: Final = 1
#: Days in which a lote that is answered is still looked after: IDSE may issue an answer twice.
_LOOKED_AFTER: Final = 3
_NO_ALTA: Final = "No hay un alta"


class LoteOffice:
    """Day by day: `bring` what IMSS answered, `put_right` what it rejected, `present` what is ready."""

    def __init__(self, registro: str, planteles: Iterable[int], imss: StandInControl, seed: int) -> None:
        self._registro, self._imss, self._random = registro, imss, random.Random(seed)
        self.planteles = frozenset(planteles)
        self._receipts: dict[int, Presented] = {}
        self._seen: set[tuple[str, str]] = set()
        self._moments = count()
        self._faults: list[str] = []

    def _act(self, now: dt.datetime) -> Act:
        return Act(LOTES, now + dt.timedelta(seconds=next(self._moments) % 3000))

    def new_faults(self) -> list[str]:
        """What should not have been, since this was last asked."""
        told, self._faults = self._faults, []
        return told

    def bring(self, now: dt.datetime) -> None:
        """Bring and apply every document that IDSE has by now and that was not brought before, in any order."""
        waiting = Q(movements__status__in=(Movement.Status.SENT, Movement.Status.RECEIVED))
        late = Q(sent_on__gte=now.date() - dt.timedelta(days=_LOOKED_AFTER))
        for lote in Lote.objects.filter(waiting | late, pk__in=self._receipts).defer("body").distinct().order_by("pk"):
            receipt = self._receipts[lote.pk].receipt
            keys = [key for key in self._imss.documents(receipt) if (receipt, key) not in self._seen]
            self._random.shuffle(keys)
            self._seen |= {(receipt, key) for key in keys}
            understood = {key for key in keys if self._take(lote, self._imss.document(receipt, key), now)}
            answers = {key.rpartition("-")[2] for key in keys}
            self._faults += [f"{lote}: no se entendió {n}" for n in sorted(answers - {key.rpartition("-")[2] for key in understood})]

    def _take(self, lote: Lote, document: IdseDocument, now: dt.datetime) -> bool:
        """Whether the document was understood."""
        try:
            brought = bringing.bring(document.body, document.filename, act=self._act(now), scope_planteles=None, lote=lote)
        except bringing.AlreadyBrought:
            return True
        if brought.status != AnswerDocument.Status.PENDING:
            return False
        applying.apply(brought.pk, act=self._act(now))
        return True

    def put_right(self, day: dt.date, now: dt.datetime) -> None:
        """See to what IMSS rejected: correct the name as IMSS has it, else say that it is put right; drop a baja of what IMSS has not."""
        right = list[int]()
        for movement in last_of_their_case(Movement.objects.filter(registro=self._registro, cleared_at=None)):
            if movement.type == MovementType.BAJA and movement.message.startswith(_NO_ALTA):
                verbs.drop_baja([movement.case_id], on=day, reason=movement.message, act=self._act(now))
            elif surname := _surname_at_imss(movement):
                said = {movement.case_id: {"primer_apellido": surname}}
                correct_person(said, on=day, reason="Así está registrado en el IMSS", act=self._act(now))
            else:
                right.append(movement.pk)
        clearing.clear(Movement.objects.filter(pk__in=right), act=self._act(now))

    def present(self, day: dt.date, now: dt.datetime) -> None:
        """Make the lotes that can be made, and take them to IDSE, today or on the next day of work; what changed meanwhile is made anew."""
        for lote in Lote.objects.filter(registro=self._registro, sent_on=None, undone_at=None).order_by("pk"):
            if sending.outdated(lote).exists():
                sending.undo(lote.pk, act=self._act(now))
            else:
                self._upload(lote, day, now)
        for kind in MovementType:
            made = self._made(kind, day, now)
            if made and self._random.random() < 0.5:
                self._upload(made, day, now)

    def _made(self, kind: MovementType, day: dt.date, now: dt.datetime) -> Lote | None:
        try:
            return sending.make(self._ripe(kind, day), self._registro, kind, act=self._act(now))
        except sending.NotDone:
            return None

    def _ripe(self, kind: MovementType, day: dt.date) -> QuerySet[Case]:
        """The cases that are not still being seen to today."""
        cases = Case.objects.filter(plantel__in=self.planteles)
        if kind is MovementType.BAJA:
            return cases
        acuse = Q(state=State.ACUSE_ENTREGADO, acuse_on__lte=day - dt.timedelta(days=_TO_SEND))
        return cases.filter(acuse | Q(state=State.SIN_VIGENCIA, state_since__lt=day))

    def _upload(self, lote: Lote, day: dt.date, now: dt.datetime) -> None:
        """Where IDSE took no record at all there is no lote: it is made again, another day."""
        try:
            presented = self._imss.present(bytes(lote.body), lote.filename)
        except StandInError as error:
            if error.code != _ALL_REFUSED:
                raise
            sending.undo(lote.pk, act=self._act(now))
            return
        self._receipts[lote.pk] = presented
        sending.mark_sent(lote.pk, number=presented.number, signed_by=SIGNER, on=day, act=self._act(now))


def _surname_at_imss(movement: Movement) -> str:
    """The primer apellido that an answer says IMSS has, if it is another one than ours; else ""."""
    rows = AnswerRow.objects.filter(movement=movement).exclude(said__nombre_sindo=None).order_by("-pk")
    theirs = next((str(row.said["nombre_sindo"]) for row in rows), "")
    student = Student.objects.get(cases=movement.case_id)
    rest = " ".join(filter(None, (student.segundo_apellido, student.nombre))).split()
    surname = " ".join(theirs.split()[: -len(rest)])
    return surname if surname and search_key(surname) != search_key(student.primer_apellido) else ""
