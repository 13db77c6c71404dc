"""What the flags of a list ask of the database."""

from __future__ import annotations

from typing import Final

from afiliacion.cases.models import ALTA_WANTED_SQL, BAJA_OWED_SQL, BAJA_UNSENT_SQL
from afiliacion.cases.states import Milestone, State
from afiliacion.dashboard.shared.assignees import LEFT
from afiliacion.dashboard.worklist.filters import Flag
from afiliacion.movements.overview import CASES_ON_THEIR_WAY_SQL

#: What is asked of each case: whether IMSS is owed its baja. An index of their own has them (cases.models).
OWING: Final = {
    Flag.BAJA_TO_SEND: f"{BAJA_OWED_SQL} AND {BAJA_UNSENT_SQL}",
    Flag.BAJA_SENT: f"{BAJA_OWED_SQL} AND NOT {BAJA_UNSENT_SQL}",
}
#: What is asked of each case, and in which states it may stand: the parts of the list are of these.
OF_STATES: Final = {
    Flag.UNCLAIMED: ((State.VIGENTE,), f"c.state = '{State.VIGENTE.value}' AND c.reached = {Milestone.VIGENCIA.value}"),
    Flag.ALTA_TO_SEND: ((State.ACUSE_ENTREGADO, State.SIN_VIGENCIA), ALTA_WANTED_SQL),
}
#: Small sets of cases (ids), found before the list.
FOUND_FIRST: Final = {
    Flag.LEFT: LEFT,
    Flag.ON_THEIR_WAY: CASES_ON_THEIR_WAY_SQL,
    Flag.PARKED: "SELECT case_id FROM imss_errand WHERE status = 'parked'",
    Flag.MENTIONED: (
        "SELECT n.case_id FROM dashboard_mention m JOIN dashboard_note n ON n.id = m.note_id WHERE m.user_id = %s AND m.seen_at IS NULL"
    ),
}
