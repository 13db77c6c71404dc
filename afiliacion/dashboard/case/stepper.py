"""The path of a case as a stepper shows it: what is done and since when, where it stands, what is still to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from afiliacion.cases.facts import Facts
from afiliacion.cases.states import OPEN_STATES, State, rests


class StepStatus(StrEnum):
    """Where a step stands; the value is also its style."""

    DONE = "done"
    SKIPPED = "skipped"
    CURRENT = "current"
    TROUBLE = "trouble"
    TO_COME = "to-come"


_SAID = {
    StepStatus.DONE: "hecho",
    StepStatus.SKIPPED: "no se registró",
    StepStatus.CURRENT: "paso actual",
    StepStatus.TROUBLE: "detenido aquí",
    StepStatus.TO_COME: "pendiente",
}


@dataclass(frozen=True, slots=True)
class PathStep:
    label: str
    on: dt.date | None
    standing: StepStatus

    @property
    def said(self) -> str:
        """The standing in words, for those who do not see the colours."""
        return _SAID[self.standing]


def steps(facts: Facts) -> list[PathStep]:
    """The six steps from enrolment to clinic. A step without record although a later one is done is "skipped"."""
    dated = [
        ("Inscripción", facts.enrolled_on), ("NSS", facts.nss_on), ("Acuse", facts.acuse_on),
        ("Alta", facts.alta_on), ("Vigencia", facts.vigencia_on), ("Clínica", facts.clinic_on),
    ]  # fmt: skip
    last_done = max(number for number, (_, on) in enumerate(dated) if on)
    return [PathStep(label, on, _standing(number, on, last_done, facts)) for number, (label, on) in enumerate(dated)]


def _standing(number: int, on: dt.date | None, last_done: int, facts: Facts) -> StepStatus:
    if on:
        return StepStatus.DONE
    if number < last_done:
        return StepStatus.SKIPPED
    if number > last_done + 1 or facts.state not in OPEN_STATES:
        return StepStatus.TO_COME
    stopped = facts.state in (State.SIN_VIGENCIA, State.EN_SUBDELEGACION) and not rests(facts.state, facts.coverage)
    return StepStatus.TROUBLE if stopped else StepStatus.CURRENT
