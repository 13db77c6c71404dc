"""What can be done to cases: one short verb per transition, each for one case or ten thousand.

Every verb takes the cases (ids, or id -> what is particular to each), the date of the fact, the actor and `now`, and
returns an Outcome: which cases moved, and for the others why not, in Spanish. A verb that loses a race skips; it never overwrites.
"""

from afiliacion.cases.verbs.alta import (
    confirm_vigencia,
    declare_cover,
    miss_vigencia,
    note_clinic,
    note_coverage,
    reject_alta,
    retract_cover,
    send_alta,
)
from afiliacion.cases.verbs.enrolment import correct_enrolment
from afiliacion.cases.verbs.leaving import (
    drop_baja,
    leave,
    operate_baja,
    reject_baja,
    rejoin,
    renounce,
    send_baja,
    transfer,
    undo_load,
    withdraw_renuncia,
)
from afiliacion.cases.verbs.nss import correct_nss, disown_nss, obtain_nss, unify_nss
from afiliacion.cases.verbs.papers import (
    deliver_acuse,
    hold,
    receive_papers,
    reject_papers,
    release,
    retract_acuse,
    retract_papers,
    verify_papers,
)
from afiliacion.cases.verbs.subdelegacion import (
    escalate,
    file_at_desk,
    retract_filing,
    retract_want_more,
    return_from_desk,
    want_more,
)

__all__ = [
    "confirm_vigencia",
    "correct_enrolment",
    "correct_nss",
    "declare_cover",
    "deliver_acuse",
    "disown_nss",
    "drop_baja",
    "escalate",
    "file_at_desk",
    "hold",
    "leave",
    "miss_vigencia",
    "note_clinic",
    "note_coverage",
    "obtain_nss",
    "operate_baja",
    "receive_papers",
    "reject_alta",
    "reject_baja",
    "reject_papers",
    "rejoin",
    "release",
    "renounce",
    "retract_acuse",
    "retract_cover",
    "retract_filing",
    "retract_papers",
    "retract_want_more",
    "return_from_desk",
    "send_alta",
    "send_baja",
    "transfer",
    "undo_load",
    "unify_nss",
    "verify_papers",
    "want_more",
    "withdraw_renuncia",
]
