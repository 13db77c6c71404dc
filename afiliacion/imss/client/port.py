"""The port through which the office reaches IMSS: four requests, typed answers, two families of errors.

Adapters: http_adapter.py, manual_adapter.py. The rest of the office does not know which one is in use (docs/adr/0007-imss-port.md).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final, Protocol, Self

#: Movement types of the batch file (docs/domain.md, 5.1): 08 reingreso is the alta.
ALTA: Final = "08"
BAJA: Final = "02"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as received, for the archive and as evidence."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Movement:
    """An alta or baja as it is sent to IMSS. `key` is its idempotency key: one per movement, never one per attempt."""

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
    raw: RawAnswer


@dataclass(frozen=True, slots=True)
class VigenciaAnswer:
    """Whether the person is covered on `on`, and through whom (dashes and blanks removed from the registro patronal)."""

    insured: bool
    registro_patronal: str
    umf: str
    on: dt.date
    raw: RawAnswer


class MovementStatus(Enum):
    """The status of a movement at IMSS. Received is not operated, and operated is not yet vigencia (docs/domain.md, 5.2)."""

    RECEIVED = "RECIBIDO"
    OPERATED = "OPERADO"
    REJECTED = "RECHAZADO"


@dataclass(frozen=True, slots=True)
class MovementAnswer:
    """IMSS has the movement: its lote and recibo, and its status so far. `on` is when it was received."""

    status: MovementStatus
    lote: str
    recibo: str
    on: dt.date
    raw: RawAnswer
    resolved_on: dt.date | None = None
    code: str = ""
    message: str = ""
    register_name: str = ""


ImssAnswer = NssAnswer | VigenciaAnswer | MovementAnswer


class ImssError(Exception):
    """No usable answer. `raw` is what came, if anything did; str() is a Spanish sentence without personal data."""

    raw: RawAnswer | None

    def __init__(self, sentence: str, raw: RawAnswer | None = None) -> None:
        super().__init__(sentence)
        self.raw = raw


class ImssRefusal(ImssError):
    """IMSS answered, and the answer is no: `code` and text as received."""

    def __init__(self, code: str, sentence: str, raw: RawAnswer | None = None) -> None:
        super().__init__(sentence, raw)
        self.code = code


class UnknownMovement(ImssRefusal):
    """IMSS has never received a movement with that key."""


class WrongPerson(ImssError):
    """The answer is about another person or another question: never applied, kept for a person to look at."""


class Recoverable(ImssError):
    """No usable answer, worth another attempt later. The class attributes say what may be concluded from it."""

    #: IMSS fails as a whole: it says nothing about this person, and is not counted against the errand.
    wide = False
    #: IMSS surely did nothing with the request.
    untouched = False

    def __init__(self, sentence: str, raw: RawAnswer | None = None, *, pause_seconds: float = 0.0) -> None:
        """`pause_seconds`: for how long IMSS asked for no more requests (Retry-After); 0: it did not."""
        super().__init__(sentence, raw)
        self.pause_seconds = pause_seconds


class Unreachable(Recoverable):
    """No connection could be made."""

    wide = untouched = True


class Busy(Recoverable):
    """Too many requests: IMSS is well, the rate is too high."""

    wide = untouched = True


class Unavailable(Recoverable):
    """Out of service, or the credentials are not accepted. It may have worked on the request before saying so."""

    wide = True


class Failed(Recoverable):
    """IMSS failed on this request, or the connection broke."""


class TimedOut(Recoverable):
    """Too slow. It may have worked on the request."""


class Unreadable(Recoverable):
    """Not an answer of the service: another content type, half a document, a redirection, too large a body."""


class NotAsked(Recoverable):
    """The request was not sent after all: the breaker was open or the claim nearly over."""

    wide = untouched = True


def is_answer(result: ImssAnswer | ImssError) -> bool:
    """Whether IMSS is up and understood the request; a refusal is an answer too."""
    return isinstance(result, ImssRefusal) or not isinstance(result, ImssError)


def is_failure(result: ImssAnswer | ImssError) -> bool:
    """Whether the result is a sign that IMSS is not well. Asking for a lower rate is none, and a request not sent cannot fail."""
    return isinstance(result, Recoverable | WrongPerson) and not isinstance(result, Busy | NotAsked)


class Imss(Protocol):
    """Every method answers for one person, or raises ImssRefusal, Recoverable or WrongPerson."""

    async def follow(self, date: dt.date) -> None:
        """Move a rehearsal's clock to `date`; the real IMSS has no such request."""

    async def locate_nss(self, curp: str, email: str) -> NssAnswer:
        """Return the person's NSS, located or assigned (trámite IMSS-02-008). `email` may be empty."""

    async def check_vigencia(self, curp: str, nss: str) -> VigenciaAnswer:
        """Return whether the person is covered today, and through whom (trámite IMSS-02-020)."""

    async def send_movement(self, movement: Movement) -> MovementAnswer:
        """Send an alta or a baja; the same key twice is one movement. Returns its receipt."""

    async def movement_status(self, movement: Movement) -> MovementAnswer:
        """Return the status of a movement; raises UnknownMovement if IMSS never received it."""
