"""Simulate what the students of an invented school do, and what its office does about it, day by day.

Only verbs and requests that a person could make on a screen; the night is the real one (night.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db.models import Q, QuerySet

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.papers.required import is_minor
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.imss.queue.movements import request_altas, request_bajas
from afiliacion.movements.models import Movement
from afiliacion.operations.simulation.lote_office import LoteOffice
from afiliacion.operations.simulation.school import Habit, Pupil, School
from afiliacion.roll.parse.reading import spooled
from afiliacion.roll.upload import run_now

OFFICE: Final = Actor(ActorKind.PERSON, "Responsable de afiliación")
#: Days the office takes: to send an alta, to go to the subdelegación, and for its answer.
_TO_SEND, _TO_GO, _TO_ANSWER = 1, 2, 12


class Term:
    """Call `morning(day)` for each day; the nights between are the caller's."""

    def __init__(self, school: School, lotes: LoteOffice | None = None, *, presents_until: dt.date = dt.date.max) -> None:
        """`lotes`: who sends the movements of the plantel that goes by lotes, until that day."""
        self._lotes, self._presents_until = lotes, presents_until
        self._pupils = {(pupil.plantel, pupil.matricula): pupil for pupil in school.pupils}
        self._school = school

    def morning(self, day: dt.date, now: dt.datetime) -> None:
        """Do what people do on a working day; nothing on weekends."""
        if day.weekday() > 4:
            return
        age = (day - self._school.ciclo.starts_on).days
        if age in range(2, 6) or day.weekday() == 4:
            self.load_rolls(day, now)
        self._students(day, now)
        self._office(day, now)

    def load_rolls(self, day: dt.date, now: dt.datetime) -> None:
        """Each plantel loads its list as it stands on `day`; it does so in the first days, and every Friday while people still enrol."""
        for clave, plantel in self._school.planteles.items():
            roll = self._school.roll(clave, day)
            if roll.count(b"\n") > 1:
                with spooled(roll) as path:
                    run_now.apply(path, f"{clave.lower()}.csv", plantel=plantel, ciclo=self._school.ciclo, now=now, who="responsable")

    def _students(self, day: dt.date, now: dt.datetime) -> None:
        act = Act(OFFICE, now)
        ready = self._who(Case.objects.filter(state=State.NSS_OBTENIDO), day, {*Habit} - {Habit.NEVER, Habit.RENUNCIA})
        verbs.deliver_acuse(ready, on=day, papers=["acuse"], act=act)
        for minor, ids in self._by_age(self._who(Case.objects.filter(state__in=_EARLY), day, {Habit.RENUNCIA}), day).items():
            verbs.renounce(ids, on=day, reason="Ya cuenta con otro servicio médico", tutor="Madre o tutor" if minor else "", act=act)
        verbs.leave(self._who(_open(), day, {Habit.LEAVES}), BajaKind.DEFINITIVA, on=day, reason="Solicitud del alumno", act=act)
        back = Case.objects.filter(state=State.BAJA, state_since__lte=day - dt.timedelta(days=8), baja_operada_on__isnull=False)
        verbs.rejoin(self._who(back, day, {Habit.BACK_AND_FORTH}), on=day, act=act)
        going = _open().exclude(events__verb=Verb.REJOIN)
        verbs.leave(self._who(going, day, {Habit.BACK_AND_FORTH}), BajaKind.TEMPORAL, on=day, reason="Motivos de salud", act=act)
        vigentes = Case.objects.filter(state=State.VIGENTE, clinic_on=None, vigencia_on__lte=day - dt.timedelta(days=4))
        for umf in sorted(set(vigentes.values_list("plantel__umf", flat=True))):
            verbs.note_clinic(_ids(vigentes.filter(plantel__umf=umf)), umf, on=day, turno="matutino", act=act)

    def _office(self, day: dt.date, now: dt.datetime) -> None:
        act = Act(OFFICE, now)
        if self._lotes:
            self._lotes.bring(now)
            self._lotes.put_right(day, now)
        ripe = Q(state=State.ACUSE_ENTREGADO, acuse_on__lte=day - dt.timedelta(days=_TO_SEND))
        request_altas(_ids(Case.objects.filter(ripe)), act=act)
        self._without_vigencia(day, now)
        at_desk = Case.objects.filter(state=State.EN_SUBDELEGACION)
        verbs.file_at_desk(_ids(at_desk.filter(filed_on=None, state_since__lte=day - dt.timedelta(days=_TO_GO))), on=day, act=act)
        answered = at_desk.filter(filed_on__lte=day - dt.timedelta(days=_TO_ANSWER))
        operated = answered.filter(pk__in=Movement.objects.filter(status=Movement.Status.OPERATED).values("case"))
        for cases, again in ((operated, False), (answered.exclude(pk__in=operated), True)):
            verbs.return_from_desk(_ids(cases), on=day, resend_alta=again, reason="La subdelegación corrigió el registro", act=act)
        request_bajas(_ids(Case.objects.filter(state__in=_CLOSED, alta_on__isnull=False, baja_sent_on=None, keeps_cover=False)), act=act)
        request_bajas(_ids(Case.objects.filter(former_owed_on__isnull=False, former_sent_on=None)), act=act)
        if self._lotes and day <= self._presents_until:
            self._lotes.present(day, now)

    def _without_vigencia(self, day: dt.date, now: dt.datetime) -> None:
        """A parent's number is disowned; another rejection is sent once more, and then taken to the subdelegación.

        In lotes a rejected one is sent until it goes through; what IMSS did not reject and does not have goes to the subdelegación at once.
        """
        act = Act(OFFICE, now)
        waiting = Case.objects.filter(state=State.SIN_VIGENCIA, state_since__lt=day)
        parents = self._who(waiting, day, {Habit.PARENTS_NSS})
        verbs.disown_nss([c for c in parents if not _happened(c, Verb.DISOWN_NSS)], on=day, reason="El NSS es de su madre o padre", act=act)
        by_lote = self._lotes.planteles if self._lotes else frozenset[int]()
        still = _ids(waiting.filter(coverage="none").exclude(plantel__in=by_lote, alta_on=None))
        by_service = _ids(waiting.filter(pk__in=still).exclude(plantel__in=by_lote))
        again = [case_id for case_id in by_service if not _happened(case_id, Verb.MISS_VIGENCIA, Verb.REJECT_ALTA, times=2)]
        request_altas(again, act=act)
        stuck = Happening(day, reason="Sin vigencia después de dos altas")
        verbs.escalate(dict.fromkeys(sorted(set(still) - set(again)), stuck), act=act)

    def _who(self, cases: QuerySet[Case], day: dt.date, habits: Iterable[Habit]) -> list[int]:
        """Ids of those cases whose student has one of the habits and whose day has come."""
        wanted = set(habits)
        rows = cases.order_by("pk").values_list("pk", "plantel__clave", "enrolment__matricula").distinct()
        found = [(pk, self._pupils.get((clave, matricula))) for pk, clave, matricula in rows]
        return [pk for pk, pupil in found if pupil and pupil.habit in wanted and _has_come(pupil, day)]

    def _by_age(self, ids: list[int], day: dt.date) -> dict[bool, list[int]]:
        groups: dict[bool, list[int]] = {True: [], False: []}
        for pk, born in Case.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "student__birth_date"):
            groups[is_minor(born, day)].append(pk)
        return groups


_EARLY: Final = (State.SIN_NSS, State.NSS_OBTENIDO)
_CLOSED: Final = (State.BAJA, State.RENUNCIA)


def _open() -> QuerySet[Case]:
    return Case.objects.exclude(state__in=_CLOSED)


def _ids(cases: QuerySet[Case]) -> list[int]:
    return list(cases.order_by("pk").values_list("pk", flat=True))


def _has_come(pupil: Pupil, day: dt.date) -> bool:
    return day >= pupil.enrolled_on + dt.timedelta(days=pupil.acts_after)


def _happened(case_id: int, *happened: Verb, times: int = 1) -> bool:
    return Event.objects.filter(case=case_id, verb__in=happened).count() >= times
