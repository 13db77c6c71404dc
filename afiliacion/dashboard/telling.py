"""The history of a case in words: each event as a line an officer can read aloud, numbers masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from afiliacion.cases import clock
from afiliacion.cases.models import Event
from afiliacion.cases.states import BajaKind, Coverage, State, Verb
from students.nss import masked


@dataclass(frozen=True, slots=True)
class Told:
    """One event: what happened, in detail, and whether a kept document proves it."""

    event: Event
    title: str
    details: list[str]
    moved_to: str


def tell(events: Iterable[Event], papers: Mapping[str, str]) -> list[Told]:
    """The events as lines, in the order given. `papers`: labels of the kinds of paper, by key."""
    return [Told(event, event.get_verb_display(), list(_details(event, papers)), _moved_to(event)) for event in events]


def _moved_to(event: Event) -> str:
    return State(event.to_state).label if event.to_state != event.from_state else ""


def _details(event: Event, papers: Mapping[str, str]) -> Iterable[str]:
    data = event.data
    for name, words in _WORDS.items():
        if data.get(name):
            yield words(data[name])
    if data.get("papers"):
        yield ", ".join(papers.get(key, key) for key in data["papers"]) + "."
    if event.verb in _MOVES_THE_CLOCK and data.get("due_on"):
        yield f"Nuevo plazo: {clock.long_date(dt.date.fromisoformat(data['due_on']))}."


def _code(value: Any) -> str:
    return f"Código del IMSS: {value}."


#: What an event's data says, by its name; names not here are for programs.
_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "nss": lambda nss: f"NSS {masked(nss)}.",
    "lote": lambda lote: f"Lote {lote}.",
    "recibo": lambda recibo: f"Recibo {recibo}.",
    "folio": lambda folio: f"Folio {folio}.",
    "code": _code,
    "message": lambda text: f"El IMSS dijo: «{text}».",
    "coverage": lambda coverage: f"{Coverage(coverage).label}.",
    "kind": lambda kind: f"{BajaKind(kind).label}.",
    "to": lambda clave: f"Pasa al plantel {clave}.",
    "same_registro_patronal": lambda _: "El otro plantel tiene el mismo registro patronal: no hace falta enviar la baja al IMSS.",
    "resend_alta": lambda _: "Hay que volver a enviar el alta.",
    "umf": lambda umf: f"Clínica: {umf}.",
    "turno": lambda turno: f"Turno {str(turno).lower()}.",
    "consultorio": lambda consultorio: f"Consultorio {consultorio}.",
    "postal_code": lambda code: f"Código postal {code}.",
    "tutor": lambda tutor: f"Firmó {tutor} por el menor de edad.",
}
_MOVES_THE_CLOCK: Final = frozenset(Verb) - {Verb.NOTE_COVERAGE, Verb.RECEIVE_PAPERS, Verb.VERIFY_PAPERS, Verb.REJECT_PAPERS, Verb.ALERT}
