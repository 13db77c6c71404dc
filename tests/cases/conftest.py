import datetime as dt

import pytest
from django.db import connection

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.chain import broken_link, fold
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from tests.roles import histories_open

DAY = dt.date(2026, 8, 10)
NSS = "03230500013"
PROOF = "ab" * 32


@pytest.fixture
def act(actor, now):
    return Act(actor, now)


@pytest.fixture
def move(act):
    """Bring a case to a state by the real verbs."""

    def to(case, state, nss=NSS):
        path = [
            (State.NSS_OBTENIDO, lambda: verbs.obtain_nss({case.pk: nss}, on=DAY, act=act)),
            (State.ACUSE_ENTREGADO, lambda: verbs.deliver_acuse([case.pk], on=DAY, act=act)),
            (State.ALTA_ENVIADA, lambda: verbs.send_alta({case.pk: {"lote": "1"}}, on=DAY, act=act)),
            (State.VIGENTE, lambda: verbs.confirm_vigencia({case.pk: Happening(DAY, {}, PROOF)}, act=act)),
        ]
        for reached, step in path:
            assert step().done == [case.pk]
            if reached is state:
                break
        case.refresh_from_db()
        return case

    return to


@pytest.fixture
def assert_whole():
    """The stored case is the fold of its events, and its chain holds."""

    def check(case):
        case = Case.objects.get(pk=case.pk)
        events = list(case.events.order_by("seq"))
        assert fold(events) == case.facts
        assert broken_link(events, case.version, case.head_hash) == ""
        assert case.turn == case.whose_turn.turn

    return check


@pytest.fixture
def tamper():
    """Write past the guards, as a person with the database's password could."""

    def run(sql):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with histories_open(["cases_event", "cases_case", "cases_eventdetail"]) as cursor:
            cursor.execute(sql)

    return run
