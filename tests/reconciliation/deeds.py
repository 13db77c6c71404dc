"""What people and IMSS do, on a day, by the office's own verbs and lotes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from afiliacion.cases import enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import IMSS, Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, Coverage, State
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import applying, noting
from afiliacion.movements.models import AnswerDocument, Lote, Movement
from afiliacion.movements.rejections import clearing
from students.models import Ciclo, Plantel, RegistroPatronal
from tests.movements.answers import Rejected, as_csv, bring, rows

ALTA, BAJA = MovementType.ALTA, MovementType.BAJA
OURS = "A0112345321"
OFFICER = Actor(ActorKind.PERSON, "Begoña Ñáñez")
PROOF = "ab" * 32


def act(day: dt.date, who: Actor = OFFICER) -> Act:
    return Act(who, timezone.make_aware(dt.datetime.combine(day, dt.time(12))))


@dataclass(frozen=True)
class Deeds:
    make_in: Callable[..., Case]
    make_enrolment: Callable[..., Any]
    people: Any
    #: The term before, and another plantel (fixture `sister`: under the same registro patronal).
    before: Ciclo
    other: Plantel

    def lote(self, case: Case, day: dt.date, kind: MovementType = ALTA, registro: str = OURS) -> Lote:
        """A lote of the case's movement, made on a day."""
        return sending.make(Case.objects.filter(pk=case.pk), registro, kind, act=act(day))

    def presented(self, case: Case, day: dt.date, kind: MovementType = ALTA, registro: str = OURS) -> Lote:
        made = self.lote(case, day, kind, registro)
        return sending.mark_sent(made.pk, number=f"{made.pk}", signed_by="Ángela Núñez", on=day, act=act(day))

    def take(self, lote: Lote, day: dt.date) -> None:
        """IMSS gives its acuse de recibo, operates at once, and covers everybody."""
        noting.receive(lote.pk, on=day, refused={}, act=act(day))
        self.answers(lote, day)
        for movement in lote.movements.select_related("case"):
            self.says_yes(movement.case, day)

    def received(self, case: Case, day: dt.date, kind: MovementType = ALTA, registro: str = OURS, refused: str = "") -> Movement:
        """The case's movement in a lote that IMSS has received; `refused`: why not this one."""
        lote = self.presented(case, day, kind, registro)
        row = lote.movements.get()
        noting.receive(lote.pk, on=day, refused={row.clave: refused} if refused else {}, act=act(day))
        return Movement.objects.get(pk=row.pk)

    def answers(self, lote: Lote, day: dt.date, rejected: Rejected | None = None, extra: Sequence[dict[str, str]] = ()) -> AnswerDocument:
        """An answer by rows: operated, but for those rejected. `extra`: rows of movements the office did not send."""
        body = as_csv([*rows(lote, rejected), *extra])
        return applying.apply(bring(body, act(day), "respuesta.csv").pk, act=act(day))

    def put_right(self, case: Case, day: dt.date) -> None:
        """An officer says that what IMSS turned down is put right."""
        assert clearing.clear(Movement.objects.filter(case=case), act=act(day)) == 1

    def operated(self, movement: Movement, day: dt.date) -> None:
        self.answers(movement.its_lote, day)

    def rejected(self, movement: Movement, day: dt.date) -> None:
        self.answers(movement.its_lote, day, {movement.clave: ("104", "El NSS no existe")})

    def says_yes(self, case: Case, day: dt.date, registro: str = OURS) -> None:
        outcome = verbs.confirm_vigencia({case.pk: Happening(day, {"registro": registro}, PROOF)}, act=act(day, IMSS))
        assert outcome.done == [case.pk], outcome.skipped

    def says_no(self, case: Case, day: dt.date) -> None:
        outcome = verbs.miss_vigencia({case.pk: Happening(day, {"coverage": Coverage.NONE.value}, PROOF)}, act=act(day, IMSS))
        assert outcome.done == [case.pk], outcome.skipped

    def noted(self, case: Case, day: dt.date, coverage: Coverage) -> None:
        assert verbs.note_coverage({case.pk: (coverage, Happening(day))}, act=act(day)).done == [case.pk]

    def leaves(self, case: Case, day: dt.date, kind: BajaKind = BajaKind.EGRESO) -> None:
        assert verbs.leave([case.pk], kind, on=day, act=act(day)).done == [case.pk]

    def vigente(self, **fields: Any) -> Case:
        return self.make_in(State.VIGENTE, **fields)

    def enrolled_too(self, case: Case, day: dt.date, **fields: Any) -> Case:
        """The same person's case at another plantel, or in another ciclo."""
        enrolment = self.make_enrolment(student=case.student, enrolled_on=day, **fields)
        done = enrol.enrol([enrolment.pk], act=act(day))
        return Case.objects.get(pk=(done.opened + done.continued)[0])

    def with_other_alta(self, case: Case, day: dt.date) -> Case:
        """Insured at the other plantel too, under its own registro patronal."""
        second = self.enrolled_too(case, day, plantel=self.other)
        verbs.deliver_acuse([second.pk], on=day, act=act(day))
        assert verbs.send_alta({second.pk: {"lote": "9"}}, on=day, act=act(day)).done == [second.pk]
        self.says_yes(second, day, RegistroPatronal.objects.get(plantel=self.other).registro)
        return second
