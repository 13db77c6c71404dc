"""The path of a case as a stepper shows it: what is done and since when, where it stands, what is still to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from afiliacion.cases.facts import Facts
from afiliacion.cases.states import OPEN_STATES, State


class Standing(StrEnum):
    """Where a step stands; the value is also its style."""

    DONE = "done"
    SKIPPED = "skipped"
    CURRENT = "current"
    TROUBLE = "trouble"
    TO_COME = "to-come"


_SAID = {
    Standing.DONE: "hecho",
    Standing.SKIPPED: "no se registró",
    Standing.CURRENT: "paso actual",
    Standing.TROUBLE: "detenido aquí",
    Standing.TO_COME: "pendiente",
}


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    on: dt.date | None
    standing: Standing

    @property
    def said(self) -> str:
        """The standing in words, for those who do not see the colours."""
        return _SAID[self.standing]


def steps(facts: Facts) -> list[Step]:
    """The six steps from enrolment to clinic. A step nobody recorded although a later one is done is "skipped"."""
    dated = [
        ("Inscripción", facts.enrolled_on), ("NSS", facts.nss_on), ("Acuse", facts.acuse_on),
        ("Alta", facts.alta_on), ("Vigencia", facts.vigencia_on), ("Clínica", facts.clinic_on),
    ]  # fmt: skip
    last_done = max(number for number, (_, on) in enumerate(dated) if on)
    return [Step(label, on, _standing(number, on, last_done, facts.state)) for number, (label, on) in enumerate(dated)]


def _standing(number: int, on: dt.date | None, last_done: int, state: State) -> Standing:
    if on:
        return Standing.DONE
    if number < last_done:
        return Standing.SKIPPED
    if number > last_done + 1 or state not in OPEN_STATES:
        return Standing.TO_COME
    return Standing.TROUBLE if state in (State.SIN_VIGENCIA, State.EN_SUBDELEGACION) else Standing.CURRENT
