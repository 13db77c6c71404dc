"""What goes on right now and whoever opens the office should know: who calls them, lists being loaded, mail stopped, IMSS not asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases.queries import in_planteles
from afiliacion.dashboard.filters import Filters, Flag
from afiliacion.imss.models import Manners
from afiliacion.reminders.models import MailStop
from afiliacion.roll.models import AT_WORK, Import
from afiliacion.roll.models import State as ImportState
from students.together import Given, HowMany

#: Of each sort; the rest is on its own page.
SHOWN: Final = 3
_DOING: Final = {
    ImportState.UPLOADED: "espera revisión", ImportState.CHECKING: "se está revisando", ImportState.CONFIRMED: "espera su turno",
    ImportState.RUNNING: "se está cargando", ImportState.UNDOING: "se está deshaciendo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Banner:
    """`line` says it, `url` is where something can be done about it; `done` of `total`, if it advances."""

    icon: str
    style: str
    line: str
    url: str
    link: str
    done: int = 0
    total: int = 0


@cache
def questions(*, everywhere: bool) -> tuple[QuerySet[Any] | HowMany, ...]:
    """What `banners` goes by, to be asked `together` with what else the page shows: of `user`, and of `planteles` unless of all."""
    own = Q() if everywhere else Q(plantel__pk__among=Given("planteles"))
    called = in_planteles(None if everywhere else Given("planteles")).filter(
        notes__mentions__user=Given("user"), notes__mentions__seen_at=None
    )
    return (
        HowMany(called.distinct()),
        Import.objects.filter(own, state__in=AT_WORK).order_by("pk").only("filename", "state", "progress", "total")[:SHOWN],
        MailStop.objects.filter(own | Q(plantel=None), lifted_at=None).annotate(whose=F("plantel__name")).order_by("pk")[:SHOWN],
        Manners.objects.filter(paused=True),
    )


def banners(called: int, lists: list[Import], stops: list[MailStop], paused: list[Manners]) -> list[Banner]:
    """What this person should know, of what `questions` found."""
    return [*([_note(called)] if called else []), *map(_list, lists), *map(_mail, stops), *([_paused()] if paused else [])]


def _list(job: Import) -> Banner:
    read = job.being_read
    counted = f": {job.total:,} filas leídas" if read else f": {job.progress:,} de {job.total:,} filas"
    line = f"La lista «{job.filename}» {_DOING[ImportState(job.state)]}{counted if job.total else ''}."
    return Banner("upload", "info", line, reverse("upload", args=[job.pk]), "Ver cómo va", job.progress, 0 if read else job.total)


def _mail(stop: MailStop) -> Banner:
    since, whose = timezone.localtime(stop.since), stop.whose or "ningún plantel"  # type: ignore[attr-defined]  # annotated
    line = f"Alto: esta noche no sale ningún correo de {whose}; se detuvieron el {since:%d/%m/%Y, %H:%M} h."
    return Banner("player-pause", "warning", line, reverse("notices"), "Ver los avisos")


def _paused() -> Banner:
    return Banner("player-pause", "warning", "La coordinación detuvo las consultas al IMSS.", reverse("imss"), "Ver la sala de espera")


def _note(cases: int) -> Banner:
    many = "en notas de 1 expediente" if cases == 1 else f"en notas de {cases:,} expedientes"
    return Banner(
        "writing-sign", "info", f"Le llaman {many}.", f"{reverse('worklist')}?{Filters(bandera=Flag.MENTIONED).query}", "Ver cuáles"
    )
