"""An office that noted the subdelegación's answers beside its cases is upgraded: each is open or settled as its case's history says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import transaction
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State, Turn
from afiliacion.dashboard.models import DeskErrand
from tests.upgrades import Scratch, scratch_database

DAY, LATER = dt.date(2026, 8, 10), dt.date(2026, 8, 12)
DESK = State.EN_SUBDELEGACION.value
OPEN, ESCALATE = ("open", "", "SIN_NSS"), ("escalate", "SIN_NSS", DESK)
FILE, RENOUNCE = ("file_at_desk", DESK, DESK), ("renounce", DESK, "RENUNCIA")
BACK = ("withdraw_renuncia", "RENUNCIA", "SIN_NSS")
Step = tuple[str, str, str]


@pytest.fixture
def scratch(db: None) -> Iterator[Scratch]:
    with scratch_database() as database:
        yield database


class Before:
    """The office as it was, by the models of then."""

    def __init__(self, then: Apps) -> None:
        self.get, self.serial = then.get_model, count(1)
        self.plantel = self.get("students", "Plantel").objects.create(clave="P", name="P")
        self.ciclo = self.get("students", "Ciclo").objects.create(clave="C", starts_on=DAY, ends_on=DAY + dt.timedelta(90))
        self.user = self.get("auth", "User").objects.create(username="antes")

    def case(self, *steps: Step, filed: bool = False) -> Any:
        """A case that took these steps; `filed`: it says it is presented."""
        n = next(self.serial)
        student = self.get("students", "Student").objects.create(
            curp=f"PUFE05031{n}HNERCNA4", nombre="Eñe", primer_apellido="Pu", birth_date=DAY, sex="H", entity="NE"
        )
        enrolment = self.get("students", "Enrolment").objects.create(
            student=student, plantel=self.plantel, ciclo=self.ciclo, matricula=str(n), enrolled_on=DAY
        )
        known = {"student": student, "plantel": self.plantel, "ciclo": self.ciclo, "enrolment": enrolment, "enrolled_on": DAY}
        case = self.get("cases", "Case")(**known, state_since=DAY, coverage="none")
        for seq, step in enumerate(steps, 1):
            with transaction.atomic():
                self._took(case, n, seq, step)
        if filed:
            assert case.filed_on
        return case

    def _took(self, case: Any, n: int, seq: int, step: Step) -> None:
        verb, source, state = step
        own = f"{n:032d}{seq:032d}"
        case.version, case.head_hash, case.state = seq, own, state
        case.filed_on = LATER if verb == "file_at_desk" else case.filed_on
        case.turn = "imss" if state == DESK and case.filed_on else "escuela"
        event = {"verb": verb, "from_state": source, "to_state": state, "on": DAY, "at": timezone.now(), "data": {}}
        if seq == 1:
            case.pk = n
        self.get("cases", "Event").objects.create(
            case_id=n, seq=seq, **event, actor_kind="night", actor_name="Proceso", hash=own, prev_hash=f"{n:032d}{seq - 1:032d}"
        )
        case.save(force_insert=seq == 1)

    def errand(self, case: Any, result: str, note: str = "") -> int:
        """The case on a visit, with what was noted there."""
        visit = self.get("dashboard", "DeskVisit").objects.create(day=LATER, officer="B", created_by=self.user, created_at=timezone.now())
        on = LATER if result in ("again", "solved") else None
        return int(self.get("dashboard", "DeskErrand").objects.create(visit=visit, case=case, result=result, note=note, answered_on=on).pk)


def upgraded(scratch: Scratch, errands: Sequence[int]) -> list[tuple[str, str]]:
    scratch.upgrade()
    kept = dict(DeskErrand.objects.values_list("pk", "result"))
    return [(kept[pk], Case.objects.get(desk_errands=pk).turn) for pk in errands]


@pytest.mark.upgrade
def test_what_was_noted_beside_the_case_is_what_its_history_says(scratch: Scratch) -> None:
    office = Before(scratch.before("cases", "0009_desk_wants_more"))
    missing = office.errand(office.case(OPEN, ESCALATE, FILE, filed=True), "again", "Falta el acta")
    waiting = office.errand(office.case(OPEN, ESCALATE, FILE, filed=True), "")
    left = office.errand(office.case(OPEN, ESCALATE, FILE, RENOUNCE), "")
    taken_again = office.case(OPEN, ESCALATE, FILE, filed=True)
    earlier, later = office.errand(taken_again, "again", "Falta el acta"), office.errand(taken_again, "")
    assert upgraded(scratch, [missing, waiting, left, earlier, later]) == [
        ("", Turn.IMSS), ("", Turn.IMSS), ("moved", Turn.ESCUELA), ("again", Turn.IMSS), ("", Turn.IMSS),
    ]  # fmt: skip
    draft, settled = DeskErrand.objects.get(pk=missing), DeskErrand.objects.get(pk=left)
    assert (draft.note, draft.answered_on) == ("Falta el acta", None)
    assert (settled.answer_seq, settled.answered_on) == (4, DAY)


@pytest.mark.upgrade
def test_a_presentation_of_an_earlier_stay_is_not_one_of_this_stay(scratch: Scratch) -> None:
    office = Before(scratch.before("cases", "0009_desk_wants_more"))
    again = office.case(OPEN, ESCALATE, FILE, RENOUNCE, BACK, ESCALATE, filed=True)
    filed = office.case(OPEN, ESCALATE, FILE, filed=True)
    scratch.upgrade()
    assert [(case.filed_on, case.turn) for case in (Case.objects.get(pk=again.pk), Case.objects.get(pk=filed.pk))] == [
        (None, Turn.ESCUELA), (LATER, Turn.IMSS),
    ]  # fmt: skip
