import datetime as dt

import psycopg
import pytest
from django.db import IntegrityError, transaction

from afiliacion.cases import enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.chain import broken_link
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import BajaKind, Coverage, State, Verb
from students.models import Calendar, Ciclo, Enrolment, NonWorkingDay, Student
from tests.cases.conftest import DAY, NSS, PROOF
from tests.roles import as_owner

pytestmark = pytest.mark.django_db

OTHER_NSS = "12345678903"


def test_the_whole_path(make_case, move, act, assert_whole):
    case = move(make_case(), State.VIGENTE)
    assert (case.state, case.turn, case.coverage) == (State.VIGENTE, "nadie", Coverage.OURS)
    assert case.student.nss == NSS
    assert list(case.events.order_by("seq").values_list("verb", flat=True)) == [
        Verb.OPEN, Verb.OBTAIN_NSS, Verb.DELIVER_ACUSE, Verb.SEND_ALTA, Verb.CONFIRM_VIGENCIA,
    ]  # fmt: skip
    assert_whole(case)


def test_the_acuse_is_due_three_working_days_after_the_enrolment(make_case):
    assert make_case(enrolled_on=dt.date(2026, 8, 6)).due_on == dt.date(2026, 8, 11)


def test_the_planteles_own_days_do_not_count(make_case, plantel):
    plantel.calendar = Calendar.objects.create(clave="gro", name="Guerrero")
    plantel.save()
    NonWorkingDay.objects.create(calendar=plantel.calendar, date=dt.date(2026, 8, 10), reason="Consejo técnico")
    assert make_case(enrolled_on=dt.date(2026, 8, 6)).due_on == dt.date(2026, 8, 12)


def test_a_second_time_is_skipped_and_told_who_was_first(make_case, move, act):
    case = move(make_case(), State.ACUSE_ENTREGADO)
    outcome = verbs.deliver_acuse([case.pk], on=DAY, act=act)
    assert outcome.done == []
    assert outcome.skipped[case.pk] == (
        "El expediente está en «Acuse entregado» y ese paso no procede desde ahí. "
        "Lo último: Acuse entregado, por Proceso nocturno, el 20/08/2026 a las 12:00."
    )
    assert case.events.count() == 3


def test_one_set_gives_each_case_its_own_outcome(make_case, move, act):
    ready, early = move(make_case(), State.NSS_OBTENIDO), make_case()
    outcome = verbs.deliver_acuse([ready.pk, early.pk, 10**9], on=DAY, act=act)
    assert outcome.done == [ready.pk]
    assert set(outcome.skipped) == {early.pk, 10**9}


@pytest.mark.parametrize(
    ("nss", "reason"), [("03230500014", "dígito verificador"), ("00000000000", "no es de nadie"), ("323", "11 dígitos")]
)
def test_a_number_that_is_no_nss_is_refused(make_case, act, nss, reason):
    case = make_case()
    assert reason in verbs.obtain_nss({case.pk: nss}, on=DAY, act=act).skipped[case.pk]
    assert Student.objects.get(pk=case.student_id).nss is None


def test_invariant_3_anothers_nss_is_refused_even_within_one_set(make_case, act):
    first, second, third = make_case(), make_case(), make_case()
    outcome = verbs.obtain_nss({first.pk: NSS, second.pk: NSS}, on=DAY, act=act)
    assert outcome.done == [first.pk]
    assert "otra persona" in outcome.skipped[second.pk]
    assert "otra persona" in verbs.obtain_nss({third.pk: NSS}, on=DAY, act=act).skipped[third.pk]


def test_a_parents_nss_is_disowned_and_everything_starts_again(make_case, move, act, assert_whole):
    case = move(make_case(), State.ALTA_ENVIADA)
    assert verbs.disown_nss([case.pk], on=DAY, reason="", act=act).skipped[case.pk].startswith("Escriba el motivo.")
    assert verbs.disown_nss([case.pk], on=DAY, reason="Es el NSS de su mamá", act=act).done == [case.pk]
    case.refresh_from_db()
    assert (case.state, case.acuse_on, case.alta_on, case.student.nss) == (State.SIN_NSS, None, None, None)
    assert_whole(case)


def test_an_nss_is_corrected_only_with_reason_and_paper(make_case, move, act, assert_whole):
    case = move(make_case(), State.ACUSE_ENTREGADO)
    assert verbs.correct_nss({case.pk: OTHER_NSS}, on=DAY, reason="Error de dedo", evidence="", act=act).skipped
    assert verbs.correct_nss({case.pk: NSS}, on=DAY, reason="Error de dedo", evidence=PROOF, act=act).skipped
    assert verbs.correct_nss({case.pk: OTHER_NSS}, on=DAY, reason="Error de dedo", evidence=PROOF, act=act).done
    case.refresh_from_db()
    assert (case.state, Student.objects.get(pk=case.student_id).nss) == (State.NSS_OBTENIDO, OTHER_NSS)
    assert_whole(case)


def test_invariant_2_vigente_only_on_evidence(make_case, move, act):
    case = move(make_case(), State.ALTA_ENVIADA)
    assert "constancia" in verbs.confirm_vigencia({case.pk: Happening(DAY)}, act=act).skipped[case.pk]
    with pytest.raises(IntegrityError, match="case_vigente_on_evidence"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=State.VIGENTE)


def test_a_rejected_alta_is_the_schools_turn_and_can_be_sent_again(make_case, move, act, assert_whole):
    case = move(make_case(), State.ALTA_ENVIADA)
    verbs.reject_alta({case.pk: Happening(DAY, {"code": "F-NOMBRE", "message": "El nombre no coincide"}, PROOF)}, act=act)
    case.refresh_from_db()
    assert (case.state, case.turn, case.alta_on) == (State.SIN_VIGENCIA, "escuela", None)
    assert verbs.send_alta({case.pk: {"lote": "2"}}, on=DAY, act=act).done == [case.pk]
    assert_whole(case)


def test_the_subdelegacion_and_back_with_the_nss_it_gave(make_case, act, assert_whole):
    case = make_case()
    verbs.escalate({case.pk: Happening(DAY, reason="Acudir a la Subdelegación")}, act=act)
    verbs.file_at_desk([case.pk], on=DAY, folio="F-1", act=act)
    case.refresh_from_db()
    assert (case.state, case.turn) == (State.EN_SUBDELEGACION, "imss")
    verbs.return_from_desk([case.pk], on=DAY, nss={case.pk: NSS}, act=act)
    case.refresh_from_db()
    assert (case.state, case.student.nss, case.filed_on) == (State.NSS_OBTENIDO, NSS, None)
    assert_whole(case)


def test_a_renuncia_is_withdrawn_where_the_case_was(make_case, move, act, assert_whole):
    case = move(make_case(), State.ACUSE_ENTREGADO)
    verbs.renounce([case.pk], on=DAY, reason="Lo cubre su trabajo", tutor="Úrsula Ek", act=act)
    verbs.withdraw_renuncia([case.pk], on=DAY, act=act)
    case.refresh_from_db()
    assert case.state == State.ACUSE_ENTREGADO
    assert_whole(case)


def test_a_student_who_left_for_a_while_comes_back_and_the_alta_is_sent_again(make_case, move, act, assert_whole):
    case = move(make_case(), State.VIGENTE)
    verbs.leave([case.pk], BajaKind.TEMPORAL, on=DAY, act=act)
    verbs.send_baja({case.pk: {"lote": "3"}}, on=DAY, act=act)
    verbs.operate_baja({case.pk: Happening(DAY, {}, PROOF)}, act=act)
    verbs.rejoin([case.pk], on=DAY, act=act)
    case.refresh_from_db()
    assert (case.state, case.turn) == (State.ACUSE_ENTREGADO, "escuela")
    assert_whole(case)


@pytest.mark.parametrize("kind", [kind for kind in BajaKind if kind is not BajaKind.DESHECHA])
def test_from_every_baja_of_a_running_term_there_is_a_way_back(make_case, act, assert_whole, kind):
    case = make_case()
    verbs.leave([case.pk], kind, on=DAY, act=act)
    if kind is not BajaKind.TEMPORAL:
        assert "Escriba el motivo" in verbs.rejoin([case.pk], on=DAY, act=act).skipped[case.pk]
    assert verbs.rejoin([case.pk], on=DAY, act=act, reason="se anotó por error").done == [case.pk]
    case.refresh_from_db()
    assert (case.state, case.baja_kind) == (State.SIN_NSS, "")
    assert_whole(case)


def test_what_a_list_opened_that_was_undone_does_not_rejoin(make_case, act):
    case = make_case()
    verbs.undo_load({case.pk: Happening(DAY, {"before": None}, reason="Se deshizo")}, act=act)
    assert "cargue la lista" in verbs.rejoin([case.pk], on=DAY, act=act, reason="Error").skipped[case.pk]


def test_once_the_term_is_over_an_enrolment_that_runs_brings_a_case_back(make_case, make_enrolment, actor, act, now, assert_whole):
    case, other = make_case(), make_case()
    verbs.leave([case.pk, other.pk], BajaKind.EGRESO, on=DAY, act=act)
    later = Act(actor, now.replace(year=2027, month=2, day=10))
    said = verbs.rejoin([case.pk], on=dt.date(2027, 2, 10), act=later, reason="Error").skipped[case.pk]
    assert "ya terminó" in said
    following = Ciclo.objects.create(clave="2027-1", starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 7, 15))
    enrolment = make_enrolment(student=case.student, ciclo=following, enrolled_on=dt.date(2027, 2, 3))
    make_enrolment(student=other.student, ciclo=following, status="baja_definitiva")
    outcome = verbs.rejoin([case.pk, other.pk], on=dt.date(2027, 2, 10), act=later, reason="Error")
    assert (outcome.done, list(outcome.skipped)) == ([case.pk], [other.pk])
    case.refresh_from_db()
    assert (case.enrolment, case.ciclo) == (enrolment, following)
    assert_whole(case)


def test_who_comes_back_is_enrolled_again(make_case, act):
    case = make_case(status="activo")
    verbs.leave([case.pk], BajaKind.DEFINITIVA, on=DAY, act=act)
    Enrolment.objects.filter(pk=case.enrolment_id).update(status="baja_definitiva")
    verbs.rejoin([case.pk], on=DAY, act=act, reason="Error")
    assert Enrolment.objects.get(pk=case.enrolment_id).status == Enrolment.Status.ACTIVO


def test_a_hold_stops_the_clock_and_its_days_do_not_count(make_case, act, assert_whole):
    case = make_case(enrolled_on=dt.date(2026, 8, 6))
    verbs.hold([case.pk], on=dt.date(2026, 8, 10), reason="Trámite en RENAPO", act=act)
    case.refresh_from_db()
    assert case.due_on is None
    verbs.release([case.pk], on=dt.date(2026, 8, 13), act=act)
    case.refresh_from_db()
    assert case.due_on == dt.date(2026, 8, 14)
    assert_whole(case)


def test_other_cover_is_a_fact_and_moves_nothing(make_case, move, act, assert_whole):
    case = move(make_case(), State.ALTA_ENVIADA)
    verbs.note_coverage({case.pk: (Coverage.OTHER, Happening(DAY, {}, PROOF))}, act=act)
    case.refresh_from_db()
    assert (case.state, case.coverage) == (State.ALTA_ENVIADA, Coverage.OTHER)
    assert_whole(case)


def test_the_end_of_our_cover_is_no_note_but_an_answer(make_case, move, act, assert_whole):
    case = move(make_case(), State.VIGENTE)
    refused = verbs.note_coverage({case.pk: (Coverage.NONE, Happening(DAY))}, act=act).skipped
    assert "constancia sin derecho" in refused[case.pk]
    case.refresh_from_db()
    assert (case.state, case.coverage) == (State.VIGENTE, Coverage.OURS)
    assert_whole(case)


def test_a_fact_cannot_be_in_the_future(make_case, act):
    case = make_case()
    assert "futuro" in verbs.renounce([case.pk], on=dt.date(2026, 8, 21), act=act).skipped[case.pk]


def test_enrolling_twice_opens_one_case(make_enrolment, act):
    enrolment = make_enrolment()
    assert len(enrol.enrol([enrolment.pk], act=act).opened) == 1
    assert enrol.enrol([enrolment.pk], act=act) == enrol.Enrolled()


def test_a_reenrolment_continues_the_open_case_and_a_new_stay_opens_another(make_case, make_enrolment, ciclo, act, assert_whole):
    case = make_case()
    ciclo.pk, ciclo.clave, ciclo.starts_on = None, "2027-1", dt.date(2026, 8, 2)
    ciclo.save()
    again = make_enrolment(student=case.student, ciclo=ciclo, enrolled_on=dt.date(2026, 8, 19))
    assert enrol.enrol([again.pk], act=act).continued == [case.pk]
    case.refresh_from_db()
    # It was enrolled on the 19th and recorded on the 20th.
    assert (case.enrolment_id, case.due_on) == (again.pk, dt.date(2026, 8, 25))
    assert_whole(case)
    verbs.leave([case.pk], BajaKind.DEFINITIVA, on=DAY, act=act)
    ciclo.pk, ciclo.clave, ciclo.starts_on = None, "2027-2", dt.date(2026, 8, 3)
    ciclo.save()
    assert len(enrol.enrol([make_enrolment(student=case.student, ciclo=ciclo).pk], act=act).opened) == 1


def test_a_closed_case_does_not_come_back_beside_an_open_one(make_case, make_enrolment, ciclo, act):
    case = make_case()
    verbs.renounce([case.pk], on=DAY, tutor="Úrsula Ek", act=act)
    ciclo.pk, ciclo.clave, ciclo.starts_on = None, "2027-1", dt.date(2026, 8, 2)
    ciclo.save()
    enrol.enrol([make_enrolment(student=case.student, ciclo=ciclo).pk], act=act)
    assert "otro expediente abierto" in verbs.withdraw_renuncia([case.pk], on=DAY, act=act).skipped[case.pk]


def test_a_baja_in_the_roll_opens_no_case(make_enrolment, act):
    assert enrol.enrol([make_enrolment(status="baja_definitiva").pk], act=act) == enrol.Enrolled()
    assert len(enrol.enrol([make_enrolment(status="licencia").pk], act=act).opened) == 1


def test_an_nss_the_roll_brought_is_obtained_at_birth(make_case, make_student, assert_whole):
    case = make_case(student=make_student(nss=NSS))
    assert (case.state, case.nss_on) == (State.NSS_OBTENIDO, case.enrolled_on)
    assert_whole(case)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE cases_case SET state = 'VIGENTE', vigencia_evidence = 'x'", "case_move"),
        ("UPDATE cases_case SET due_on = due_on + 1", "case_move"),
        ("UPDATE cases_case SET state = 'BAJA', version = version + 1", "case_move"),
        ("UPDATE cases_event SET actor_name = 'otro'", "append_only"),
        ("DELETE FROM cases_event", "append_only"),
        ("UPDATE cases_clockrule SET n = 9", "append_only"),
        ("UPDATE cases_case SET state = 'INVENTADO'", "case_state_known"),
        ("UPDATE cases_case SET ciclo_id = ciclo_id + 999", "case_of_enrolment"),
        ("UPDATE students_enrolment SET student_id = student_id + 999", "case_of_enrolment"),
        ("UPDATE students_enrolment SET plantel_id = plantel_id + 999", "case_of_enrolment"),
    ],
)
def test_invariants_1_and_11_are_kept_by_the_database(make_case, statement, constraint):
    make_case()
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), as_owner() as cursor:
        cursor.execute(statement)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == constraint


def test_invariant_4_a_second_open_case_is_refused_by_the_database(make_case):
    case = make_case()
    stand_in = Case.objects.get(pk=case.pk)
    stand_in.pk = None
    with pytest.raises(IntegrityError, match="case_one_open_per_student_and_plantel"), transaction.atomic():
        stand_in.save(force_insert=True)


def test_a_case_without_its_event_is_not_born(make_case, make_student):
    case = make_case()
    stranger = Case.objects.get(pk=case.pk)
    stranger.pk, stranger.student = None, make_student()
    with pytest.raises(IntegrityError, match="is not born by an event"), transaction.atomic():
        stranger.save(force_insert=True)


def test_the_chain_tells_what_was_altered(make_case, move):
    case = move(make_case(), State.ACUSE_ENTREGADO)
    events = list(case.events.order_by("seq"))
    head = (case.version, case.head_hash)
    assert broken_link(events, *head) == ""
    assert "falta el hecho 2" in broken_link([events[0], events[2]], *head)
    assert "termina en el 2" in broken_link(events[:2], *head)
    events[1].data = {"nss": OTHER_NSS}
    assert "hecho 2 fue alterado" in broken_link(events, *head)
