"""What goes on right now and whoever opens the office should know: who calls them, lists being loaded, mail stopped, IMSS not asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, TextField, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from afiliacion.dashboard.access import Scope
from afiliacion.dashboard.filters import Filters, Flag
from afiliacion.dashboard.models import Mention
from afiliacion.imss.models import Manners
from afiliacion.reminders.models import MailStop
from afiliacion.roll.models import AT_WORK, Import, only_read
from afiliacion.roll.models import State as ImportState

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


def banners(scope: Scope) -> list[Banner]:
    """What this person should know, in one question to the database."""
    mine = Q() if scope.plantel_ids is None else Q(plantel__in=scope.plantel_ids)
    lists = Import.objects.filter(mine, state__in=AT_WORK).order_by("pk")
    stops = MailStop.objects.filter(mine | Q(plantel=None), lifted_at=None).order_by("pk")
    calls = Mention.objects.filter(user=scope.user, seen_at=None, note__case__in=scope.cases())
    called = calls.values("user").annotate(cases=Count("note__case", distinct=True))
    told = _rows(called, "note", cases="cases")
    loaded = _rows(lists, "list", pk="pk", name="filename", state="state", done="progress", total="total")
    others = (
        loaded,
        _rows(stops, "mail", plantel="plantel__name", since="since"),
        _rows(Manners.objects.filter(paused=True), "imss", pk="pk"),
    )
    return [_SAID[sort](row) for sort, row in told.union(*others, all=True)]


def _rows(found: Any, sort: str, **fields: str) -> Any:
    """(sort, these fields) of the first of `found`: of the same shape whatever they are, to be asked for together."""
    return found.values_list(Value(sort, TextField()), JSONObject(**fields))[:SHOWN]


def _list(row: dict[str, Any]) -> Banner:
    read = only_read(row["state"], row["done"])
    counted = f": {row['total']:,} filas leídas" if read else f": {row['done']:,} de {row['total']:,} filas"
    line = f"La lista «{row['name']}» {_DOING[ImportState(row['state'])]}{counted if row['total'] else ''}."
    return Banner("upload", "info", line, reverse("upload", args=[row["pk"]]), "Ver cómo va", row["done"], 0 if read else row["total"])


def _mail(row: dict[str, Any]) -> Banner:
    since = timezone.localtime(dt.datetime.fromisoformat(row["since"]))
    whose = row["plantel"] or "ningún plantel"
    line = f"Alto: esta noche no sale ningún correo de {whose}; se detuvieron el {since:%d/%m/%Y, %H:%M} h."
    return Banner("player-pause", "warning", line, reverse("notices"), "Ver los avisos")


def _imss(row: dict[str, Any]) -> Banner:
    return Banner("player-pause", "warning", "La coordinación detuvo las consultas al IMSS.", reverse("imss"), "Ver la sala de espera")


def _note(row: dict[str, Any]) -> Banner:
    many = "en notas de 1 expediente" if row["cases"] == 1 else f"en notas de {row['cases']:,} expedientes"
    return Banner(
        "writing-sign", "info", f"Le llaman {many}.", f"{reverse('worklist')}?{Filters(bandera=Flag.MENTIONED).query}", "Ver cuáles"
    )


_SAID: Final = {"note": _note, "list": _list, "mail": _mail, "imss": _imss}
