"""Any verbs, days and answers in any order: after each step every invariant that is the case's own still holds."""

import datetime as dt
import random
from itertools import count

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from afiliacion.cases import counters, enrol, upkeep, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.identity.correcting import correct_person, retract_correction
from afiliacion.cases.models import Case, Event, OutageDay
from afiliacion.cases.outcome import IMSS, Act, Actor, ActorKind
from afiliacion.cases.states import OPEN_STATES, TRANSITIONS, BajaKind, Coverage, State, Turn, Verb
from afiliacion.cases.verbs.undo_leave import undo_leave
from afiliacion.insurance import log
from afiliacion.insurance.carried_and_owed import is_carried
from afiliacion.insurance.settle import disagreements, read, settle_all
from afiliacion.operations.simulation.invented_people import People
from students.models import Ciclo, Enrolment, Student
from tests.planteles import make_plantel

PERSON = Actor(ActorKind.PERSON, "Begoña Ñáñez")
STUDENTS = 4
reasons = st.sampled_from(["Motivo", ""])
picks = st.sets(st.integers(0, STUDENTS - 1), min_size=1)


class Office(RuleBasedStateMachine):
    """A tiny school under everything that can happen to it. `self.day` is the office's today."""

    def __init__(self) -> None:
        super().__init__()
        self.sid = transaction.savepoint()
        self.day = dt.date(2026, 8, 6)
        self.serial = count()
        self.people = People(random.Random(11))
        # The first two are under one registro patronal.
        registros = ("A0112345321", "A0112345321", "B0298765329")
        self.planteles = [make_plantel(registro, clave=f"P{n}", name=f"Plantel {n}") for n, registro in enumerate(registros)]
        self.persons = [self.people.one() for _ in range(STUDENTS)]
        self.students = [
            Student.objects.create(
                curp=p.curp, nombre=p.nombre, primer_apellido=p.primer_apellido, segundo_apellido=p.segundo_apellido,
                birth_date=p.birth_date, sex=p.sex, entity=p.entity,
            )
            for p in self.persons
        ]  # fmt: skip
        self.numbers = (person.nss for person in iter(People(random.Random(12)).one, None))
        self.events = 0

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.sid)

    @property
    def now(self) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(self.day, dt.time(10))) + dt.timedelta(seconds=next(self.serial))

    def cases(self, who) -> list[int]:
        return list(Case.objects.filter(student__in=[self.students[i] for i in who]).order_by("pk").values_list("pk", flat=True))

    def act(self, actor=PERSON):
        return Act(actor, self.now)

    @initialize(who=picks)
    def the_term_begins(self, who):
        """Everybody at the first plantel, some at the second one too."""
        self.a_roll_arrives(set(range(STUDENTS)), 0, "activo")
        self.a_roll_arrives(who, 1, "activo")
        self.a_roll_arrives(who, 2, "activo")

    @rule(who=picks, plantel=st.integers(0, 2), status=st.sampled_from(["activo", "licencia", "baja_definitiva"]))
    def a_roll_arrives(self, who, plantel, status):
        term = next(self.serial)
        ciclo = Ciclo.objects.create(
            clave=f"c{term}", starts_on=self.day - dt.timedelta(days=500 - term // 2), ends_on=self.day + dt.timedelta(days=180)
        )
        rows = [
            Enrolment.objects.create(
                student=self.students[i],
                plantel=self.planteles[plantel],
                ciclo=ciclo,
                matricula=f"M{i}",
                enrolled_on=self.day,
                status=status,
            )
            for i in sorted(who)
        ]
        ids = [row.pk for row in rows]
        enrol.enrol(ids, act=self.act())
        assert enrol.enrol(ids, act=self.act()) == enrol.Enrolled()

    @rule(days=st.integers(1, 30))
    def days_pass_and_the_night_keeps_up(self, days):
        self.day += dt.timedelta(days=days)
        upkeep.reschedule(self.day, act=self.act())
        upkeep.alert_overdue(self.day, act=self.act())
        settle_all(self.act())

    @rule()
    def imss_was_down_today(self):
        OutageDay.objects.get_or_create(date=self.day, defaults={"source": "prueba"})
        upkeep.reschedule(self.day, act=self.act())

    @rule(who=picks)
    def imss_gives_everybody_their_number(self, who):
        for i in who:
            verbs.obtain_nss(dict.fromkeys(self.cases({i}), self.persons[i].nss), on=self.day, act=self.act(IMSS))

    @rule(who=picks, whose=st.integers(0, STUDENTS - 1))
    def imss_gives_a_number_perhaps_somebody_elses(self, who, whose):
        verbs.obtain_nss(dict.fromkeys(self.cases(who), self.persons[whose].nss), on=self.day, act=self.act(IMSS))

    @rule(who=picks, whose=st.integers(0, STUDENTS - 1))
    def the_nss_is_corrected(self, who, whose):
        numbers = dict.fromkeys(self.cases(who), self.persons[whose].nss)
        verbs.correct_nss(numbers, on=self.day, reason="Error", evidence="e" * 64, act=self.act())

    @rule(who=picks)
    def imss_unifies_two_numbers(self, who):
        for i in who:
            numbers = dict.fromkeys(self.cases({i}), next(self.numbers))
            verbs.unify_nss(numbers, on=self.day, reason="Tenía dos", evidence="e" * 64, act=self.act())

    @rule(who=picks, proved=st.booleans(), late=st.integers(0, 60))
    def imss_says_si(self, who, proved, late):
        happening = Happening(self.day - dt.timedelta(days=late), {}, "f" * 64 if proved else "")
        verbs.confirm_vigencia(dict.fromkeys(self.cases(who), happening), act=self.act(IMSS))

    @rule(who=picks, says=st.sampled_from([verbs.miss_vigencia, verbs.reject_alta, verbs.operate_baja, verbs.reject_baja]))
    def imss_says_no_or_done(self, who, says):
        says(dict.fromkeys(self.cases(who), Happening(self.day, {}, "f" * 64)), act=self.act(IMSS))

    @rule(who=picks, coverage=st.sampled_from(Coverage))
    def cover_is_gained_or_lost(self, who, coverage):
        verbs.note_coverage(dict.fromkeys(self.cases(who), (coverage, Happening(self.day, {}, "f" * 64))), act=self.act(IMSS))

    def officer(self, who, verb, *args, per_case=None, **facts):
        cases = self.cases(who)
        outcome = verb(dict.fromkeys(cases, per_case) if per_case is not None else cases, *args, **facts, act=self.act())
        assert set(outcome.done) | set(outcome.skipped) >= set(cases)
        assert all(outcome.skipped.values())

    @rule(who=picks, papers=st.booleans())
    def the_acuse_is_handed_in(self, who, papers):
        self.officer(who, verbs.deliver_acuse, on=self.day, papers=["acuse"] if papers else [])

    @rule(who=picks, reason=reasons)
    def what_was_noted_at_the_counter_is_undone(self, who, reason):
        self.officer(who, verbs.retract_acuse, ["acuse"], on=self.day, reason=reason)
        self.officer(who, verbs.retract_papers, ["curp"], on=self.day, reason=reason)

    @rule(who=picks, verb=st.sampled_from([verbs.send_alta, verbs.send_baja]))
    def a_movement_reaches_imss(self, who, verb):
        self.officer(who, verb, per_case={"lote": "1"}, on=self.day)

    @rule(who=picks, reason=reasons, filed=st.booleans())
    def it_goes_to_the_subdelegacion(self, who, reason, filed):
        self.officer(who, verbs.escalate, per_case=Happening(self.day, reason=reason))
        if filed:
            self.officer(who, verbs.file_at_desk, on=self.day)

    @rule(who=picks, nss=st.booleans(), resend=st.booleans(), filed=st.booleans())
    def the_subdelegacion_answers(self, who, nss, resend, filed):
        if filed:
            self.officer(who, verbs.file_at_desk, on=self.day)
        found = dict.fromkeys(self.cases(who), self.persons[min(who)].nss) if nss else None
        self.officer(who, verbs.return_from_desk, on=self.day, resend_alta=resend, nss=found)

    @rule(who=picks, reason=reasons)
    def the_subdelegacion_wants_more(self, who, reason):
        verbs.want_more(dict.fromkeys(self.cases(who), reason), on=self.day, act=self.act())

    @rule(who=picks, verb=st.sampled_from([verbs.retract_filing, verbs.retract_want_more]), reason=reasons)
    def what_was_noted_at_the_subdelegacion_is_undone(self, who, verb, reason):
        self.officer(who, verb, on=self.day, reason=reason)

    @rule(who=picks, tutor=st.sampled_from(["", "Úrsula Ek"]), withdrawn=st.booleans())
    def it_is_renounced_and_perhaps_withdrawn(self, who, tutor, withdrawn):
        self.officer(who, verbs.renounce, on=self.day, tutor=tutor)
        if withdrawn:
            self.officer(who, verbs.withdraw_renuncia, on=self.day)

    @rule(who=picks, kind=st.sampled_from(BajaKind), back=st.booleans())
    def they_leave_and_perhaps_come_back(self, who, kind, back):
        self.officer(who, verbs.leave, kind, on=self.day)
        if back:
            self.officer(who, verbs.rejoin, on=self.day)

    @rule(who=picks)
    def the_baja_was_a_mistake(self, who):
        self.officer(who, undo_leave, on=self.day, reason="Se anotó por error")

    @rule(who=picks, to=st.integers(0, 2))
    def they_move_to_another_plantel(self, who, to):
        self.officer(who, verbs.transfer, on=self.day, to=self.planteles[to])

    @rule(who=picks, reason=reasons)
    def the_number_was_not_theirs(self, who, reason):
        self.officer(who, verbs.disown_nss, on=self.day, reason=reason)

    @rule(who=picks, reason=reasons, released=st.integers(-1, 10))
    def the_clock_is_held(self, who, reason, released):
        self.officer(who, verbs.hold, on=self.day, reason=reason)
        if released >= 0:
            self.day += dt.timedelta(days=released)
            self.officer(who, verbs.release, on=self.day)

    @rule(who=picks, reason=reasons)
    def papers_and_clinic(self, who, reason):
        self.officer(who, verbs.receive_papers, ["curp"], on=self.day)
        self.officer(who, verbs.reject_papers, ["curp"], on=self.day, reason=reason)
        self.officer(who, verbs.note_clinic, "UMF 5", on=self.day)

    @rule(who=picks, grupo=st.sampled_from(["1-A", "2-B"]), apellido=st.sampled_from(["Ñáñez", "Uc"]))
    def the_registry_is_corrected(self, who, grupo, apellido):
        Enrolment.objects.filter(student__in=[self.students[i] for i in who]).update(grupo=grupo)
        for i in who:
            student = Student.objects.get(pk=self.students[i].pk)
            student.primer_apellido = apellido
            student.save()

    @rule(who=picks, whose=st.integers(0, STUDENTS - 1), reason=reasons, back=st.booleans())
    def a_person_is_corrected_and_perhaps_put_back(self, who, whose, reason, back):
        said = {"curp": self.persons[whose].curp, "nombre": self.persons[whose].nombre, "matricula": f"C{whose}"}
        values = dict.fromkeys(self.cases(who), said)
        outcome = correct_person(values, on=self.day, reason=reason, evidence="e" * 64, act=self.act())
        assert outcome.done == [] or reason
        if back and outcome.done:
            retract_correction(outcome.done[-1], on=self.day, reason="No era", act=self.act())

    @rule()
    def the_counters_are_folded(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(counters, "SLACK", 1)
            counters.fold()

    @invariant()
    def the_counters_are_the_counts_and_the_copies_the_registry(self):
        assert [*counters.differences(), *counters.wrong_copies()] == []

    @invariant()
    def what_is_stored_is_what_the_facts_say(self):
        assert [str(difference) for difference in differences()] == []

    @invariant()
    def every_case_has_been_told_what_became_of_the_covers(self):
        assert [str(left) for left in disagreements(self.day)] == []

    @invariant()
    def no_log_of_a_cover_is_broken(self):
        assert list(log.broken()) == []

    @invariant()
    def a_baja_is_owed_by_one_case_and_only_of_cover_that_no_case_carries(self):
        for student_id, person in read([student.pk for student in self.students], self.day).items():
            for cover in person.live:
                owing = [case.id for case in person.cases if case.id == cover.owed_by]
                assert cover.baja_sent_on or bool(owing) != is_carried(person, cover), (student_id, cover)

    @invariant()
    def no_history_is_broken_and_none_shrinks(self):
        assert list(broken_chains()) == []
        events = Event.objects.count()
        assert events >= self.events
        self.events = events

    @invariant()
    def every_move_stands_in_the_table(self):
        for verb, source, target in Event.objects.exclude(verb=Verb.OPEN).values_list("verb", "from_state", "to_state").distinct():
            assert State(target) in TRANSITIONS[Verb(verb)][State(source)]

    @invariant()
    def at_most_one_open_case_per_student_and_plantel(self):
        pairs = list(Case.objects.filter(state__in=OPEN_STATES).values_list("student", "plantel"))
        assert len(pairs) == len(set(pairs))

    @invariant()
    def vigente_has_its_proof_and_everybody_their_own_nss(self):
        assert not Case.objects.filter(state=State.VIGENTE, vigencia_evidence="").exists()
        numbers = list(Student.objects.exclude(nss=None).values_list("nss", flat=True))
        assert len(numbers) == len(set(numbers))

    @invariant()
    def whoever_has_the_turn_has_a_date_unless_on_hold(self):
        waiting = Case.objects.filter(held_since=None).exclude(turn=Turn.NADIE)
        assert not waiting.filter(due_on=None).exists()

    @invariant()
    def a_state_past_the_nss_has_a_student_with_one(self):
        past = {State.NSS_OBTENIDO, State.ACUSE_ENTREGADO, State.ALTA_ENVIADA, State.VIGENTE}
        assert not Case.objects.filter(state__in=past, student__nss=None).exists()


class TestOffice(TestCase):
    @pytest.mark.slow
    def test_any_order(self):
        machine = Office.TestCase
        machine.settings = settings(max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
        machine("runTest").runTest()
