"""What is done about a movement that IMSS rejected: where each remedy is, and how one stops trying. For the case page and the room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.urls import reverse
from django.utils.http import urlencode

from afiliacion.cases.facts import Facts
from afiliacion.cases.models import Case
from afiliacion.dashboard.case.actions import BY_SLUG
from afiliacion.dashboard.shared.access import Scope
from afiliacion.imss.queue.channels import Channels
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import RegistroProfile
from afiliacion.movements.ready import Candidate
from afiliacion.movements.rejections.families import Remedy
from afiliacion.movements.rejections.holding import TurnedDown
from students.registro_patronal import with_dashes

#: The step of the case that is the remedy.
_STEPS: Final[Mapping[Remedy, str]] = {
    Remedy.CORRECT_PERSON: "corregir-datos",
    Remedy.CORRECT_NSS: "corregir-nss",
    Remedy.ASK_SHEET: "nss-ajeno",
    Remedy.UNIFY_NSS: "unificar-nss",
    Remedy.SUBDELEGACION: "subdelegacion",
}
#: By what step it is sent again by the service.
_SENDS: Final = {MovementType.ALTA: "enviar-alta", MovementType.BAJA: "enviar-baja"}
#: What is only of lotes.
_OF_LOTES: Final = (Remedy.OTHER_DATE, Remedy.PROFILE, Remedy.OTHER_LOTE)
_AGAIN: Final = "Enviarla otra vez por el servicio del IMSS"
_LABELS: Final[Mapping[str, str]] = {
    "nss-ajeno": "El NSS no es suyo: pedirle otra vez la hoja", "enviar-alta": _AGAIN, "enviar-baja": _AGAIN,
}  # fmt: skip
_CLOSES: Final = {MovementType.ALTA: "constancia", MovementType.BAJA: "sin-baja"}
#: By what steps a case stops wanting the movement.
_DROPS: Final[Mapping[MovementType, Sequence[str]]] = {
    MovementType.ALTA: ("constancia", "cobertura", "renuncia", "baja"),
    MovementType.BAJA: ("sin-baja",),
}
_COORDINATION: Final = "Lo cambia la coordinación en Ajustes, «{}»"


@dataclass(frozen=True, slots=True)
class Way:
    """A link to where something is done; `url` "": it is for others to do, and said."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A movement of a case that IMSS rejected, and what could be sent of it now: None if the case does not want it, or has it under way."""

    case: Case
    told: TurnedDown
    candidate: Candidate | None

    @property
    def kind(self) -> MovementType:
        return MovementType(self.told.movement.type)


class Ways:
    """Where the remedies of some problems are, for one person."""

    def __init__(self, scope: Scope, registros: Iterable[str]) -> None:
        self._settings = scope.plantel_ids is None
        self._profiles = _profiles(set(registros)) if self._settings else {}

    def remedies(self, problem: Problem) -> list[Way]:
        """What can be done about it, as its family says, in that order; then how it is sent again, if not in a lote."""
        facts, by_lote = problem.case.facts, self.by_lote(problem)
        wanted = [remedy for remedy in problem.told.family.remedies if by_lote or remedy not in _OF_LOTES]
        found = [way for remedy in wanted for way in self._ways(remedy, problem, facts)]
        return found if by_lote else [*found, *_step(problem.case, facts, _SENDS[problem.kind], automatic=True)]

    @cached_property
    def _channels(self) -> Channels:
        return Channels()

    def by_lote(self, problem: Problem) -> bool:
        """Whether it is sent again in a lote."""
        registro = problem.candidate.registro if problem.candidate else problem.told.movement.registro
        return self._channels.by_lote(registro)

    def drops(self, problem: Problem) -> list[Way]:
        """How one stops trying, but for what its family names as a remedy already."""
        facts, closes = problem.case.facts, Remedy.CLOSE in problem.told.family.remedies
        slugs = [slug for slug in _DROPS[problem.kind] if not (closes and slug == _CLOSES[problem.kind])]
        return [way for slug in slugs for way in _step(problem.case, facts, slug)]

    def _ways(self, remedy: Remedy, problem: Problem, facts: Facts) -> list[Way]:
        if slug := _CLOSES[problem.kind] if remedy is Remedy.CLOSE else _STEPS.get(remedy):
            return _step(problem.case, facts, slug)
        found = _OF_THE_OFFICE[remedy](self, problem)
        return [found] if found else []

    def profile(self, problem: Problem) -> Way:
        registro = problem.told.movement.registro
        return self._setting(f"Cómo se escribe el archivo de {with_dashes(registro)}", self._profile_url(registro), "Envío por lotes")

    def other_date(self, problem: Problem) -> Way | None:
        if not (problem.candidate and problem.candidate.data):
            return None
        day, registro = problem.candidate.data.fecha, problem.told.movement.registro
        same = " otra vez" if day == problem.told.movement.on else ""
        return Way(f"Llevaría{same} la fecha {day:%d/%m/%Y}", self._profile_url(registro) if self._settings else "")

    def registro(self, problem: Problem) -> Way:
        return self._setting(
            "Registros patronales del plantel", reverse("setting", args=["planteles", problem.case.plantel_id]), "Planteles"
        )

    def code(self, problem: Problem) -> Way | None:
        code = problem.told.movement.code
        url = reverse("setting-new", args=["codigos-rechazo"]) + "?" + urlencode({"code": code})
        return self._setting(f"Decir qué significa el código {code}", url, "Códigos de rechazo") if code else None

    def lote(self, problem: Problem) -> Way:
        return Way("Hacer otro lote", reverse("movements"))

    def wait(self, problem: Problem) -> None:
        """Nothing is to be done anywhere."""

    def _profile_url(self, registro: str) -> str:
        row = self._profiles.get(registro)
        return reverse("setting", args=["lotes", row]) if row else reverse("setting-new", args=["lotes"])

    def _setting(self, label: str, url: str, section: str) -> Way:
        return Way(label, url) if self._settings else Way(_COORDINATION.format(section))


_OF_THE_OFFICE: Final[Mapping[Remedy, Callable[[Ways, Problem], Way | None]]] = {
    Remedy.OTHER_DATE: Ways.other_date,
    Remedy.PROFILE: Ways.profile,
    Remedy.REGISTRO: Ways.registro,
    Remedy.OTHER_LOTE: Ways.lote,
    Remedy.TELL_CODE: Ways.code,
    Remedy.WAIT: Ways.wait,
}


def _profiles(registros: set[str]) -> dict[str, int]:
    return dict(RegistroProfile.objects.filter(registro__in=registros).values_list("registro", "pk"))


def _step(case: Case, facts: Facts, slug: str, *, automatic: bool = False) -> list[Way]:
    action = BY_SLUG[slug]
    url = reverse("act", args=[case.pk, slug]) + "#accion"
    return [Way(_LABELS.get(slug, action.label), url)] if action.allowed(facts, automatic=automatic) else []
