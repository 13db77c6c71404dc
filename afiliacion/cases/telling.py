"""The history of a case in words: each event as a line an officer can read aloud, numbers masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from afiliacion.cases import clock
from afiliacion.cases.models import Event
from afiliacion.cases.states import BajaKind, Coverage, State
from students.nss import masked


@dataclass(frozen=True, slots=True)
class Told:
    """One event: what happened, in detail, and whether a kept document proves it."""

    event: Event
    title: str
    details: list[str]
    moved_to: str


def tell(events: Sequence[Event], papers: Mapping[str, str]) -> list[Told]:
    """The events (newest first) as lines, in the order given. `papers`: labels of the kinds of paper, by key."""
    before = [event.data.get("due_on") for event in events[1:]] + [None]
    return [_told(event, due_before, papers) for event, due_before in zip(events, before, strict=True)]


def _told(event: Event, due_before: str | None, papers: Mapping[str, str]) -> Told:
    title, state = event.get_verb_display(), State(event.to_state).label
    moved = event.to_state != event.from_state and state != title
    return Told(event, title, [*_details(event, papers), *_deadline(event, due_before)], state if moved else "")


def _details(event: Event, papers: Mapping[str, str]) -> Iterable[str]:
    for name, words in _WORDS.items():
        if event.data.get(name):
            yield words(event.data[name])
    if event.data.get("papers"):
        yield ", ".join(papers.get(key, key) for key in event.data["papers"]) + "."


def _deadline(event: Event, before: str | None) -> Iterable[str]:
    due_on = event.data.get("due_on")
    if due_on and due_on != before:
        yield f"Plazo: {clock.long_date(dt.date.fromisoformat(due_on))}."


#: What an event's data says, by its name; names not here are for programs.
_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "nss": lambda nss: f"NSS {masked(nss)}.",
    "lote": lambda lote: f"Lote {lote}.",
    "recibo": lambda recibo: f"Recibo {recibo}.",
    "folio": lambda folio: f"Folio {folio}.",
    "code": lambda code: f"Código del IMSS: {code}.",
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
