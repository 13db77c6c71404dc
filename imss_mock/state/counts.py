"""How much was asked of the API and how fast, for a test to prove that no client exceeded the rate. In memory, since the last reset."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

from imss_mock.protocol.answers import Answer


class Peak:
    """The most events seen in any one second; `now` is monotonic seconds."""

    def __init__(self) -> None:
        self.most = 0
        self._recent: deque[float] = deque()

    def note(self, now: float) -> None:
        """One more event."""
        recent = self._recent
        recent.append(now)
        while recent[0] <= now - 1:
            recent.popleft()
        self.most = max(self.most, len(recent))


class Counts:
    """Requests of the API by status, their peaks a second and at once."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin again from nothing; requests under way still count as such."""
        self._by_status: Counter[int] = Counter()
        self._by_mood: Counter[str] = Counter()
        self._asked, self._served = Peak(), Peak()
        self._at_once, self._most_at_once = getattr(self, "_at_once", 0), 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """A request from its arrival to the end of its answer."""
        self._asked.note(time.monotonic())
        self._at_once += 1
        self._most_at_once = max(self._most_at_once, self._at_once)
        try:
            yield
        finally:
            self._at_once -= 1

    def answered(self, answer: Answer) -> None:
        """What was decided about the request. Served is everything that the cap let through."""
        self._by_status[answer.status] += 1
        if answer.animo:
            self._by_mood[answer.animo] += 1
        if answer.animo != "tope_por_segundo":
            self._served.note(time.monotonic())

    def told(self) -> dict[str, object]:
        """The numbers, as /control/cuentas says them."""
        return {
            "solicitudes": self._by_status.total(),
            "rechazadas_por_tope": self._by_mood["tope_por_segundo"],
            "por_estatus": {str(status): count for status, count in sorted(self._by_status.items())},
            "por_animo": dict(sorted(self._by_mood.items())),
            "pico_por_segundo": self._asked.most,
            "pico_atendido_por_segundo": self._served.most,
            "pico_simultaneas": self._most_at_once,
        }
