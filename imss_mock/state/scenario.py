"""Who the people are: stories (personas) read from a TOML file, and the seeded chance that hands them out."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import Any

from imss_mock.protocol.answers import RefusedError
from imss_mock.protocol.shapes import read_fields
from imss_mock.state.idse_moods import FAMILIES
from imss_mock.state.moods import FIELDS, Mood, read_mood

DEFAULT = Path(__file__).parent.parent / "scenarios" / "default.toml"
TRAMITES = ("localizado", "nuevo", "en_proceso", "subdelegacion")
# Codes of the rules of idse/record_faults.py: why a record of a lote is refused when the lote is received.
AT_ENTRY = ("F-FORMATO", "F-NSS-DIGITO", "F-CURP-INVALIDA", "F-REPETIDO")
# The codes that the rules give by themselves; a scenario must have their texts.
NEEDED_REJECTIONS = frozenset({"F-NSS", "F-NOMBRE", "F-DUPLICADO", "F-BAJA-SIN-ALTA", "F-FECHA", *FAMILIES, *AT_ENTRY})
IN_A_LOTE = ("", "entrada", "nombre", "tarde", "nunca")
Days = tuple[int, int]


class ScenarioError(Exception):
    """The scenario file cannot be used; the text says why."""


@dataclass(frozen=True)
class Persona:
    """One story. The comments of scenarios/default.toml explain each field; spans are inclusive, in days."""

    nombre: str
    parte: int
    tramite: str
    espera_dias: Days
    al_resolver: str
    motivo: str
    opera_dias: Days
    vigencia_dias: Days | None
    empleo: bool
    rechazo: str
    veces_rechazo: int
    en_lote: str


@dataclass(frozen=True)
class Empleo:
    """An employer who is not a school."""

    registro_patronal: str
    razon_social: str


@dataclass(frozen=True)
class Idse:
    """How lotes are taken. The comments of scenarios/default.toml explain each field."""

    firma: str
    rfc: str
    horas_respuesta: Days
    dias_extemporaneo: int
    registros_no_vigentes: tuple[str, ...]
    numeros: Mapping[str, str]


@dataclass(frozen=True)
class Scenario:
    """Everything the file says."""

    personas: Mapping[str, Persona]
    empleos: tuple[Empleo, ...]
    idse: Idse
    rechazos: Mapping[str, str]
    documentos_subdelegacion: tuple[str, ...]
    documentos_obligatorios: tuple[str, ...]
    ejemplos: tuple[Mapping[str, str], ...]
    animos: Mapping[str, Mood]
    captcha: bool
    al_adoptar: str
    animo_inicial: str
    dias_atras_maximos: int
    dias_validez_constancia: int
    razon_social_escuela: str

    def pick(self, number: int) -> str:
        """Name of the persona that a 64-bit number falls on, by the shares."""
        shares = list(accumulate(persona.parte for persona in self.personas.values()))
        place = number % shares[-1]
        return next(name for name, top in zip(self.personas, shares, strict=True) if place < top)


class Chance:
    """Chance that can be repeated: the same seed and subject always give the same number."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def number(self, *about: object) -> int:
        """A 64-bit number that depends on the seed and on `about` only."""
        subject = "|".join(str(part) for part in (self._seed, *about))
        return int.from_bytes(blake2b(subject.encode(), digest_size=8).digest())

    def within(self, span: Days, *about: object) -> int:
        """A number of the inclusive span."""
        low, high = span
        return low + self.number(*about) % (high - low + 1)


def load(path: Path = DEFAULT) -> Scenario:
    """Read a scenario file; raises ScenarioError."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        scenario = _build(raw)
    except OSError as error:
        raise ScenarioError(f"No se puede leer el escenario: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ScenarioError(f"El escenario no tiene la forma esperada: {error}.") from error
    _check(scenario)
    return scenario


def _build(raw: dict[str, Any]) -> Scenario:
    base = raw.pop("base")
    personas = {name: _persona(name, base | own) for name, own in raw.pop("personas").items()}
    empleos = tuple(Empleo(**row) for row in raw.pop("empleos"))
    papers = tuple(raw.pop("documentos_subdelegacion"))
    needed = tuple(raw.pop("documentos_obligatorios"))
    examples = tuple(raw.pop("ejemplos", ()))
    moods = {name: _mood(name, told) for name, told in raw.pop("animos", {}).items()}
    idse = _idse(raw.pop("idse"))
    return Scenario(personas, empleos, idse, raw.pop("rechazos"), papers, needed, examples, moods, **{"animo_inicial": ""} | raw)


def _mood(name: str, told: object) -> Mood:
    try:
        return read_mood(read_fields(FIELDS, told))
    except RefusedError as error:
        raise ScenarioError(f"El ánimo «{name}» del escenario tiene un dato fuera de lugar.") from error


def _idse(told: dict[str, Any]) -> Idse:
    return Idse(**told | {"horas_respuesta": tuple(told["horas_respuesta"]), "registros_no_vigentes": tuple(told["registros_no_vigentes"])})


def _persona(name: str, told: dict[str, Any]) -> Persona:
    spans = {field.name: tuple(told[field.name]) or None for field in fields(Persona) if field.name.endswith("_dias")}
    return Persona(nombre=name, **(told | spans))


def _check(scenario: Scenario) -> None:
    if not scenario.rechazos.keys() >= NEEDED_REJECTIONS or scenario.al_adoptar not in scenario.personas:
        raise ScenarioError("Al escenario le falta un código de rechazo necesario o la historia de al_adoptar.")
    if scenario.animo_inicial and scenario.animo_inicial not in scenario.animos:
        raise ScenarioError("El escenario empieza con un ánimo que no existe.")
    if not scenario.empleos or sum(persona.parte for persona in scenario.personas.values()) <= 0:
        raise ScenarioError("El escenario necesita un empleo y un reparto mayor que cero.")
    if not set(scenario.documentos_obligatorios) <= set(scenario.documentos_subdelegacion):
        raise ScenarioError("Los documentos obligatorios del escenario deben estar entre los que pide la subdelegación.")
    if any(example["persona"] not in scenario.personas for example in scenario.ejemplos):
        raise ScenarioError("Un ejemplo del escenario sigue una historia que no existe.")
    _check_idse(scenario)
    for persona in scenario.personas.values():
        _check_persona(persona, scenario)


def _check_idse(scenario: Scenario) -> None:
    numbers, hours = scenario.idse.numeros, scenario.idse.horas_respuesta
    if numbers.keys() != scenario.rechazos.keys() or len({*numbers.values()}) < len(numbers):
        raise ScenarioError("Cada código de rechazo del escenario necesita su número en los lotes, y ningún otro.")
    if not all(number.isascii() and number.isdigit() and int(number) for number in numbers.values()) or not _is_span(hours):
        raise ScenarioError("Los números de los rechazos o las horas de respuesta de los lotes están fuera de lugar.")


def _is_span(days: Days | None) -> bool:
    return days is not None and len(days) == len(("low", "high")) and 0 <= days[0] <= days[1]


def _check_persona(persona: Persona, scenario: Scenario) -> None:
    spans = (persona.espera_dias, persona.opera_dias, persona.vigencia_dias or (0, 0))
    sound = (
        persona.parte >= 0
        and persona.tramite in TRAMITES
        and persona.al_resolver in ("localizado", "nuevo")
        and persona.rechazo in ("", *scenario.rechazos)
        and persona.en_lote in IN_A_LOTE
        and all(map(_is_span, spans))
    )
    if not sound:
        raise ScenarioError(f"La historia «{persona.nombre}» del escenario tiene un dato fuera de lugar.")
