"""An exhaustive walk of the transition table: nothing unreachable, nothing a dead end, everything has its words."""

import datetime as dt

import pytest

from afiliacion.cases import clock
from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.models import Transition
from afiliacion.cases.states import BIRTH_STATES, OPEN_STATES, PROGRESS, TRANSITIONS, State, Verb, rows, verbs_from
from afiliacion.cases.steps.effects import after, destination, resumed
from afiliacion.cases.steps.refusals import refusal
from afiliacion.cases.turn import whose_turn

DAY = dt.date(2026, 8, 10)
CLOSED = {State.RENUNCIA, State.BAJA}


def _reachable(start):
    seen, edge = set(start), set(start)
    while edge:
        edge = {target for state in edge for moves in TRANSITIONS.values() for target in moves.get(state, ())} - seen
        seen |= edge
    return seen


def test_every_state_is_reachable_from_a_birth():
    assert _reachable(BIRTH_STATES) == set(State)


@pytest.mark.parametrize("state", State)
def test_no_state_is_a_dead_end(state):
    assert _reachable({state}) >= CLOSED | {State.VIGENTE} if state is not State.BAJA else _reachable({state}) > {state}
    assert any(target is not state for verb in verbs_from(state) for target in TRANSITIONS[verb][state])


@pytest.mark.parametrize("state", State)
def test_every_state_has_turn_action_and_clock(state):
    who = whose_turn(Facts(state=state))
    assert who.next_action
    assert state.label
    assert (who.rule is None) == (state in CLOSED)


def test_every_verb_but_open_has_moves_and_words():
    assert set(TRANSITIONS) == set(Verb) - {Verb.OPEN}
    assert all(verb.label for verb in Verb)
    assert all(key.label for key in clock.RuleKey)


def test_where_several_targets_stand_the_facts_decide_among_them():
    for verb, moves in TRANSITIONS.items():
        for source, targets in moves.items():
            if verb in (Verb.UNDO_LOAD, Verb.UNDO_LEAVE, Verb.RETRACT_COVER, Verb.RETRACT_MOVE, Verb.MERGE, Verb.RETRACT_MERGE):
                # A list, a baja, a declaration or a merge is undone by going back to the facts before, whatever state they stood in.
                assert all(destination(source, verb, Facts(state=target)) is target for target in targets)
            elif verb is Verb.LOSE_ALTA:
                # Without an alta, and only of a case that has an NSS.
                assert targets == {State.NSS_OBTENIDO, State.ACUSE_ENTREGADO}
            elif (verb, source) == (Verb.NOTE_COVERAGE, State.VIGENTE):
                # A cover that prevails takes the vigencia away; another one does not.
                assert destination(source, verb, Facts(state=source, vigencia_on=DAY)) is State.VIGENTE
                assert destination(source, verb, Facts(state=source)) is State.ALTA_ENVIADA
            elif verb is Verb.REOPEN:
                assert targets == BIRTH_STATES
            else:
                assert len(targets) == 1 or targets >= PROGRESS, verb


def test_resumes_at_the_furthest_step_proved():
    assert resumed(Facts()) is State.SIN_NSS
    assert resumed(Facts(nss_on=DAY)) is State.NSS_OBTENIDO
    assert resumed(Facts(nss_on=DAY, acuse_on=DAY)) is State.ACUSE_ENTREGADO
    assert resumed(Facts(nss_on=DAY, acuse_on=DAY, alta_on=DAY)) is State.ALTA_ENVIADA


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.OPEN])
def test_a_verb_is_refused_from_every_state_the_table_does_not_name(verb):
    for state in set(State) - set(TRANSITIONS[verb]):
        assert state.label in refusal(Facts(state=state), verb, Happening(DAY))


def test_a_closed_case_still_owes_imss_its_baja():
    left = after(Facts(state=State.VIGENTE, alta_on=DAY), Verb.LEAVE, Happening(DAY, {"kind": "egreso"}))
    assert whose_turn(left).turn == "escuela"
    sent = after(left, Verb.SEND_BAJA, Happening(DAY))
    assert whose_turn(sent).turn == "imss"
    assert whose_turn(after(sent, Verb.OPERATE_BAJA, Happening(DAY))).turn == "nadie"


@pytest.mark.django_db
def test_invariant_1_the_database_holds_the_same_table():
    assert set(Transition.objects.values_list("verb", "from_state", "to_state")) == set(rows())


def test_open_states_are_all_but_the_closed():
    assert set(State) - OPEN_STATES == CLOSED
