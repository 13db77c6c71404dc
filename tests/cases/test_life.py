"""The rest of a case's life: papers, minors, transfer, outages, alerts, and reading the past."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from afiliacion.cases import enrol, upkeep, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.chain import as_of
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case, ClockRule, OutageDay, PaperKind, WantedPaper
from afiliacion.cases.outcome import Act
from afiliacion.cases.schedule import NoRule, Schedule
from afiliacion.cases.states import BajaKind, State, Verb
from students.models import Calendar, NonWorkingDay, RegistroPatronal
from tests.cases.conftest import DAY, PROOF
from tests.planteles import add_registro

pytestmark = pytest.mark.django_db

ADULT, MINOR = dt.date(2004, 8, 10), dt.date(2008, 8, 11)


@pytest.fixture
def wants(plantel):
    def want(step, *keys, minors_only=False, owner=plantel):
        for key in keys:
            WantedPaper.objects.create(plantel=owner, step=step, kind=PaperKind.objects.get(key=key), minors_only=minors_only)

    return want


def test_the_acuse_waits_for_the_papers_the_plantel_wants(make_case, move, wants, act, assert_whole):
    wants(Verb.DELIVER_ACUSE, "curp", "acta")
    case = move(make_case(), State.NSS_OBTENIDO)
    assert verbs.deliver_acuse([case.pk], on=DAY, papers=["curp"], act=act).skipped[case.pk] == "Falta: Acta de nacimiento."
    verbs.receive_papers([case.pk], ["acta"], on=DAY, act=act)
    verbs.reject_papers([case.pk], ["acta"], on=DAY, reason="Ilegible", act=act)
    assert verbs.deliver_acuse([case.pk], on=DAY, papers=["curp"], act=act).skipped
    assert verbs.deliver_acuse([case.pk], on=DAY, papers=["curp", "acta"], act=act).done
    verbs.verify_papers([case.pk], ["acta"], on=DAY, act=act)
    case.refresh_from_db()
    assert case.facts.papers == (("acta", "verified"), ("curp", "received"))
    assert_whole(case)


def test_another_planteles_papers_are_not_wanted_here(make_case, move, wants, act, other_plantel):
    wants(Verb.DELIVER_ACUSE, "acta", owner=other_plantel)
    case = move(make_case(), State.NSS_OBTENIDO)
    assert verbs.deliver_acuse([case.pk], on=DAY, act=act).done


def test_a_wrong_nss_takes_the_acuse_paper_with_it(make_case, move, wants, act):
    wants(Verb.DELIVER_ACUSE, "acuse", "acta")
    case = make_case()
    verbs.receive_papers([case.pk], ["acuse", "acta"], on=DAY, act=act)
    move(case, State.ACUSE_ENTREGADO)
    verbs.disown_nss([case.pk], on=DAY, reason="Es de su papá", act=act)
    case.refresh_from_db()
    assert case.facts.papers_in == {"acta"}


@pytest.mark.parametrize(("born", "done"), [(ADULT, True), (dt.date(2008, 8, 10), True), (MINOR, False)])
def test_for_a_minor_the_tutor_signs_the_renuncia(make_case, make_student, act, born, done):
    case = make_case(student=make_student(birth_date=born))
    outcome = verbs.renounce([case.pk], on=DAY, act=act)
    assert bool(outcome.done) is done
    if not done:
        assert "menor de edad" in outcome.skipped[case.pk]
        assert verbs.renounce([case.pk], on=DAY, tutor="Úrsula Ek Uc", act=act).done


def test_papers_for_minors_are_not_asked_of_adults(make_case, make_student, wants, act):
    wants(Verb.RENOUNCE, "tutor", minors_only=True)
    adult, minor = (make_case(student=make_student(birth_date=born)) for born in (ADULT, MINOR))
    outcome = verbs.renounce([adult.pk, minor.pk], on=DAY, tutor="Úrsula Ek Uc", act=act)
    assert outcome.done == [adult.pk]
    assert "Identificación de la madre" in outcome.skipped[minor.pk]


@pytest.mark.parametrize(
    ("since", "turn"), [(None, "nadie"), (DAY, "nadie"), (DAY + dt.timedelta(days=1), "escuela"), ("never", "escuela")]
)
def test_a_transfer_owes_imss_a_baja_only_under_another_registro_patronal(
    make_case, move, plantel, other_plantel, act, since, turn, assert_whole
):
    """The other plantel has the first one's registro since then."""
    if since != "never":
        RegistroPatronal.objects.filter(plantel=other_plantel, valid_from=since).delete()
        add_registro(other_plantel, "A0112345321", since)
    case = move(make_case(), State.VIGENTE)
    verbs.transfer([case.pk], on=DAY, to=other_plantel, act=act)
    case.refresh_from_db()
    assert (case.state, case.baja_kind, case.turn) == (State.BAJA, BajaKind.TRASLADO, turn)
    assert_whole(case)


def test_days_without_imss_move_the_clocks_that_depend_on_it(make_case, actor, now, today, assert_whole):
    case = make_case(enrolled_on=dt.date(2026, 8, 6))
    OutageDay.objects.create(date=dt.date(2026, 8, 10), source="Portal caído todo el día")
    assert [d.what for d in differences()] == ["due_on"]
    assert upkeep.reschedule(today, act=Act(actor, now)).done == [case.pk]
    case.refresh_from_db()
    assert case.due_on == dt.date(2026, 8, 12)
    due = Schedule().explain(case.facts, case.plantel_id)
    assert due
    assert "Lunes 10 de agosto de 2026: no cuenta (el IMSS no dio servicio)." in due.steps
    assert upkeep.reschedule(today, act=Act(actor, now)).done == []
    assert list(differences()) == []
    assert_whole(case)


def test_a_new_rule_never_rewrites_a_due_date_already_running(make_case, make_enrolment, actor, now, today):
    case = make_case(enrolled_on=dt.date(2026, 8, 6))
    ClockRule.objects.create(key="acuse", n=10, unit="naturales", source="Acuerdo nuevo", valid_from=dt.date(2026, 8, 7))
    assert upkeep.reschedule(today, act=Act(actor, now)).done == []
    assert Case.objects.get(pk=case.pk).due_on == dt.date(2026, 8, 11)
    later = make_case(enrolled_on=dt.date(2026, 8, 7))
    assert later.due_on == dt.date(2026, 8, 17)


def test_a_planteles_own_rule_comes_first(make_case, plantel, other_plantel):
    ClockRule.objects.create(
        key="acuse", plantel=plantel, n=5, unit="habiles", source="Acuerdo del plantel", valid_from=dt.date(2026, 1, 1)
    )
    assert make_case(enrolled_on=dt.date(2026, 8, 6)).due_on == dt.date(2026, 8, 13)
    assert make_case(enrolled_on=dt.date(2026, 8, 6), plantel=other_plantel).due_on == dt.date(2026, 8, 11)


def test_a_date_no_rule_covers_is_said_in_spanish(make_case):
    with pytest.raises(NoRule, match="Falta una regla de plazo «Entrega del acuse por el alumno»"):
        make_case(enrolled_on=dt.date(1999, 8, 6))


def test_the_coordinator_is_told_once_when_it_is_very_late(make_case, actor, now, act, assert_whole):
    case = make_case(enrolled_on=dt.date(2026, 8, 6))  # due on the 11th, alert after 7 days
    assert upkeep.alert_overdue(dt.date(2026, 8, 18), act=Act(actor, now)).done == []
    assert upkeep.alert_overdue(dt.date(2026, 8, 19), act=Act(actor, now)).done == [case.pk]
    assert upkeep.alert_overdue(dt.date(2026, 8, 20), act=Act(actor, now)).done == []
    case.refresh_from_db()
    assert (case.state, case.alerted_on) == (State.SIN_NSS, dt.date(2026, 8, 19))
    assert_whole(case)


def test_a_clinic_can_be_noted_and_changed(make_case, move, act, assert_whole):
    case = move(make_case(), State.VIGENTE)
    verbs.note_clinic([case.pk], "UMF 5", on=DAY, turno="vespertino", act=act)
    verbs.note_clinic([case.pk], "UMF 34", on=DAY, postal_code="44100", act=act)
    case.refresh_from_db()
    assert (case.umf, case.clinic_on) == ("UMF 34", DAY)
    assert case.events.latest("seq").details["postal_code"] == "44100"
    assert_whole(case)


def test_a_case_is_read_as_it_stood_on_any_day(make_case, actor):
    def at(day):
        return timezone.make_aware(dt.datetime.combine(day, dt.time(9)))

    case = make_case()
    born = case.events.get().at
    verbs.obtain_nss({case.pk: "03230500013"}, on=DAY, act=Act(actor, at(dt.date(2026, 8, 24))))
    verbs.deliver_acuse([case.pk], on=DAY, act=Act(actor, at(dt.date(2026, 8, 25))))
    known = [as_of(case.pk, moment) for moment in (born, at(dt.date(2026, 8, 24)), at(dt.date(2026, 8, 30)))]
    assert [then and then.facts.state for then in known] == [State.SIN_NSS, State.NSS_OBTENIDO, State.ACUSE_ENTREGADO]
    assert as_of(case.pk, born - dt.timedelta(seconds=1)) is None


INSERTED = """
INSERT INTO cases_event
  (case_id, seq, verb, from_state, to_state, "on", at, actor_kind, actor_name, data, evidence, prev_hash, hash)
SELECT case_id, 4, 'renounce', to_state, 'RENUNCIA', "on", at, actor_kind, actor_name, '{}', '', hash, 'x'
FROM cases_event WHERE seq = 3
"""


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE cases_event SET \"on\" = '2026-01-01' WHERE seq = 2", "el hecho 2 fue alterado"),
        ("UPDATE cases_event SET data = '{}' WHERE seq = 1", "el hecho 1 fue alterado"),
        ("DELETE FROM cases_event WHERE seq = 3", "dice tener 3 hechos y la cadena termina en el 2"),
        ("DELETE FROM cases_event WHERE seq = 1", "falta el hecho 1"),
        (
            INSERTED,
            "el hecho 4 fue alterado o insertado",
        ),
    ],
)
def test_invariant_11_verify_history_finds_any_tampering(make_case, move, tamper, capsys, sql, problem):
    move(make_case(), State.ACUSE_ENTREGADO)
    call_command("verify_history")
    assert "todas íntegras" in capsys.readouterr().out
    tamper(sql)
    with pytest.raises(CommandError, match="1 expedientes"):
        call_command("verify_history")
    assert problem in capsys.readouterr().out


def test_invariant_10_check_cases_lists_what_is_not_what_the_facts_say(make_case, move, tamper, capsys):
    case = move(make_case(), State.ACUSE_ENTREGADO)
    call_command("check_cases")
    assert "todos dicen lo que sus hechos" in capsys.readouterr().out
    tamper("UPDATE cases_case SET turn = 'nadie', acuse_on = '2026-08-09'")
    # What went past the triggers is missing in the counters too: where it stood and stands, when it was due, here and in all.
    with pytest.raises(CommandError, match="8 diferencias"):
        call_command("check_cases")
    out = capsys.readouterr().out
    assert f"{case.folio} turn: guardado nadie, derivado escuela" in out
    assert "acuse_on: guardado 2026-08-09, derivado 2026-08-10" in out


def test_a_school_closure_added_later_is_a_happening(make_case, plantel, actor, now, today):
    plantel.calendar = Calendar.objects.create(clave="x", name="Calendario escolar")
    plantel.save()
    case = make_case(enrolled_on=dt.date(2026, 8, 6))
    NonWorkingDay.objects.create(calendar=plantel.calendar, date=dt.date(2026, 8, 7), reason="Huracán")
    upkeep.reschedule(today, act=Act(actor, now))
    event = case.events.latest("seq")
    assert (event.verb, event.data["due_on"], event.reason) == (Verb.RESCHEDULE, "2026-08-12", "Se agregaron días que no cuentan.")


def test_a_vigencia_is_lost_and_found_again(make_case, move, act, assert_whole):
    case = move(make_case(), State.VIGENTE)
    verbs.miss_vigencia({case.pk: Happening(DAY, {}, PROOF)}, act=act)
    case.refresh_from_db()
    assert (case.state, case.turn, case.coverage, case.vigencia_on) == (State.SIN_VIGENCIA, "escuela", "none", None)
    verbs.confirm_vigencia({case.pk: Happening(DAY, {"umf": "UMF 5"}, PROOF)}, act=act)
    case.refresh_from_db()
    assert (case.state, case.umf) == (State.VIGENTE, "UMF 5")
    assert_whole(case)


def test_of_two_closed_cases_only_the_last_comes_back(make_case, make_enrolment, ciclo, act):
    case = make_case()
    verbs.renounce([case.pk], on=DAY, tutor="Úrsula Ek Uc", act=act)
    ciclo.pk, ciclo.clave, ciclo.starts_on = None, "2027-1", dt.date(2026, 8, 2)
    ciclo.save()
    again = make_case(student=case.student, ciclo=ciclo)
    verbs.renounce([again.pk], on=DAY, tutor="Úrsula Ek Uc", act=act)
    outcome = verbs.withdraw_renuncia([case.pk, again.pk], on=DAY, act=act)
    assert (outcome.done, set(outcome.skipped)) == ([again.pk], {case.pk})


def test_no_clock_runs_when_imss_has_operated_the_baja(make_case, move, act, assert_whole):
    case = move(make_case(), State.VIGENTE)
    verbs.leave([case.pk], BajaKind.EGRESO, on=DAY, act=act)
    verbs.send_baja({case.pk: {"lote": "2"}}, on=DAY, act=act)
    verbs.operate_baja({case.pk: Happening(DAY, {}, PROOF)}, act=act)
    case.refresh_from_db()
    assert (case.turn, case.due_on, case.rule_id) == ("nadie", None, None)
    assert_whole(case)


def test_nobody_is_vigente_without_an_nss(make_case, act):
    case = make_case()
    verbs.escalate({case.pk: Happening(DAY, reason="Acudir a la Subdelegación")}, act=act)
    assert "no tiene NSS" in verbs.confirm_vigencia({case.pk: Happening(DAY, {}, PROOF)}, act=act).skipped[case.pk]


def test_an_old_list_does_not_pull_a_case_back_to_its_term(make_case, make_enrolment, ciclo, act):
    case = make_case()
    before, ciclo.pk, ciclo.clave, ciclo.starts_on = case.enrolment_id, None, "2027-1", dt.date(2026, 8, 2)
    ciclo.save()
    again = make_enrolment(student=case.student, ciclo=ciclo)
    enrol.enrol([again.pk], act=act)
    assert enrol.enrol([before], act=act) == enrol.Enrolled()
    case.refresh_from_db()
    assert case.enrolment_id == again.pk
