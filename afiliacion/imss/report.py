"""A chase's report in Spanish, for a terminal and for the ledger of jobs."""

from __future__ import annotations

from collections import Counter
from typing import Final

from afiliacion.cases.states import Verb
from afiliacion.imss import catalogue, outage
from afiliacion.imss.chase import ChaseReport

_TROUBLES: Final = {
    "Unreachable": "sin conexión",
    "Busy": "pidió ir más despacio",
    "Unavailable": "fuera de servicio",
    "Failed": "falló",
    "TimedOut": "no respondió a tiempo",
    "Unreadable": "respuesta ilegible",
    "NotAsked": "no se alcanzó a preguntar",
}


def lines(report: ChaseReport) -> list[str]:
    """The report, one sentence or count a line."""
    told = [f"Preguntas al IMSS: {report.asked}."]
    told += _counts("Pasos de expedientes", Counter({Verb(verb).label: n for verb, n in report.steps.items()}))
    told += _refusals(report.refused)
    told += _counts("Intentos sin respuesta", Counter({_TROUBLES[kind]: n for kind, n in report.troubles.items()}))
    told += [f"EN CUARENTENA, respuestas que no son de la persona preguntada: {report.quarantined}."] if report.quarantined else []
    told += [f"Respuestas que llegaron tarde y no se aplicaron: {report.late}."] if report.late else []
    told += [f"Esperan a una persona: {report.parked}."] if report.parked else []
    told += [f"Quedan por preguntar de esta fecha: {report.left}."] if report.left else []
    going_on = outage.current()
    return [*told, outage.sentence(going_on)] if going_on else told


def _refusals(counts: Counter[str]) -> list[str]:
    """Each code on a line of its own: what it means is a sentence."""
    known = catalogue.meanings() if counts else {}
    return [f"Negativas del IMSS, {n}: {catalogue.in_words(code, known.get(code, ''))}." for code, n in counts.most_common()]


def _counts(title: str, counts: Counter[str]) -> list[str]:
    if not counts:
        return []
    return [f"{title}: {', '.join(f'{name} {n}' for name, n in counts.most_common())}."]
