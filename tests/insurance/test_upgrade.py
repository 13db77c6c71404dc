"""What an office knew before covers were kept becomes covers, and then each case is told what it should have been."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from afiliacion.cases import enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, State, Turn
from afiliacion.imss.models import Errand
from afiliacion.imss.queue import movements
from afiliacion.insurance import log
from afiliacion.insurance.facts import CoverHappening
from afiliacion.insurance.known import covers
from afiliacion.insurance.models import Cover, CoverEvent
from afiliacion.insurance.settle import disagreements, settle_all
from students.models import Plantel
from tests.insurance.conftest import PROOF, D, by_imss, by_night, now_of
from tests.roles import histories_open

pytestmark = pytest.mark.django_db

LEFT = D(2026, 8, 20)
Make = Callable[..., Case]
migration = import_module("afiliacion.imss.migrations.0006_movement_of_cover")


@pytest.fixture
def upgraded() -> Callable[[], None]:
    """Forget the covers, and run the migration on the cases as they are."""

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        Errand.objects.update(cover=None, nss="", registro="")
        with histories_open(["insurance_coverevent", "cases_case"]):
            CoverEvent.objects.all().delete()
            Cover.objects.all().delete()
        migration.make_covers(apps, None)
        migration.name_subjects(apps, None)
        assert list(log.broken()) == []

    return run


def test_one_cover_for_what_two_cases_count_on(case_in: Make, second: Make, sister: Plantel, upgraded: Callable[[], None]) -> None:
    first = case_in(State.VIGENTE)
    other = second(first, LEFT, plantel=sister)
    known = [(cover.nss, cover.registro, cover.status, cover.since, cover.evidence) for cover in Cover.objects.all()]
    upgraded()
    assert [(cover.nss, cover.registro, cover.status, cover.since, cover.evidence) for cover in Cover.objects.all()] == known
    assert settle_all(by_night(LEFT)) == 0
    verbs.leave([first.pk], BajaKind.EGRESO, on=LEFT, act=by_night(LEFT))
    assert not now_of(first)[0].facts.baja_owed
    assert other.state == State.VIGENTE


def test_every_state_an_office_can_be_in_is_whole_after_it(case_in: Make, upgraded: Callable[[], None]) -> None:
    cases = {state: case_in(state) for state in (State.NSS_OBTENIDO, State.ALTA_ENVIADA, State.VIGENTE, State.BAJA)}
    renounced, sent = case_in(State.VIGENTE), case_in(State.BAJA)
    verbs.renounce([renounced.pk], on=LEFT, tutor="Úrsula Ek", act=by_night(LEFT))
    verbs.send_baja({sent.pk: {"lote": "1"}}, on=LEFT, act=by_imss(LEFT))
    upgraded()
    assert [str(left) for left in disagreements(LEFT)] == []
    assert (list(differences()), list(broken_chains())) == ([], [])
    assert settle_all(by_night(LEFT)) == 0
    assert [case.turn for case in now_of(cases[State.BAJA], renounced, sent)] == [Turn.ESCUELA, Turn.ESCUELA, Turn.IMSS]
    assert Cover.objects.filter(baja_sent_on__isnull=False).get().owed_by_id == sent.pk


def test_a_baja_asked_for_before_it_goes_on(authority: Any, quick: Any, case_in: Make, night: Any, upgraded: Callable[[], None]) -> None:
    case = case_in(State.BAJA)
    assert movements.request_bajas([case.pk], act=by_night(LEFT)).done == [case.pk]
    upgraded()
    night(LEFT)
    assert [body["tipo_movimiento"] for path, body in authority.asked if path.endswith("movimientos")] == ["02"]
    assert now_of(case)[0].baja_sent_on == LEFT


def test_of_a_baja_that_would_take_the_cover_of_another_case_the_first_night_says_so(
    case_in: Make, second: Make, sister: Plantel, upgraded: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = case_in(State.BAJA)
    # As before: a new case heard nothing of the covers of its person.
    monkeypatch.setattr(enrol, "FOLLOWERS", [])
    other = second(first, LEFT, State.NSS_OBTENIDO, plantel=sister)
    upgraded()
    assert (now_of(first)[0].facts.baja_owed, other.state) == (True, State.NSS_OBTENIDO)
    assert settle_all(by_night(LEFT)) == 2
    assert (now_of(first)[0].facts.baja_owed, now_of(other)[0].state) == (False, State.VIGENTE)


def test_a_cover_about_which_imss_said_no_is_folded_anew(case_in: Make) -> None:
    """Before, a NO counted as a sign that IMSS had it: an alta rejected after it went on as a cover."""
    rejected, denied = case_in(State.ALTA_ENVIADA), case_in(State.ALTA_ENVIADA)
    no = {case.pk: Happening(LEFT, {}, PROOF) for case in (rejected, denied)}
    verbs.miss_vigencia(no, act=by_imss(LEFT))
    (cover,) = covers(Cover.objects.filter(student=rejected.student))
    log.append([log.Entry(cover, CoverHappening.REJECTED, LEFT, rejected.pk)], by_imss(LEFT))
    Cover.objects.update(status="denied", stood=True, ended_on=None, ended_by="")
    assert len(list(log.broken())) == 2
    import_module("afiliacion.insurance.migrations.0004_a_no_proves_nothing").fold_anew(apps)
    assert list(log.broken()) == []
    assert [(cover.status, cover.stood) for cover in Cover.objects.order_by("student")] == [("ended", False), ("denied", False)]
