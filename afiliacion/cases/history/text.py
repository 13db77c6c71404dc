"""Write the history of a case in Spanish: one line per event, numbers masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from afiliacion.cases import clock
from afiliacion.cases.facts import ERASED
from afiliacion.cases.models import Event, folio
from afiliacion.cases.states import BajaKind, Coverage, State
from students.models import FormerValue
from students.nss import masked

#: How what happened last to a case begins, behind the reason why a step was refused.
LAST_EVENT: Final = "Lo último:"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event: its title, details, and the state it moved the case to ("" if the title says it)."""

    event: Event
    title: str
    details: list[str]
    moved_to: str


def history_lines(events: Sequence[Event], papers: Mapping[str, str]) -> list[HistoryLine]:
    """The lines of `events` (newest first), in the order given. `papers`: labels of the kinds of paper, by key."""
    before = [event.data.get("due_on") for event in events[1:]] + [None]
    return [_line(event, due_before, papers) for event, due_before in zip(events, before, strict=True)]


def last_event(event: Event) -> str:
    """One sentence for a person whose step was refused because the case had changed: what `event`, its last one, was."""
    when = timezone.localtime(event.at)
    return f"{LAST_EVENT} {event.get_verb_display()}, por {event.actor_name}, el {when:%d/%m/%Y a las %H:%M}."


def _line(event: Event, due_before: str | None, papers: Mapping[str, str]) -> HistoryLine:
    title, state = event.get_verb_display(), State(event.to_state).label
    moved = event.to_state != event.from_state and state != title
    return HistoryLine(event, title, [*_details(event, papers), *_deadline(event, due_before)], state if moved else "")


def _details(event: Event, papers: Mapping[str, str]) -> Iterable[str]:
    details: Mapping[str, Any] = event.details
    for name, words in _WORDS.items():
        if details.get(name):
            yield words(details[name])
    if details.get("papers"):
        yield ", ".join(papers.get(key, key) for key in details["papers"]) + "."


def _deadline(event: Event, before: str | None) -> Iterable[str]:
    due_on = event.data.get("due_on")
    if due_on and due_on != before:
        yield f"Plazo: {clock.long_date(dt.date.fromisoformat(due_on))}."


#: What an event's data says, by its name; names not here are for programs.
_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "nss": lambda nss: f"NSS {nss if nss == ERASED else masked(nss)}.",
    "goes_on": lambda case_id: f"Era repetido: sigue el expediente {folio(case_id)}.",
    "fields": lambda names: f"Datos: {', '.join(FormerValue.Field(name).label for name in names)}.",
    "lote": lambda lote: f"Lote {lote}.",
    "recibo": lambda recibo: f"Recibo {recibo}.",
    "folio": lambda folio: f"Folio {folio}.",
    "code": lambda code: f"Código del IMSS: {code}.",
    "message": lambda text: f"El IMSS dijo: «{text}».",
    "coverage": lambda coverage: f"{Coverage(coverage).label}.",
    "kind": lambda kind: f"{BajaKind(kind).label}.",
    "to": lambda clave: f"Pasa al plantel {clave}.",
    "same_registro_patronal": lambda _: "El otro plantel tiene el mismo registro patronal: no hace falta enviar la baja al IMSS.",
    "keeps_cover": lambda _: "El otro plantel tiene el mismo registro patronal: su seguro sigue y no se envía la baja.",
    "registro": lambda registro: f"Registro patronal {registro}.",
    "former": lambda _: "De un alta anterior: de otra inscripción, otro NSS u otro registro patronal.",
    "sent_on": lambda day: f"Ya se envió el {clock.long_date(dt.date.fromisoformat(day))}: falta que el IMSS la opere.",
    "resend_alta": lambda _: "Hay que volver a enviar el alta.",
    "umf": lambda umf: f"Clínica: {umf}.",
    "turno": lambda turno: f"Turno {str(turno).lower()}.",
    "consultorio": lambda consultorio: f"Consultorio {consultorio}.",
    "postal_code": lambda code: f"Código postal {code}.",
    "filed_on": lambda day: f"Se había presentado el {clock.long_date(dt.date.fromisoformat(day))}.",
    "tutor": lambda tutor: f"Firmó {tutor} por el menor de edad.",
}
