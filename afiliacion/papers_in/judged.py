"""What is said of a brought document: the verb it proposes, how certain, every reason against it; and what is known of its student."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import NamedTuple


class Proposal(StrEnum):
    """What follows from a document, if it is right."""

    NOTHING = "nothing"
    OBTAIN_NSS = "obtain_nss"
    DELIVER_ACUSE = "deliver_acuse"
    OBTAIN_AND_DELIVER = "obtain_and_deliver"
    CONFIRM_VIGENCIA = "confirm_vigencia"
    NOT_VIGENTE = "not_vigente"
    OTHER_COVER = "other_cover"
    NOTE_CLINIC = "note_clinic"


class Certainty(StrEnum):
    """CLEAR may act by itself where the plantel lets it; DOUBTFUL waits for an officer; REFUSED is told by name and never acts."""

    CLEAR = "clear"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


class Reason(NamedTuple):
    """Why a document is doubtful or refused: a short English code (for tests and counts) and a Spanish sentence that says what to do."""

    code: str
    text: str


class KnownStudent(NamedTuple):
    """What the office knows of the student a document is said to be of. `registros` are the plantel's, without dashes."""

    curp: str
    former_curps: tuple[str, ...]
    first_names: str
    first_surname: str
    second_surname: str
    birth_date: dt.date
    nss: str
    registros: tuple[str, ...]
    ciclo_starts: dt.date
    state: str
    nss_of_another: bool
    brought_by_another: bool


class Judgment(NamedTuple):
    """What a document means. `reasons` has all of them, the gravest first."""

    proposal: Proposal
    certainty: Certainty
    reasons: tuple[Reason, ...]
