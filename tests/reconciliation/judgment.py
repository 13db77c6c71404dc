"""What is a difference, said once more in plain Python: one case after another, from its facts and rows, without the queries it judges."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from afiliacion.cases.clock import RuleKey
from afiliacion.cases.models import Case
from afiliacion.cases.queries import visible_cases
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import Coverage, State
from afiliacion.imss.models import Errand
from afiliacion.insurance.models import Cover
from afiliacion.movements.models import Movement, RejectionCode
from afiliacion.reconciliation.differences import OF_CASES, Difference, find
from afiliacion.reconciliation.ground import Ground
from afiliacion.reconciliation.models import InsuredList
from students.models import Ciclo, Enrolment, RegistroPatronal

D = Difference
TURNED_DOWN = ("rechazado", "de_entrada")


def found(today: dt.date) -> dict[int, set[Difference]]:
    """What the queries say: case (id) -> its differences."""
    ground, said = Ground.read(today), defaultdict(set)
    for what in OF_CASES:
        for pk in find(what, visible_cases(None), ground).values_list("pk", flat=True):
            said[pk].add(what)
    return dict(said)


def judged(today: dt.date) -> dict[int, set[Difference]]:
    """What is true of each case, by looking at it."""
    judge = Judge(today)
    said = {case.pk: judge.of(case) for case in visible_cases(None).select_related("student", "enrolment", "ciclo")}
    return {pk: differences for pk, differences in said.items() if differences}


class Judge:
    """Everything there is, read whole."""

    def __init__(self, today: dt.date) -> None:
        self.today, self.schedule = today, Schedule()
        self.ciclos = {ciclo.pk: ciclo for ciclo in Ciclo.objects.all()}
        self.taught = {(case.plantel_id, case.ciclo_id) for case in visible_cases(None)}
        self.registros = list(RegistroPatronal.objects.all())
        self.lists = list(InsuredList.objects.filter(ended=""))

    def of(self, case: Case) -> set[Difference]:
        """The differences of one case."""
        mine = {
            D.WITHOUT_ALTA: self.has_no_alta(case), D.UNANSWERED: self.waits_too_long(case), D.WITHOUT_VIGENCIA: self.has_no_vigencia(case),
            D.TURNED_DOWN: self.was_turned_down(case), D.BAJA_TO_SEND: case.facts.baja_owed and case.facts.baja_unsent,
            D.NOT_ENROLLED: self.has_left(case) and not self.is_elsewhere(case), D.TWICE: self.is_twice(case),
            D.NOT_LISTED: self.is_not_listed(case),
        }  # fmt: skip
        assert set(mine) == set(OF_CASES)
        return {what for what, holds in mine.items() if holds}

    # Terms

    def is_over(self, plantel_id: int, ciclo: Ciclo) -> bool:
        if ciclo.ends_on >= self.today:
            return False
        later = [other for other in self.ciclos.values() if other.starts_on > ciclo.starts_on]
        if any(other.starts_on > ciclo.ends_on and other.ends_on < self.today for other in later):
            return True
        return any((plantel_id, other.pk) in self.taught and other.starts_on <= self.today for other in later)

    def enrolments(self, case: Case) -> list[Enrolment]:
        """Those by which the student has the right to cover today."""
        rows = Enrolment.objects.filter(student=case.student_id).select_related("ciclo")
        return [row for row in rows if row.status in ("activo", "licencia") and not self.is_over(row.plantel_id, row.ciclo)]

    # The differences

    def has_no_alta(self, case: Case) -> bool:
        own = case.enrolment.status in ("activo", "licencia") and not self.is_over(case.plantel_id, case.ciclo)
        covered = case.coverage in ("other", "other_school")
        return case.facts.is_open and case.alta_on is None and own and case.state != "SIN_VIGENCIA" and not covered

    def waits_too_long(self, case: Case) -> bool:
        if any(row.status == "enviado" and row.lote and self.is_late(case, row.lote.sent_on) for row in self.movements(case)):
            return True
        if any(errand.in_doubt and errand.status != "done" and self.is_late(case, errand.requested_on) for errand in self.errands(case)):
            return True
        return self.alta_waits(case) or self.baja_waits(case)

    def alta_waits(self, case: Case) -> bool:
        if case.state != State.ALTA_ENVIADA or case.coverage == Coverage.OTHER or case.alta_on is None:
            return False
        altas = [row for row in self.movements(case) if row.type == "08" and row.status != "anulado"]
        last = max(altas, key=lambda row: row.pk, default=None)
        received = [last.lote.received_on] if last and last.lote and last.status == "recibido" else []
        asked = [row.received_on for row in self.errands(case) if (row.kind, row.status) == ("send_alta", "open")]
        return any(self.is_late(case, day) for day in [*received, *asked])

    def baja_waits(self, case: Case) -> bool:
        if not case.facts.baja_owed or case.facts.baja_unsent:
            return False
        for row in self.movements(case):
            live = row.cover and row.cover.ended_on is None and row.cover.baja_sent_on
            if (row.type, row.status) == ("02", "recibido") and row.lote and live and self.is_late(case, row.lote.received_on):
                return True
        asked = [row.received_on for row in self.errands(case) if (row.kind, row.status) == ("send_baja", "open")]
        late = not case.facts.is_open and case.due_on is not None and case.due_on < self.today
        return late or any(self.is_late(case, day) for day in asked)

    def has_no_vigencia(self, case: Case) -> bool:
        if case.alta_on is None or case.coverage == Coverage.OTHER or self.alta_waits(case):
            return False
        late = case.state == State.ALTA_ENVIADA and case.due_on is not None and case.due_on < self.today
        return case.state in ("SIN_VIGENCIA", "EN_SUBDELEGACION") or late

    def was_turned_down(self, case: Case) -> bool:
        wants = case.state == State.ACUSE_ENTREGADO or (case.state == State.SIN_VIGENCIA and case.alta_on is None)
        rejected = case.state == State.SIN_VIGENCIA and case.coverage != Coverage.OTHER
        if wants and not self.is_under_way(case, "08") and (rejected or self.last_failed(case, "08", "send_alta")):
            return not (case.state == State.SIN_VIGENCIA and case.coverage == Coverage.OTHER)
        owes = case.facts.baja_owed and case.facts.baja_unsent and not self.is_under_way(case, "02")
        return owes and self.last_failed(case, "02", "send_baja")

    def last_failed(self, case: Case, kind: str, errand: str) -> bool:
        rows = [row for row in self.movements(case) if row.type == kind and row.status != "anulado"]
        parked = [row for row in self.errands(case) if (row.kind, row.status) == (errand, "parked") and not row.in_doubt]
        last = max(rows, key=lambda row: row.pk, default=None)
        by_its_system = last is not None and RejectionCode.objects.filter(code=last.code, family="SISTEMA").exists()
        return bool(parked) or bool(last and last.status in TURNED_DOWN and not by_its_system)

    def is_under_way(self, case: Case, kind: str) -> bool:
        return any(row.type == kind and row.status in ("en_lote", "enviado") for row in self.movements(case))

    def has_left(self, case: Case) -> bool:
        facts = case.facts
        stands = facts.is_open and facts.alta_on and not facts.baja_operada_on and not facts.keeps_cover
        here = any(row.plantel_id == case.plantel_id for row in self.enrolments(case))
        current = case.enrolment.status in ("activo", "licencia") and not self.is_over(case.plantel_id, case.ciclo)
        return bool(stands) and not here and not current

    def is_elsewhere(self, case: Case) -> bool:
        holders = {row.plantel_id for row in self.registros if row.registro == case.registro and self.begun(row)}
        return any(row.plantel_id in holders for row in self.enrolments(case))

    def begun(self, row: RegistroPatronal) -> bool:
        return row.valid_from is None or row.valid_from <= self.today

    def is_twice(self, case: Case) -> bool:
        covers = [cover for cover in self.covers(case) if cover.owed_by_id is None and cover.baja_sent_on is None]
        counts = case.facts.is_open and case.alta_on is not None and case.registro
        return bool(counts and any(cover.registro != case.registro for cover in covers)) or (
            self.has_left(case) and self.is_elsewhere(case)
        )

    def is_not_listed(self, case: Case) -> bool:
        if case.state not in ("ALTA_ENVIADA", "VIGENTE"):
            return False
        return any(
            cover.nss == case.student.nss and cover.status in ("sent", "proved") and cover.baja_sent_on is None
            and case.registro in ("", cover.registro) and self.lacks(cover)
            for cover in self.covers(case)
        )  # fmt: skip

    def lacks(self, cover: Cover) -> bool:
        standing = [each for each in self.lists if each.registro == cover.registro and each.on >= cover.status_on]
        return any(not each.rows.filter(nss=cover.nss).exists() for each in standing)

    # Rows

    def is_late(self, case: Case, since: dt.date | None) -> bool:
        return since is not None and self.schedule.deadline(RuleKey.RESPUESTA, since, case.plantel_id) < self.today

    def movements(self, case: Case) -> list[Movement]:
        return list(Movement.objects.filter(case=case).select_related("lote", "cover"))

    def errands(self, case: Case) -> list[Errand]:
        return list(Errand.objects.filter(case=case, kind__in=["send_alta", "send_baja"]))

    def covers(self, case: Case) -> list[Cover]:
        return list(Cover.objects.filter(student=case.student_id, whose="ours", ended_on=None))
