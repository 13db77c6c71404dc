"""Any two records merged, whatever their cases are: everything that must always be true still is, and taken apart all is as it was."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from afiliacion.cases import consent, counters, enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.identity.correcting import correct_person
from afiliacion.cases.identity.known import by_curp
from afiliacion.cases.identity.merging import MergeOrder, find_other, merge
from afiliacion.cases.identity.unmerging import retract_merge
from afiliacion.cases.models import Case, ConsentRequest, WithoutCurp
from afiliacion.cases.outcome import IMSS, Act, Actor, ActorKind, Outcome
from afiliacion.cases.queries import visible_cases
from afiliacion.cases.states import OPEN_STATES, BajaKind, Coverage
from afiliacion.dashboard.worklist import search
from afiliacion.insurance import log
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements, settle_all
from afiliacion.operations.simulation.invented_people import People
from afiliacion.reminders import tutors
from afiliacion.reminders.models import OptOut, Tutor
from students.models import Ciclo, Enrolment, FormerValue, Plantel, Student
from tests.planteles import make_plantel

pytestmark = pytest.mark.django_db

PROOF: Final = "cd" * 32
PERSON: Final = Actor(ActorKind.PERSON, "Begoña Ñáñez")
BEGIN: Final = dt.date(2026, 8, 6)
walk = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

#: What happens to a case, in this order or another; a step that the case does not allow is skipped.
STEPS: Final = (
    "nss", "acuse", "alta", "vigente", "otra", "escalate", "hold", "leave", "renounce", "rejoin", "baja", "operada", "disown", "papers",
    "missed",
)  # fmt: skip


@dataclass(frozen=True)
class Stay:
    """A case at a plantel and ciclo, with what happened to it."""

    plantel: int
    ciclo: int
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """What is known of one record of a person."""

    stays: tuple[Stay, ...]
    corrected: bool
    email: str
    tutor: bool
    opted_out: bool
    asks: tuple[str, ...]
    promoted: bool


stays = st.builds(Stay, st.integers(0, 2), st.integers(0, 1), st.lists(st.sampled_from(STEPS), max_size=7).map(tuple)) | st.builds(
    Stay, st.integers(0, 2), st.integers(0, 1), st.integers(0, 9).map(lambda n: ("nss", "acuse", "alta", "vigente", "leave")[:n])
)
records = st.builds(
    Record,
    stays=st.lists(stays, min_size=1, max_size=3, unique_by=lambda stay: (stay.plantel, stay.ciclo)).map(tuple),
    corrected=st.booleans(), email=st.sampled_from(["", "x@y.example.mx"]), tutor=st.booleans(), opted_out=st.booleans(),
    asks=st.lists(st.sampled_from(["contact", "tutor", "enrol"]), max_size=2, unique=True).map(tuple), promoted=st.booleans(),
)  # fmt: skip
#: Two records that both have a number are not merged.
numberless = records.map(
    lambda one: replace(one, stays=tuple(replace(stay, steps=tuple(step for step in stay.steps if step != "nss")) for stay in one.stays))
)
pairs = st.tuples(records, numberless).flatmap(st.permutations)


@dataclass
class Office:
    """Three planteles, the first two under one registro patronal, two ciclos, and a clock that never shows the same moment twice."""

    planteles: list[Plantel]
    ciclos: list[Ciclo]
    day: dt.date = BEGIN
    serial: Iterator[int] = field(default_factory=count)
    people: People = field(default_factory=lambda: People(random.Random(17)))

    @property
    def act(self) -> Act:
        return self.acting()

    def acting(self, actor: Actor = PERSON) -> Act:
        moment = timezone.make_aware(dt.datetime.combine(self.day, dt.time(12)))
        return Act(actor, moment + dt.timedelta(seconds=next(self.serial)))

    def record(self, wanted: Record) -> Student:
        person = self.people.one()
        student = Student.objects.create(
            curp=person.curp, nombre=person.nombre, primer_apellido=person.primer_apellido, segundo_apellido=person.segundo_apellido,
            birth_date=person.birth_date, sex=person.sex, entity=person.entity, email=wanted.email,
        )  # fmt: skip
        for stay in sorted(wanted.stays, key=lambda stay: stay.ciclo):
            self.stay(student, stay, person.nss)
        case = Case.objects.filter(student=student).order_by("pk").first()
        assert case
        if wanted.corrected:
            said = {"nombre": f"{person.nombre}a", "curp": self.people.one().curp}
            assert correct_person({case.pk: said}, on=self.day, act=self.act, reason="x", evidence=PROOF).done
        if wanted.tutor:
            tutors.write(student.pk, "Rosa Ñáñez", "rosa@familia.example.mx", self.act)
        if wanted.opted_out:
            OptOut.objects.create(student=student, at=self.act.now)
        self.ask(wanted.asks, case)
        if wanted.promoted:
            self.promote(student)
        # What was asked of others is told to cases by the night.
        settle_all(self.act)
        return Student.objects.get(pk=student.pk)

    def stay(self, student: Student, stay: Stay, nss: str) -> None:
        plantel, ciclo = self.planteles[stay.plantel], self.ciclos[stay.ciclo]
        enrolment = Enrolment.objects.create(
            student=student, plantel=plantel, ciclo=ciclo, matricula=f"M{next(self.serial)}", grupo=f"{stay.ciclo}-A", enrolled_on=self.day
        )
        enrol.enrol([enrolment.pk], act=self.act)
        case = Case.objects.filter(student=student, plantel=plantel).order_by("-pk")[0]
        for step in stay.steps:
            self.day += dt.timedelta(days=1)
            self.does(step, case.pk, nss)

    def does(self, step: str, case: int, nss: str) -> None:
        on, act, imss = self.day, self.act, self.acting(IMSS)
        fact = {case: Happening(on, {}, PROOF)}
        does: Mapping[str, Callable[[], Outcome]] = {
            "nss": lambda: verbs.obtain_nss({case: nss}, on=on, act=act),
            "acuse": lambda: verbs.deliver_acuse([case], on=on, act=act),
            "alta": lambda: verbs.send_alta({case: {"lote": "1"}}, on=on, act=imss),
            "vigente": lambda: verbs.confirm_vigencia(fact, act=imss),
            "missed": lambda: verbs.miss_vigencia(fact, act=imss),
            "otra": lambda: verbs.note_coverage({case: (Coverage.OTHER, fact[case])}, act=imss),
            "escalate": lambda: verbs.escalate({case: Happening(on, reason="x")}, act=act),
            "hold": lambda: verbs.hold([case], on=on, reason="x", act=act),
            "leave": lambda: verbs.leave([case], BajaKind.DEFINITIVA, on=on, act=act),
            "renounce": lambda: verbs.renounce([case], on=on, tutor="", act=act),
            "rejoin": lambda: verbs.rejoin([case], on=on, act=act),
            "baja": lambda: verbs.send_baja({case: {"lote": "2"}}, on=on, act=imss),
            "operada": lambda: verbs.operate_baja(fact, act=imss),
            "disown": lambda: verbs.disown_nss([case], on=on, reason="x", act=act),
            "papers": lambda: verbs.receive_papers([case], ["curp"], on=on, act=act),
        }
        does[step]()

    def ask(self, kinds: tuple[str, ...], case: Case) -> None:
        said = {
            "contact": {"correo": "n@y.example.mx", "on": "2026-08-06", "reason": "", "evidence": ""},
            "tutor": {"name": "A", "email": "a@y.mx"},
        }
        for kind in kinds:
            mine = {"case_id": case.pk} if kind != "enrol" else {"ciclo_id": case.ciclo_id, "curp": case.student.curp}
            request = ConsentRequest(
                kind=kind, student_id=case.student_id, plantel_id=self.planteles[2].pk, payload=said.get(kind, {"matricula": "Q"}), **mine
            )
            consent.ask([request], Act(PERSON, self.act.now, frozenset({self.planteles[2].pk})))

    def promote(self, student: Student) -> None:
        enrolment = Enrolment.objects.filter(student=student).order_by("pk")[0]
        WithoutCurp.objects.create(
            plantel=enrolment.plantel, ciclo=enrolment.ciclo, matricula=enrolment.matricula, nombre=student.nombre, primer_apellido="Ek",
            enrolled_on=self.day, why="vacia", follow_up_on=self.day, noted_by="x", noted_at=self.act.now, list_id=1, enrolment=enrolment,
            closed_at=self.act.now,
        )  # fmt: skip

    def merge(self, one: Student, other: Student, *, right_is_other: bool) -> Outcome:
        case = Case.objects.filter(student=one).order_by("pk")[0]
        self.day += dt.timedelta(days=1)
        return merge(MergeOrder(case.pk, other.pk, right_is_other, self.day, "Son la misma persona", PROOF, other.curp), act=self.act)

    def part(self, student: Student) -> Outcome:
        case = Case.objects.filter(student=student).order_by("pk")[0]
        self.day += dt.timedelta(days=1)
        return retract_merge(case.pk, on=self.day, act=self.act, reason="Eran dos")


@pytest.fixture
def new_office(db: None) -> Callable[[], Any]:
    @contextmanager
    def begin() -> Iterator[Office]:
        with transaction.atomic():
            sid = transaction.savepoint()
            registros = ("A0112345321", "A0112345321", "B0298765329")
            planteles = [make_plantel(registro, clave=f"W{n}", name=f"Plantel {n}") for n, registro in enumerate(registros)]
            ciclos = [
                Ciclo.objects.create(clave="2026-2w", starts_on=dt.date(2026, 8, 1), ends_on=dt.date(2027, 1, 30)),
                Ciclo.objects.create(clave="2026-3w", starts_on=dt.date(2026, 8, 2), ends_on=dt.date(2027, 7, 15)),
            ]
            yield Office(planteles, ciclos)
            transaction.savepoint_rollback(sid)

    return begin


def stands() -> dict[str, Any]:
    """Everything a merge may touch, so that taking it back can be held against it."""
    people = "pk", "curp", "nss", "nombre", "primer_apellido", "birth_date", "sex", "entity", "email", "phone", "name_search", "merged_into"
    enrolments = "pk", "student", "plantel", "ciclo", "matricula", "grupo", "status", "enrolled_on"
    covers = "pk", "student", "nss", "registro", "whose", "status", "status_on", "since", "ended_on", "owed_by", "baja_sent_on"
    return {
        "cases": [(case.pk, case.student_id, case.enrolment_id, case.due_on, case.turn, case.grupo, case.ciclo_id, case.facts)
                  for case in Case.objects.order_by("pk")],
        "people": list(Student.objects.order_by("pk").values_list(*people)),
        "enrolments": list(Enrolment.objects.order_by("pk").values_list(*enrolments)),
        "covers": list(Cover.objects.order_by("pk").values_list(*covers)),
        "former": sorted(FormerValue.objects.values_list("student", "field", "value", "became", "search", "at", "plantel"), key=str),
        "tutors": list(Tutor.objects.order_by("pk").values_list("pk", "name", "email")),
        "opted out": list(OptOut.objects.order_by("pk").values_list("pk", "at")),
        "requests": list(ConsentRequest.objects.order_by("pk").values_list("pk", "student", "case", "status", "digest")),
        "without": list(WithoutCurp.objects.order_by("pk").values_list("pk", "enrolment", "closed_at")),
    }  # fmt: skip


def same(before: dict[str, Any]) -> None:
    """All stands as it did before."""
    after = stands()
    assert [(name, row) for name in after for row in before[name] if row not in after[name]] == []
    assert after == before


def holds(office: Office) -> None:
    assert [*broken_chains(), *differences(), *log.broken(), *counters.differences(), *counters.wrong_copies()] == []
    assert [str(left) for left in disagreements(office.day)] == []
    pairs = list(Case.objects.filter(state__in=OPEN_STATES).values_list("student", "plantel"))
    assert len(pairs) == len(set(pairs))
    gone = Student.objects.exclude(merged_into=None)
    for model in (Case, Enrolment, Cover, FormerValue):
        assert not model.objects.filter(student__in=gone).exists(), model
    assert not ConsentRequest.objects.filter(student__in=gone, status="pending").exists()
    live = list(Cover.objects.filter(ended_on=None, whose="ours").values_list("student", "nss", "registro"))
    assert len(live) == len(set(live))


def found_by(curp: str, case: Case) -> None:
    """A CURP that one of the records had finds the person, everywhere."""
    person = case.student
    assert by_curp(curp) == person
    assert find_other(curp, case, None) is None
    assert {each.student_id for each in search.found(visible_cases(None), curp)} == {person.pk}


@pytest.mark.slow
@walk
@given(two=pairs, from_second=st.booleans(), right_is_other=st.booleans())
def test_merged_and_taken_apart(new_office: Callable[[], Any], two: list[Record], from_second: bool, right_is_other: bool) -> None:
    with new_office() as office:
        one, other = [office.record(each) for each in two]
        holds(office)
        before = stands()
        mine, theirs = (other, one) if from_second else (one, other)
        merged = office.merge(mine, theirs, right_is_other=right_is_other)
        if merged.skipped:
            same(before)
            return
        holds(office)
        case = Case.objects.filter(student=one.pk).order_by("pk")[0]
        for curp in (one.curp, other.curp):
            found_by(curp, case)
        parted = office.part(one)
        holds(office)
        if parted.skipped:
            assert "dos seguros que eran el mismo" in "".join(parted.skipped.values())
        else:
            same(before)


@pytest.mark.slow
@walk
@given(
    three=st.tuples(records, numberless, numberless).flatmap(st.permutations),
    order=st.permutations(range(3)), right_is_other=st.tuples(st.booleans(), st.booleans()),
)  # fmt: skip
def test_a_third_record_merged_and_both_taken_apart_in_reverse(
    new_office: Callable[[], Any], three: list[Record], order: list[int], right_is_other: tuple[bool, bool]
) -> None:
    with new_office() as office:
        people = [office.record(each) for each in three]
        a, b, c = (people[n] for n in order)
        stages = [stands()]
        kept = [min(a.pk, b.pk)]
        if office.merge(a, b, right_is_other=right_is_other[0]).skipped:
            return
        stages.append(stands())
        between = Student.objects.get(pk=kept[0])
        kept.append(min(kept[0], c.pk))
        if office.merge(between, c, right_is_other=right_is_other[1]).skipped:
            assert stands() == stages[1]
            return
        holds(office)
        for person, before in zip(reversed(kept), reversed(stages), strict=True):
            parted = office.part(Student.objects.get(pk=person))
            holds(office)
            if parted.skipped:
                assert "dos seguros que eran el mismo" in "".join(parted.skipped.values())
                return
            same(before)
