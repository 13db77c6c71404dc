"""How the authority behaves today: down, rate-limited, slow, failing.

Each mood is a small function. Those in BEFORE see a request before any work is done, those in AFTER see the answer when the work is
done and written down. A new mood is a setting, a function, and its name in one of the two lists; one that damages what goes over the
wire (half a body, another content type) belongs in AFTER together with the one place that sends, `app._send`.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from imss_mock.answers import Answer, Codigo, refuse
from imss_mock.shapes import Flag, Number

BURST_SECONDS = 0.1  # how much of a second's allowance may come at once
RETRY = {"Retry-After": "1"}

FIELDS = (
    Number("latencia_ms", "Milisegundos que tarda cada respuesta", 50, 0, 600_000, 0),
    Number("falla_503", "Proporción de solicitudes que fallan con 503 antes de hacer nada", 0.2, 0, 1, 0, whole=False),
    Number("falla_503_despues", "Proporción que falla con 503 cuando el trabajo ya quedó hecho", 0.01, 0, 1, 0, whole=False),
    Number("tope_por_segundo", "Solicitudes por segundo que se atienden; las demás reciben 429. 0 es sin tope", 200, 0, 1_000_000, 0),
    Flag("caido", "Todo recibe 503"),
)


@dataclass(frozen=True)
class Mood:
    """The settings of FIELDS; the defaults are an authority in perfect health."""

    latencia_ms: int = 0
    falla_503: float = 0
    falla_503_despues: float = 0
    tope_por_segundo: int = 0
    caido: bool = False


class Moods:
    """The mood of the moment. It lives in memory: a restarted twin is well again."""

    def __init__(self, seed: int) -> None:
        self.mood = Mood()
        self._tokens = 0.0
        self._refilled = time.monotonic()
        self._dice = random.Random(seed)  # noqa: S311 repeatable on purpose

    def change(self, mood: Mood) -> dict[str, object]:
        """Put on another mood and say what it is."""
        self.mood = mood
        self._tokens = max(1.0, mood.tope_por_segundo * BURST_SECONDS)
        return asdict(mood)

    async def before(self) -> Answer | None:
        """The answer that the mood gives instead of working, or None; may take its time."""
        for mood in BEFORE:
            answer = await mood(self)
            if answer is not None:
                return answer
        return None

    def after(self, answer: Answer) -> Answer:
        """What is really said of a work done."""
        for mood in AFTER:
            answer = mood(self, answer)
        return answer

    def chance(self, share: float) -> bool:
        """True for this share of the calls."""
        return share > 0 and self._dice.random() < share

    def take_token(self) -> bool:
        """One request of the token bucket of `tope_por_segundo`; False when it is empty."""
        rate = self.mood.tope_por_segundo
        now = time.monotonic()
        self._tokens = min(max(1.0, rate * BURST_SECONDS), self._tokens + (now - self._refilled) * rate)
        self._refilled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


async def _down(moods: Moods) -> Answer | None:
    return refuse(Codigo.SERVICIO_NO_DISPONIBLE) if moods.mood.caido else None


async def _capped(moods: Moods) -> Answer | None:
    if not moods.mood.tope_por_segundo or moods.take_token():
        return None
    return refuse(Codigo.DEMASIADAS_SOLICITUDES, RETRY)


async def _slow(moods: Moods) -> None:
    if moods.mood.latencia_ms:
        await asyncio.sleep(moods.mood.latencia_ms / 1000)


async def _fails(moods: Moods) -> Answer | None:
    return refuse(Codigo.SERVICIO_NO_DISPONIBLE) if moods.chance(moods.mood.falla_503) else None


def _fails_too_late(moods: Moods, answer: Answer) -> Answer:
    return refuse(Codigo.SERVICIO_NO_DISPONIBLE) if moods.chance(moods.mood.falla_503_despues) else answer


BEFORE: tuple[Callable[[Moods], Awaitable[Answer | None]], ...] = (_down, _capped, _slow, _fails)
AFTER: tuple[Callable[[Moods, Answer], Answer], ...] = (_fails_too_late,)
