"""The work list: find, choose columns, keep a list by name, take it away as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from html import escape as e
from typing import Final, NamedTuple

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from afiliacion.cases.models import NEVER, Case, WithoutCurp
from afiliacion.dashboard.case.forms import ActionForm
from afiliacion.dashboard.models import ListExport, SavedView
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.worklist import columns, pagination, without_curp
from afiliacion.dashboard.worklist.bulk_actions import MANY, Many
from afiliacion.dashboard.worklist.filters import FilterForm, Offered
from afiliacion.dashboard.worklist.list_query import Place
from afiliacion.dashboard.worklist.list_request import ListRequest
from afiliacion.dashboard.worklist.row import ListRow
from afiliacion.database.batch_queries import Batch
from afiliacion.documents.kinds import catalogue as kinds
from afiliacion.exports import WORKBOOK, download
from afiliacion.imss.models import ImssSettings, LoteRegistro, Outage
from afiliacion.imss.queue.channels import OF_PLANTELES, Channels, PlantelChannels
from afiliacion.imss.rate import circuit_breaker
from students.models import RegistroPatronal

_PRINT: Final = "imprimir"
#: Cases read at a time while a file is written.
CHUNK: Final = 500


class _ImssRows(NamedTuple):
    """What the list says of IMSS: the outage going on, if any, the settings, and by which channel the planteles' movements go."""

    outages: list[Outage]
    settings: list[ImssSettings]
    lotes: list[LoteRegistro]
    registros: list[RegistroPatronal]


_IMSS: Final = Batch(
    _ImssRows, outages=circuit_breaker.going_on(), settings=ImssSettings.objects.all(), lotes=LoteRegistro.objects.all(),
    registros=OF_PLANTELES,
)  # fmt: skip


@require_safe
def worklist(request: OfficeRequest) -> HttpResponse:
    asked, imss = ListRequest.beside(request.GET, request.scope, _IMSS)
    today = request.scope.day(timezone.now())
    page, total, exact = pagination.Page([]), 0, True
    if asked.listing:
        page = pagination.page(
            asked.listing, after=request.GET.get("despues", ""), before=request.GET.get("antes", ""), assigned=asked.assigned
        )
        total, exact = pagination.total(asked.listing, page)
    without = _without_curp(request, asked)
    if "ir" in request.GET and (only := _only(page, without)):
        # A user who looked for one person from any page, and found them, wants to see them.
        return redirect(*only)
    channels = PlantelChannels(Channels(imss.settings[0], imss.lotes), imss.registros)
    offered = _offered(page.rows, channels)
    slugs = _slugs(offered, channels)
    context = {
        "form": asked.form, "filters": asked.filters, "page": page, "total": total, "exact": exact, "columns": asked.columns,
        "rows": SafeString("".join(_row(case, asked.columns, slugs(*_stand(case)), today) for case in page.rows)),
        "bulk": _panels(offered, today), "beyond": bool(page.next or page.previous),
        "views": [view for view in asked.views if view.name], "own_id": request.scope.user.pk,
        "column_choices": _column_choices(tuple(column.slug for column in asked.columns), several=asked.several),
        "outage": next(iter(imss.outages), None), "without": without,
    }  # fmt: skip
    if _wants_rows(request):
        here = reverse("worklist") + (f"?{asked.filters.query}" if asked.filters.query else "")
        return push_url(render(request, "dashboard/worklist/_cases_alone.html", context), here)
    return render(request, "dashboard/worklist/page.html", context | {"choices": _choices(asked.form.chosen, asked.form.offered)})


def _without_curp(request: OfficeRequest, asked: ListRequest) -> list[WithoutCurp]:
    """Who has no CURP and is looked for; on the first page of a search alone."""
    filters = asked.filters
    first = asked.listing and not (request.GET.get("despues") or request.GET.get("antes"))
    return without_curp.matching(request.scope, filters.q, plantel=filters.plantel, ciclo=filters.ciclo) if first and filters.q else []


def _only(page: pagination.Page, without: list[WithoutCurp]) -> tuple[str, int] | None:
    """The page of the one person that was found, if it was one."""
    if page.next or page.previous or len(page.rows) + len(without) != 1:
        return None
    return ("case", page.rows[0].pk) if page.rows else ("without-curp-person", without[0].pk)


@require_safe
def grupos(request: OfficeRequest) -> HttpResponse:
    """The groups of one plantel, to choose from while one types; of a whole university they would be thousands."""
    asked = ListRequest.of(request.GET, request.scope)
    plantel = asked.filters.plantel or (str(asked.form.planteles[0][0]) if len(asked.form.planteles) == 1 else "")
    cases = request.scope.cases().filter(plantel=int(plantel)) if plantel else Case.objects.none()
    if asked.filters.ciclo:
        cases = cases.filter(ciclo=int(asked.filters.ciclo))
    names = cases.exclude(grupo="").order_by("grupo").values_list("grupo", flat=True).distinct()[:200]
    return render(request, "dashboard/worklist/_grupos.html", {"grupos": list(names)})


@require_POST
def export(request: OfficeRequest, ending: str) -> HttpResponseBase:
    """Exactly this list with its columns, as a file for a spreadsheet; who took it is written down first."""
    asked = own_list(request)
    if asked.listing is None:
        return redirect("worklist")
    if ending == "xlsx" and asked.listing.count(WORKBOOK + 1) > WORKBOOK:
        messages.error(request, f"Son más de {WORKBOOK:,} expedientes, demasiados para un libro de Excel: descárguelos como CSV.")
        return redirect(address(asked))
    ListExport.objects.create(user=request.user, at=timezone.now(), what="expedientes", query=asked.filters.query[:400])
    return download(_lines(asked), f"expedientes-{timezone.localdate():%Y%m%d}", ending)


def _lines(asked: ListRequest) -> Iterator[list[str]]:
    """The list with its headings, row by row as it is read: its length costs no memory."""
    said = [each for column in asked.columns for each in column.said]
    yield [heading for heading, _ in said]
    place: Place | None = None
    while asked.listing:
        rows = asked.listing.page(place, back=False, size=CHUNK, assigned=asked.assigned)
        yield from ([text(case) for _, text in said] for case in rows)
        if len(rows) < CHUNK:
            return
        place = Place(rows[-1].due_on or NEVER, rows[-1].pk)


@require_POST
def save_view(request: OfficeRequest) -> HttpResponse:
    """Keep this list and its columns by a name, for oneself or for a plantel; without a name, only how one's lists look."""
    asked = own_list(request)
    name = request.POST.get("nombre", "").strip()[:60]
    slugs = [slug for slug in request.POST.getlist("columna") if slug in columns.BY_SLUG]
    shared = asked.form.planteles[0][0] if request.POST.get("compartir") and len(asked.form.planteles) == 1 and name else None
    query = asked.filters.query if name else ""
    if len(query) > 400:
        messages.error(request, "Esa búsqueda es demasiado larga para guardarla.")
        return redirect(address(asked))
    try:
        with transaction.atomic():
            view, _ = SavedView.objects.update_or_create(
                owner=request.user, name=name, defaults={"query": query, "columns": slugs, "plantel_id": shared}
            )
    except IntegrityError:  # the other tab was first, with the same name
        view = SavedView.objects.get(owner=request.user, name=name)
    messages.success(request, f"Vista guardada: {name}." if name else "Listo: así se verán sus listas.")
    return redirect(f"{reverse('worklist')}?{query}&vista={view.pk}" if name else address(asked))


@require_POST
def drop_view(request: OfficeRequest, view_id: int) -> HttpResponse:
    view = SavedView.objects.filter(pk=view_id, owner=request.user).first()
    if view is not None:
        view.delete()
        messages.success(request, f"Vista borrada: {view.name}.")
    else:
        messages.info(request, "Esa vista ya no está.")
    return redirect("worklist")


def own_list(request: OfficeRequest) -> ListRequest:
    """The list an order was given from, rebuilt from what its filters say; never an address taken as it came."""
    return ListRequest.of(QueryDict(request.POST.get("lista", "")[:2000]), request.scope)


def address(asked: ListRequest) -> str:
    query = asked.filters.query if asked.listing else ""
    return f"{reverse('worklist')}?{query}" if query else reverse("worklist")


@lru_cache(maxsize=128)
def _choices(chosen: str, offered: Offered) -> SafeString:
    """Render the filters with fixed choices, cached by those choices. Typed text is rendered anew each time: it is personal
    data and must not stay in the process."""
    return render_to_string("dashboard/worklist/_choices.html", {"form": FilterForm(QueryDict(chosen), *offered)})


@lru_cache(maxsize=32)
def _column_choices(shown: tuple[str, ...], *, several: bool) -> SafeString:
    """The columns a list can have, to choose from; the same for most."""
    return render_to_string("dashboard/worklist/_column_choices.html", {"columns": columns.offered(several=several), "shown": shown})


def _wants_rows(request: OfficeRequest) -> bool:
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def _stand(row: ListRow) -> tuple[int, str, bool]:
    """What the actions that a row allows depend on: its plantel (id), its state, whether it is held."""
    return row.plantel_id, row.state, row.held_since is not None


def _offered(rows: list[ListRow], channels: PlantelChannels) -> tuple[Many, ...]:
    """The actions at least one row allows."""
    stands = {_stand(row) for row in rows}
    return tuple(many for many in MANY if any(_fits(many, channels, *stand) for stand in stands))


def _fits(many: Many, channels: PlantelChannels, plantel_id: int, state: str, held: bool) -> bool:
    return many.fits(state, held=held) and any(many.channel.suits(automatic=each) for each in channels.automatic(plantel_id))


def _slugs(offered: tuple[Many, ...], channels: PlantelChannels) -> Callable[[int, str, bool], str]:
    """What a row allows of the actions offered, by how it stands; paper is always to be had."""

    @cache
    def slugs(plantel_id: int, state: str, held: bool) -> str:
        return " ".join([*(many.slug for many in offered if _fits(many, channels, plantel_id, state, held)), _PRINT])

    return slugs


@lru_cache(maxsize=32)
def _panels(offered: tuple[Many, ...], today: dt.date) -> SafeString:
    """The actions offered, each with its empty form: the same for everybody all day, and a fifth of what a list costs to draw."""
    bulk = [(many, _fields_of(many, today)) for many in offered]
    return render_to_string("dashboard/worklist/_bulk.html", {"bulk": bulk, "printable": kinds.ABOUT_CASES})


def _fields_of(many: Many, today: dt.date) -> ActionForm:
    """All actions share one form of the page: what one of them needs must not hold the others back. The server asks for it."""
    form = many.form(today=today, prefix=many.slug)
    form.use_required_attribute = False
    return form


def _row(case: ListRow, shown: list[columns.ListColumn], slugs: str, today: dt.date) -> str:
    """One row of the table; `slugs` is what its state allows, for the script that greys out the rest."""
    box = (
        '<td class="cases-check"><label class="hit"><input type="checkbox" class="form-check-input" name="caso" '
        f'value="{case.pk:d}:{case.version:d}" data-actions="{e(slugs)}">'
        f'<span class="visually-hidden">Elegir a {e(case.list_name)}</span></label></td>'
    )
    cells = "".join(f'<td class="cases-{column.slug}"{column.heading}>{column.cell(case, today)}</td>' for column in shown)
    return f"<tr>{box}{cells}</tr>"
