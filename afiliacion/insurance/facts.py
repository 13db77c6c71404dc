"""What is known about a cover (aseguramiento): a pure fold of what happened to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from django.db import models


class CoverOwner(models.TextChoices):
    """Under whose registro patronal the person is insured."""

    OURS = "ours", "De la escuela"
    OTHER_SCHOOL = "other_school", "De otra escuela"
    OTHER = "other", "Otra (trabajo, familia u otro instituto)"


class CoverHappening(models.TextChoices):
    """What can happen to a cover."""

    SENT = "sent", "El IMSS recibió el alta"
    DECLARED = "declared", "Declarado por la escuela"
    PROVED = "proved", "El IMSS dice que sí"
    DENIED = "denied", "El IMSS dice que no"
    PREVAILED = "prevailed", "Prevalece otra cobertura"
    REJECTED = "rejected", "El IMSS rechazó el alta"
    BAJA_SENT = "baja_sent", "El IMSS recibió la baja"
    BAJA_REJECTED = "baja_rejected", "El IMSS rechazó la baja"
    BAJA_OPERATED = "baja_operated", "El IMSS operó la baja"
    RETRACTED = "retracted", "Se deshizo la declaración"
    LOST = "lost", "Ya no la tiene"
    UNIFIED = "unified", "El IMSS unificó los números del alumno"
    MERGED = "merged", "Pasó al otro registro de la misma persona"
    TAKEN_BACK = "taken_back", "Se deshizo la última respuesta del IMSS"


class CoverStatus(models.TextChoices):
    """Where a cover stands. All but ENDED are live: as far as is known, IMSS has it in its register."""

    SENT = "sent", "Alta recibida, sin vigencia comprobada"
    PROVED = "proved", "Vigente"
    DENIED = "denied", "Alta recibida; el IMSS responde que no hay vigencia"
    RESTING = "resting", "Prevalece otra cobertura"
    ENDED = "ended", "Terminado"


class CoverFacts(NamedTuple):
    """Everything that is told to the cases of the person. Dates are the facts' own."""

    status: CoverStatus = CoverStatus.SENT
    since: dt.date = dt.date.min
    status_on: dt.date = dt.date.min
    evidence: str = ""
    baja_sent_on: dt.date | None = None
    ended_on: dt.date | None = None
    ended_by: str = ""
    #: IMSS had it in its register before the last alta: it said SI, or another alta before was not rejected. A NO says nothing of that.
    stood: bool = False


Effect = Callable[[CoverFacts, dt.date, str], CoverFacts]


def after(facts: CoverFacts, what: CoverHappening, on: dt.date, evidence: str = "") -> CoverFacts:
    """The facts after `what` happened on `on`, proved by `evidence` (SHA-256, hex, or ""). TAKEN_BACK goes to facts of before: log.fold."""
    changed = _EFFECTS[what](facts, on, evidence)
    return changed._replace(since=on) if facts.since == dt.date.min else changed


def _to(status: CoverStatus) -> Effect:
    def effect(facts: CoverFacts, on: dt.date, evidence: str) -> CoverFacts:
        another = status is CoverStatus.SENT and facts.since != dt.date.min
        stood = facts.stood or another or status in (CoverStatus.PROVED, CoverStatus.RESTING)
        return facts._replace(status=status, status_on=on, evidence=evidence, stood=stood)

    return effect


def _end(how: CoverHappening) -> Effect:
    def effect(facts: CoverFacts, on: dt.date, evidence: str) -> CoverFacts:
        return facts._replace(status=CoverStatus.ENDED, status_on=on, evidence=evidence, ended_on=on, ended_by=how.value)

    return effect


def _rejected(facts: CoverFacts, on: dt.date, evidence: str) -> CoverFacts:
    """An alta that changed nothing at IMSS: there is no cover, unless one stood before it."""
    return (_to(CoverStatus.DENIED) if facts.stood else _end(CoverHappening.REJECTED))(facts, on, evidence)


_EFFECTS: Final[Mapping[CoverHappening, Effect]] = {
    CoverHappening.SENT: _to(CoverStatus.SENT),
    CoverHappening.DECLARED: _to(CoverStatus.SENT),
    CoverHappening.PROVED: _to(CoverStatus.PROVED),
    CoverHappening.DENIED: _to(CoverStatus.DENIED),
    CoverHappening.PREVAILED: _to(CoverStatus.RESTING),
    CoverHappening.REJECTED: _rejected,
    CoverHappening.BAJA_SENT: lambda facts, on, evidence: facts._replace(baja_sent_on=on),
    CoverHappening.BAJA_REJECTED: lambda facts, on, evidence: facts._replace(baja_sent_on=None),
    CoverHappening.BAJA_OPERATED: _end(CoverHappening.BAJA_OPERATED),
    CoverHappening.RETRACTED: _end(CoverHappening.RETRACTED),
    CoverHappening.LOST: _end(CoverHappening.LOST),
    CoverHappening.UNIFIED: lambda facts, on, evidence: facts,
    CoverHappening.MERGED: lambda facts, on, evidence: facts,
}
