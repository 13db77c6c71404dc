"""The facts that an undone list goes back to are read as they were written, whatever facts have come or gone since."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cases import facts
from afiliacion.cases.facts import Facts, Happening, as_data, from_data, restored
from afiliacion.cases.states import State, Verb
from afiliacion.cases.steps.effects import after

DAY = dt.date(2026, 8, 10)
#: As 2026's first release wrote it: without the facts that came later, and with one that there is no more.
OLD = {
    "state": "NSS_OBTENIDO", "state_since": "2026-08-06", "enrolled_on": "2026-08-06", "nss_on": "2026-08-06", "acuse_on": None,
    "alta_on": None, "vigencia_on": None, "vigencia_evidence": "", "checked_on": None, "filed_on": None, "baja_kind": "",
    "coverage": "none", "pauses": [["2026-08-07", "2026-08-08"]], "papers": [["curp", "received"]], "rule": 3, "gone_since": "2026-08-09",
}  # fmt: skip

pairs = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3).map(tuple)
days = st.none() | st.dates()


@st.composite
def any_facts(draw):
    known = {name: draw(days) for name in Facts._fields if name.endswith(("_on", "_since"))}
    known |= {"state": draw(st.sampled_from(State)), "pauses": draw(pairs), "papers": draw(pairs), "rule": draw(st.none() | st.integers(1))}
    known |= {name: draw(st.text(max_size=10)) for name in ("vigencia_evidence", "baja_kind", "coverage", "umf")}
    return Facts(**known)


@given(any_facts(), any_facts())
def test_what_was_written_is_read_back(found, since):
    going_back = after(since, Verb.UNDO_LOAD, Happening(DAY, {**restored(found), "whole": True}))
    assert going_back == found


@given(any_facts(), st.sets(st.sampled_from(sorted(set(Facts._fields) - {"umf"}))))
def test_a_fact_that_came_later_has_its_default_and_one_that_went_is_left_out(found, later):
    data = {name: value for name, value in as_data(found).items() if name not in later} | {"gone_since": "2026-01-01", "gone": [1]}
    expected = found._asdict() | {name: Facts._field_defaults[name] for name in later}
    assert from_data(data) == {name: value for name, value in expected.items() if name != "umf"}


def test_a_snapshot_of_an_old_release_is_read():
    going_back = after(Facts(state=State.BAJA, held_since=DAY), Verb.UNDO_LOAD, Happening(DAY, {"before": OLD, "whole": True}))
    assert going_back == Facts(
        state=State.NSS_OBTENIDO, state_since=dt.date(2026, 8, 6), enrolled_on=dt.date(2026, 8, 6), nss_on=dt.date(2026, 8, 6),
        pauses=(("2026-08-07", "2026-08-08"),), papers=(("curp", "received"),), rule=3,
    )  # fmt: skip


def test_a_fact_that_came_later_can_be_derived_from_what_the_snapshot_has(monkeypatch):
    monkeypatch.setattr(facts, "ADDED_SINCE", {"checked_on": lambda known: known["nss_on"]})
    old = {name: value for name, value in OLD.items() if name != "checked_on"}
    assert from_data(old)["checked_on"] == dt.date(2026, 8, 6)
    assert from_data(OLD)["checked_on"] is None


def test_an_undoing_of_an_old_release_stays_what_it_was():
    """Its cases' columns say so: what a list opened kept its dates, and what was restored began that day."""
    was = Facts(state=State.NSS_OBTENIDO, nss_on=DAY, alerted_on=DAY, enrolled_on=DAY)
    closed = after(was, Verb.UNDO_LOAD, Happening(DAY, {"before": None}))
    assert closed == was._replace(state=State.BAJA, baja_kind="deshecha", state_since=DAY, alerted_on=None)
    assert after(closed, Verb.UNDO_LOAD, Happening(DAY, {"before": OLD})).state_since == DAY


@pytest.mark.parametrize("name", ["pauses", "papers", "state"])
def test_even_what_has_no_plain_default_may_be_missing(name):
    assert from_data({key: value for key, value in OLD.items() if key != name})[name] == Facts._field_defaults[name]
