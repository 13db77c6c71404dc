"""Print jobs: many papers ordered at once, printed in the background, resumed after a crash.

The row is the job. A worker claims a due job with a lease, prints part after part into files of its own, and records each part when its
file is complete; after a crash the next worker goes on behind the last complete part. What was issued keeps its folio (register.py).
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.text import slugify

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Actor, ActorKind
from afiliacion.documents.context import NotPrintable, PagesOf, PrintContext, to_print
from afiliacion.documents.kinds import catalogue as kinds
from afiliacion.documents.kinds.term_report import informe
from afiliacion.documents.layout.blocks import Paper
from afiliacion.documents.layout.pdf import Book
from afiliacion.documents.models import DocumentKind, PrintJob
from afiliacion.documents.register import issue
from students.models import Ciclo, Plantel

log = logging.getLogger(__name__)

#: Papers in one file: what a printer's tray holds. reportlab keeps a file in memory until it is complete: this bounds a job's memory.
PART: Final = 100
#: Papers between two looks at the row: progress is written, the lease prolonged, a cancellation noticed.
STEP: Final = 50
LEASE: Final = dt.timedelta(seconds=45)
#: A job whose workers died so often in the same part fails, in sight.
STRIKES: Final = 3
#: A small order may be printed before a double click has come to its end.
JUST_NOW: Final = dt.timedelta(seconds=10)


class OrderRefused(ValueError):
    """The job cannot be taken on; str() says why in Spanish and what to do."""


class _JobLost(Exception):
    """Another worker has the job by now, or it was cancelled."""


def order(
    kind: DocumentKind,
    cases: QuerySet[Case],
    *,
    what: str,
    by: Actor,
    now: dt.datetime,
    on: dt.date,
    ciclo: Ciclo | None = None,
    number: str = "",
) -> PrintJob:  # fmt: skip
    """Order papers of this kind about `cases`, sorted as they are handed out: by plantel, group and name.

    Raises:
        OrderRefused: no case, or more than one order may have.
    """
    most = settings.PAPERS_MAX
    ordered = cases.order_by("plantel__name", "plantel", "ciclo", "grupo", "name_order", "pk")
    rows = list(ordered.values_list("pk", "plantel")[: most + 1])
    if not rows:
        raise OrderRefused("No hay expedientes que imprimir con lo que eligió.")
    if len(rows) > most:
        raise OrderRefused(f"Son más de {most} expedientes: elija un plantel, un grupo o un estado y pídalos por partes.")
    planteles = sorted({plantel for _, plantel in rows})
    return _once(by, now, kind=kind, what=what[:240], planteles=planteles, case_ids=[case for case, _ in rows], ciclo=ciclo, number=number,
                 on=on, total=len(rows))  # fmt: skip


def order_reports(planteles: Iterable[Plantel], ciclo: Ciclo, *, what: str, by: Actor, now: dt.datetime, on: dt.date) -> PrintJob:
    """Order the reports of a ciclo, one for each plantel."""
    ids = sorted(plantel.pk for plantel in planteles)
    return _once(by, now, kind=DocumentKind.INFORME, what=what[:240], planteles=ids, ciclo=ciclo, on=on, total=len(ids))


def _once(by: Actor, now: dt.datetime, **fields: Any) -> PrintJob:
    """The job of this order: the one the same person has just asked for, or is waiting for, if it is the same (a double click)."""
    with transaction.atomic():
        # The orders of one person one after the other: the second click waits here, and then finds the first one's job.
        list(User.objects.select_for_update(no_key=True).filter(pk__in=[by.user_id] if by.user_id else []).values_list("pk"))
        going_on = Q(status__in=PrintJob.UNFINISHED) | Q(status=PrintJob.Status.DONE, asked_at__gt=now - JUST_NOW)
        same = PrintJob.objects.filter(going_on, asked_by=by.user_id, **fields) if by.user_id else PrintJob.objects.none()
        return same.first() or PrintJob.objects.create(asked_by_id=by.user_id, asked_name=by.name, asked_at=now, **fields)


def due() -> QuerySet[PrintJob]:
    """Return the unfinished jobs without a valid lease (by the database's clock), the oldest first."""
    return PrintJob.objects.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), status__in=PrintJob.UNFINISHED).order_by(
        "asked_at", "pk"
    )


def work_due(pages_of: PagesOf, seconds: float, clock: Callable[[], float] = time.monotonic) -> bool:
    """Print what is due for about so long; whether something is left. `pages_of`: where students have their own pages."""
    until = clock() + seconds
    while clock() < until:
        job = _claim()
        if job is None:
            return False
        _JobRun(job, pages_of, lambda: clock() >= until).go()
    return due().exists()


def cancel(job: PrintJob) -> bool:
    """Stop an unfinished job and delete what it had printed; whether it was still unfinished."""
    stopped = PrintJob.objects.filter(pk=job.pk, status__in=PrintJob.UNFINISHED).update(
        status=PrintJob.Status.CANCELLED, finished_at=Now(), lease_until=None, attempts=F("attempts") + 1
    )
    if stopped:
        shutil.rmtree(folder(job), ignore_errors=True)
    return bool(stopped)


def forget(now: dt.datetime) -> int:
    """Delete the files of jobs that finished long ago: they are full of people's data. How many."""
    old = PrintJob.objects.filter(finished_at__lt=now - dt.timedelta(hours=kept_hours())).exclude(file="")
    for job in old:
        shutil.rmtree(folder(job), ignore_errors=True)
        PrintJob.objects.filter(pk=job.pk).update(file="")
    return len(old)


def kept_hours() -> int:
    """How long the file of a job waits to be taken."""
    hours: int = settings.PAPERS_KEPT_HOURS
    return hours


def folder(job: PrintJob) -> Path:
    return Path(settings.DATA_DIR) / "papers" / str(job.pk)


def _claim() -> PrintJob | None:
    """The oldest due job, ours for the length of a lease."""
    for job in due()[:10]:
        strikes = job.strikes + (job.lease_until is not None)
        taken = due().filter(pk=job.pk, attempts=job.attempts).order_by().update(
            status=PrintJob.Status.RUNNING, attempts=F("attempts") + 1, strikes=strikes, lease_until=Now() + LEASE
        )  # fmt: skip
        if taken:
            job.refresh_from_db()
            return job
    return None


class _JobRun:
    """One worker at one job."""

    def __init__(self, job: PrintJob, pages_of: PagesOf, late: Callable[[], bool]) -> None:
        self.job, self._late = job, late
        self._context = PrintContext(job.on, pages_of, job.number, job.asked_by_id)
        self._by = Actor(ActorKind.PERSON, job.asked_name, job.asked_by_id)

    def go(self) -> None:
        """Print until the job is done, stopped, or the time is over; a failure is written on the row."""
        try:
            self._fail_if_interrupted_too_often()
            while self._cases_done() < self._cases_in_all():
                self._part()
                if self._late() and self._cases_done() < self._cases_in_all():
                    self._write(lease_until=None)
                    return
            self._finish()
        except _JobLost:
            log.info("print job %s was stopped or taken over", self.job.pk)
        except Exception as error:
            log.exception("print job %s failed", self.job.pk)
            self._fail(f"No se pudo imprimir ({type(error).__name__}). Vuelva a pedirla; si se repite, avise a sistemas.")

    def _fail_if_interrupted_too_often(self) -> None:
        if self.job.strikes >= STRIKES:
            self._fail(f"Se interrumpió {self.job.strikes} veces en el mismo lugar y ya no se intenta. Pida menos expedientes de una vez.")
            raise _JobLost

    def _cases_in_all(self) -> int:
        return len(self.job.case_ids) or len(self.job.planteles)

    def _cases_done(self) -> int:
        return sum(part["cases"] for part in self.job.parts)

    def _part(self) -> None:
        """Print the next file and write it down."""
        job, first = self.job, self._cases_done()
        size = PART if DocumentKind(job.kind) in kinds.SINGLES else self._cases_in_all()
        last, skipped = min(first + size, self._cases_in_all()), list(job.skipped)
        path = folder(job) / f"parte-{len(job.parts) + 1}.pdf"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{job.attempts}")
        papers = pages = 0
        with unfinished.open("wb") as out:
            book = Book(out, str(job))
            for begin in range(first, last, STEP if size == PART else size):
                ready = self._compose(begin, min(begin + STEP, last) if size == PART else last, skipped)
                pages += sum(map(book.add, ready, issue(ready, by=self._by, now=job.asked_at)))
                papers += len(ready)
                self._write(done=min(begin + STEP, last) if size == PART else last, lease_until=Now() + LEASE)
            if papers:
                book.close()
        unfinished.replace(path)
        part = {"name": path.name, "papers": papers, "cases": last - first}
        self._write(parts=[*job.parts, part], pages=job.pages + pages, skipped=skipped, strikes=0, lease_until=Now() + LEASE)

    def _compose(self, first: int, last: int, skipped: list[tuple[int, str]]) -> list[Paper]:
        """The papers about the cases from `first` to `last`; why others are not among them goes to `skipped`."""
        kind = DocumentKind(self.job.kind)
        if kind is DocumentKind.INFORME:
            return [informe(plantel, self._ciclo(), self._context) for plantel in Plantel.objects.filter(pk__in=self.job.planteles)]
        ids = self.job.case_ids[first:last]
        if kinds.carries_link(kind):
            self._context.look_up_pages(ids)
        cases = self._read(ids, history=bool((entry := kinds.entry_of(kind)) and entry.history))
        wanted: list[Case] = []
        for case in cases:
            if why := kinds.objection(kind, case):
                skipped.append((case.pk, why))
            else:
                wanted.append(case)
        if kind in kinds.GROUPS:
            return list(kinds.compose_groups(kind, wanted, self._context))
        return [paper for case in wanted if (paper := self._one(kind, case, skipped))]

    def _one(self, kind: DocumentKind, case: Case, skipped: list[tuple[int, str]]) -> Paper | None:
        try:
            return kinds.compose_one(kind, case, self._context)
        except NotPrintable as why:
            skipped.append((case.pk, str(why)))
            return None

    def _read(self, ids: Sequence[int], *, history: bool) -> list[Case]:
        found = {case.pk: case for case in to_print(Case.objects.filter(pk__in=ids), history=history)}
        return [found[case_id] for case_id in ids]

    def _ciclo(self) -> Ciclo:
        if self.job.ciclo is None:
            raise ValueError("a report has a ciclo")
        return self.job.ciclo

    def _finish(self) -> None:
        """One file to hand out: the only part as it is, or all of them in a ZIP."""
        job, name = self.job, f"{slugify(DocumentKind(self.job.kind).label)}-{self.job.on:%Y-%m-%d}-{self.job.pk}"
        made = [folder(job) / part["name"] for part in job.parts if part["papers"]]
        if len(made) == 1:
            made[0].replace(folder(job) / f"{name}.pdf")
        elif made:
            _zip(made, folder(job) / f"{name}.zip", slugify(DocumentKind(job.kind).label))
        file = "" if not made else f"{name}.pdf" if len(made) == 1 else f"{name}.zip"
        self._write(status=PrintJob.Status.DONE, file=file, lease_until=None, finished_at=Now())
        for path in folder(job).glob("parte-*"):
            path.unlink()

    def _fail(self, why: str) -> None:
        self._write(status=PrintJob.Status.FAILED, error=why, lease_until=None, finished_at=Now())
        shutil.rmtree(folder(self.job), ignore_errors=True)

    def _write(self, **fields: object) -> None:
        """Write to the row if it is still ours. Raises _JobLost if it is not."""
        if not PrintJob.objects.filter(pk=self.job.pk, attempts=self.job.attempts, status=PrintJob.Status.RUNNING).update(**fields):
            raise _JobLost
        self.job.refresh_from_db()


def _zip(parts: Sequence[Path], target: Path, title: str) -> None:
    """The parts in one archive, uncompressed (a PDF is already) and without the hour, so that the same papers give the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for number, path in enumerate(parts, 1):
            entry = zipfile.ZipInfo(f"{title}-{number:02d}.pdf")
            with archive.open(entry, "w", force_zip64=True) as out, path.open("rb") as part:
                shutil.copyfileobj(part, out, 2**20)
