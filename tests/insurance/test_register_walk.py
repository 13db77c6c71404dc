"""Anything happens to students and IMSS in any order: what the office says of covers and the register never part unexplained.

The office is the real one: its queue, its chase over HTTP, its nights. IMSS is the real stand-in: its clock follows the office's day, it
answers late, twice, out of order or not at all, and its register is what is compared (docs/invariants.md, 13).
"""

import datetime as dt

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import initialize, precondition, rule

from afiliacion.cases import consent, decisions, enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.identity.correcting import correct_person, retract_correction
from afiliacion.cases.models import ConsentRequest
from afiliacion.cases.states import BajaKind
from afiliacion.cases.verbs.undo_leave import undo_leave
from afiliacion.imss.queue import movements
from afiliacion.imss.queue.plan import ask_now
from afiliacion.insurance import moving
from afiliacion.operations.simulation.invented_people import make_curp
from students.models import Ciclo, Enrolment, RegistroPatronal, Student
from tests.insurance.register_ground import REGISTROS, STUDENTS, WELL, Ground
from tests.planteles import add_registro

NEW_REGISTROS = ("C0355512321", "D0466612328", "E0577712325", "F0688812322")
PROOF = "e" * 64
STORIES = ("localizado", "localizado", "localizado", "nuevo", "lento", "rechazado", "nunca", "cubierto_por_trabajo", "subdelegacion")
#: What IMSS does with each answer of one chase.
MOODS = (
    WELL, WELL, WELL, {"falla_503": 1}, {"falla_503_despues": 1}, {"conexion_cortada": 1}, {"repetidas": 1}, {"atrasadas": 1},
    {"ajenas": 1}, {"json_a_medias": 1}, {"caido": True},
)  # fmt: skip
#: What happens to students while a movement is on its way.
MEANWHILE = (
    "nothing", "leave", "back", "mistake", "renounce", "list", "wanted", "transfer", "registro", "number", "unified", "disowned", "curp",
    "desk",
)  # fmt: skip
picks = st.sets(st.integers(0, STUDENTS - 1), min_size=1)
one = st.integers(0, STUDENTS - 1)
moods = st.sampled_from(MOODS)
#: Who acts: the coordination, or the officer of one plantel.
stories = st.lists(st.sampled_from(STORIES), min_size=STUDENTS, max_size=STUDENTS)
posts = st.sampled_from([None, None, 0, 1, 2])


class Walk(Ground):
    """What happens."""

    @initialize(who=picks, told=stories, known=picks, wrong=st.none() | one, months=st.sampled_from([0, 1, 1, 1]))
    def the_term_begins(self, who, told, known, wrong, months):
        """Some at two or three planteles; some have a number, one perhaps that of a parent. Then perhaps a month in which all goes well."""
        parent = self.people.one()
        self.imss.tell(curp=parent.curp, nss=parent.nss)
        for i, (person, story) in enumerate(zip(self.persons, told, strict=True)):
            names = {"nombre": person.nombre, "primer_apellido": person.primer_apellido, "segundo_apellido": person.segundo_apellido}
            self.imss.tell(curp=person.curp, persona=story, **names, **({"nss": person.nss} if i in known else {}))
            brought = parent.nss if i == wrong else person.nss if i in known else None
            Student.objects.filter(pk=self.students[i]).update(nss=brought)
        self.a_list_arrives(set(range(STUDENTS)), 0)
        self.a_list_arrives(who, 1)
        self.a_list_arrives(who, 2)
        for _ in range(months):
            self.a_good_month()

    @rule()
    def a_good_month(self):
        """Everybody does what is theirs to do, and IMSS answers."""
        everybody = self.cases(range(STUDENTS))
        self.ask(WELL)
        verbs.deliver_acuse(everybody, on=self.day, act=self.act())
        movements.request_altas(everybody, act=self.act())
        movements.request_bajas(everybody, act=self.act())
        for days in (0, 3, 27):
            self.night(days, WELL)

    def enrolment(self, i: int, plantel: int) -> Enrolment:
        term = next(self.serial)
        ciclo = Ciclo.objects.create(
            clave=f"c{term}", starts_on=self.day - dt.timedelta(days=500 - term // 2), ends_on=self.day + dt.timedelta(days=400)
        )
        return Enrolment.objects.create(
            student_id=self.students[i], plantel=self.planteles[plantel], ciclo=ciclo, matricula=f"M{i}", enrolled_on=self.day
        )

    @rule(who=picks, plantel=st.integers(0, 2))
    def a_list_arrives(self, who, plantel):
        for i in sorted(who):
            enrol.enrol([self.enrolment(i, plantel).pk], act=self.act())

    @rule(i=one, plantel=st.integers(0, 2))
    def a_plantel_asks_to_enrol(self, i, plantel):
        ciclo = Ciclo.objects.create(
            clave=f"k{next(self.serial)}", starts_on=self.day - dt.timedelta(days=200), ends_on=self.day + dt.timedelta(days=400)
        )
        student = Student.objects.get(pk=self.students[i])
        said = {"matricula": f"M{i}", "fecha_inscripcion": self.day.isoformat()}
        wanted = ConsentRequest(
            kind=consent.Kind.ENROL, student=student, plantel=self.planteles[plantel], ciclo=ciclo, curp=student.curp, payload=said
        )
        consent.ask([wanted], self.act(plantel))

    @rule(way=st.sampled_from([*decisions.EnrolmentWay, None]))
    def the_requests_are_decided(self, way):
        for request in ConsentRequest.objects.filter(status=ConsentRequest.Status.PENDING).order_by("pk"):
            try:
                if way is None:
                    decisions.refuse(request.pk, "No.", act=self.act())
                else:
                    decisions.accept(request.pk, way, act=self.act(), also={})
            except decisions.NotDecided:
                decisions.refuse(request.pk, "Ya no procede.", act=self.act())

    @rule(days=st.integers(1, 30), mood=moods)
    def a_night(self, days, mood):
        self.night(days, mood)

    @rule(mood=moods)
    def what_is_due_is_asked(self, mood):
        self.ask(mood)

    @rule(who=picks, mood=moods)
    def an_officer_asks_at_once(self, who, mood):
        ask_now(self.cases(who), act=self.act())
        self.ask(mood)

    @rule(who=picks)
    def the_acuse_is_handed_in(self, who):
        verbs.deliver_acuse(self.cases(who), on=self.day, act=self.act())

    @rule(who=picks, post=posts, mood=moods)
    def altas_are_asked_for(self, who, post, mood):
        cases = self.cases(who, post)
        verbs.deliver_acuse(cases, on=self.day, act=self.act(post))
        movements.request_altas(cases, act=self.act(post))
        self.ask(mood)

    @rule(who=picks, post=posts, mood=st.none() | moods)
    def bajas_are_asked_for(self, who, post, mood):
        movements.request_bajas(self.cases(who, post), act=self.act(post))
        if mood is not None:
            self.ask(mood)

    @rule(who=picks, post=posts, kind=st.sampled_from([BajaKind.TEMPORAL, BajaKind.DEFINITIVA, BajaKind.EGRESO]))
    def they_leave(self, who, post, kind):
        verbs.leave(self.cases(who, post), kind, on=self.day, act=self.act(post))

    @rule(who=picks, post=posts)
    def they_come_back(self, who, post):
        verbs.rejoin(self.cases(who, post), on=self.day, act=self.act(post), reason="Volvió")

    @rule(who=picks, post=posts)
    def the_baja_was_a_mistake(self, who, post):
        undo_leave(self.cases(who, post), on=self.day, reason="Se anotó por error", act=self.act(post))

    @rule(who=picks, post=posts, to=st.integers(0, 2))
    def they_move_to_another_plantel(self, who, post, to):
        verbs.transfer(self.cases(who, post), on=self.day, to=self.planteles[to], act=self.act(post))

    @rule(who=picks, post=posts)
    def it_is_renounced(self, who, post):
        verbs.renounce(self.cases(who, post), on=self.day, tutor="Úrsula Ek", act=self.act(post))

    @rule(who=picks, post=posts)
    def the_renuncia_is_withdrawn(self, who, post):
        verbs.withdraw_renuncia(self.cases(who, post), on=self.day, act=self.act(post))

    @rule(who=picks)
    def it_goes_to_the_subdelegacion(self, who):
        verbs.escalate(dict.fromkeys(self.cases(who), Happening(self.day, reason="No se resuelve")), act=self.act())

    @rule(who=picks, resend=st.booleans())
    def the_subdelegacion_answers(self, who, resend):
        verbs.return_from_desk(self.cases(who), on=self.day, resend_alta=resend, act=self.act())

    @precondition(lambda self: RegistroPatronal.objects.count() < len(REGISTROS) + len(NEW_REGISTROS))
    @rule(plantel=st.integers(0, 2), shared=st.booleans())
    def a_plantel_has_another_registro(self, plantel, shared):
        """A new one, or that of the third plantel."""
        new = REGISTROS[2] if shared else NEW_REGISTROS[(RegistroPatronal.objects.count() - len(REGISTROS)) % len(NEW_REGISTROS)]
        if not RegistroPatronal.objects.filter(plantel=self.planteles[plantel], valid_from=self.day).exists():
            add_registro(self.planteles[plantel], new, self.day)

    @rule(who=picks, post=posts)
    def cases_are_moved_to_the_new_registro(self, who, post):
        moving.move(self.cases(who, post), on=self.day, act=self.act(post))

    def a_plantel_moves(self, plantel, who):
        self.a_plantel_has_another_registro(plantel, shared=False)
        self.cases_are_moved_to_the_new_registro(who, None)

    @rule(who=picks, post=posts)
    def the_move_was_a_mistake(self, who, post):
        moving.move_back(self.cases(who, post), on=self.day, act=self.act(post), reason="Se movió por error")

    @rule(i=one, post=posts, unified=st.booleans())
    def imss_says_another_number(self, i, post, unified):
        student, nss = Student.objects.get(pk=self.students[i]), self.people.one().nss
        if student.nss is None or not self.cases({i}):
            return
        if unified and self.renumbered.get(i, student.nss) != student.nss:
            # IMSS has another number than the office, to which no plantel has agreed yet: that one is not unified with a third.
            return
        asked = {"curp": self.curps[i], "nss_nuevo": nss, "unifica": unified}
        # What IMSS unified, it tells all planteles at once; a number it corrected it may tell one, who asks the others.
        verb = verbs.unify_nss if unified else verbs.correct_nss
        if self.imss.ask("PUT", "/control/personas", asked)[0] == 200:
            self.renumbered[i] = nss
        numbers = dict.fromkeys(self.cases({i}, None if unified else post), nss)
        verb(numbers, on=self.day, reason="El IMSS lo dice", evidence=PROOF, act=self.act(None if unified else post))

    @rule(i=one, post=posts)
    def the_number_was_not_theirs(self, i, post):
        verbs.disown_nss(self.cases({i}, post), on=self.day, reason="Era el de su mamá", act=self.act(post))

    @rule(i=one, post=posts, imss_too=st.booleans())
    def renapo_corrects_the_curp(self, i, post, imss_too):
        p = self.persons[i]
        right = make_curp(p.nombre, p.primer_apellido, p.segundo_apellido, self.people.one().birth_date, p.sex, p.entity, "B")
        if imss_too and self.imss.ask("PUT", "/control/personas", {"curp": self.curps[i], "curp_nueva": right})[0] == 200:
            self.curps[i] = right
        said = {case: {"curp": right} for case in self.cases({i}, post)[:1]}
        correct_person(said, on=self.day, reason="RENAPO", evidence=PROOF, act=self.act(post))

    @rule(i=one, post=posts, name=st.sampled_from(["Renata", "own"]), matricula=st.integers(0, 3))
    def data_are_corrected(self, i, post, name, matricula):
        said = {"nombre": self.persons[i].nombre if name == "own" else name, "matricula": f"C{i}-{matricula}"}
        correct_person(dict.fromkeys(self.cases({i}, post)[:1], said), on=self.day, reason="Error", act=self.act(post))

    @rule(i=one)
    def the_correction_was_a_mistake(self, i):
        for case in self.cases({i})[:1]:
            retract_correction(case, on=self.day, reason="No era", act=self.act())

    @rule(
        who=picks,
        post=posts,
        kind=st.sampled_from(["alta", "baja"]),
        mood=moods,
        what=st.sampled_from(MEANWHILE),
        then=moods,
        days=st.integers(0, 30),
    )
    def something_happens_while_a_movement_is_on_its_way(self, who, post, kind, mood, what, then, days):
        if kind == "alta":
            self.altas_are_asked_for(who, post, mood)
        else:
            self.they_leave(who, post, BajaKind.TEMPORAL)
            self.bajas_are_asked_for(who, post, mood)
        i = min(who)
        {
            "nothing": lambda: None,
            "leave": lambda: self.they_leave(who, None, BajaKind.EGRESO),
            "back": lambda: (self.they_come_back(who, None), self.the_renuncia_is_withdrawn(who, None)),
            "mistake": lambda: self.the_baja_was_a_mistake(who, None),
            "renounce": lambda: self.it_is_renounced(who, None),
            "list": lambda: self.a_list_arrives(who, days % 3),
            "wanted": lambda: self.a_plantel_asks_to_enrol(i, days % 3),
            "transfer": lambda: self.they_move_to_another_plantel(who, None, days % 3),
            "registro": lambda: self.a_plantel_moves(days % 3, who),
            "number": lambda: self.imss_says_another_number(i, None, unified=False),
            "unified": lambda: self.imss_says_another_number(i, None, unified=True),
            "disowned": lambda: self.the_number_was_not_theirs(i, None),
            "curp": lambda: self.renapo_corrects_the_curp(i, None, days % 2),
            "desk": lambda: self.it_goes_to_the_subdelegacion(who),
        }[what]()
        self.night(days, then)


def walk(examples: int, steps: int) -> None:
    machine = Walk.TestCase
    machine.settings = settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck))
    with override_settings(IMSS_URL="", IMSS_FOLLOWS_DATE=True, IMSS_CONCURRENCY=1, IMSS_TIMEOUT_SECONDS=5.0):
        machine("runTest").runTest()


class TestRegister(TestCase):
    def test_any_order(self):
        walk(examples=2, steps=12)

    @pytest.mark.slow
    def test_any_order_for_long(self):
        walk(examples=12, steps=25)
