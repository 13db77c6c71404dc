"""The one small interface through which the office knows IMSS: four questions, typed answers, two families of errors.

Adapters live beside it (twin.py, manual.py). Nothing above this line knows which one is in use (docs/adr/0007-imss-port.md).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final, Protocol, Self

#: Movement types of the batch file (domain notes, section 4): 08 reingreso is the alta.
ALTA: Final = "08"
BAJA: Final = "02"


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it came over the wire, for the archive and as evidence."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Movement:
    """An alta or baja as it is told to IMSS. `key` is its idempotency key: one per movement, never one per attempt."""

    key: str
    kind: str
    registro_patronal: str
    nss: str
    curp: str
    nombre: str
    primer_apellido: str
    segundo_apellido: str
    on: dt.date
    umf: str
    matricula: str
    causa_baja: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"on": self.on.isoformat()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        return cls(**{**stored, "on": dt.date.fromisoformat(stored["on"])})


@dataclass(frozen=True, slots=True)
class NssAnswer:
    """The NSS of the person asked about: found in the register, or (`assigned`) new."""

    nss: str
    assigned: bool
    folio: str
    on: dt.date
    raw: Raw


@dataclass(frozen=True, slots=True)
class VigenciaAnswer:
    """Whether the person is covered on `on`, and through whom (dashes and blanks removed from the registro patronal)."""

    insured: bool
    registro_patronal: str
    umf: str
    on: dt.date
    raw: Raw


class Fate(Enum):
    """What has become of a movement. Received is not operated, and operated is not yet vigencia (domain notes, 5.2 and 12)."""

    RECEIVED = "RECIBIDO"
    OPERATED = "OPERADO"
    REJECTED = "RECHAZADO"


@dataclass(frozen=True, slots=True)
class MovementAnswer:
    """IMSS has the movement: its lote and recibo, and what has become of it so far. `on` is when it was received."""

    fate: Fate
    lote: str
    recibo: str
    on: dt.date
    raw: Raw
    resolved_on: dt.date | None = None
    code: str = ""
    message: str = ""
    register_name: str = ""


Answer = NssAnswer | VigenciaAnswer | MovementAnswer


class ImssError(Exception):
    """No usable answer. `raw` is what came, if anything did; str() is a Spanish sentence without anybody's data."""

    raw: Raw | None

    def __init__(self, sentence: str, raw: Raw | None = None) -> None:
        super().__init__(sentence)
        self.raw = raw


class Refused(ImssError):
    """IMSS answered, and the answer is no: `code` and text as received."""

    def __init__(self, code: str, sentence: str, raw: Raw | None = None) -> None:
        super().__init__(sentence, raw)
        self.code = code


class UnknownMovement(Refused):
    """IMSS has never received a movement with that key."""


class WrongPerson(ImssError):
    """The answer is about somebody else, or about another question: never applied, kept for a person to look at."""


class Recoverable(ImssError):
    """Worth another try later. The class attributes say what may be concluded from it."""

    #: The trouble is IMSS' as a whole: it says nothing about this person, and is not counted against the errand.
    wide = False
    #: Surely nothing was done with the request.
    untouched = False

    def __init__(self, sentence: str, raw: Raw | None = None, *, quiet_seconds: float = 0.0) -> None:
        """`quiet_seconds`: how long IMSS asked everybody to be quiet."""
        super().__init__(sentence, raw)
        self.quiet_seconds = quiet_seconds


class Unreachable(Recoverable):
    """No connection could be made."""

    wide = untouched = True


class Busy(Recoverable):
    """Too many requests: IMSS is well, we are too fast."""

    wide = untouched = True


class Unavailable(Recoverable):
    """Out of service, or our credentials do not open the door. It may have worked on the request before saying so."""

    wide = True


class Failed(Recoverable):
    """IMSS stumbled over this request, or the connection broke."""


class TimedOut(Recoverable):
    """Too slow. It may have worked on the request."""


class Unreadable(Recoverable):
    """Not an answer of the service: another content type, half a document, a redirection, too large a body."""


class NotAsked(Recoverable):
    """We did not ask after all: the time kept for this errand was nearly over."""

    wide = untouched = True


def is_answer(said: Answer | ImssError) -> bool:
    """IMSS is there and understood the question; a refusal is an answer too."""
    return isinstance(said, Refused) or not isinstance(said, ImssError)


def is_failure(said: Answer | ImssError) -> bool:
    """A sign that IMSS is not well. Asking for a slower pace is none, and what was not asked cannot fail."""
    return isinstance(said, Recoverable | WrongPerson) and not isinstance(said, Busy | NotAsked)


class Imss(Protocol):
    """Every method answers for one person, or raises Refused, Recoverable or WrongPerson."""

    async def follow(self, date: dt.date) -> None:
        """Move a rehearsal's clock to `date`; the real IMSS has no such thing."""

    async def locate_nss(self, curp: str, email: str) -> NssAnswer:
        """The person's NSS, located or assigned (trámite IMSS-02-008). `email` may be empty."""

    async def check_vigencia(self, curp: str, nss: str) -> VigenciaAnswer:
        """Is the person covered today, and through whom (trámite IMSS-02-020)."""

    async def send_movement(self, movement: Movement) -> MovementAnswer:
        """Hand in an alta or a baja; the same key twice is one movement."""

    async def movement_status(self, movement: Movement) -> MovementAnswer:
        """What has become of it; raises UnknownMovement when IMSS never received it."""
