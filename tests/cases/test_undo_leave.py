"""A baja noted by mistake is taken back: the case stands again as if it had not been noted. Kinds of baja and what each means."""

import datetime as dt

import pytest

from afiliacion.cases import baja_kinds, verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, Coverage, State, Verb
from afiliacion.cases.turn import notices
from afiliacion.cases.upkeep import reschedule
from afiliacion.cases.verbs.undo_leave import undo_leave
from tests.cases.conftest import DAY

pytestmark = pytest.mark.django_db
LEFT = DAY + dt.timedelta(days=5)
STANDS = (
    "state",
    "state_since",
    "turn",
    "due_on",
    "rule",
    "enrolled_on",
    "alta_on",
    "vigencia_on",
    "vigencia_evidence",
    "baja_kind",
    "papers",
)


def stands(case):
    return Case.objects.filter(pk=case.pk).values_list(*STANDS).get()


@pytest.fixture
def leave(act):
    def leave(case, kind=BajaKind.EGRESO):
        assert verbs.leave([case.pk], kind, on=LEFT, act=act).done == [case.pk]

    return leave


@pytest.mark.parametrize("state", [State.SIN_NSS, State.NSS_OBTENIDO, State.ACUSE_ENTREGADO, State.ALTA_ENVIADA, State.VIGENTE])
@pytest.mark.parametrize("kind", [kind for kind, _ in baja_kinds.OFFERED])
def test_a_baja_of_any_kind_taken_back_leaves_the_case_as_it_was(make_case, move, act, leave, assert_whole, state, kind):
    case = make_case()
    if state is not State.SIN_NSS:
        move(case, state)
    before = stands(case)
    leave(case, BajaKind(kind))
    assert stands(case) != before
    assert undo_leave([case.pk], on=LEFT, reason="Se anotó por error", act=act).done == [case.pk]
    assert stands(case) == before
    assert_whole(case)
    assert case.events.order_by("seq").last().verb == Verb.UNDO_LEAVE


def test_who_had_renounced_is_renounced_again(make_case, act, leave, assert_whole):
    case = make_case()
    verbs.renounce([case.pk], on=DAY, tutor="Su mamá", act=act)
    before = stands(case)
    leave(case)
    assert undo_leave([case.pk], on=LEFT, reason="Por error", act=act).done == [case.pk]
    assert stands(case) == before
    assert_whole(case)


def test_what_the_office_notes_by_itself_does_not_stand_in_the_way(make_case, move, act, leave, assert_whole):
    case = move(make_case(), State.VIGENTE)
    leave(case)
    reschedule(LEFT, act=act)
    verbs.note_coverage({case.pk: (Coverage.OTHER, Happening(LEFT))}, act=act)
    assert undo_leave([case.pk], on=LEFT, reason="Por error", act=act).done == [case.pk]
    case.refresh_from_db()
    # What is known since of another cover stays, and it prevails.
    assert (case.state, case.vigencia_on, case.coverage, case.checked_on) == (State.ALTA_ENVIADA, None, Coverage.OTHER, LEFT)
    assert_whole(case)


def test_it_is_refused_once_something_was_built_upon_it(make_case, move, act, leave):
    sent, back, open_, renounced = move(make_case(), State.VIGENTE), make_case(), make_case(), make_case()
    leave(sent)
    verbs.send_baja({sent.pk: {}}, on=LEFT, act=act)
    leave(back, BajaKind.TEMPORAL)
    verbs.rejoin([back.pk], on=LEFT, act=act)
    verbs.renounce([renounced.pk], on=DAY, tutor="Su mamá", act=act)
    ids = [case.pk for case in (sent, back, open_, renounced)]
    before = [stands(case) for case in (sent, back, open_, renounced)]
    outcome = undo_leave([*ids, 99_999], on=LEFT, reason="Por error", act=act)
    assert (outcome.done, set(outcome.skipped)) == ([], {*ids, 99_999})
    assert [stands(case) for case in (sent, back, open_, renounced)] == before


def test_without_a_reason_or_beside_another_open_case_it_is_refused(make_case, make_enrolment, act, leave, ciclo):
    case = make_case()
    leave(case)
    assert undo_leave([case.pk], on=LEFT, reason=" ", act=act).skipped[case.pk].startswith("Escriba el motivo.")
    ciclo_after = type(ciclo).objects.create(clave="2027-1", starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 7, 1))
    make_case(student=case.student, ciclo=ciclo_after)
    assert "otro expediente abierto" in undo_leave([case.pk], on=LEFT, reason="Por error", act=act).skipped[case.pk]


def test_each_kind_of_baja_says_what_it_means(make_case, leave):
    assert {kind for kind, _ in baja_kinds.OFFERED} == {"egreso", "desercion", "definitiva", "temporal", "defuncion"}
    assert set(baja_kinds.MEANINGS) == set(BajaKind)
    for kind in BajaKind:
        case = make_case()
        leave(case, kind)
        case.refresh_from_db()
        assert notices(case.facts)
