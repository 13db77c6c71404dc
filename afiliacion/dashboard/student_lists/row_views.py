"""The rows of a list: content, findings, result once loaded; and the students the list does not bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from afiliacion.cases.models import ConsentRequest
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.student_lists.remarks import SHOWN, labelled
from afiliacion.dashboard.student_lists.views import upload_of
from afiliacion.roll.check import comparing
from afiliacion.roll.models import Absent, Import, Row, RowKind, Severity

#: Not a kind of row: the rows that are warned of, and those enrolled whom the list does not name.
_WARNED: Final = "warned"
_MISSING: Final = "missing"


@require_safe
def rows(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """Row by row, of the kind asked for (`clase`); `desde` is the last one already seen."""
    job = upload_of(request, upload_id)
    since = request.GET.get("desde", "")
    after, kind = int(since) if since.isascii() and since.isdigit() and len(since) < 10 else 0, request.GET.get("clase", "")
    context = {"upload": job, "kind": kind, "kinds": _kinds(job, kind), "missing": kind == _MISSING}
    shown = _missing(job, after) if kind == _MISSING else _told(job, _found(job, kind, after))
    return render(request, "dashboard/student_lists/rows.html", {**context, **shown})


def _kinds(job: Import, kind: str) -> list[tuple[str, str, int | None]]:
    """What can be asked for: value, label and how many; only what there is."""
    counted: list[tuple[str, str, int | None]] = [(value, label, job.counts.get(value, 0)) for value, label in RowKind.choices]
    warned = job.findings.filter(severity=Severity.WARNING).exists()
    offered = [*counted, (_WARNED, "Con aviso", None if warned else 0), (_MISSING, "No vienen en la lista", job.counts.get(_MISSING, 0))]
    return [("", "Todas", sum(n or 0 for _, _, n in counted)), *(each for each in offered if each[2] != 0 or each[0] == kind)]


def _found(job: Import, kind: str, after: int) -> QuerySet[Row]:
    found = job.rows.filter(line__gt=after).order_by("line")
    if kind == _WARNED:
        warned = job.findings.filter(severity=Severity.WARNING, line__gt=after).order_by("line").values_list("line", flat=True).distinct()
        return found.filter(line__in=list(warned[: SHOWN + 1]))
    return found.filter(kind=kind) if kind in RowKind.values else found


def _told(job: Import, found: QuerySet[Row]) -> dict[str, Any]:
    page = list(found[: SHOWN + 1])
    shown = page[:SHOWN]
    fates = [{**told, "row": row} for row, told in zip(shown, _fates(job, shown), strict=True)]
    return {"rows": fates, "more": shown[-1].line if len(page) > SHOWN else None}


def _missing(job: Import, after: int) -> dict[str, Any]:
    page: list[Absent] = list(job.absent.filter(position__gt=after)[: SHOWN + 1])
    return {"rows": page[:SHOWN], "more": page[SHOWN - 1].position if len(page) > SHOWN else None}


def _fates(job: Import, page: list[Row]) -> Iterator[dict[str, Any]]:
    """For each line: whether it is in the registry by this import, its changes, what was said of it, and what became of a request."""
    said: dict[int, list[str]] = defaultdict(list)
    lines, answers = [row.line for row in page], _answers(job, page)
    for finding in job.findings.filter(line__in=lines):
        label = labelled(finding.column)
        said[finding.line].append(f"{label}: {finding.reason}" if label else finding.reason)
    for change in job.changes.filter(line__in=lines, kept=False):
        old, new = comparing.shown(change.column, change.old), comparing.shown(change.column, change.new)
        said[change.line].append(f"{labelled(change.column)}: «{old or '(vacío)'}» → «{new}»")
    chunks = list(job.chunks.filter(applied_at__isnull=False, undone_at=None).values_list("first_line", "last_line"))
    refused = set(job.findings.filter(line__in=lines, severity=Severity.REFUSED).values_list("line", flat=True))
    for row in page:
        applied = row.line not in refused and any(first <= row.line <= last for first, last in chunks)
        yield {"said": said[row.line], "applied": applied, "answer": answers.get(row.curp_key, "") if applied else ""}


def _answers(job: Import, page: list[Row]) -> dict[str, str]:
    """Where the requests stand that lists of this plantel and ciclo made for these rows' persons: CURP -> in words."""
    people = {row.curp_key for row in page if row.to_do}
    asked = ConsentRequest.objects.filter(plantel=job.plantel_id, ciclo=job.ciclo_id, curp__in=people).order_by("pk")
    return {request.curp: request.answer for request in asked} if people and job.confirmed_at else {}
