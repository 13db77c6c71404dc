"""The life of an import as people move it: brought, confirmed, cancelled, tried again. What a worker does with it is in work.py.

Every move is a compare-and-set on the state: of two windows, one moves it and the other is told what it is now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import IO, Any, Final

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from afiliacion import wake
from afiliacion.roll import stored_file
from afiliacion.roll.job_steps import _NAME, actor_of, applied_rows
from afiliacion.roll.load import built_upon
from afiliacion.roll.models import OPEN, WRITING, Chunk, Import, ImportState, PersonAnswer, Row, RowKind
from students.models import Ciclo, Plantel

TASK: Final = "afiliacion.roll.tasks.work"

#: Until when each can be asked for.
CANCELLABLE: Final = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED, ImportState.CONFIRMED, ImportState.RUNNING)
_RETRIABLE: Final = (ImportState.FAILED, ImportState.CANCELLED)
_UNCONFIRMED: Final = (ImportState.CHECKED, ImportState.REFUSED, *_RETRIABLE)
UNDOABLE: Final = (ImportState.DONE, ImportState.DONE_WITH_ERRORS, ImportState.FAILED, ImportState.CANCELLED)
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


class BroughtByOthers(Exception):
    """The person who loaded the list answers for planteles that the one who would undo it does not; str() tells it in Spanish."""

    def __init__(self) -> None:
        super().__init__("La cargó quien responde por más planteles que usted: pida a la coordinación que la deshaga.")


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
        kept = stored_file.keep(file)
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
    """Have the good rows loaded, in the name of the person who confirms; whether it was still to be confirmed."""
    said: dict[str, Any] = {
        "confirmed_at": now, "confirmed_by": by, "confirmed_name": name[:_NAME], "own": None if own is None else sorted(own),
    }  # fmt: skip
    return _move(job, (ImportState.CHECKED,), ImportState.CONFIRMED, **said)


def answer(job: Import, said: Mapping[int, PersonAnswer]) -> int:
    """Say of rows (lines) that wait for it whose they are; return how many are the person whom another row is already.

    Nothing once the list is confirmed. The last answer counts; of two rows that would be one person, the first is.
    """
    with transaction.atomic():
        if not Import.objects.select_for_update().filter(pk=job.pk, state=ImportState.CHECKED).exists():
            return 0
        rows = list(Row.objects.filter(job=job, kind=RowKind.ASKED).order_by("line").values_list("line", "twin_id", "answer"))
        first: dict[int, int] = {}
        for line, twin, before in rows:
            if said.get(line, before) == PersonAnswer.SAME:
                first.setdefault(twin or 0, line)
        same = [line for line in said if said[line] == PersonAnswer.SAME and line in first.values()]
        Row.objects.filter(job=job, kind=RowKind.ASKED, line__in=list(said)).update(answer="")
        Row.objects.filter(job=job, kind=RowKind.ASKED, line__in=[k for k, v in said.items() if v == PersonAnswer.OTHER]).update(
            answer=PersonAnswer.OTHER
        )
        Row.objects.filter(job=job, kind=RowKind.ASKED, line__in=same).update(answer=PersonAnswer.SAME)
    return sum(said.get(line) == PersonAnswer.SAME and line not in same for line, _, _ in rows)


def cancel(job: Import, *, now: dt.datetime) -> bool:
    """Stop it. Chunks already applied stay (they can be undone); the one being applied is finished or rolled back, never half done."""
    return _move(job, CANCELLABLE, ImportState.CANCELLED, finished_at=now)


def retry(job: Import) -> bool:
    """Go on where it stood: with the rows not applied yet, or with the check; whether it could be.

    Raises:
        AlreadyBrought: if the same file has been brought again meanwhile.
    """
    if not can_retry(job):
        return False
    checked = job.confirmed_at is not None and Chunk.objects.filter(job=job).exists()
    try:
        return _move(job, _RETRIABLE, ImportState.CONFIRMED if checked else ImportState.UPLOADED, error="", finished_at=None)
    except IntegrityError as error:
        raise AlreadyBrought(_the_other(job.plantel, job.ciclo, job.sha256)) from error


def can_retry(job: Import) -> bool:
    """Whether it can go on where it stood: it was stopped, not refused; its file is here; and it was not being taken back."""
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
            return _move(job, _UNCONFIRMED, ImportState.UPLOADED, **said)
    except IntegrityError as error:
        raise AlreadyBrought(_the_other(job.plantel, job.ciclo, job.sha256)) from error


def check_with(job: Import, answers: dict[str, Any]) -> bool:
    """Check it anew with what an officer answered of it (`Import.answers`); whether it could be. Raises AlreadyBrought, as check_again."""
    try:
        with transaction.atomic():
            said = {"answers": answers, "error": "", "finished_at": None, "checked_at": None}
            return can_check_again(job) and _move(job, _UNCONFIRMED, ImportState.UPLOADED, **said)
    except IntegrityError as error:
        raise AlreadyBrought(_the_other(job.plantel, job.ciclo, job.sha256)) from error


def can_check_again(job: Import) -> bool:
    """Whether it can be read otherwise: its file is here and it is not confirmed."""
    return job.state in _UNCONFIRMED and job.confirmed_at is None and job.forgotten_at is None


def undo(
    job: Import, *, now: dt.datetime, by: User | None = None, name: str = "", own: frozenset[int] | None = None
) -> list[built_upon.Moved]:  # fmt: skip
    """Have what it loaded taken back, if nothing has been built upon it; otherwise nothing is done, and the first steps since are returned.

    `own`: ids of the planteles who undoes it answers for, None for all.

    Raises:
        BroughtByOthers: it may have moved cases of other planteles.
        Occupied: while another list of the plantel and ciclo is written, or the same file is in hand again.
    """
    if own is not None and (job.own is None or not own.issuperset(job.own)):
        raise BroughtByOthers
    if moved := built_upon.moved(job, actor_of(job), MOVED_SHOWN) or built_upon.also_brought(job, MOVED_SHOWN):
        return moved
    try:
        said = {"undone_by": by, "undone_name": name[:_NAME], "error": "", "finished_at": None, "total": applied_rows(job)}
        _move(job, UNDOABLE, ImportState.UNDOING, **said)
    except IntegrityError as error:
        other = _in_the_way(job)
        if other is None:  # it is over by now
            return undo(job, now=now, by=by, name=name, own=own)
        raise Occupied(other) from error
    return []


def _move(job: Import, sources: Iterable[ImportState], target: ImportState, **fields: Any) -> bool:
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
