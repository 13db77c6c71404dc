import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.outcome import NIGHT, Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, State
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import BajaCause, Cadence, ConnectionState, Errand, ImssSettings, KnownRefusal, Outage
from afiliacion.imss.queue.plan import ask_now, plan
from tests.imss.authority import refuses, well
from tests.imss.conftest import BEFORE, at

TODAY = dt.date(2026, 8, 20)


def planned(day):
    return plan(day, at(day)).opened


def on_day(days):
    return BEFORE + dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("state", "days", "opened"),
    [
        (State.SIN_NSS, 0, {"locate_nss": 1}),
        (State.NSS_OBTENIDO, 9, {}),
        (State.ACUSE_ENTREGADO, 9, {}),
        (State.ALTA_ENVIADA, 2, {}),
        (State.ALTA_ENVIADA, 3, {"check_vigencia": 1}),
        (State.ALTA_ENVIADA, 40, {"check_vigencia": 1}),
        # Vigente on 10 August: checked again when its 90 days are over.
        (State.VIGENTE, 89, {}),
        (State.VIGENTE, 90, {"check_vigencia": 1}),
        (State.BAJA, 9, {}),
    ],
)
def test_who_is_asked_about_and_from_when(authority, case_in, state, days, opened):
    case_in(state)
    assert planned(on_day(days)) == opened
    assert planned(on_day(days)) == {}, "twice on one date is once"


def test_a_cadence_is_a_row(authority, case_in):
    case_in(State.ALTA_ENVIADA)
    Cadence.objects.filter(kind="check_vigencia", state=State.ALTA_ENVIADA).update(after_days=1, every_days=5)

    assert planned(on_day(1)) == {"check_vigencia": 1}
    chase(on_day(1), at(on_day(1)), budget_seconds=5)

    assert Errand.objects.get().next_on == on_day(6)


def test_the_cadence_follows_the_age_of_the_case(authority, case_in):
    case_in(State.ALTA_ENVIADA)
    Cadence.objects.create(kind="check_vigencia", state=State.ALTA_ENVIADA, after_days=10, every_days=7)
    planned(on_day(9))
    chase(on_day(9), at(on_day(9)), budget_seconds=5)
    assert Errand.objects.get().next_on == on_day(11)

    chase(on_day(11), at(on_day(11)), budget_seconds=5)

    assert Errand.objects.get().next_on == on_day(18)


def test_a_case_that_moved_on_closes_its_question(authority, case_in, the_errand):
    case = case_in(State.ALTA_ENVIADA)
    planned(on_day(3))
    verbs.escalate({case.pk: Happening(TODAY, reason="Homónimo")}, act=Act(NIGHT, at(TODAY)))

    assert plan(TODAY, at(TODAY)).closed == 1
    assert the_errand(case).status == Errand.Status.DONE


def test_an_officer_asks_now_whatever_the_age(authority, case_in, the_errand, officer):
    case, never = case_in(State.ALTA_ENVIADA), case_in(State.ACUSE_ENTREGADO)
    actor = Actor(ActorKind.PERSON, "Begoña Ñáñez", officer.pk)

    assert ask_now([case.pk, never.pk], act=Act(actor, at(BEFORE))) == [case.pk]
    assert chase(BEFORE, at(BEFORE), budget_seconds=5).asked == 1
    assert (the_errand(case).status, the_errand(case).requested_by_id) == (Errand.Status.DONE, officer.pk)
    assert planned(on_day(3)) == {"check_vigencia": 1}


def test_asking_now_takes_up_what_waited_for_a_person(authority, case_in, the_errand):
    case = case_in(State.SIN_NSS)
    planned(TODAY)
    authority.behave = refuses("CURP_INVALIDA")
    chase(TODAY, at(TODAY), budget_seconds=5)
    assert the_errand(case).status == Errand.Status.PARKED
    assert planned(TODAY + dt.timedelta(days=1)) == {}, "what waits for a person is not asked by itself"

    authority.behave = well
    assert ask_now([case.pk], act=Act(NIGHT, at(TODAY))) == [case.pk]
    assert chase(TODAY, at(TODAY), budget_seconds=5).steps == {"obtain_nss": 1}


def test_paused_means_nobody_is_asked(authority, case_in):
    case_in(State.SIN_NSS)
    planned(TODAY)
    ImssSettings.objects.update(paused=True)

    report = chase(TODAY, at(TODAY), budget_seconds=5)

    assert (report.asked, report.left, authority.asked) == (0, 1, [])


def errand(case, **fields):
    key = f"00000000-0000-0000-0000-{Errand.objects.count():012d}"
    known = {"kind": "locate_nss", "key": key, "requested_on": TODAY, "requested_at": at(TODAY), "requested_name": "x", "next_on": TODAY}
    return Errand(case=case, **{**known, **fields})


def _insert(rows):
    for row in rows:
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("errand_one_unfinished_per_case_and_kind", lambda case: [errand(case), errand(case, status="parked", key="1" * 32)]),
        ("errand_key_once", lambda case: [errand(case), errand(case, kind="check_vigencia")]),
        ("errand_status_known", lambda case: [errand(case, status="otro")]),
        ("errand_kind_known", lambda case: [errand(case, kind="otro")]),
        ("errand_received_what_was_sent", lambda case: [errand(case, received_on=TODAY)]),
        ("cadence_once", lambda _: [Cadence(kind="locate_nss", state="SIN_NSS", after_days=0, every_days=1)]),
        ("cadence_every_day_at_most", lambda _: [Cadence(kind="locate_nss", state="SIN_NSS", after_days=3, every_days=0)]),
        ("knownrefusal_code_once", lambda _: [KnownRefusal(code="CURP_INVALIDA", meaning="x")]),
        ("bajacause_once", lambda _: [BajaCause(reason="egreso", causa="1")]),
        ("manners_one_row", lambda _: [ImssSettings(pk=2)]),
        ("line_one_row", lambda _: [ConnectionState(pk=2)]),
        ("outage_one_at_a_time", lambda _: [Outage(since=at(TODAY), reason="x"), Outage(since=at(TODAY), reason="y")]),
    ],
)
def test_the_database_holds(case_in, name, make):
    rows = make(case_in(State.SIN_NSS))
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        _insert(rows)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("manners_sane", lambda: ImssSettings.objects.update(most_strikes=0)),
        ("bajacause_in_catalogue", lambda: BajaCause.objects.update(causa="Z")),
    ],
)
def test_the_database_holds_changes_too(db, name, change):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


def test_every_school_reason_for_a_baja_has_a_cause(db):
    """But for a load that was undone: nothing was ever built upon it, so IMSS has no alta to end."""
    assert set(BajaCause.objects.values_list("reason", flat=True)) == {*BajaKind.values, BajaCause.RENUNCIA} - {BajaKind.DESHECHA}
