"""Movements under way by one channel, as the other sees them: a movement goes by one only (`movement_one_under_way`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from django.db.models import Q
from django.db.models.functions import Now

from afiliacion.imss.client.port import ALTA, BAJA
from afiliacion.imss.models import Errand, MovementUnderWay
from afiliacion.insurance.models import Cover

_TYPES: Final = {Errand.Kind.SEND_ALTA: ALTA, Errand.Kind.SEND_BAJA: BAJA}


class About(NamedTuple):
    """What a movement of a type is about."""

    nss: str
    registro: str


def in_lotes(kind: Errand.Kind, numbers: Collection[str]) -> set[About]:
    """Of these NSS, the movements that are in a lote which IMSS has not received yet."""
    rows = MovementUnderWay.objects.filter(type=_TYPES[kind], nss__in=numbers, by_lote=True)
    return {About(*row) for row in rows.values_list("nss", "registro")} if numbers else set()


def by_service(kind: Errand.Kind, numbers: Collection[str], cases: Collection[int], *, automatic: bool) -> list[Errand]:
    """The movements of these NSS and cases (ids) that go by the service, so that no lote takes them. `automatic`: the service is used."""
    unfinished = Errand.objects.filter(Q(nss__in=numbers) | Q(case__in=cases), kind=kind, status__in=Errand.UNFINISHED)
    return list(unfinished.exclude(over(automatic=automatic)).order_by("pk")) if cases else []


def withdraw(kind: Errand.Kind, movements: Iterable[About], *, automatic: bool) -> int:
    """End what waits for a person, or for a service that is not used, and that a lote takes now; return how many. In a transaction."""
    wanted = set(movements)
    numbers = {about.nss for about in wanted}
    waiting = Errand.objects.filter(over(automatic=automatic), kind=kind, status__in=Errand.UNFINISHED, nss__in=numbers)
    locked = waiting.select_for_update(of=("self",)).order_by("pk").values_list("pk", "nss", "registro")
    ended = [pk for pk, *about in locked if About(*about) in wanted]
    return Errand.objects.filter(pk__in=ended).update(status=Errand.Status.DONE)


def over(*, automatic: bool) -> Q:
    """Errands that IMSS surely does not have, or has answered, and that are not sent unless a person asks again."""
    refused = Q(status=Errand.Status.PARKED)
    if automatic:
        return refused & Q(in_doubt=False)
    unsent = Q(received_on=None) & (Q(lease_until=None) | Q(lease_until__lt=Now()))
    return (refused | unsent) & Q(in_doubt=False)


def awaiting_baja(numbers: Collection[str]) -> set[About]:
    """Of these NSS, the covers whose baja IMSS has received and not operated yet: an alta under one waits for that."""
    ending = Cover.objects.filter(nss__in=numbers, baja_sent_on__isnull=False, ended_on=None)
    return {About(*row) for row in ending.values_list("nss", "registro")} if numbers else set()
