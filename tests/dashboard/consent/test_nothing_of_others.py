"""Always true, 16: whatever an officer does, by any door, leaves persons and cases outside their planteles byte for byte as they were."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import uuid
from typing import Final

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from afiliacion.cases import verbs
from afiliacion.cases.enrol import enrol
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.outcome import IMSS, NIGHT, Act
from afiliacion.operations.simulation.invented_people import People, Person
from afiliacion.roll.models import Import
from students.models import Ciclo, Enrolment, StaffPost, Student
from tests.dashboard.deeds import DEEDS, PDF
from tests.dashboard.lists import a_worker_looks
from tests.planteles import make_plantel

DAY: Final = dt.date(2026, 8, 10)
#: Everything that is of another plantel: its enrolments and cases, their events, its persons, whom to write to about them.
_THEIRS: Final = """
SELECT 'enrolment', to_jsonb(x) FROM students_enrolment x WHERE x.plantel_id = %(theirs)s
UNION ALL SELECT 'case', to_jsonb(x) FROM cases_case x WHERE x.plantel_id = %(theirs)s
UNION ALL SELECT 'event', to_jsonb(x) FROM cases_event x JOIN cases_case c ON c.id = x.case_id WHERE c.plantel_id = %(theirs)s
UNION ALL SELECT 'student', to_jsonb(x) FROM students_student x
          WHERE x.id IN (SELECT student_id FROM students_enrolment WHERE plantel_id = %(theirs)s)
UNION ALL SELECT 'tutor', to_jsonb(x) FROM reminders_tutor x
          WHERE x.student_id IN (SELECT student_id FROM students_enrolment WHERE plantel_id = %(theirs)s)
UNION ALL SELECT 'page', to_jsonb(x) FROM reminders_pagekey x JOIN cases_case c ON c.id = x.case_id WHERE c.plantel_id = %(theirs)s
ORDER BY 1, 2
"""
_ANYBODY: Final = st.integers(0, 4)


class Office(RuleBasedStateMachine):
    """Two planteles: a person of theirs, one of ours, one of both without a number, one of both whom IMSS covers, one of no plantel."""

    def __init__(self) -> None:
        super().__init__()
        self.sid = transaction.savepoint()
        people = People(random.Random(5))
        self.persons = [people.one() for _ in range(5)]
        self.numbers = [person.nss for person in self.persons] + [people.one().nss]
        self.ours = make_plantel("A0112345321", clave="A", name="La nuestra", subdelegacion="Iguala")
        self.theirs = make_plantel("B0298765329", clave="B", name="La otra")
        self.ciclo = Ciclo.objects.create(clave="2026-2", starts_on=dt.date(2026, 8, 1), ends_on=dt.date(2027, 1, 30))
        user = get_user_model().objects.create_user("oficial", first_name="Begoña", last_name="Ñáñez")
        StaffPost.objects.create(user=user, plantel=self.ours)
        self.desk = Client()
        self.desk.force_login(user)
        self._begin()
        self.before = self.dump()

    def _begin(self) -> None:
        act = Act(NIGHT, timezone.now())
        students = [self._student(person) for person in self.persons[:4]]
        places = [(0, self.theirs), (1, self.ours), (2, self.ours), (2, self.theirs), (3, self.ours), (3, self.theirs)]
        rows = [
            Enrolment.objects.create(student=students[who], plantel=plantel, ciclo=self.ciclo, matricula=f"M{n}", enrolled_on=DAY)
            for n, (who, plantel) in enumerate(places)
        ]
        enrol([row.pk for row in rows], act=act)
        covered = list(Case.objects.filter(student__in=[students[0], students[3]]).order_by("pk").values_list("pk", flat=True))
        for who in (0, 3):
            case = Case.objects.filter(student=students[who]).order_by("pk")[0]
            assert verbs.obtain_nss({case.pk: self.persons[who].nss}, on=DAY, act=Act(IMSS, act.now)).done
        assert verbs.confirm_vigencia(dict.fromkeys(covered, Happening(DAY, {}, "f" * 64)), act=Act(IMSS, act.now)).done == covered

    def _student(self, person: Person) -> Student:
        return Student.objects.create(
            curp=person.curp, nombre=person.nombre, primer_apellido=person.primer_apellido, segundo_apellido=person.segundo_apellido,
            birth_date=person.birth_date, sex=person.sex, entity=person.entity, email=f"{person.curp}@alumnos.example.mx".lower(),
        )  # fmt: skip

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.sid)

    def dump(self) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(_THEIRS, {"theirs": self.theirs.pk})
            found: list[tuple[str, str]] = cursor.fetchall()
        return found

    def case(self, n: int) -> Case | None:
        """Any case of ours."""
        cases = list(Case.objects.filter(plantel=self.ours).order_by("pk"))
        return cases[n % len(cases)] if cases else None

    @rule(
        rows=st.lists(
            st.tuples(
                _ANYBODY, st.sampled_from(["", *"012345"]), st.sampled_from(["", "otro@malo.example.mx"]),
                st.sampled_from(["", "activo", "baja definitiva", "baja temporal"]),
            ),
            min_size=1, max_size=4, unique_by=lambda row: row[0],
        )
    )  # fmt: skip
    def a_list_is_loaded(self, rows: list[tuple[int, str, str, str]]) -> None:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(
            ["matricula", "curp", "nombre", "primer apellido", "segundo apellido", "nss", "correo", "estatus", "fecha inscripcion"]
        )
        for who, nss, email, status in rows:
            person = self.persons[who]
            matricula = {1: "M1", 2: "M2", 3: "M4"}.get(who, f"N{who}")
            number = self.numbers[int(nss)] if nss else ""
            writer.writerow(
                [matricula, person.curp, "Otro", person.primer_apellido, person.segundo_apellido, number, email, status, "2026-08-06"]
            )
        said = {"plantel": self.ours.pk, "ciclo": self.ciclo.pk, "file": SimpleUploadedFile("lista.csv", out.getvalue().encode())}
        page = self.desk.post("/listas/", said).headers["Location"]
        a_worker_looks()
        self.desk.get(page)
        self.desk.post(f"{page}cargar/")
        a_worker_looks()

    @precondition(lambda self: Import.objects.exists())
    @rule()
    def the_last_list_is_undone(self) -> None:
        self.desk.post(f"/listas/{Import.objects.latest('pk').pk}/deshacer/")
        a_worker_looks()

    @rule(n=st.integers(0, 5), slug=st.sampled_from(sorted(DEEDS)), number=st.integers(0, 5))
    def an_action_is_taken(self, n: int, slug: str, number: int) -> None:
        case = self.case(n)
        if case is None:
            return
        meant = {"<own>": self.numbers[number], "<other plantel>": self.theirs.pk, "<other record>": self.persons[number % 5].curp}
        typed = {name: meant.get(value, value) if isinstance(value, str) else value for name, value in DEEDS[slug].typed.items()}
        typed |= {"paper": SimpleUploadedFile("hoja.pdf", PDF)} if DEEDS[slug].paper else {}
        answer = self.desk.post(f"/expedientes/{case.pk}/acciones/{slug}/", {"version": case.version, "looked_twice": "on", **typed})
        assert answer.status_code in {302, 409, 422}

    @rule(n=st.integers(0, 5), number=st.integers(0, 5), papers=st.booleans(), undone=st.booleans())
    def something_is_received(self, n: int, number: int, papers: bool, undone: bool) -> None:
        case, key = self.case(n), uuid.uuid4()
        if case is None:
            return
        slip = {"key": key, "caso": case.pk, "estado": case.state, "papeles": ["nss", *(["acuse"] if papers else [])], "hace": 1}
        self.desk.post("/ventanilla/recibir/", {**slip, "nss": self.numbers[number]})
        if undone:
            self.desk.post("/ventanilla/deshacer/", {"key": key})

    @rule(n=st.integers(0, 5))
    def the_tutor_and_the_links_are_changed(self, n: int) -> None:
        if case := self.case(n):
            self.desk.post(f"/avisos/tutor/{case.pk}/", {"name": "Otra persona", "email": "otra@malo.example.mx"})
            self.desk.post(f"/avisos/anular/{case.pk}/")

    @rule(who=_ANYBODY)
    def somebody_is_looked_for_and_opened_by_hand(self, who: int) -> None:
        for code in (self.persons[who].curp, self.persons[who].nss):
            self.desk.post("/ventanilla/buscar/", {"codigo": code})
        for case in Case.objects.filter(plantel=self.theirs):
            for path in ("", "acciones/baja/", "mostrar/", "asignar/"):
                answer = self.desk.post(f"/expedientes/{case.pk}/{path}", {"version": case.version, "on": "2026-08-12"})
                assert answer.status_code in {404, 405}

    @precondition(lambda self: ConsentRequest.objects.exists())
    @rule(n=st.integers(0, 9), word=st.sampled_from(["aceptar", "rechazar", "retirar"]))
    def the_own_request_is_decided(self, n: int, word: str) -> None:
        requests = list(ConsentRequest.objects.order_by("pk"))
        self.desk.post(f"/solicitudes/{requests[n % len(requests)].pk}/{word}/", {"como": "traslado", "motivo": "Sí"})

    @invariant()
    def nothing_of_others_changed(self) -> None:
        assert self.dump() == self.before

    @invariant()
    def every_case_says_what_its_facts_say(self) -> None:
        assert [str(each) for each in differences()] == []
        assert list(broken_chains()) == []


class TestNothingOfOthers(TestCase):
    @pytest.mark.slow
    def test_c1_whatever_an_officer_does_leaves_what_is_others_byte_for_byte(self) -> None:
        machine = Office.TestCase
        machine.settings = settings(max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
        machine("runTest").runTest()
