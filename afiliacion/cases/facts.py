"""What is known about a case and what each verb changes. Pure: a case's columns are its events, folded by `after`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypedDict

from afiliacion.cases.states import OPEN_STATES, Coverage, PaperStatus, State


class Structured(TypedDict, total=False):
    """What an event's hashed `data` holds: ids, dates (ISO), keys of rows, flags. No NSS, CURP, name or other text of a person."""

    enrolment: int
    recorded_on: str
    papers: list[str]
    kind: str
    to: str
    #: Of a change of plantel before covers were kept: the other plantel has the same registro patronal, and the alta was forgotten.
    same_registro_patronal: bool
    #: The plantel the student changes to has the same registro patronal: the cover goes on.
    keeps_cover: bool
    #: The registro patronal (plain) under which IMSS has the alta.
    registro: str
    #: The cover (id) a step is about.
    cover: int
    #: The baja owed is not of the case's own alta, but of one under another number or registro patronal.
    former: bool
    #: Of OWE_BAJA: when IMSS received that baja (ISO), if it had when the case was told.
    sent_on: str
    #: When the cover began (ISO).
    since: str
    #: How the school knows of a cover it declares (a value of states.Proof).
    proof: str
    resend_alta: bool
    #: IMSS unified two numbers of the person.
    unified: bool
    #: Of another NSS: our cover was proved of the former one, and is "none" until proved. Events of before stay what they were.
    unproved: bool
    #: The number had been noted by mistake a moment ago: everything is as it was, the clock too.
    undoing: bool
    coverage: str
    prevails: bool
    before: dict[str, Any] | None
    #: ISO date of the presentation that an answer of the subdelegación is about.
    filed_on: str | None
    #: Of UNDO_LOAD: dates and clocks go back as well. Not in events of the first releases, which stay what they were.
    whole: bool
    #: Of UNDO_LOAD: IMSS said that the case it closes is covered.
    insured: bool
    #: Of RETRACT_ANSWER: the last event (seq) of those that still count.
    back_to: int
    rule: int | None
    due_on: str | None
    #: Of MERGE and RETRACT_MERGE: the merge (id), the person (id) whose case it is from then on, if another, and of a case that is closed
    #: because the person had another one at the plantel, the case (id) that goes on.
    merge: int
    person: int
    goes_on: int
    #: ISO date of the enrolment with which the case goes on, or as it was corrected.
    enrolled_on: str
    #: The data of a person that were corrected, by the names of a list's columns.
    fields: list[str]
    #: The keys of Written that the event has, and SHA-256 (hex) over their salt and texts (history.commitment).
    personal: list[str]
    commitment: str


class Written(TypedDict, total=False):
    """What a person or IMSS wrote: kept apart from the event (EventDetail), so that it can be erased."""

    reason: str
    nss: str | None
    lote: str
    recibo: str
    folio: str
    code: str
    message: str
    text: str
    register_name: str
    registro_patronal: str
    umf: str
    turno: str
    consultorio: str
    postal_code: str
    tutor: str
    umf_before: str
    curp: str
    nombre: str
    primer_apellido: str
    segundo_apellido: str
    fecha_nacimiento: str
    sexo: str
    entidad_nacimiento: str
    correo: str
    telefono: str
    matricula: str


class Details(Structured, Written, total=False):
    """What a verb records besides date and evidence; which keys a verb has, verbs/ says."""


#: The keys of details that stay in the event. Any other is taken for a text of a person.
STRUCTURED: Final = frozenset(Structured.__annotations__)
#: Stands for a text that was erased.
ERASED: Final = "[suprimido]"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to one case: the fact's own date, details, evidence (SHA-256, hex) and reason."""

    on: dt.date
    data: Details = field(default_factory=Details)
    evidence: str = ""
    reason: str = ""


class Facts(NamedTuple):
    """Everything the turn and the clock depend on. Dates are the facts' own, not those of recording."""

    state: State = State.SIN_NSS
    state_since: dt.date = dt.date.min
    enrolled_on: dt.date = dt.date.min
    nss_on: dt.date | None = None
    acuse_on: dt.date | None = None
    alta_on: dt.date | None = None
    vigencia_on: dt.date | None = None
    vigencia_evidence: str = ""
    checked_on: dt.date | None = None
    #: Presented at the subdelegación, which has not answered yet.
    filed_on: dt.date | None = None
    #: The last time the subdelegación wanted something more.
    wanted_on: dt.date | None = None
    baja_kind: str = ""
    baja_sent_on: dt.date | None = None
    baja_operada_on: dt.date | None = None
    coverage: str = Coverage.NONE.value
    umf: str = ""
    clinic_on: dt.date | None = None
    held_since: dt.date | None = None
    pauses: tuple[tuple[str, str], ...] = ()
    #: (kind, status) of every paper handed in, by kind.
    papers: tuple[tuple[str, str], ...] = ()
    #: When the sheet handed in was refused, if that is where it stands.
    sheet_refused_on: dt.date | None = None
    #: When the office came to know of the enrolment (not known of old ones), and when the NSS last turned out to be wrong.
    recorded_on: dt.date | None = None
    corrected_on: dt.date | None = None
    #: When the case last came back from the subdelegación, a renuncia or a baja, or its cover was declared.
    resumed_on: dt.date | None = None
    #: When the cover by another ended, as last told.
    cover_lost_on: dt.date | None = None
    alerted_on: dt.date | None = None
    rule: int | None = None
    #: The registro patronal (plain) of the alta; "": not known, one of the plantel's.
    registro: str = ""
    #: The student changed to a plantel under the same registro patronal: no baja is owed while the other plantel's list is awaited.
    keeps_cover: bool = False
    #: When the case was told that the baja is owed, if that was after the student left.
    owed_on: dt.date | None = None
    #: A cover (id) under another number or registro, the baja of which the case owes: since when, and when IMSS received it.
    former_cover: int | None = None
    former_owed_on: dt.date | None = None
    former_sent_on: dt.date | None = None

    @property
    def papers_in(self) -> frozenset[str]:
        """Kinds of paper received and not rejected."""
        return frozenset(kind for kind, status in self.papers if status != PaperStatus.REJECTED)

    @property
    def is_open(self) -> bool:
        """The affiliation is being pursued."""
        return self.state in OPEN_STATES

    @property
    def own_baja_owed(self) -> bool:
        """The student left, and IMSS holds an alta under their number that no other case needs and no baja has ended."""
        return not self.is_open and self.alta_on is not None and self.baja_operada_on is None and not self.keeps_cover

    @property
    def baja_owed(self) -> bool:
        """IMSS holds an alta of ours that must be ended: the student's, or one under a number that was not theirs."""
        return self.own_baja_owed or self.former_owed_on is not None

    @property
    def baja_unsent(self) -> bool:
        """A baja is owed that IMSS has not received."""
        own = self.own_baja_owed and self.baja_sent_on is None
        return own or (self.former_owed_on is not None and self.former_sent_on is None)


#: The paper of the acuse step; a wrong NSS invalidates it.
ACUSE_PAPER: Final = "acuse"
FACT_NAMES: Final = Facts._fields
_PLACES: Final = {name: place for place, name in enumerate(FACT_NAMES)}


def changed(facts: Facts, changes: Mapping[str, Any]) -> Facts:
    """The facts with some of them (by name) changed. In half the time of `_replace`, which looks at each of the thirty by its name."""
    values: list[Any] = list(facts)
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return Facts(*values)


def as_data(facts: Facts) -> dict[str, Any]:
    """Facts as JSON for an event's `before`, without `umf`, which a person wrote; `from_data` reads them."""
    kept = {name: value for name, value in facts._asdict().items() if name != "umf"}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in kept.items()}


def restored(facts: Facts) -> Details:
    """The details of UNDO_LOAD, and of the verbs that take a step back, that take a case back to `facts`."""
    return {"before": as_data(facts), "umf_before": facts.umf}


def from_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """All facts but `umf` as `as_data` wrote them, by name.

    A snapshot is as old as its event: a fact that there was then and is none now is left out; one that came later is derived from the
    snapshot where ADDED_SINCE says how, and otherwise has its default.
    """
    known = {name: _READ[name](value) if name in _READ else value for name, value in data.items() if name in _READABLE}
    later = {name: derive(known) for name, derive in ADDED_SINCE.items() if name not in data}
    return {name: value for name, value in {**BLANK, **known, **later}.items() if name != "umf"}


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _pairs(value: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in value)


BLANK: Final[Mapping[str, Any]] = Facts()._asdict()
_READABLE: Final = frozenset(FACT_NAMES) - {"umf"}
#: How the values of JSON are read that JSON has no kind for.
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys((name for name in FACT_NAMES if name.endswith(("_on", "_since"))), _day),
    "state": State, "pauses": _pairs, "papers": _pairs,
}  # fmt: skip
#: Facts that older snapshots lack and whose default would be false of them: fact -> from the facts that the snapshot has.
ADDED_SINCE: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {}
