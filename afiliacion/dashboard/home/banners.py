"""Banners on Inicio: mentions, lists being loaded, mail stopped, IMSS paused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases.queries import visible_cases
from afiliacion.dashboard.consent import listing
from afiliacion.dashboard.worklist.filters import Filters, Flag
from afiliacion.database.batch_queries import Batch, Parameter, RowCount
from afiliacion.imss.models import ImssSettings
from afiliacion.operations import mail_health, night_state
from afiliacion.operations.models import MailOutage, NightRun
from afiliacion.reminders.models import MailStop
from afiliacion.roll.models import AT_WORK, Import, ImportState

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


class BannerRows(NamedTuple):
    """What `banners` are made from. `called`: cases with a note that names this person; `paused`: settings by which IMSS is not asked;
    `nights`: the last one begun; `mail`: the outage of the mail server going on; `asked`: requests of other planteles that wait."""

    called: int
    lists: list[Import]
    stops: list[MailStop]
    paused: list[ImssSettings]
    nights: list[NightRun]
    mail: list[MailOutage]
    asked: int


@cache
def queries(*, everywhere: bool) -> Batch[BannerRows]:
    """What `banners` needs, of `user` and of `planteles` (or of all), to be read with what else the page shows."""
    own = Q() if everywhere else Q(plantel__pk__among=Parameter("planteles"))
    called = visible_cases(None if everywhere else Parameter("planteles")).filter(
        notes__mentions__user=Parameter("user"), notes__mentions__seen_at=None
    )
    return Batch(
        BannerRows,
        called=RowCount(called.distinct()),
        lists=Import.objects.filter(own, state__in=AT_WORK).order_by("pk").only("filename", "state", "progress", "total")[:SHOWN],
        stops=MailStop.objects.filter(own | Q(plantel=None), lifted_at=None).annotate(whose=F("plantel__name")).order_by("pk")[:SHOWN],
        paused=ImssSettings.objects.filter(paused=True),
        nights=night_state.taken()[:1],
        mail=mail_health.going_on(),
        asked=listing.waiting(everywhere=everywhere),
    )


def banners(rows: BannerRows, *, now: dt.datetime, everywhere: bool) -> list[Banner]:
    """Return what this person should know at `now`, from the results of `queries`; `everywhere`: a person of coordination."""
    lasting = [outage for outage in rows.mail if everywhere and now - outage.since >= mail_health.PATIENCE]
    days = night_state.days_without(rows.nights, now)
    return [
        *([_no_night(days, everywhere=everywhere)] if days else []), *map(_no_mail, lasting),
        *([_note(rows.called)] if rows.called else []), *([_asked(rows.asked)] if rows.asked else []),
        *map(_list, rows.lists), *map(_mail, rows.stops),
        *([_paused()] if rows.paused else []),
    ]  # fmt: skip


def _no_night(days: int, *, everywhere: bool) -> Banner:
    """Officers report it to coordination, coordination has it mended."""
    advice = "Pida a sistemas que revise el trabajador y el reloj de la oficina." if everywhere else "Avise a coordinación."
    return Banner("alert-triangle", "error", f"{night_state.sentence(days)} {advice}", reverse("jobs"), "Ver los trabajos")


def _no_mail(outage: MailOutage) -> Banner:
    line = f"{mail_health.sentence(outage)} Pida a sistemas que revise el servidor de correo; lo pendiente sale solo cuando responda."
    return Banner("alert-triangle", "error", line, reverse("notices"), "Ver los avisos")


def _asked(requests: int) -> Banner:
    many = "1 solicitud de otro plantel espera" if requests == 1 else f"{requests:,} solicitudes de otros planteles esperan"
    return Banner("users", "info", f"{many} respuesta.", reverse("consents"), "Ver las solicitudes")


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
