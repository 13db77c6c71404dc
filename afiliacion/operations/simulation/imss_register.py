"""Compare the covers the office holds with the register of the stand-in IMSS, per NSS and registro patronal (docs/invariants.md, 13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.imss.client.port import ALTA, BAJA, MovementStatus
from afiliacion.imss.models import Errand
from afiliacion.imss.queue.cadence import Cadences
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.models import Cover
from afiliacion.movements.models import Movement
from students.registros import Registros

Row = Mapping[str, Any]


class Key(NamedTuple):
    """Whose cover under whose registro patronal: IMSS gives a number to one person only."""

    nss: str
    registro: str


def in_force(rows: Iterable[Row]) -> set[Key]:
    """The covers in the register, by its movements in the order in which they were received."""
    last = {Key(row["nss"], row["registro_patronal"]): row["tipo_movimiento"] for row in rows if _operated(row)}
    return {key for key, kind in last.items() if kind == ALTA}


def _operated(row: Row) -> bool:
    return bool(row["estado"] == MovementStatus.OPERATED.value and row["tipo_movimiento"] in (ALTA, BAJA))


def held() -> set[Key]:
    """The covers of ours that, as the office says, are in the register."""
    live = Cover.objects.filter(whose=CoverOwner.OURS, ended_on=None)
    return {Key(nss, registro) for nss, registro in live.values_list("nss", "registro")}


def differences(rows: Iterable[Row]) -> dict[Key, str]:
    """What only the register or only the office has, each with a sentence."""
    register, office = in_force(rows), held()
    only = [
        (register - office, "el IMSS tiene un alta que la oficina no"),
        (office - register, "la oficina cuenta con un alta que el IMSS no tiene"),
    ]
    return {key: sentence for keys, sentence in only for key in sorted(keys)}


def unexplained(rows: Iterable[Row], today: dt.date) -> Iterator[str]:
    """The differences that no movement and no question explains, as sentences without the person's number."""
    found = differences(rows)
    explained = _by_movements() | _by_questions(found, today) if found else set()
    yield from (f"registro patronal {key.registro}: {sentence}" for key, sentence in found.items() if key not in explained)


_PRESENTED: Final = (Movement.Status.SENT, Movement.Status.RECEIVED)


def _by_movements() -> set[Key]:
    """What altas and bajas are about that are not yet resolved: by the service, or in a lote that was presented."""
    in_lotes = Movement.objects.filter(status__in=_PRESENTED, lote__isnull=False).values_list("nss", "registro")
    under_way = Errand.objects.filter(kind__in=Errand.MOVEMENTS, status__in=Errand.UNFINISHED)
    rows = under_way.values_list("nss", "registro", "cover__nss", "cover__registro")
    by_service = {Key(*pair) for nss, registro, *cover in rows for pair in ((nss, registro), cover) if pair[0]}
    return by_service | {Key(*pair) for pair in in_lotes}


#: In these a case is asked about soon; one that is vigente only every three months.
_SOON: Final = frozenset(State) - {State.VIGENTE}


def _by_questions(keys: Iterable[Key], today: dt.date) -> set[Key]:
    """Those about which a case of the person asks, or is to ask soon."""
    cases = _cases(keys)
    asked = set(Errand.objects.filter(kind=Errand.Kind.CHECK_VIGENCIA, status__in=Errand.UNFINISHED).values_list("case", flat=True))
    cadences, registros = Cadences(), Registros.of(until=today)
    asking = [case for case in cases if case.pk in asked or (case.state in _SOON and cadences.first_on(Errand.Kind.CHECK_VIGENCIA, case))]
    return {Key(case.student.nss or "", r) for case in asking for r in registros.ever(case.plantel_id) | {case.registro}}


def _cases(keys: Iterable[Key]) -> QuerySet[Case]:
    return Case.objects.filter(student__nss__in=[key.nss for key in keys]).select_related("student")
