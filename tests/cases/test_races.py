"""Two people, one case, the same moment: real transactions on PostgreSQL, and neither is overwritten."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from afiliacion.cases import enrol, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Act, Actor, ActorKind, Outcome
from afiliacion.cases.states import OPEN_STATES, BajaKind, State, Verb
from tests.at_once import at_once

pytestmark = pytest.mark.usefixtures("committed")

DAY = dt.date(2026, 8, 10)
HANDS = 8


def person(name: str, now: dt.datetime) -> dict[str, Any]:
    return {"act": Act(Actor(ActorKind.PERSON, name), now)}


def assert_sound() -> None:
    assert [str(difference) for difference in differences()] == []
    assert list(broken_chains()) == []


def test_two_officers_receive_the_same_acuse_and_one_is_told_of_the_other(make_case, move, now):
    case = move(make_case(), State.NSS_OBTENIDO)
    works = [lambda name=name: verbs.deliver_acuse([case.pk], on=DAY, **person(name, now)) for name in ("Begoña", "Iñaki")]
    outcomes: list[Outcome] = at_once(*works)
    winner = next(place for place, outcome in enumerate(outcomes) if outcome.done)
    told = outcomes[1 - winner].skipped[case.pk]
    assert f"Lo último: Acuse entregado, por {('Begoña', 'Iñaki')[winner]}" in told
    assert Event.objects.filter(case=case, verb=Verb.DELIVER_ACUSE).count() == 1
    assert_sound()


def test_a_double_click_by_many_hands_happens_once(make_case, now):
    case = make_case()
    outcomes = at_once(*[lambda: verbs.renounce([case.pk], on=DAY, tutor="Úrsula Ek", **person("Begoña", now))] * HANDS)
    assert sorted(len(outcome.done) for outcome in outcomes) == [0] * (HANDS - 1) + [1]
    assert_sound()


def test_different_steps_at_once_come_out_in_some_order(make_case, move, now):
    """Renuncia against acuse: whichever is second starts from what the first left, or is told why it cannot."""
    case = move(make_case(), State.NSS_OBTENIDO)
    at_once(
        lambda: verbs.deliver_acuse([case.pk], on=DAY, **person("Begoña", now)),
        lambda: verbs.renounce([case.pk], on=DAY, tutor="Úrsula Ek", **person("Iñaki", now)),
        lambda: verbs.leave([case.pk], BajaKind.DEFINITIVA, on=DAY, **person("Úrsula", now)),
    )
    case.refresh_from_db()
    assert case.state == State.BAJA
    assert_sound()


def test_overlapping_sets_in_opposite_order_do_not_lock_each_other(make_case, now):
    ids = [make_case().pk for _ in range(6)]
    escalation = Happening(DAY, reason="Acudir a la Subdelegación")
    one, other = at_once(
        lambda: verbs.escalate(dict.fromkeys(ids, escalation), **person("Begoña", now)),
        lambda: verbs.escalate(dict.fromkeys(reversed(ids), escalation), **person("Iñaki", now)),
    )
    assert sorted(one.done + other.done) == sorted(ids)
    assert_sound()


def test_one_number_given_to_two_students_at_once_is_taken_by_one(make_case, now):
    one, other = make_case(), make_case()
    outcomes = at_once(*[lambda pk=pk: verbs.obtain_nss({pk: "03230500013"}, on=DAY, **person("Begoña", now)) for pk in (one.pk, other.pk)])
    assert sorted(len(outcome.done) for outcome in outcomes) == [0, 1]
    refused = next(outcome for outcome in outcomes if outcome.skipped)
    assert "otra persona" in next(iter(refused.skipped.values()))
    assert_sound()


def test_two_lists_with_the_same_student_open_one_case(make_enrolment, ciclo, now):
    first = make_enrolment()
    ciclo.pk, ciclo.clave, ciclo.starts_on = None, "2027-1", dt.date(2026, 8, 2)
    ciclo.save()
    second = make_enrolment(student=first.student, ciclo=ciclo)
    at_once(*[lambda pk=pk: enrol.enrol([pk], **person("Begoña", now)) for pk in (first.pk, second.pk)])
    assert Case.objects.filter(student=first.student, state__in=OPEN_STATES).count() == 1
    assert_sound()
