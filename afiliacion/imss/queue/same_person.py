"""The movements under way of a person, when two records are merged or taken apart again, or IMSS unifies two numbers of the person."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from afiliacion.cases import engine
from afiliacion.cases.engine import Move
from afiliacion.cases.models import Merge
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Verb
from afiliacion.database.bulk_writes import update_rows
from afiliacion.imss.models import Errand


def register() -> None:
    """Have the cases' engine call us, after the room of covers. Called once, when the app is ready."""
    engine.FOLLOWERS.append(follow)


def follow(verb: Verb, moves: Sequence[Move], act: Act) -> None:
    """The steps of one verb were made; their persons are locked."""
    if verb in (Verb.MERGE, Verb.RETRACT_MERGE):
        _give_bajas(Merge.objects.get(pk=moves[0].happening.data["merge"]))
    elif verb is Verb.UNIFY_NSS:
        _renumber(moves)


def _give_bajas(merge: Merge) -> None:
    """A baja goes on for the case that owes it from then on: what IMSS says of it is told to that one."""
    bajas = Errand.objects.filter(kind=Errand.Kind.SEND_BAJA, status__in=Errand.UNFINISHED)
    moved = bajas.filter(cover__student__in=[merge.kept_id, merge.merged_id]).exclude(case=F("cover__owed_by"))
    heirs = dict(moved.exclude(cover__owed_by=None).order_by("pk").select_for_update(of=("self",)).values_list("cover__owed_by", "pk"))
    busy = set(bajas.filter(case__in=heirs).values_list("case", flat=True))
    update_rows(Errand, ["case_id"], [(pk, heir) for heir, pk in heirs.items() if heir not in busy])


def _renumber(moves: Sequence[Move]) -> None:
    """What IMSS has not resolved counts under the number it keeps, as its register has it; how it was sent stays as it was."""
    numbers = {move.case.nss: str(move.happening.data["nss"]) for move in moves if move.case.nss}
    unfinished = Errand.objects.filter(kind__in=Errand.MOVEMENTS, status__in=Errand.UNFINISHED)
    busy = set(unfinished.filter(nss__in=numbers.values()).values_list("kind", "nss", "registro"))
    under_way = unfinished.filter(nss__in=numbers).order_by("pk").select_for_update().values_list("pk", "kind", "nss", "registro")
    found = [(pk, kind, numbers[nss], registro) for pk, kind, nss, registro in under_way]
    update_rows(Errand, ["nss"], [(pk, nss) for pk, kind, nss, registro in found if (kind, nss, registro) not in busy])
