"""The life of an import as people move it: brought, confirmed, cancelled, tried again. What a worker does with it is in work.py.

Every move is a compare-and-set on the state: of two windows, one moves it and the other is told what it is now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import IO, Any, Final

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum

from afiliacion import wake
from afiliacion.cases.outcome import Actor, ActorKind
from afiliacion.roll import filing, undoing
from afiliacion.roll.models import OPEN, WRITING, Chunk, Import, State
from afiliacion.roll.staging import Target
from students.models import Ciclo, Plantel

_NAME: Final = 160
TASK: Final = "afiliacion.roll.tasks.work"

#: Until when each can be asked for.
CANCELLABLE: Final = (State.UPLOADED, State.CHECKING, State.CHECKED, State.CONFIRMED, State.RUNNING)
_RETRIABLE: Final = (State.FAILED, State.CANCELLED)
_UNCONFIRMED: Final = (State.CHECKED, State.REFUSED, *_RETRIABLE)
UNDOABLE: Final = (State.DONE, State.DONE_WITH_ERRORS, State.FAILED, State.CANCELLED)
#: Cases named when an import cannot be undone.
MOVED_SHOWN: Final = 50


class AlreadyBrought(Exception):
    """The same file for the same plantel and ciclo is not over yet; `job` is that import, str() tells it in Spanish."""

    def __init__(self, job: Import) -> None:
        self.job = job
        super().__init__(f"Esta misma lista ya la trajo {job.owner_name} y está «{job.get_state_display()}»: se sigue con esa.")


class Occupied(Exception):
    """Another list of the plantel and ciclo is written, or the same file is in hand again; `job` is that one, str() tells it in Spanish."""

    def __init__(self, job: Import) -> None:
        self.job = job
        super().__init__(
            f"Todavía no se puede deshacer: «{job.filename}», del mismo plantel y ciclo, está «{job.get_state_display()}». "
            "Deshágala cuando esa haya terminado."
        )


def bring(
    file: IO[bytes],
    filename: str,
    *,
    plantel: Plantel,
    ciclo: Ciclo,
    now: dt.datetime,
    owner: User | None = None,
    owner_name: str = "",
    own: Iterable[int] | None = (),
    enrolled_on: dt.date | None = None,
    mapping: dict[str, int] | None = None,
) -> Import:
    """Keep a list and have it checked. `own`: ids of the planteles who brings it works at, None for all; see Import for the rest.

    Raises:
        AlreadyBrought: of two with the same file at once, to the second.
    """
    with transaction.atomic():
        kept = filing.keep(file)
        try:
            with transaction.atomic():
                job = Import.objects.create(
                    plantel=plantel, ciclo=ciclo, enrolled_on=enrolled_on, owner=owner, owner_name=owner_name[:_NAME],
                    own=None if own is None else sorted(own), filename=filename[-_NAME:], sha256=kept.sha256, size=kept.size,
                    uploaded_at=now, mapping=mapping,
                )  # fmt: skip
        except IntegrityError as error:
            raise AlreadyBrought(_the_other(plantel, ciclo, kept.sha256)) from error
        wake.after_commit(TASK)
    return job


def confirm(job: Import, *, now: dt.datetime, by: User | None = None, name: str = "", own: Iterable[int] | None = ()) -> bool:
    """Have the good rows loaded, in the name of whoever confirms; whether it was still to be confirmed."""
    said: dict[str, Any] = {
        "confirmed_at": now, "confirmed_by": by, "confirmed_name": name[:_NAME], "own": None if own is None else sorted(own),
    }  # fmt: skip
    return _move(job, (State.CHECKED,), State.CONFIRMED, **said)


def cancel(job: Import, *, now: dt.datetime) -> bool:
    """Stop it. Chunks already applied stay (they can be undone); the one being applied is finished or rolled back, never half done."""
    return _move(job, CANCELLABLE, State.CANCELLED, finished_at=now)


def retry(job: Import) -> bool:
    """Go on where it stood: with the rows not applied yet, or with the check; whether it could be.

    Raises:
        AlreadyBrought: if the same file has been brought again meanwhile.
    """
    if not can_retry(job):
        return False
    checked = job.confirmed_at is not None and Chunk.objects.filter(job=job).exists()
    try:
        return _move(job, _RETRIABLE, State.CONFIRMED if checked else State.UPLOADED, error="", finished_at=None)
    except IntegrityError as error:
        raise AlreadyBrought(_the_other(job.plantel, job.ciclo, job.sha256)) from error


def can_retry(job: Import) -> bool:
    """Whether it can go on where it stood: it was stopped, not refused; its file is here; and nobody was taking it back."""
    return job.state in _RETRIABLE and job.forgotten_at is None and not job.undo_begun


def check_again(job: Import, *, mapping: dict[str, int], enrolled_on: dt.date | None) -> bool:
    """Check it anew, read as given; whether it could be: nothing confirmed is.

    Raises:
        AlreadyBrought: if the same file has been brought again meanwhile.
    """
    if not can_check_again(job):
        return False
    try:
        with transaction.atomic():
            said = {"mapping": mapping, "enrolled_on": enrolled_on, "error": "", "finished_at": None, "checked_at": None}
            return _move(job, _UNCONFIRMED, State.UPLOADED, **said)
    except IntegrityError as error:
        raise AlreadyBrought(_the_other(job.plantel, job.ciclo, job.sha256)) from error


def can_check_again(job: Import) -> bool:
    """Whether it can be read otherwise: its file is here and nobody confirmed it."""
    return job.state in _UNCONFIRMED and job.confirmed_at is None and job.forgotten_at is None


def undo(job: Import, *, now: dt.datetime, by: User | None = None, name: str = "") -> list[undoing.Moved]:
    """Have what it loaded taken back, if nobody has built upon it; otherwise nothing is done, and the first who have are returned.

    Raises:
        Occupied: while another list of the plantel and ciclo is written, or the same file is in hand again.
    """
    if moved := undoing.moved(job, actor_of(job), MOVED_SHOWN) or undoing.also_brought(job, MOVED_SHOWN):
        return moved
    try:
        said = {"undone_by": by, "undone_name": name[:_NAME], "error": "", "finished_at": None, "total": applied_rows(job)}
        _move(job, UNDOABLE, State.UNDOING, **said)
    except IntegrityError as error:
        other = _in_the_way(job)
        if other is None:  # it is over by now
            return undo(job, now=now, by=by, name=name)
        raise Occupied(other) from error
    return []


def actor_of(job: Import) -> Actor:
    """Who loads a list, and with which file, as long as the history can hold."""
    name = job.confirmed_name or job.owner_name or "import_roll"
    user = job.confirmed_by_id or job.owner_id
    return Actor(ActorKind.IMPORT, f"{name} · {job.filename}"[:_NAME], user)


def applied_rows(job: Import) -> int:
    """How many rows are in the registry by this import."""
    return Chunk.objects.filter(job=job, applied_at__isnull=False, undone_at=None).aggregate(n=Sum("rows"))["n"] or 0


def target_of(job: Import, today: dt.date) -> Target:
    """Where an import's list goes, for whoever brought or confirmed it."""
    own = None if job.own is None else frozenset(job.own)
    return Target(job.plantel, job.ciclo, today, job.enrolled_on, own)


def step(job: Import, sources: Iterable[State], **fields: Any) -> bool:
    """A worker's own compare-and-set: write these fields if the import is still in one of these states; whether it was."""
    return bool(Import.objects.filter(pk=job.pk, state__in=sources).update(**fields))


def _move(job: Import, sources: Iterable[State], target: State, **fields: Any) -> bool:
    """Compare-and-set of the state; `job` is then as it stands."""
    with transaction.atomic():
        begun = {"attempts": 0, "progress": 0, "total": 0, **fields}
        moved = Import.objects.filter(pk=job.pk, state__in=sources).update(state=target, **begun)
        job.refresh_from_db()
        wake.after_commit(TASK)
    return bool(moved)


def _in_the_way(job: Import) -> Import | None:
    others = Import.objects.filter(plantel=job.plantel_id, ciclo=job.ciclo_id).exclude(pk=job.pk)
    return others.filter(Q(state__in=WRITING) | Q(sha256=job.sha256, state__in=OPEN)).first()


def _the_other(plantel: Plantel, ciclo: Ciclo, sha256: str) -> Import:
    return Import.objects.filter(plantel=plantel, ciclo=ciclo, sha256=sha256).latest("uploaded_at")
