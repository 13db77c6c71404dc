"""The cases of one difference: a page of them, with what ends it; and all of them as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.states import Coverage, State
from afiliacion.dashboard.models import ListExport
from afiliacion.dashboard.reconciliation import person_lists
from afiliacion.dashboard.reconciliation.asked import Asked
from afiliacion.dashboard.reconciliation.remedies import MEANINGS, remedy
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.sql import Sql
from afiliacion.dashboard.worklist import columns
from afiliacion.dashboard.worklist.bulk_views import MOST
from afiliacion.dashboard.worklist.filters import Filters, Flag
from afiliacion.dashboard.worklist.row import ListRow, read
from afiliacion.exports import WORKBOOK, download
from afiliacion.imss.queue.channels import Channels
from afiliacion.reconciliation.details import Detail, details
from afiliacion.reconciliation.differences import OF_CASES, Difference
from students.registro_patronal import with_dashes

SIZE: Final = 50
#: Cases read at a time while a file is written.
CHUNK: Final = 500
_SHOWN: Final = ("matricula", "plantel", "estado", "alta")


class Row(NamedTuple):
    """A case, the registro patronal it is about, and what is known of it."""

    case: ListRow
    under: str
    detail: Detail


@require_safe
def listing(request: OfficeRequest, what: str) -> HttpResponse:
    """The cases beyond `despues` (an id) or before `antes`, and what ends the difference."""
    difference, asked = of_slug(what), Asked.of(request.GET, request.scope)
    if difference not in OF_CASES:
        return person_lists.listing(request, difference, asked)
    after, before = _id(request.GET.get("despues", "")), _id(request.GET.get("antes", ""))
    pairs = _beyond(asked, difference, after, before, SIZE + 1)
    rows, more = _rows(asked, difference, pairs[:SIZE]), len(pairs) > SIZE
    context = {
        "difference": difference, "asked": asked, "meaning": MEANINGS[difference], "total": asked.cases(difference).count(),
        "rows": _drawn(asked, rows), "columns": _columns(asked),
        **_neighbours(rows, more=more, after=after, before=before), **_remedy(asked, difference), "groups": _groups(asked, difference),
    }  # fmt: skip
    return render(request, "dashboard/reconciliation/cases.html", context)


def of_slug(what: str) -> Difference:
    """The difference of an address. Raises Http404."""
    if what not in Difference.values:
        raise Http404
    return Difference(what)


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _beyond(asked: Asked, difference: Difference, after: int, before: int, size: int) -> list[tuple[int, str]]:
    """(case id, registro) of so many cases beyond `after`, or before `before`, the nearest first."""
    found = asked.cases(difference)
    found = found.filter(pk__lt=before).order_by("-pk") if before else found.filter(pk__gt=after).order_by("pk")
    today, on = asked.ground.today, asked.ground.registros.on
    return [(pk, under or on(plantel_id, today)) for pk, under, plantel_id in found.values_list("pk", "under", "plantel_id")[:size]]


def _rows(asked: Asked, difference: Difference, pairs: Sequence[tuple[int, str]]) -> list[Row]:
    """The rows of these cases, by id."""
    if not pairs:
        return []
    under, ids = dict(pairs), [pk for pk, _ in pairs]
    cases = read(Sql("SELECT unnest(%s::bigint[])", (ids,)), Sql("ORDER BY c.id"), asked.scope.plantel_ids, assigned=False)
    known = details(difference, ids)
    return [Row(case, under[case.pk], known.get(case.pk, Detail(""))) for case in cases]


def _neighbours(rows: Sequence[Row], *, more: bool, after: int, before: int) -> dict[str, int | None]:
    """The ids from which the pages beside this one are read."""
    if not rows:
        return {"previous": None, "next": None}
    first, last = rows[0].case.pk, rows[-1].case.pk
    return {"previous": first if (more if before else after) else None, "next": last if before or more else None}


def _columns(asked: Asked) -> list[columns.ListColumn]:
    several = asked.scope.plantel_ids is None or len(asked.scope.plantel_ids) > 1
    return [columns.BY_SLUG["alumno"], *(columns.BY_SLUG[slug] for slug in _SHOWN if several or slug != "plantel")]


def _drawn(asked: Asked, rows: Sequence[Row]) -> list[tuple[Row, list[tuple[str, SafeString, SafeString]]]]:
    """Each row with its cells: class, heading as an attribute, content. Escaped by the columns themselves."""
    shown, today = _columns(asked), asked.ground.today
    return [(row, [(f"cases-{c.slug}", SafeString(c.heading), SafeString(c.cell(row.case, today))) for c in shown]) for row in rows]


def _remedy(asked: Asked, difference: Difference) -> dict[str, Any]:
    """What ends the difference; what is done to many needs its form, and to all of them what each was when it was seen."""
    channels = Channels()
    found = remedy(difference, channels)
    context: dict[str, Any] = {"remedy": found, "channels": channels, "flag": _flag(asked, difference)}
    if found.many is None:
        return context
    form = found.many.form(today=asked.scope.day(timezone.now()), prefix=found.many.slug)
    form.use_required_attribute = False
    everyone = asked.cases(difference).order_by("pk").values_list("pk", "version")[:MOST] if found.for_all else ()
    return context | {"form": form, "seen": " ".join(f"{pk}:{version}" for pk, version in everyone), "most": MOST}


def _flag(asked: Asked, difference: Difference) -> str:
    """The same cases in the work list, as its query; "" if it cannot ask for them."""
    if difference is not Difference.BAJA_TO_SEND or asked.registro:
        return ""
    return Filters(bandera=Flag.BAJA_TO_SEND.value, ciclo=str(asked.ciclo or "")).query


def _groups(asked: Asked, difference: Difference) -> list[tuple[str, int, str]]:
    """Where those without alta stand, by ciclo: in words, how many, and the work list (query) that has them."""
    if difference is not Difference.WITHOUT_ALTA:
        return []
    counts = asked.cases(difference).order_by().values_list("ciclo", "state").annotate(n=Count("pk"))
    return [
        (f"{State(state).label}, ciclo {asked.ground.ciclos[ciclo]}", n, _where(state, ciclo).query)
        for ciclo, state, n in sorted(counts, key=lambda row: (list(asked.ground.ciclos).index(row[0]), list(State).index(State(row[1]))))
    ]


def _where(state: str, ciclo: int) -> Filters:
    return replace(Filters(estado=state, ciclo=str(ciclo)), cobertura=Coverage.NONE.value)


@require_POST
def as_file(request: OfficeRequest, what: str, ending: str) -> HttpResponseBase:
    """The whole list as a file for a spreadsheet; who took it is written down first."""
    difference, asked = of_slug(what), Asked.of(request.POST, request.scope)
    total = asked.cases(difference).count() if difference in OF_CASES else person_lists.found(difference, asked).count()
    if ending == "xlsx" and total > WORKBOOK:
        messages.error(request, f"Son más de {WORKBOOK:,}, demasiados para un libro de Excel: descárguelos como CSV.")
        return redirect(f"{reverse('reconciliation-list', args=[what])}?{asked.query}")
    ListExport.objects.create(user=request.user, at=timezone.now(), what="conciliación", query=f"{what} {asked.query}".strip()[:400])
    lines = _lines(asked, difference) if difference in OF_CASES else person_lists.lines(difference, asked)
    return download(lines, f"conciliacion-{what}-{asked.ground.today:%Y%m%d}", ending)


def _lines(asked: Asked, difference: Difference) -> Iterator[list[str]]:
    """The list with its headings, a piece at a time: its length costs no memory."""
    said = [each for column in _columns(asked) for each in column.said]
    yield [*(heading for heading, _ in said), "Registro patronal", "Qué se sabe"]
    last = 0
    while True:
        pairs = _beyond(asked, difference, last, 0, CHUNK)
        for row in _rows(asked, difference, pairs):
            yield [*(text(row.case) for _, text in said), with_dashes(row.under), row.detail.text]
        if len(pairs) < CHUNK:
            return
        last = pairs[-1][0]
