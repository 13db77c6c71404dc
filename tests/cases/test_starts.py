"""What a clock counts from: the latest of the events its rule names, so that no one is late by what they could not know."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cases import enrol, upkeep, verbs
from afiliacion.cases.clock import Rule, RuleKey, Start, Unit
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case, ClockRule
from afiliacion.cases.outcome import Act
from afiliacion.cases.schedule import Schedule, latest_start
from afiliacion.cases.states import Coverage, State
from students.zones import Zone, day_at
from tests.cases.conftest import DAY

LATE = dt.date(2026, 11, 18)
days = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))


@pytest.fixture
def noon():
    return lambda day: timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


@pytest.fixture
def late(actor, noon):
    """An act months after the case was opened."""
    return Act(actor, noon(LATE))


def no_alert_the_next_night(actor, noon, day):
    return upkeep.alert_overdue(day + dt.timedelta(1), act=Act(actor, noon(day + dt.timedelta(1)))).done == []


def test_a_list_loaded_three_weeks_late_alerts_no_one_the_next_night(make_enrolment, actor, noon, assert_whole):
    enrolment, day = make_enrolment(enrolled_on=dt.date(2026, 8, 6)), dt.date(2026, 8, 27)
    case = Case.objects.get(pk=enrol.enrol([enrolment.pk], act=Act(actor, noon(day))).opened[0])
    assert (case.recorded_on, case.due_on) == (day, dt.date(2026, 9, 1))
    assert no_alert_the_next_night(actor, noon, day)
    due = Schedule().explain(case.facts, case.plantel_id)
    assert due
    assert due.steps[0] == "Registro en la oficina: jueves 27 de agosto de 2026. Ese día no se cuenta."
    assert_whole(case)


def test_a_reenrolment_loaded_late_counts_from_its_loading_too(make_case, make_enrolment, actor, noon, ciclo, assert_whole):
    case = make_case()
    ciclo.pk, ciclo.clave, ciclo.starts_on = None, "2027-1", dt.date(2026, 11, 1)
    ciclo.save()
    again = make_enrolment(student=case.student, ciclo=ciclo, enrolled_on=dt.date(2026, 11, 2))
    assert enrol.enrol([again.pk], act=Act(actor, noon(LATE))).continued == [case.pk]
    case.refresh_from_db()
    assert (case.recorded_on, case.due_on) == (LATE, dt.date(2026, 11, 23))
    assert_whole(case)


@pytest.mark.parametrize("state", [State.NSS_OBTENIDO, State.VIGENTE])
def test_a_corrected_nss_starts_the_acuse_again(make_case, move, people, actor, noon, late, state, assert_whole):
    case = move(make_case(), state)
    upkeep.alert_overdue(LATE, act=late)
    verbs.correct_nss({case.pk: people.one().nss}, on=LATE, act=late, reason="Era de su mamá", evidence="ef" * 32)
    case.refresh_from_db()
    assert (case.corrected_on, case.alerted_on, case.due_on) == (LATE, None, dt.date(2026, 11, 23))
    assert no_alert_the_next_night(actor, noon, LATE)
    assert_whole(case)


def test_a_disowned_nss_starts_the_acuse_again(make_case, move, late, assert_whole):
    case = move(make_case(), State.NSS_OBTENIDO)
    verbs.disown_nss([case.pk], on=LATE, act=late, reason="Era de su mamá")
    case.refresh_from_db()
    assert (case.state, case.due_on) == (State.SIN_NSS, dt.date(2026, 11, 23))
    assert_whole(case)


@pytest.mark.parametrize("state", [State.NSS_OBTENIDO, State.ACUSE_ENTREGADO, State.ALTA_ENVIADA])
@pytest.mark.parametrize("resend", [False, True])
def test_a_return_from_the_subdelegacion_is_not_late_at_once(make_case, move, actor, noon, late, state, resend, assert_whole):
    case = move(make_case(), state)
    verbs.escalate({case.pk: Happening(DAY, reason="No coincide")}, act=late)
    assert verbs.return_from_desk([case.pk], on=LATE, act=late, resend_alta=resend).done == [case.pk]
    case.refresh_from_db()
    assert case.resumed_on == LATE
    assert case.due_on > LATE
    assert no_alert_the_next_night(actor, noon, LATE)
    assert_whole(case)


def test_a_withdrawn_renuncia_is_not_late_at_once(make_case, move, late, assert_whole):
    case = move(make_case(), State.ALTA_ENVIADA)
    verbs.renounce([case.pk], on=DAY, act=late, tutor="Su mamá")
    verbs.withdraw_renuncia([case.pk], on=LATE, act=late)
    case.refresh_from_db()
    assert (case.state, case.due_on) == (State.ALTA_ENVIADA, LATE + dt.timedelta(28))
    assert_whole(case)


def test_which_events_count_is_a_row(make_enrolment, actor, noon, plantel, other_plantel):
    ClockRule.objects.create(
        key="acuse", plantel=plantel, n=3, unit="habiles", source="Acuerdo", valid_from=dt.date(2026, 1, 1), starts=["inscripcion"]
    )
    loaded, enrolled = dt.date(2026, 8, 27), dt.date(2026, 8, 6)
    ids = [make_enrolment(plantel=each, enrolled_on=enrolled).pk for each in (plantel, other_plantel)]
    enrol.enrol(ids, act=Act(actor, noon(loaded)))
    assert [case.due_on for case in Case.objects.order_by("pk")] == [dt.date(2026, 8, 11), dt.date(2026, 9, 1)]


facts = st.builds(
    Facts, state_since=days, enrolled_on=days, recorded_on=st.none() | days, corrected_on=st.none() | days, resumed_on=st.none() | days,
    acuse_on=st.none() | days, alta_on=st.none() | days, checked_on=st.none() | days, cover_lost_on=st.none() | days,
)  # fmt: skip


@given(facts, st.lists(st.sampled_from([s for s in Start if s is not Start.MOVEMENT]), min_size=1, unique=True))
def test_a_clock_begins_with_the_latest_of_the_events_its_rule_names_and_never_before_any_of_them(known, starts):
    def begins(*events):
        return latest_start(Rule(1, RuleKey.ACUSE, 3, Unit.HABILES, rolls=False, source="x", starts=events), known)

    event, day = begins(*starts)
    happened = [begins(each) for each in starts if begins(each)[0] is each]
    assert day == max([each for _, each in happened], default=known.state_since)
    assert (event, day) in (happened or [(Start.STATE, known.state_since)])


@pytest.mark.parametrize("zone", Zone)
def test_a_fact_is_dated_by_the_day_it_is_at_the_plantel(make_enrolment, plantel, actor, zone):
    plantel.zone = zone
    plantel.save()
    moment = dt.datetime(2026, 8, 20, 23, 10, tzinfo=ZoneInfo(zone))
    assert plantel.day(moment) == day_at(zone, moment) == dt.date(2026, 8, 20)
    case = Case.objects.get(pk=enrol.enrol([make_enrolment().pk], act=Act(actor, moment)).opened[0])
    assert case.recorded_on == dt.date(2026, 8, 20)
    assert list(differences()) == []


def test_a_day_that_has_begun_only_elsewhere_is_no_future(make_case, plantel, actor):
    """The night of the office begins while it is still yesterday in Tijuana; in Cancún the day begins before it does at the office."""
    case = make_case()
    for zone, moment, tomorrow in (
        (Zone.NOROESTE, dt.datetime(2026, 8, 20, 23, 10, tzinfo=ZoneInfo(Zone.NOROESTE)), dt.date(2026, 8, 22)),
        (Zone.SURESTE, dt.datetime(2026, 8, 21, 0, 10, tzinfo=ZoneInfo(Zone.SURESTE)), dt.date(2026, 8, 22)),
    ):
        plantel.zone = zone
        plantel.save()
        answer = (Coverage.NONE, Happening(dt.date(2026, 8, 21)))
        assert verbs.note_coverage({case.pk: answer}, act=Act(actor, moment)).done == [case.pk]
        ahead = (Coverage.NONE, Happening(tomorrow))
        assert "futuro" in verbs.note_coverage({case.pk: ahead}, act=Act(actor, moment)).skipped[case.pk]


def test_a_rule_that_names_no_event_counts_since_the_case_is_in_its_state():
    rule = Rule(1, RuleKey.ATENCION, 3, Unit.HABILES, rolls=False, source="x")
    assert latest_start(rule, Facts(state_since=DAY)) == (Start.STATE, DAY)
