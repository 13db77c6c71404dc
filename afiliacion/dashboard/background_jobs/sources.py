"""Where background work comes from: each source tells its jobs in the same words, and how one is tried again.

The rows are the rooms' own; this only reads them. A new kind of job is one more source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from afiliacion import wake
from afiliacion.dashboard.documents.views import print_jobs
from afiliacion.dashboard.papers_in import visible
from afiliacion.dashboard.shared.access import Scope
from afiliacion.documents.models import PrintJob
from afiliacion.imss.models import Outage
from afiliacion.operations import night_state
from afiliacion.operations.models import MailOutage, NightRun
from afiliacion.papers_in import bundles
from afiliacion.papers_in.models import BroughtPaper, Bundle, BundlePart
from afiliacion.reminders.models import MailPause, Reminder
from afiliacion.roll.models import Import, ImportState
from afiliacion.roll.upload import jobs as imports

#: Jobs of one source on the page, the latest; of mails, nights.
SHOWN: Final = 30
NIGHTS: Final = 7
#: A document unread for longer is a fault.
UNREAD_FOR: Final = dt.timedelta(minutes=15)
NIGHT_TASK: Final = "afiliacion.operations.tasks.night"


class JobStatus(Enum):
    """How a job stands; the value is its style, the label its word."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    TROUBLE = "failed"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        return _WORDS[self]


_WORDS: Final = {
    JobStatus.WAITING: "En espera",
    JobStatus.RUNNING: "En curso",
    JobStatus.DONE: "Terminado",
    JobStatus.TROUBLE: "Con errores",
    JobStatus.STOPPED: "Cancelado",
}


@dataclass(slots=True)
class Job:
    """One job as staff read it. `ref` names it and, if it failed, this failure; `lines` say what it did, `errors` what went wrong."""

    source: str
    ref: str
    title: str
    standing: JobStatus
    at: dt.datetime
    who: str = ""
    finished_at: dt.datetime | None = None
    done: int = 0
    total: int = 0
    #: Whether `at` is a day alone: the mails of a night go out over hours.
    all_day: bool = False
    lines: Sequence[str] = ()
    errors: Sequence[str] = ()
    url: str = ""
    can_retry: bool = False
    seen_by: str = field(default="")


@dataclass(frozen=True, slots=True)
class JobSource:
    """`jobs` lists the latest this person may see; `retry` tries one again: what happened, in Spanish, or None if it cannot."""

    slug: str
    jobs: Callable[[Scope], Iterable[Job]]
    retry: Callable[[Scope, str], str | None] = lambda scope, ref: None


def _nights(scope: Scope) -> Iterable[Job]:
    today = timezone.localdate()
    standing = {
        NightRun.Status.RUNNING: JobStatus.RUNNING,
        NightRun.Status.DONE: JobStatus.DONE,
        NightRun.Status.FAILED: JobStatus.TROUBLE,
    }
    yield from _no_night()
    for run in NightRun.objects.order_by("-date")[:SHOWN]:
        status = NightRun.Status(run.status)
        yield Job(
            "noche", f"{run.date.isoformat()}.{run.attempts}", f"Noche del {run.date:%d/%m/%Y}", standing[status],
            run.started_at or timezone.make_aware(dt.datetime.combine(run.date, dt.time())), "Proceso nocturno", run.finished_at,
            lines=[line for step in run.report for line in step["said"]],
            errors=[f"{step['step']}: {step['error']}" for step in run.report if step["error"]],
            can_retry=status is NightRun.Status.FAILED and run.date == today,
        )  # fmt: skip


def _no_night() -> Iterable[Job]:
    """The nights that were not made: none of them has a row."""
    now, latest = timezone.now(), list(night_state.taken()[:1])
    if days := night_state.days_without(latest, now):
        since = latest[0].date + dt.timedelta(days=1)
        yield Job(
            "noche", f"sin-noche.{since.isoformat()}", "La noche no se hace", JobStatus.TROUBLE, night_state.begins(since),
            "Proceso nocturno",
            errors=[f"{night_state.sentence(days)} Sistemas debe revisar el trabajador y el reloj de la oficina."],
        )  # fmt: skip


def _again_tonight(scope: Scope, ref: str) -> str | None:
    date = timezone.localdate()
    if not ref.startswith(f"{date.isoformat()}.") or not NightRun.objects.filter(date=date, status=NightRun.Status.FAILED).exists():
        return None
    handed_over = wake.publish(NIGHT_TASK)
    return "Se pidió de nuevo: los pasos que ya se hicieron no se repiten." if handed_over else "Nadie la atiende ahora: avise a sistemas."


_IMPORTS: Final[Mapping[ImportState, JobStatus]] = {
    ImportState.UPLOADED: JobStatus.WAITING, ImportState.CHECKING: JobStatus.RUNNING, ImportState.CHECKED: JobStatus.WAITING,
    ImportState.CONFIRMED: JobStatus.WAITING, ImportState.RUNNING: JobStatus.RUNNING, ImportState.DONE: JobStatus.DONE,
    ImportState.DONE_WITH_ERRORS: JobStatus.DONE, ImportState.REFUSED: JobStatus.TROUBLE, ImportState.FAILED: JobStatus.TROUBLE,
    ImportState.CANCELLED: JobStatus.STOPPED, ImportState.UNDOING: JobStatus.RUNNING, ImportState.UNDONE: JobStatus.STOPPED,
}  # fmt: skip


def _imports(scope: Scope) -> Iterable[Job]:
    mine = Import.objects.filter(plantel__in=scope.planteles()).select_related("plantel", "ciclo").order_by("-uploaded_at")
    for job in mine[:SHOWN]:
        state = ImportState(job.state)
        yield Job(
            "lista", f"{job.pk}.{job.finished_at.isoformat() if job.finished_at else ''}"[:60], f"Lista {job.filename}", _IMPORTS[state],
            job.uploaded_at, job.owner_name, job.finished_at, job.progress, 0 if job.being_read else job.total,
            lines=[f"{job.plantel.name}, ciclo {job.ciclo.clave}. {state.label}."], errors=[job.error] if job.error else [],
            can_retry=state is ImportState.FAILED and imports.can_retry(job), url=reverse("upload", args=[job.pk]),
        )  # fmt: skip


def _import_again(scope: Scope, ref: str) -> str | None:
    number = ref.partition(".")[0]
    job = Import.objects.filter(plantel__in=scope.planteles(), pk=int(number) if number.isascii() and number.isdigit() else 0).first()
    if job is None:
        return None
    try:
        return "La lista sigue donde se quedó." if imports.retry(job) else None
    except imports.AlreadyBrought as other:
        return str(other)


_PRINTS: Final[Mapping[PrintJob.Status, JobStatus]] = {
    PrintJob.Status.WAITING: JobStatus.WAITING, PrintJob.Status.RUNNING: JobStatus.RUNNING, PrintJob.Status.DONE: JobStatus.DONE,
    PrintJob.Status.FAILED: JobStatus.TROUBLE, PrintJob.Status.CANCELLED: JobStatus.STOPPED,
}  # fmt: skip


def _prints(scope: Scope) -> Iterable[Job]:
    for job in print_jobs(scope)[:SHOWN]:
        yield Job(
            "impresion", f"{job.pk}.{job.attempts}", f"Impresión: {job.get_kind_display()}", _PRINTS[PrintJob.Status(job.status)],
            job.asked_at, job.asked_name, job.finished_at, job.done, job.total,
            lines=[f"{job.what}."], errors=[job.error] if job.error else [], url=reverse("print-job", args=[job.pk]),
        )  # fmt: skip


_BUNDLES: Final[Mapping[Bundle.Status, JobStatus]] = {
    Bundle.Status.WAITING: JobStatus.WAITING, Bundle.Status.UNPACKING: JobStatus.RUNNING, Bundle.Status.UNPACKED: JobStatus.DONE,
    Bundle.Status.FAILED: JobStatus.TROUBLE,
}  # fmt: skip


def _bundles(scope: Scope) -> Iterable[Job]:
    """What was brought together: opened, then read file by file."""
    unread = Count("files", filter=Q(files__paper__status=BroughtPaper.Status.UNREAD))
    there = Exists(BundlePart.objects.filter(bundle=OuterRef("pk"), number=0))
    mine = visible.bundles(scope).annotate(total=Count("files"), unread=unread, there=there).order_by("-brought_at")
    for bundle in mine[:SHOWN]:
        status = _BUNDLES[Bundle.Status(bundle.status)]
        yield Job(
            "hojas", f"{bundle.pk}.{bundle.attempts}", f"Hojas: {bundle.name}",
            JobStatus.RUNNING if status is JobStatus.DONE and bundle.unread else status, bundle.brought_at, bundle.brought_name,
            None if bundle.unread else bundle.finished_at, bundle.total - bundle.unread, bundle.total,
            errors=[bundle.error] if bundle.error else [], url=reverse("bundle", args=[bundle.pk]),
            can_retry=status is JobStatus.TROUBLE and bundle.there,
        )  # fmt: skip
    yield from _unread(scope)


def _unread(scope: Scope) -> Iterable[Job]:
    """Documents that are not read: no worker is at work, or it fails each time."""
    late = visible.papers(scope).filter(status=BroughtPaper.Status.UNREAD, brought_at__lt=timezone.now() - UNREAD_FOR).order_by("pk")
    if first := late.first():
        yield Job(
            "hojas", f"sin-leer.{first.pk}", "Las hojas no se leen", JobStatus.TROUBLE, first.brought_at, "Lectura de hojas",
            errors=[f"{late.count()} llevan más de {UNREAD_FOR.seconds // 60} minutos sin leerse. Sistemas debe revisar el trabajador."],
            url=reverse("sheets"),
        )  # fmt: skip


def _bundle_again(scope: Scope, ref: str) -> str | None:
    number = ref.partition(".")[0]
    bundle = visible.bundles(scope).filter(pk=int(number) if number.isascii() and number.isdigit() else 0).first()
    return "Se abre otra vez; lo que ya se tomó no se repite." if bundle and bundles.retry(bundle) else None


def _mails(scope: Scope) -> Iterable[Job]:
    """The mails of each night. An officer's count only those about their planteles."""
    latest = Reminder.objects.order_by("-night").values_list("night", flat=True).distinct()[:NIGHTS]
    mine = Reminder.objects.filter(night__in=list(latest))
    if scope.plantel_ids is not None:
        mine = mine.filter(case__plantel__in=scope.plantel_ids)
    nights: dict[dt.date, dict[str, int]] = {}
    for night, status, n in mine.order_by("-night").values_list("night", "status").annotate(n=Count("pk")):
        nights.setdefault(night, {})[status] = n
    for night, counts in nights.items():
        yield _mail_run(night, counts)


def _mail_outages(scope: Scope) -> Iterable[Job]:
    for outage in MailOutage.objects.order_by("-since")[:SHOWN]:
        yield Job(
            "servidor", str(outage.pk), "Ningún correo pudo salir", JobStatus.DONE if outage.until else JobStatus.TROUBLE, outage.since,
            "Servidor de correo", outage.until, url=reverse("notices"), errors=[outage.reason],
        )  # fmt: skip


def _mail_run(night: dt.date, counts: Mapping[str, int]) -> Job:
    status = Reminder.Status
    labels = [f"{status(value).label}: {n}" for value, n in sorted(counts.items(), key=lambda pair: -pair[1])]
    going = any(counts.get(value) for value in (status.QUEUED, status.SENDING))
    wrong = {value: counts[value] for value in (status.FAILED, status.UNCERTAIN) if counts.get(value)}
    said = {status.FAILED: "el servidor de correo los rechazó", status.UNCERTAIN: "no se sabe si salieron; no se reenvían solos"}
    return Job(
        "correo", f"{night.isoformat()}.{sum(wrong.values())}", f"Correos del {night:%d/%m/%Y}",
        JobStatus.RUNNING if going else JobStatus.TROUBLE if wrong else JobStatus.DONE,
        timezone.make_aware(dt.datetime.combine(night, dt.time(23, 59))), "Proceso nocturno",
        done=sum(counts.values()) - counts.get(status.QUEUED, 0) - counts.get(status.SENDING, 0), total=sum(counts.values()),
        all_day=True, url=reverse("notices"), lines=["; ".join(labels) + "."], errors=[f"{n}: {said[value]}" for value, n in wrong.items()],
    )  # fmt: skip


def _outages(scope: Scope) -> Iterable[Job]:
    for outage in Outage.objects.order_by("-since")[:SHOWN]:
        yield Job(
            "imss", str(outage.pk), "El IMSS no respondió", JobStatus.DONE if outage.until else JobStatus.RUNNING, outage.since,
            "IMSS", outage.until, url=reverse("imss"), lines=["Lo pendiente se intenta de nuevo sin que nadie haga nada."],
        )  # fmt: skip


def _mail_pauses(scope: Scope) -> Iterable[Job]:
    now = timezone.now()
    for pause in MailPause.objects.order_by("-until")[:SHOWN]:
        over = pause.until <= now
        yield Job(
            "pausa", str(pause.pk), "El correo se detuvo solo", JobStatus.DONE if over else JobStatus.WAITING, pause.since, "Correo",
            pause.until if over else None, url=reverse("notices"),
            lines=[f"{capfirst(pause.why)}. Sigue solo, sin que nadie haga nada."], errors=[] if over else [pause.words],
        )  # fmt: skip


SOURCES: Final = (
    JobSource("noche", _nights, _again_tonight),
    JobSource("lista", _imports, _import_again),
    JobSource("impresion", _prints),
    JobSource("hojas", _bundles, _bundle_again),
    JobSource("correo", _mails),
    JobSource("pausa", _mail_pauses),
    JobSource("servidor", _mail_outages),
    JobSource("imss", _outages),
)
BY_SLUG: Final = {source.slug: source for source in SOURCES}
