"""Two records that are one person, merged and taken apart again: cases, enrolments, numbers, covers and what finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from afiliacion.cases import consent, counters, decisions, verbs
from afiliacion.cases.decisions import EnrolmentWay
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.history.erasure import erase
from afiliacion.cases.identity.correcting import TAKEN, correct_person
from afiliacion.cases.identity.known import by_curp
from afiliacion.cases.identity.merging import MergeOrder, find_other, merge
from afiliacion.cases.identity.unmerging import last_merge
from afiliacion.cases.models import Case, ConsentRequest, Merge
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.queries import visible_cases
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.insurance import log
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from students.models import Ciclo, Enrolment, FormerValue, Plantel, Student
from tests.insurance.conftest import BEGONA, BRUNO, DAY, PROOF, D, by_imss, by_night, joined, now_of, officer, parted

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _all_agrees() -> Any:
    yield
    assert [str(left) for left in disagreements(D(2027, 7, 1))] == []
    assert [*broken_chains(), *differences(), *log.broken(), *counters.differences(), *counters.wrong_copies()] == []


def stands() -> dict[str, Any]:
    """Everything a merge may touch, so that taking it back can be held against it."""
    cases = "pk", "student", "enrolment", "state", "state_since", "baja_kind", "nss_on", "acuse_on", "alta_on", "vigencia_on", "due_on"
    people = "pk", "curp", "nss", "nombre", "sex", "email", "name_search", "merged_into"
    enrolments = "pk", "student", "plantel", "ciclo", "matricula", "grupo", "status"
    covers = "pk", "student", "nss", "registro", "status", "ended_on", "owed_by"
    return {
        "cases": list(Case.objects.order_by("pk").values_list(*cases)),
        "people": list(Student.objects.order_by("pk").values_list(*people)),
        "enrolments": list(Enrolment.objects.order_by("pk").values_list(*enrolments)),
        "covers": list(Cover.objects.order_by("pk").values_list(*covers)),
        "former": sorted(FormerValue.objects.values_list("student", "field", "value", "became", "search")),
    }


def test_two_cases_at_one_plantel_become_one_and_the_one_that_has_come_further_goes_on(older: Make, newer: Make) -> None:
    old, new = older(State.SIN_NSS), newer(State.VIGENTE)
    assert sorted(joined(old, new, right_is_other=True).done) == [old.pk, new.pk]
    old, new = now_of(old, new)
    assert (old.state, old.baja_kind, new.state) == (State.BAJA, BajaKind.DESHECHA, State.VIGENTE)
    assert new.student_id == old.student_id
    assert (new.student.curp, new.student.nombre, new.student.nss is not None) == (BRUNO, "Bruno", True)
    assert Cover.objects.get().student_id == old.student_id
    assert new.enrolment_id == old.enrolment_id
    assert new.enrolment.matricula == "26000002"
    assert [case.pk for case in visible_cases(None)] == [new.pk]
    assert not old.facts.baja_owed
    assert old.events.latest("seq").data["goes_on"] == new.pk


def test_what_no_longer_stands_finds_the_person(older: Make, newer: Make) -> None:
    old, new = older(State.NSS_OBTENIDO), newer(State.SIN_NSS)
    joined(old, new)
    person = now_of(old)[0].student
    assert by_curp(BRUNO) == by_curp(BEGONA) == person
    kept = set(FormerValue.objects.filter(student=person).values_list("field", "value", "search"))
    assert {("curp", BRUNO, BRUNO), ("nombre", "Bruno", "bruno nanez de la o"), ("matricula", "26000002", "26000002")} <= kept
    # An address the record had not is taken over.
    assert person.email == "b@x.example.mx"


@pytest.mark.parametrize("right_is_other", [False, True])
@pytest.mark.parametrize(
    ("first", "second"),
    [(State.SIN_NSS, State.VIGENTE), (State.VIGENTE, State.SIN_NSS), (State.SIN_NSS, State.SIN_NSS), (State.BAJA, State.SIN_NSS),
     (State.RENUNCIA, State.SIN_NSS), (State.EN_SUBDELEGACION, State.SIN_NSS)],
)  # fmt: skip
def test_taken_apart_again_everything_is_as_it_was(
    older: Make, newer: Make, make_enrolment: Make, first: State, second: State, right_is_other: bool
) -> None:
    old, new = older(first), newer(second)
    before = stands()
    assert joined(old, new, right_is_other=right_is_other).skipped == {}
    assert Student.objects.get(pk=new.student_id).merged_into_id == old.student_id
    assert parted(new).skipped == {}
    assert stands() == before
    assert last_merge(old.student_id) is None
    assert joined(new, old).skipped == {}


def test_cases_at_two_planteles_stay_two_of_one_person_with_one_cover(older: Make, newer: Make, sister: Plantel) -> None:
    old, new = older(State.VIGENTE), newer(State.SIN_NSS, plantel=sister)
    before = stands()
    joined(new, old)
    old, new = now_of(old, new)
    assert (old.student_id, new.student_id, old.state, new.state) == (old.student_id, old.student_id, State.VIGENTE, State.VIGENTE)
    assert Cover.objects.count() == 1
    assert parted(old).skipped == {}
    assert stands() == before


def test_last_term_s_case_goes_on_in_this_one(older: Make, newer: Make) -> None:
    later = Ciclo.objects.create(clave="2026-3", starts_on=D(2026, 8, 11), ends_on=D(2027, 7, 15))
    old, new = older(State.VIGENTE), newer(State.SIN_NSS, ciclo=later)
    before = stands()
    joined(old, new)
    old, new = now_of(old, new)
    assert (old.state, old.ciclo_id, old.enrolled_on) == (State.VIGENTE, later.pk, new.enrolment.enrolled_on)
    assert (new.state, Enrolment.objects.filter(student=old.student_id).count()) == (State.BAJA, 2)
    assert parted(old).skipped == {}
    assert stands() == before


def test_a_case_at_the_subdelegacion_for_want_of_a_number_has_the_other_s_and_its_cover(older: Make, newer: Make, sister: Plantel) -> None:
    old, new = older(State.VIGENTE), newer(State.SIN_NSS, plantel=sister)
    verbs.escalate({new.pk: Happening(DAY, reason="No se localiza su NSS")}, act=by_night(DAY))
    joined(old, new)
    assert now_of(new)[0].state == State.VIGENTE


def test_two_numbers_are_decided_first(older: Make, newer: Make) -> None:
    old, new = older(State.NSS_OBTENIDO), newer(State.VIGENTE)
    before = stands()
    assert "Primero decida cuál es el del alumno" in joined(old, new).skipped[old.pk]
    assert stands() == before
    verbs.disown_nss([old.pk], on=DAY, act=by_night(DAY), reason="Era de su mamá")
    assert joined(old, new).skipped == {}


def test_a_number_that_moved_from_one_record_to_the_other_is_one_cover_and_owes_no_baja(older: Make, newer: Make) -> None:
    """Disowned in one record and taken for the other, the old cover's baja would have ended the new one."""
    old = older(State.VIGENTE)
    number = old.student.nss
    verbs.disown_nss([old.pk], on=DAY, act=by_night(DAY), reason="Era de otra persona")
    assert now_of(old)[0].facts.baja_owed
    new = newer(State.SIN_NSS)
    act = by_night(DAY)
    verbs.obtain_nss({new.pk: number}, on=DAY, act=act)
    verbs.deliver_acuse([new.pk], on=DAY, act=act)
    verbs.send_alta({new.pk: {"lote": "9"}}, on=DAY, act=by_imss(DAY))
    joined(new, old)
    assert not any(case.facts.baja_owed for case in now_of(old, new))
    assert Cover.objects.filter(ended_on=None).count() == 1
    assert "quedaron en uno" not in str(stands())
    assert "dos seguros que eran el mismo" in parted(new).skipped[new.pk]


def test_while_a_baja_is_on_its_way_the_records_stay_two(older: Make, newer: Make) -> None:
    old, new = older(State.BAJA), newer(State.SIN_NSS)
    verbs.send_baja({old.pk: {"lote": "7"}}, on=DAY, act=by_imss(DAY))
    assert "espere su respuesta" in joined(old, new).skipped[old.pk]


def test_what_was_built_upon_a_merge_keeps_it(older: Make, newer: Make, make_enrolment: Make, sister: Plantel) -> None:
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    joined(old, new)
    verbs.hold([new.pk], on=DAY, reason="Está de viaje", act=Act(Actor(ActorKind.PERSON, "Inés"), by_night(D(2026, 8, 21)).now))
    assert "ya no se deshace" in parted(new).skipped[new.pk]
    assert "No hay una unión" in parted(Case.objects.get(pk=old.pk)).skipped.get(old.pk, "") or parted(old).skipped


def test_a_new_enrolment_of_the_person_keeps_the_merge(older: Make, newer: Make, make_enrolment: Make, sister: Plantel) -> None:
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    joined(old, new)
    make_enrolment(student=now_of(new)[0].student, plantel=sister, matricula="26000009")
    assert "ya no se deshace" in parted(new).skipped[new.pk]


def test_an_erasure_reaches_what_the_other_record_said_and_the_merge_stays(older: Make, newer: Make) -> None:
    old, new = older(State.SIN_NSS), newer(State.NSS_OBTENIDO)
    joined(old, new)
    erase([new.pk])
    assert not FormerValue.objects.exists()
    assert "ya no se deshace" in parted(new).skipped[new.pk]


def test_a_person_of_another_plantel_too_is_asked_about(older: Make, newer: Make, plantel: Plantel, other_plantel: Plantel) -> None:
    old, new = older(State.NSS_OBTENIDO), newer(State.SIN_NSS)
    theirs = Enrolment.objects.create(
        student=old.student, plantel=other_plantel, ciclo=old.ciclo, matricula="9", enrolled_on=DAY
    )  # fmt: skip
    before = stands()
    outcome = joined(new, old, officer(plantel))
    assert outcome.requested == {new.pk}
    assert stands() == before
    request = ConsentRequest.objects.get()
    assert (request.kind, request.student_id, request.payload["otro"]) == (consent.Kind.MERGE, old.student_id, old.folio)
    decisions.accept(request.pk, EnrolmentWay.SECOND, act=officer(other_plantel), also={})
    assert Student.objects.get(pk=new.student_id).merged_into_id == old.student_id == theirs.student_id
    assert "es de otro plantel" in "".join(parted(new, officer(plantel)).skipped.values()) or not Case.objects.filter(plantel=other_plantel)


def test_the_other_record_is_named_by_curp_or_folio_and_only_one_s_own_are_found(
    older: Make, newer: Make, plantel: Plantel, other_plantel: Plantel
) -> None:
    old, new = older(State.SIN_NSS), newer(State.SIN_NSS, plantel=other_plantel)
    assert find_other(BRUNO.lower(), old, None) == find_other(f" e-{new.pk:07d} ", old, None) == new.student
    assert find_other(BRUNO, old, frozenset({plantel.pk})) is find_other(new.folio, old, frozenset({plantel.pk})) is None
    assert find_other(old.folio, old, None) is find_other("E-" + "9" * 30, old, None) is find_other("nadie", old, None) is None


def test_reason_paper_and_two_records_are_needed(older: Make, newer: Make) -> None:
    old, new = older(State.SIN_NSS), newer(State.SIN_NSS)
    bare = MergeOrder(old.pk, new.student_id, right_is_other=False, on=DAY, reason=" ", evidence=PROOF)
    assert merge(bare, act=by_night(DAY)).skipped[old.pk].startswith("Escriba el motivo.")
    unproved = MergeOrder(old.pk, new.student_id, right_is_other=False, on=DAY, reason="Sí", evidence="")
    assert merge(unproved, act=by_night(DAY)).skipped[old.pk].startswith("Adjunte el documento")
    assert "Ese ya es el registro" in joined(old, old).skipped[old.pk]
    assert not Merge.objects.exists()
    assert correct_person({old.pk: {"curp": BRUNO}}, on=DAY, act=by_night(DAY), reason="x", evidence=PROOF).skipped[old.pk] == TAKEN


def test_only_a_merge_gives_a_case_to_another_person(older: Make, newer: Make, other_plantel: Plantel) -> None:
    old, new = older(State.SIN_NSS), newer(State.SIN_NSS, plantel=other_plantel)
    for table in ("cases_case", "students_enrolment"):
        moved = f"UPDATE {table} SET student_id = %s WHERE student_id = %s"  # noqa: S608 - one of two names
        refused = pytest.raises(DatabaseError, match="was not moved by an event|stays with its student")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(moved, [old.student_id, new.student_id])


def test_what_imss_says_of_the_closed_case_reaches_the_person_s_cover(older: Make, newer: Make) -> None:
    old, new = older(State.ALTA_ENVIADA), newer(State.SIN_NSS)
    joined(old, new)
    verbs.confirm_vigencia({old.pk: Happening(DAY, {}, PROOF)}, act=by_imss(DAY))
    assert now_of(old)[0].state == State.VIGENTE
    assert Verb.MERGE in set(old.events.values_list("verb", flat=True))
