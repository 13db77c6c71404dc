"""Who IMSS insures under a registro patronal of the school without the office knowing: they have no case here under that number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from afiliacion.cases.models import Case
from afiliacion.dashboard.reconciliation.asked import Asked
from afiliacion.dashboard.reconciliation.remedies import MEANINGS, remedy
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.form_fields import dress
from afiliacion.imss.queue.channels import Channels
from afiliacion.movements.models import AnswerRow
from afiliacion.reconciliation import strangers
from afiliacion.reconciliation.differences import Difference
from afiliacion.reconciliation.models import Attended, InsuredRow
from students import curp, nss
from students.registro_patronal import with_dashes

SIZE: Final = 50
CHUNK: Final = 500
#: Notes of what was done that a page shows.
NOTED: Final = 20
HEADINGS: Final = ("De dónde", "NSS", "CURP", "Nombre en el IMSS", "Desde", "Registro patronal", "Expediente con ese NSS o esa CURP")


class Person(NamedTuple):
    """One person, masked as lists are. `case`: theirs, if the person who looks may see one."""

    pk: int
    source: str
    document_id: int | None
    number: str
    curp: str
    name: str
    since: str
    registro: str
    case: Case | None


class AttendForm(forms.Form):
    """What was done about those chosen."""

    reason = forms.CharField(label="Qué se hizo", max_length=Attended.LONGEST, help_text="Por ejemplo: su baja se capturó en IDSE.")

    def __init__(self, *data: Any) -> None:
        super().__init__(*data)
        dress(self)


def found(difference: Difference, asked: Asked) -> QuerySet[Any]:
    """The rows of one of the two differences that are asked for, of the person who asks."""
    return strangers.only_listed(asked.seen) if difference is Difference.ONLY_LISTED else strangers.strange(asked.seen, asked.ground.lists)


def listing(request: OfficeRequest, difference: Difference, asked: Asked, form: AttendForm | None = None) -> HttpResponse:
    """Those beyond `despues` (an id), and what was done about others."""
    after = request.GET.get("despues", "")
    rows, since = found(difference, asked), int(after) if after.isascii() and after.isdigit() and len(after) <= 18 else 0
    page = list(rows.filter(pk__gt=since).order_by("pk")[: SIZE + 1])
    is_strange = difference is Difference.STRANGE
    context = {
        "difference": difference, "asked": asked, "meaning": MEANINGS[difference], "total": rows.count(),
        "remedy": remedy(difference, Channels()), "persons": _persons(asked, page[:SIZE]),
        "next": page[SIZE - 1].pk if len(page) > SIZE else None, "is_strange": is_strange, "form": form or AttendForm(),
        "attended": strangers.attended(asked.answered_for)[:NOTED] if is_strange else (), "headings": HEADINGS,
    }  # fmt: skip
    return render(request, "dashboard/reconciliation/persons.html", context, status=422 if form else 200)


def lines(difference: Difference, asked: Asked) -> Iterator[list[str]]:
    """All of them as a file has them, a piece at a time."""
    yield list(HEADINGS)
    last = 0
    while page := list(found(difference, asked).filter(pk__gt=last).order_by("pk")[:CHUNK]):
        for each in _persons(asked, page):
            folio = each.case.folio if each.case else ""
            yield [each.source, each.number, each.curp, each.name, each.since, with_dashes(each.registro), folio]
        last = page[-1].pk


def _persons(asked: Asked, rows: Sequence[InsuredRow] | Sequence[AnswerRow]) -> list[Person]:
    said = [_listed(row) if isinstance(row, InsuredRow) else _answered(row) for row in rows]
    cases = _cases(asked, said)
    return [
        each._replace(number=nss.masked(each.number), curp=curp.masked(each.curp) if each.curp else "", case=_case(each, cases))
        for each in said
    ]


def _listed(row: InsuredRow) -> Person:
    source = f"Lista del {row.list.on:%d/%m/%Y}, fila {row.line}"
    return Person(row.pk, source, None, row.nss, row.curp, row.name, _day(row.since), row.list.registro, None)


def _answered(row: AnswerRow) -> Person:
    said = row.said
    name = str(said.get("nombre_sindo") or said.get("nombre") or "")
    since = _day(dt.date.fromisoformat(said["fecha"]))
    number, registro = str(said["nss"]), str(said.get("registro_patronal") or getattr(row, "under", ""))
    return Person(row.pk, f"Renglón {row.position}", row.document_id, number, str(said.get("curp", "")), name, since, registro, None)


def _day(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _cases(asked: Asked, said: Iterable[Person]) -> dict[str, Case]:
    """The last case of each, by NSS and by CURP, of those the person may see."""
    numbers, curps = {each.number for each in said}, {each.curp for each in said} - {""}
    cases = asked.scope.cases().filter(Q(student__nss__in=numbers) | Q(student__curp__in=curps)).select_related("student").order_by("pk")
    return {key: case for case in cases for key in (case.student.nss, case.student.curp) if key}


def _case(each: Person, cases: dict[str, Case]) -> Case | None:
    return cases.get(each.number) or cases.get(each.curp)


@require_POST
def attend(request: OfficeRequest) -> HttpResponse:
    """Note what was done about the chosen ones: they are no difference any more."""
    asked, form = Asked.of(request.POST, request.scope), AttendForm(request.POST)
    if not form.is_valid():
        return listing(request, Difference.STRANGE, asked, form)
    chosen = [int(text) for text in request.POST.getlist("renglon")[:SIZE] if text.isascii() and text.isdigit() and len(text) <= 18]
    n = strangers.attend(chosen, asked.answered_for, asked.ground.lists, form.cleaned_data["reason"], act=request.scope.act(timezone.now()))
    if n:
        messages.success(request, f"Listo: {n} quedan como atendidos, con su nombre y lo que se hizo.")
    else:
        messages.error(request, "Elija al menos a una persona que siga pendiente.")
    return redirect("reconciliation-list", Difference.STRANGE.value)


@require_POST
def forget(request: OfficeRequest, attended_id: int) -> HttpResponse:
    """Take back that one was seen to."""
    asked = Asked.of(request.POST, request.scope)
    if strangers.forget(attended_id, asked.answered_for):
        messages.success(request, "Listo: vuelve a estar pendiente.")
    else:
        messages.info(request, "Ya estaba pendiente.")
    return redirect("reconciliation-list", Difference.STRANGE.value)
