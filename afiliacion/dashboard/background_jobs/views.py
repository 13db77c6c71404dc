"""The page of background jobs, newest first; failures not yet acknowledged stand above."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.dashboard.background_jobs.sources import BY_SLUG, SOURCES, Job, JobSource, JobStatus
from afiliacion.dashboard.models import JobSeen
from afiliacion.dashboard.shared.access import OfficeRequest, Scope

SHOWN: Final = 60


@require_safe
def ledger(request: OfficeRequest) -> HttpResponse:
    jobs = _jobs(request.scope)
    unseen = [job for job in jobs if _wants_eyes(job)]
    rest = [job for job in jobs if not _wants_eyes(job)][:SHOWN]
    return render(request, "dashboard/background_jobs/jobs.html", {"unseen": unseen, "jobs": rest})


@require_POST
def seen(request: OfficeRequest) -> HttpResponse:
    """Acknowledge a failure: it leaves the top of the page, not the list."""
    job = _asked(request)
    if job is None:
        return _gone(request)
    JobSeen.objects.get_or_create(source=job.source, ref=job.ref, defaults={"user": request.user, "at": timezone.now()})
    messages.success(request, f"Anotado: usted ya vio «{job.title}».")
    return redirect("jobs")


@require_POST
def retry(request: OfficeRequest) -> HttpResponse:
    """Try a failed job again."""
    job = _asked(request)
    if job is None:
        return _gone(request)
    told = BY_SLUG[job.source].retry(request.scope, job.ref) if job.can_retry else None
    if told:
        messages.success(request, f"{job.title}: {told}")
    else:
        messages.info(request, f"«{job.title}» ya no está en ese punto: no se hizo nada.")
    return redirect("jobs")


def _jobs(scope: Scope, sources: tuple[JobSource, ...] = SOURCES) -> list[Job]:
    found = [job for source in sources for job in source.jobs(scope)]
    known = {(row.source, row.ref): row.user for row in JobSeen.objects.filter(ref__in=[job.ref for job in found]).select_related("user")}
    for job in found:
        if user := known.get((job.source, job.ref)):
            job.seen_by = user.get_full_name() or user.username
    return sorted(found, key=lambda job: job.at, reverse=True)


def _wants_eyes(job: Job) -> bool:
    return job.standing is JobStatus.TROUBLE and not job.seen_by


def _gone(request: OfficeRequest) -> HttpResponse:
    """Answer that the job is not there: already acknowledged or retried, or not visible to this user."""
    messages.info(request, "Ese trabajo ya no está en ese punto: no se hizo nada.")
    return redirect("jobs")


def _asked(request: OfficeRequest) -> Job | None:
    """The job an order is about, if it is as it was seen and this person may see it."""
    source = BY_SLUG.get(request.POST.get("source", ""))
    jobs = _jobs(request.scope, (source,)) if source else []
    for job in jobs:
        if job.ref == request.POST.get("ref"):
            return job
    return None
