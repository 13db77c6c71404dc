"""Who holds an errand, what a lost worker leaves behind, and that an answer counts once."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import BajaKind, State, Turn
from afiliacion.imss.chase.apply import apply
from afiliacion.imss.chase.ask import ReceivedAnswer
from afiliacion.imss.chase.run import chase
from afiliacion.imss.client.port import NssAnswer, RawAnswer
from afiliacion.imss.models import Answer, Errand, ImssSettings
from afiliacion.imss.queue import claims
from afiliacion.imss.queue.claims import claim
from afiliacion.imss.queue.movements import request_altas
from afiliacion.imss.queue.plan import plan
from tests.imss.authority import nss_of, says, then, well
from tests.imss.conftest import at
from tests.roles import as_owner

TODAY = dt.date(2026, 8, 20)


def expire_leases():
    Errand.objects.filter(lease_until__isnull=False).update(lease_until=Now() - dt.timedelta(seconds=1))


@pytest.fixture
def three_due(authority, case_in):
    cases = [case_in(State.SIN_NSS) for _ in range(3)]
    plan(TODAY, at(TODAY))
    return cases


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(three_due):
    first, second = claim(TODAY, 2), claim(TODAY, 2)

    assert [len(first.ask), len(second.ask)] == [2, 1]
    assert not claim(TODAY, 2).ask
    expire_leases()
    assert {taken.errand.attempt for taken in claim(TODAY, 5).ask} == {2}


def test_tomorrow_is_not_due_today(three_due):
    assert claim(TODAY - dt.timedelta(days=1), 5).ask == []


def answer_to(taken):
    nss = nss_of(taken.curp)
    return ReceivedAnswer(taken, NssAnswer(nss, assigned=False, folio="1", on=TODAY, raw=RawAnswer(200, "application/json", b"{}")))


def test_an_answer_counts_once(three_due):
    received = [answer_to(taken) for taken in claim(TODAY, 3).ask]

    assert apply(received, TODAY, at(TODAY)).done == {"obtain_nss": 3}
    again = apply(received, TODAY, at(TODAY))

    assert (again.late, again.done) == (3, {})
    assert Answer.objects.filter(verdict=Answer.Verdict.LATE).count() == 3
    assert {case.events.count() for case in three_due} == {2}


def test_the_answer_of_a_lost_lease_is_late(three_due):
    slow = claim(TODAY, 1).ask
    expire_leases()
    fast = [taken for taken in claim(TODAY, 3).ask if taken.errand.pk == slow[0].errand.pk]

    late = apply([answer_to(slow[0])], TODAY, at(TODAY))
    good = apply([answer_to(fast[0])], TODAY, at(TODAY))

    assert (late.late, late.done, good.done) == (1, {}, {"obtain_nss": 1})


def test_an_errand_that_kills_its_workers_is_set_aside(three_due, the_errand):
    for _ in range(ImssSettings.objects.get().most_strikes):
        assert len(claim(TODAY, 3).ask) == 3
        expire_leases()

    claims = claim(TODAY, 3)

    assert (claims.ask, claims.set_aside, claims.parked) == ([], 3, 3)
    assert the_errand(three_due[0]).status == Errand.Status.PARKED


def test_a_case_that_moved_on_is_not_asked_about(three_due, authority):
    verbs.obtain_nss({three_due[0].pk: nss_of(three_due[0].student.curp)}, on=TODAY, act=Act(NIGHT, at(TODAY)))

    claims = claim(TODAY, 3)

    assert (len(claims.ask), claims.set_aside, claims.parked) == (2, 1, 0)


def test_two_workers_at_once_never_take_the_same(committed, authority, case_in):
    for _ in range(40):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    together = threading.Barrier(4)

    def take(_):
        try:
            together.wait(timeout=10)
            return [taken.errand.pk for taken in claim(TODAY, 10).ask]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for some in pool.map(take, range(4)) for pk in some]

    assert len(taken) == len(set(taken)) == 40


def test_two_chases_at_once_ask_about_everybody_once(committed, authority, case_in):
    for _ in range(40):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))

    def run(_):
        try:
            return chase(TODAY, at(TODAY), budget_seconds=20)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, range(2)))

    assert sum(report.asked for report in reports) == len(authority.asked) == 40
    assert sum(report.steps["obtain_nss"] for report in reports) == 40


_MANY_DONE = """
INSERT INTO imss_errand (case_id, kind, key, status, requested_on, requested_at, requested_name, next_on,
                         attempt, misses, strikes, in_doubt, lote, recibo, code, message)
SELECT c.id, 'locate_nss', gen_random_uuid(), 'done', %s, %s, 'x', %s, 1, 0, 0, false, '', '', '', ''
FROM cases_case c, generate_series(1, 20000) WHERE c.id = %s
"""


def scans(node):
    """How the plan reads the table of errands."""
    own = {node["Node Type"]} if node.get("Relation Name") == "imss_errand" and node["Node Type"] != "ModifyTable" else set()
    return own.union(*map(scans, node.get("Plans", [])))


_CLAIMING = {"date": TODAY, "room": 9, "lease": 60.0, "movements": [], "holder": 1}


@pytest.mark.parametrize(("statement", "values"), [(claims._CLAIM, _CLAIMING), (claims.NEXT_DUE, [TODAY])])
def test_what_is_due_is_found_by_index_however_many_are_done(own_ground, three_due, statement, values):
    """The same pages of the table are read, give or take a level of the index."""

    def plan_of():
        with as_owner() as owner:
            owner.execute("ANALYZE imss_errand")
        with transaction.atomic():
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
            ((plan,),) = cursor.fetchall()
            transaction.set_rollback(True)
        return plan, plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]

    with connection.cursor() as cursor:
        cursor.execute(_MANY_DONE, [TODAY, at(TODAY), TODAY, three_due[0].pk])
        plan_of()
        plan, few = plan_of()
        cursor.execute(_MANY_DONE, [TODAY, at(TODAY), TODAY, three_due[0].pk])
        plan_of()
        _, many = plan_of()

    assert "errand_due" in str(plan)
    assert scans(plan[0]["Plan"]) == {"Index Scan"}
    assert many <= few + 9


# A movement in doubt: IMSS may have it, and we do not know.


def sent(authority):
    return [body["clave_idempotencia"] for path, body in authority.asked if path == "/api/v1/movimientos"]


@pytest.fixture
def alta(authority, quick, case_in):
    case = case_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=Act(NIGHT, at(TODAY)))
    return case


def test_a_movement_in_doubt_is_looked_up_before_it_is_sent_again(stand_in, quick, case_in, the_errand):
    case = case_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=Act(NIGHT, at(TODAY)))
    stand_in.mood(falla_503_despues=1)

    chase(TODAY, at(TODAY), budget_seconds=1.0)
    assert the_errand(case).in_doubt
    case.refresh_from_db()
    assert case.state == State.ACUSE_ENTREGADO

    stand_in.mood()
    chase(TODAY, at(TODAY), budget_seconds=10)

    case.refresh_from_db()
    assert case.state == State.ALTA_ENVIADA
    kinds = [entry["operacion"] for entry in stand_in.ledger()]
    assert (kinds.count("enviarMovimiento"), kinds[-1]) == (1, "consultarMovimiento")
    assert the_errand(case).lote == stand_in.fate(str(the_errand(case).key))["id_lote"]


def test_a_movement_that_never_arrived_is_sent_under_the_same_key(authority, alta, the_errand):
    claim(TODAY, 1)  # a worker dies with it in hand
    expire_leases()

    async def unknown_at_first(request, asked):
        if request.method == "GET":
            return await says({"codigo": "MOVIMIENTO_DESCONOCIDO", "mensaje": "No se ha recibido."}, status=404)(request, asked)
        return await well(request, asked)

    authority.behave = unknown_at_first
    chase(TODAY, at(TODAY), budget_seconds=10)

    errand = the_errand(alta)
    assert [path.split("/")[3] for path, _ in authority.asked] == ["movimientos", "movimientos"]
    assert sent(authority) == [str(errand.key)] == [errand.movement["key"]]
    assert (errand.in_doubt, str(errand.received_on), errand.lote) == (False, "2026-08-20", "100000001")


def test_a_slower_pace_leaves_no_doubt(authority, alta, the_errand):
    authority.behave = then(says({}, status=429, Retry_After="1"), well)

    chase(TODAY, at(TODAY), budget_seconds=10)

    assert len(sent(authority)) == 2, "sent again without a look-up: the first was surely not taken"
    assert the_errand(alta).received_on


def test_the_student_left_while_the_alta_was_in_doubt(stand_in, quick, case_in, the_errand):
    """It had arrived: its baja is owed, and what becomes of it is asked."""
    case = case_in(State.ACUSE_ENTREGADO)
    request_altas([case.pk], act=Act(NIGHT, at(TODAY)))
    stand_in.mood(falla_503_despues=1)
    chase(TODAY, at(TODAY), budget_seconds=1.0)
    stand_in.mood()
    verbs.leave([case.pk], BajaKind.DEFINITIVA, on=TODAY, act=Act(NIGHT, at(TODAY)))

    plan(TODAY, at(TODAY))
    chase(TODAY, at(TODAY), budget_seconds=10)

    errand = the_errand(case)
    assert errand.message == f"El IMSS recibió el movimiento (lote {errand.lote})."
    case.refresh_from_db()
    assert (case.facts.baja_owed, case.turn) == (True, Turn.ESCUELA)
    plan(TODAY, at(TODAY))
    assert (the_errand(case).status, the_errand(case).next_on > TODAY) == (Errand.Status.OPEN, True)


def test_the_student_left_and_the_alta_had_not_arrived(authority, alta, the_errand):
    claim(TODAY, 1)
    expire_leases()
    verbs.leave([alta.pk], BajaKind.DEFINITIVA, on=TODAY, act=Act(NIGHT, at(TODAY)))
    authority.behave = says({"codigo": "MOVIMIENTO_DESCONOCIDO", "mensaje": "No se ha recibido."}, status=404)

    plan(TODAY, at(TODAY))
    chase(TODAY, at(TODAY), budget_seconds=10)

    assert the_errand(alta).status == Errand.Status.DONE
    assert sent(authority) == []


def test_the_lease_outlasts_everything_a_claim_leads_to(settings, authority, three_due):
    """Waiting, a look-up and a transmission, each as long as our patience, and the writing (docs/adr/0004)."""
    settings.IMSS_TIMEOUT_SECONDS = 7.0
    claim(TODAY, 1)

    held = Errand.objects.filter(lease_until__isnull=False).annotate(left=F("lease_until") - Now()).get().left

    assert held.total_seconds() >= 3 * 7.0
    assert Case.objects.count() == 3
