"""The ground of the walk in test_register_walk.py: three planteles, some students, the real stand-in, and what is always true."""

import datetime as dt
import random
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant

from afiliacion.cases import upkeep
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act, Actor, ActorKind
from afiliacion.cases.states import OPEN_STATES, Turn, rests
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import Errand, ImssSettings
from afiliacion.imss.queue import movements
from afiliacion.imss.queue.plan import ask_now, plan
from afiliacion.insurance.carried_and_owed import is_carried
from afiliacion.insurance.settle import disagreements, read, settle_all
from afiliacion.operations.simulation.imss_control import StandInControl
from afiliacion.operations.simulation.imss_register import Key, differences, in_force, unexplained
from afiliacion.operations.simulation.invented_people import People
from students.models import Student
from tests.imss_mock.inside import StandInInside
from tests.planteles import make_plantel
from tests.reconciliation import judgment

OFFICER = Actor(ActorKind.PERSON, "Begoña Ñáñez")
STUDENTS = 3
FIRST = dt.date(2026, 8, 6)
#: The first two planteles are under one registro patronal.
REGISTROS = ("A0112345321", "A0112345321", "B0298765329")
Mood = dict[str, object]
WELL: Mood = {}


class Ground(RuleBasedStateMachine):
    """Three planteles, some students, IMSS, and how they are read. `day`: the office's today."""

    def __init__(self) -> None:
        super().__init__()
        self.sid = transaction.savepoint()
        self.sound, self.day, self.serial, self.sent = True, FIRST, count(), 0
        self.folder = tempfile.TemporaryDirectory()
        self.imss = StandInInside(Path(self.folder.name), FIRST)
        settings.IMSS_URL = self.imss.url
        ImssSettings.objects.update(backoff_seconds=3600, backoff_most_seconds=7200, failures_to_open=10_000, requests_per_second=1000)
        self.planteles = [make_plantel(registro, clave=f"P{n}", name=f"Plantel {n}") for n, registro in enumerate(REGISTROS)]
        self.people = People(random.Random(11))
        self.persons = [self.people.one() for _ in range(STUDENTS)]
        self.students = [
            Student.objects.create(
                curp=p.curp, nombre=p.nombre, primer_apellido=p.primer_apellido, segundo_apellido=p.segundo_apellido,
                birth_date=p.birth_date, sex=p.sex, entity=p.entity,
            ).pk
            for p in self.persons
        ]  # fmt: skip
        #: As IMSS knows each, and the CURP each has been corrected to.
        self.curps = [p.curp for p in self.persons]
        #: The number IMSS has for a person (by place) since it said another one.
        self.renumbered: dict[int, str] = {}

    def teardown(self) -> None:
        try:
            if self.sound:
                self.all_is_answered()
        finally:
            self.imss.stop()
            self.folder.cleanup()
            transaction.savepoint_rollback(self.sid)

    @property
    def now(self) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(self.day, dt.time(10))) + dt.timedelta(seconds=next(self.serial))

    def act(self, post: int | None = None, actor: Actor = OFFICER) -> Act:
        return Act(actor, self.now, None if post is None else frozenset({self.planteles[post].pk}))

    def cases(self, who, post: int | None = None) -> list[int]:
        found = Case.objects.filter(student__in=[self.students[i] for i in who]).order_by("pk")
        return list((found if post is None else found.filter(plantel=self.planteles[post])).values_list("pk", flat=True))

    def register(self) -> list[dict[str, Any]]:
        return StandInControl(self.imss.url).register()

    def ask(self, mood: Mood) -> None:
        """One chase, in which IMSS is in this mood; what failed before is asked again, once."""
        before = self.carried()
        self.imss.mood(**mood)
        Errand.objects.filter(status=Errand.Status.OPEN).update(next_at=Now())
        chase(self.day, self.now, budget_seconds=30)
        self.imss.mood()
        self.no_baja_took_a_cover_from(before & self.carried())

    def carried(self) -> set[Key]:
        """The covers that a case known now needs, or that a plantel asks for."""
        persons = read(self.students, self.day).values()
        return {Key(cover.nss, cover.registro) for person in persons for cover in person.live if is_carried(person, cover)}

    def no_baja_took_a_cover_from(self, carried: set[Key]) -> None:
        fresh = [row for row in self.register() if row["id"] > self.sent]
        self.sent = max([self.sent, *(row["id"] for row in fresh)])
        taken = [row for row in fresh if row["tipo_movimiento"] == "02" and Key(row["nss"], row["registro_patronal"]) in carried]
        assert taken == [], "a baja was sent of a cover that a case carries"

    def night(self, days: int, mood: Mood) -> None:
        self.day += dt.timedelta(days=days)
        settle_all(self.act(actor=NIGHT))
        assert [str(left) for left in disagreements(self.day)] == []
        upkeep.reschedule(self.day, act=self.act(actor=NIGHT))
        upkeep.alert_overdue(self.day, act=self.act(actor=NIGHT))
        plan(self.day, self.now)
        self.ask(mood)

    # What is true after each step

    @invariant()
    def each_difference_is_explained_and_who_is_uncovered_under_us_has_a_turn(self):
        sound, self.sound = self.sound, False
        rows = self.register()
        assert list(unexplained(rows, self.day)) == []
        register, apart = in_force(rows), differences(rows)
        for case in Case.objects.filter(state__in=OPEN_STATES, turn=Turn.NADIE).select_related("student"):
            key = Key(case.student.nss or "", case.registro)
            assert key in register or key in apart or rests(case.state, case.coverage), case
        self.sound = sound

    @invariant()
    def the_reconciliation_says_of_each_what_is_true(self):
        sound, self.sound = self.sound, False
        assert judgment.found(self.day) == judgment.judged(self.day)
        self.sound = sound

    # The end

    def all_is_answered(self) -> None:
        """IMSS is well again and the office does nothing but ask: no difference is left. Then its people do what is theirs to do."""
        for _ in range(4):
            self.night(17, WELL)
        parked = Errand.objects.filter(status=Errand.Status.PARKED)
        movements.resume(parked.values_list("pk", flat=True), on=self.day)
        ask_now(Case.objects.values_list("pk", flat=True), act=self.act())
        self.ask(WELL)
        for _ in range(3):
            self.night(4, WELL)
        self.say_what_is_left()
        assert differences(self.register()) == {}
        self.people_do_what_is_theirs()

    def people_do_what_is_theirs(self) -> None:
        """Every alta wanted and every baja owed is asked for: no one is insured without a case, or uncovered without a turn."""
        for _ in range(3):
            everybody = list(Case.objects.values_list("pk", flat=True))
            movements.request_altas(everybody, act=self.act())
            movements.request_bajas(everybody, act=self.act())
            for days in (0, 4):
                self.night(days, WELL)
        rows = self.register()
        assert differences(rows) == {}
        register, carried = in_force(rows), self.carried()
        self.say_what_is_left()
        assert register <= carried | self.waiting_for_a_person()
        for case in Case.objects.filter(state__in=OPEN_STATES, turn=Turn.NADIE).select_related("student"):
            assert Key(case.student.nss or "", case.registro) in register or rests(case.state, case.coverage), case

    def waiting_for_a_person(self) -> set[Key]:
        """The covers whose bajas IMSS refused, so that a person looks at them."""
        refused = Errand.objects.filter(kind=Errand.Kind.SEND_BAJA, status=Errand.Status.PARKED)
        return {Key(*pair) for pair in refused.values_list("cover__nss", "cover__registro")}

    def say_what_is_left(self) -> None:
        left = Errand.objects.filter(status__in=Errand.UNFINISHED).order_by("pk")
        note(f"{self.day}: {[(str(errand), errand.nss, errand.registro, errand.message) for errand in left]}")
