"""The rooms of the office, in the order of a day: what is done with students first, then what is looked after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property


@dataclass(frozen=True)
class Place:
    """A link of the bar. `all_only`: of those who see every plantel; `demo`: of a demonstration alone; `also`: what else stands in it."""

    name: str
    label: str
    icon: str
    all_only: bool = False
    demo: bool = False
    also: str = ""

    @cached_property
    def url(self) -> str:
        return reverse(self.name)

    def holds(self, path: str) -> bool:
        """Whether a page at `path` stands in this place."""
        return path == self.url if self.name == "home" else path.startswith((self.url, self.also or self.url))


PLACES: Final = (
    Place("home", "Inicio", "home"),
    Place("worklist", "Expedientes", "list-details"),
    Place("counter", "Ventanilla", "id"),
    Place("desk", "Subdelegación", "building-bank"),
    Place("uploads", "Listas", "upload"),
    Place("consents", "Solicitudes", "users"),
    Place("printing", "Documentos", "printer"),
    Place("notices", "Avisos", "send"),
    Place("imss", "IMSS", "hourglass", also="/movimientos/"),
    Place("reports", "Informes", "file-text"),
    Place("jobs", "Trabajos", "history"),
    Place("settings", "Ajustes", "settings", all_only=True),
    Place("mails", "Correos", "mail", demo=True),
)


def places(*, sees_all: bool) -> list[Place]:
    """Where a person may go."""
    return [place for place in PLACES if (sees_all or not place.all_only) and (settings.DEMO or not place.demo)]
