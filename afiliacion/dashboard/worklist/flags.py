"""What the flags of a list ask of the database."""

from __future__ import annotations

from typing import Final

from afiliacion.cases.models import BAJA_OWED_SQL, BAJA_UNSENT_SQL
from afiliacion.dashboard.shared.assignees import LEFT
from afiliacion.dashboard.worklist.filters import Flag

#: What is asked of each case: whether IMSS is owed its baja. An index of their own has them (cases.models).
OWING: Final = {
    Flag.BAJA_TO_SEND: f"{BAJA_OWED_SQL} AND {BAJA_UNSENT_SQL}",
    Flag.BAJA_SENT: f"{BAJA_OWED_SQL} AND NOT {BAJA_UNSENT_SQL}",
}
#: Small sets of cases (ids), found before the list.
FOUND_FIRST: Final = {
    Flag.LEFT: LEFT,
    Flag.PARKED: "SELECT case_id FROM imss_errand WHERE status = 'parked'",
    Flag.MENTIONED: (
        "SELECT n.case_id FROM dashboard_mention m JOIN dashboard_note n ON n.id = m.note_id WHERE m.user_id = %s AND m.seen_at IS NULL"
    ),
}
