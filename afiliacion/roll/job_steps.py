"""What every stage of an import needs of its row: a compare-and-set of the state, the actor, the rows applied so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Sum

from afiliacion.cases.outcome import Actor, ActorKind
from afiliacion.roll.models import Chunk, Import, ImportState

_NAME: Final = 160


def actor_of(job: Import) -> Actor:
    """Who loads a list, and with which file, as long as the history can hold."""
    name = job.confirmed_name or job.owner_name or "import_roll"
    user = job.confirmed_by_id or job.owner_id
    return Actor(ActorKind.IMPORT, f"{name} · {job.filename}"[:_NAME], user)


def applied_rows(job: Import) -> int:
    """How many rows are in the registry by this import."""
    return Chunk.objects.filter(job=job, applied_at__isnull=False, undone_at=None).aggregate(n=Sum("rows"))["n"] or 0


def step(job: Import, sources: Iterable[ImportState], **fields: Any) -> bool:
    """A worker's own compare-and-set: write these fields if the import is still in one of these states; whether it was."""
    return bool(Import.objects.filter(pk=job.pk, state__in=sources).update(**fields))
