"""How the authority behaves today: down, rate-limited, slow, failing, garbled, mistaken.

Every mood is one setting of FIELDS, can be changed while running, and puts its name (`animo`) on each answer it shapes, so that the
ledger tells an honest answer from a spoilt one. Those in BEFORE see a request before any work is done; those in AFTER see the answer when
the work is done, and at most one of them takes it. Those in WIRE leave the answer alone: `wire.py` spoils it on its way out. Those of
`idse_moods.py` are in what a lote gets, not in an answer over HTTP.
"""

import asyncio
import math
import random
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace

from imss_mock.protocol.answers import Answer, Codigo, refuse
from imss_mock.protocol.shapes import Flag, Number, Text, Values
from imss_mock.state import idse_moods
from imss_mock.state.idse_moods import IdseMood

BURST_SECONDS = 0.1  # how much of a second's allowance may come at once
QUESTIONS_REMEMBERED = 2_000
ANSWERS_REMEMBERED = 3
RETRY_AFTER = r"^[ -~]*$"
Question = tuple[str, str | None]  # operation and whom (or which movement) it is about


def _share(name: str, about: str) -> Number:
    return Number(name, f"Proporción de respuestas {about}", 0.01, 0, 1, 0, whole=False)


WIRE = ("json_a_medias", "conexion_cortada", "tipo_equivocado", "goteo")
FIELDS = (
    Flag("caido", "Todo recibe 503"),
    Flag("mantenimiento", "Todo recibe 200 con una página de mantenimiento en HTML"),
    Number("tope_por_segundo", "Solicitudes por segundo que se atienden; las demás reciben 429. 0 es sin tope", 200, 0, 1_000_000, 0),
    Text("retry_after", "Encabezado Retry-After de los 429, tal cual; vacío es sin él", "30", RETRY_AFTER, required=False, default="1"),
    Text("retry_after_503", "Encabezado Retry-After de los 503, tal cual; vacío es sin él", "30", RETRY_AFTER, required=False, default=""),
    Number("latencia_ms", "Milisegundos que tarda una respuesta: la media, o la mediana si es lognormal", 50, 0, 600_000, 0),
    Text(
        "latencia_forma",
        "Cómo se reparte la latencia",
        "lognormal",
        choices=("fija", "uniforme", "exponencial", "lognormal"),
        required=False,
        default="fija",
    ),
    Number("falla_503", "Proporción de solicitudes que fallan con 503 antes de hacer nada", 0.2, 0, 1, 0, whole=False),
    Number("ventana_503_cada_s", "Segundos reales de un ciclo que empieza caído; 0 es sin ventanas", 60, 0, 86_400, 0, whole=False),
    Number("ventana_503_dura_s", "Segundos que cada ciclo pasa caído", 20, 0, 86_400, 0, whole=False),
    _share("falla_503_despues", "503 cuando el trabajo ya quedó hecho"),
    _share("ajenas", "que son sobre otra persona: la última que se dio a otra"),
    _share("repetidas", "que repiten la última que se dio a la misma pregunta"),
    _share("atrasadas", "que repiten una más vieja, como si llegara tarde y en desorden"),
    _share("json_a_medias", "con el documento JSON cortado a la mitad"),
    _share("conexion_cortada", "cuya conexión se corta a la mitad"),
    _share("tipo_equivocado", "con el documento correcto, dicho text/html"),
    _share("goteo", "que salen byte por byte"),
    Number("goteo_ms", "Milisegundos entre un byte y otro del goteo", 1000, 0, 600_000, 1000),
    *idse_moods.FIELDS,
)


@dataclass(frozen=True)
class Mood(IdseMood):
    """The settings of FIELDS; the defaults are an authority in perfect health."""

    caido: bool = False
    mantenimiento: bool = False
    tope_por_segundo: int = 0
    retry_after: str = "1"
    retry_after_503: str = ""
    latencia_ms: int = 0
    latencia_forma: str = "fija"
    falla_503: float = 0
    ventana_503_cada_s: float = 0
    ventana_503_dura_s: float = 0
    falla_503_despues: float = 0
    ajenas: float = 0
    repetidas: float = 0
    atrasadas: float = 0
    json_a_medias: float = 0
    conexion_cortada: float = 0
    tipo_equivocado: float = 0
    goteo: float = 0
    goteo_ms: int = 1000


def read_mood(asked: Values) -> Mood:
    """The mood of values read by FIELDS; null is the healthy value."""
    return Mood(**{name: value for name, value in asked.items() if value is not None})  # type: ignore[arg-type]  # FIELDS read them


class Moods:
    """The mood of the moment. It lives in memory: a restarted stand-in begins again with its first mood."""

    def __init__(self, seed: int, first: Mood = Mood()) -> None:
        self.memory = Memory()
        self._dice = random.Random(seed)  # noqa: S311 repeatable on purpose
        self.change(first)

    def change(self, mood: Mood) -> dict[str, object]:
        """Put on another mood and say what it is."""
        self.mood = mood
        self._since = self._refilled = time.monotonic()
        self._tokens = self._bucket
        self._before = [(name, gate) for name, (setting, gate) in BEFORE.items() if getattr(mood, setting)]
        self._after = [name for name in AFTER if getattr(mood, name)]
        return asdict(mood)

    async def before(self) -> Answer | None:
        """The answer that the mood gives instead of working, or None; may take its time."""
        for name, gate in self._before:
            answer = await gate(self)
            if answer is not None:
                return replace(answer, animo=name)
        return None

    def after(self, question: Question, answer: Answer) -> Answer:
        """What is really said of a work done, or how it will be spoilt."""
        told = next((told for name in self._after if (told := self._spoilt(name, question, answer))), None)
        self.memory.note(question, answer)
        return told or answer

    def _spoilt(self, name: str, question: Question, answer: Answer) -> Answer | None:
        if not self.chance(getattr(self.mood, name)):
            return None
        told = AFTER[name](self, question, answer)
        return told and replace(told, animo=name)

    def chance(self, share: float) -> bool:
        """True for this share of the calls."""
        return self._dice.random() < share

    def delay(self) -> float:
        """Seconds that the next answer takes."""
        mean = self.mood.latencia_ms / 1000
        drawn = {
            "fija": lambda: mean,
            "uniforme": lambda: self._dice.uniform(0, 2 * mean),
            "exponencial": lambda: self._dice.expovariate(1 / mean),
            "lognormal": lambda: mean * math.exp(self._dice.gauss(0, 1)),
        }
        return drawn[self.mood.latencia_forma]()

    def in_window(self) -> bool:
        """Whether the cycle of 503 windows is in its bad part; every change of mood begins a cycle."""
        mood = self.mood
        return (time.monotonic() - self._since) % mood.ventana_503_cada_s < mood.ventana_503_dura_s

    @property
    def _bucket(self) -> float:
        return max(1.0, self.mood.tope_por_segundo * BURST_SECONDS)

    def take_token(self) -> bool:
        """One request of the token bucket of `tope_por_segundo`; False when it is empty."""
        now = time.monotonic()
        self._tokens = min(self._bucket, self._tokens + (now - self._refilled) * self.mood.tope_por_segundo)
        self._refilled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Memory:
    """The last good answers to the last questions, for the moods that say them again; bounded."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Question, deque[Answer]] = OrderedDict()

    def note(self, question: Question, answer: Answer) -> None:
        """Remember an honest answer."""
        if answer.status != 200 or question[1] is None:
            return
        self._answers.setdefault(question, deque(maxlen=ANSWERS_REMEMBERED)).append(answer)
        self._answers.move_to_end(question)
        if len(self._answers) > QUESTIONS_REMEMBERED:
            self._answers.popitem(last=False)

    def said(self, question: Question, place: int) -> Answer | None:
        """The newest (-1) or oldest (0) answer remembered for this very question."""
        answers = self._answers.get(question)
        return answers[place] if answers else None

    def of_another(self, question: Question) -> Answer | None:
        """The newest answer to the same operation about another person."""
        operation, subject = question
        other = next((key for key in reversed(self._answers) if key[0] == operation and key[1] != subject), None)
        return self._answers[other][-1] if other else None


def _unavailable(moods: Moods) -> Answer:
    wait = moods.mood.retry_after_503
    return refuse(Codigo.SERVICIO_NO_DISPONIBLE, {"Retry-After": wait} if wait else None)


async def _down(moods: Moods) -> Answer | None:
    return _unavailable(moods)


async def _in_maintenance(_moods: Moods) -> Answer | None:
    return Answer(200, {}, "MANTENIMIENTO")


async def _in_window(moods: Moods) -> Answer | None:
    return _unavailable(moods) if moods.in_window() else None


async def _capped(moods: Moods) -> Answer | None:
    if moods.take_token():
        return None
    wait = moods.mood.retry_after
    return refuse(Codigo.DEMASIADAS_SOLICITUDES, {"Retry-After": wait} if wait else None)


async def _slow(moods: Moods) -> None:
    await asyncio.sleep(moods.delay())


async def _fails(moods: Moods) -> Answer | None:
    return _unavailable(moods) if moods.chance(moods.mood.falla_503) else None


Gate = Callable[[Moods], Awaitable[Answer | None]]
# The setting that turns each on (anything but 0 or false), and what it does.
BEFORE: dict[str, tuple[str, Gate]] = {
    "caido": ("caido", _down),
    "mantenimiento": ("mantenimiento", _in_maintenance),
    "ventana_503": ("ventana_503_cada_s", _in_window),
    "tope_por_segundo": ("tope_por_segundo", _capped),
    "latencia": ("latencia_ms", _slow),
    "falla_503": ("falla_503", _fails),
}
AFTER: dict[str, Callable[[Moods, Question, Answer], Answer | None]] = {
    "falla_503_despues": lambda moods, _question, _answer: _unavailable(moods),
    "ajenas": lambda moods, question, _answer: moods.memory.of_another(question),
    "repetidas": lambda moods, question, _answer: moods.memory.said(question, -1),
    "atrasadas": lambda moods, question, _answer: moods.memory.said(question, 0),
    **dict.fromkeys(WIRE, lambda _moods, _question, answer: answer),
}
