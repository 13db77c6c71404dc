"""What a chase did, as figures and in Spanish: for a terminal and for the list of background jobs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from afiliacion.cases.states import Verb
from afiliacion.imss import catalogue
from afiliacion.imss.chase.apply import Applied
from afiliacion.imss.rate import circuit_breaker

#: So many unanswered requests are no chance.
_SEVERAL: Final = 5
_TROUBLES: Final = {
    "Unreachable": "sin conexión",
    "Busy": "pidió ir más despacio",
    "Unavailable": "fuera de servicio",
    "Failed": "falló",
    "TimedOut": "no respondió a tiempo",
    "Unreadable": "respuesta ilegible",
    "NotAsked": "no se alcanzó a preguntar",
}


@dataclass(slots=True)
class ChaseReport:
    """What one chase did. `left`: errands of that date still to be asked. `steps`: verbs applied to cases; `refused`: by IMSS' code;
    `troubles`: attempts without an answer, by kind."""

    asked: int = 0
    left: int = 0
    parked: int = 0
    quarantined: int = 0
    late: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)

    @property
    def in_vain(self) -> bool:
        """Whether several were asked about and none was answered: so not the persons' data are wrong but the service."""
        asked = self.asked - self.late - self.troubles["NotAsked"]
        return asked >= _SEVERAL and asked == self.quarantined + self.troubles.total() - self.troubles["NotAsked"]

    def add(self, applied: Applied) -> None:
        """Add what a batch came to."""
        self.steps += applied.done
        self.refused += applied.refused
        self.troubles += applied.troubles
        self.parked += applied.parked
        self.quarantined += applied.quarantined
        self.late += applied.late


def lines(report: ChaseReport) -> list[str]:
    """Return the report in Spanish, one sentence or count a line."""
    found = [f"Preguntas al IMSS: {report.asked}."]
    found += _counts("Pasos de expedientes", Counter({Verb(verb).label: n for verb, n in report.steps.items()}))
    found += _refusals(report.refused)
    found += _counts("Intentos sin respuesta", Counter({_TROUBLES[kind]: n for kind, n in report.troubles.items()}))
    found += [f"EN CUARENTENA, respuestas que no son de la persona preguntada: {report.quarantined}."] if report.quarantined else []
    found += [f"Respuestas que llegaron tarde y no se aplicaron: {report.late}."] if report.late else []
    found += [f"Esperan a una persona: {report.parked}."] if report.parked else []
    found += [f"Quedan por preguntar de esta fecha: {report.left}."] if report.left else []
    outage = circuit_breaker.current()
    return [*found, circuit_breaker.sentence(outage)] if outage else found


def _refusals(counts: Counter[str]) -> list[str]:
    """Each code on a line of its own: its meaning is a sentence."""
    known = catalogue.meanings() if counts else {}
    return [f"Negativas del IMSS, {n}: {catalogue.in_words(code, known.get(code, ''))}." for code, n in counts.most_common()]


def _counts(title: str, counts: Counter[str]) -> list[str]:
    if not counts:
        return []
    return [f"{title}: {', '.join(f'{name} {n}' for name, n in counts.most_common())}."]
