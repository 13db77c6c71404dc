"""Lists of who IMSS says is insured under a registro patronal: brought, compared, discarded. Nothing is applied by them."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from afiliacion.dashboard.reconciliation.asked import Asked
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.form_fields import Day, dress, not_ahead, offer
from afiliacion.reconciliation.insured import keeping
from afiliacion.reconciliation.insured.keeping import NotKept
from afiliacion.reconciliation.insured.reading import COLUMNS, MOST
from afiliacion.reconciliation.models import InsuredList
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.parse.reading import ENDINGS
from students.registro_patronal import with_dashes

#: Lists shown, the last ones first.
LATEST: Final = 20


class InsuredForm(forms.Form):
    """Which list, of which registro patronal, of which day."""

    registro = forms.ChoiceField(label="Registro patronal")
    on = Day(label="De qué día es la lista", help_text="El día del que habla el IMSS, no el de hoy.")
    file = forms.FileField(label="Lista", help_text="Excel (.xlsx), OpenDocument (.ods) o texto (.csv, .txt), con el NSS de cada quien.")

    def __init__(self, asked: Asked, *data: Any) -> None:
        super().__init__(*data)
        self._today = asked.ground.today
        offer(self, "registro", [(each, with_dashes(each)) for each in sorted(asked.answered_for)])
        dress(self)
        self.fields["file"].widget.attrs["accept"] = ",".join(ENDINGS)

    def clean_on(self) -> Any:
        return not_ahead(self.cleaned_data["on"], self._today)


@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: OfficeRequest) -> HttpResponse:
    """GET: the form and the lists. POST: keep the list, and compare."""
    asked = Asked.of(request.GET, request.scope)
    if request.method != "POST":
        return _page(request, asked, InsuredForm(asked))
    form = InsuredForm(asked, request.POST, request.FILES)
    if form.is_valid():
        try:
            kept = _bring(request, form.cleaned_data)
        except (UnreadableFile, NotKept) as why:
            form.add_error("file", str(why))
        else:
            messages.success(request, f"Listo: {kept.count:,} asegurados comparados. Nada se cambió en ningún expediente.")
            return redirect("insured-lists")
    return _page(request, asked, form, status=422)


def _bring(request: OfficeRequest, said: dict[str, Any]) -> InsuredList:
    act = request.scope.act(timezone.now())
    return keeping.bring(said["file"], said["file"].name or "lista", registro=said["registro"], on=said["on"], act=act)


@require_POST
def discard(request: OfficeRequest, list_id: int) -> HttpResponse:
    """Forget whom a list names: it is compared with nothing any more."""
    found = get_object_or_404(_seen(Asked.of(request.GET, request.scope)), pk=list_id)
    if keeping.discard(found.pk, act=request.scope.act(timezone.now())):
        messages.success(request, "Listo: la lista quedó descartada y sus renglones se borraron.")
    else:
        messages.info(request, "Esa lista ya no se comparaba.")
    return redirect("insured-lists")


def _seen(asked: Asked) -> QuerySet[InsuredList]:
    return InsuredList.objects.filter(registro__in=asked.answered_for)


def _page(request: OfficeRequest, asked: Asked, form: InsuredForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "lists": _seen(asked)[:LATEST], "columns": [column.label for column in COLUMNS], "most": MOST,
        "may_bring": bool(asked.answered_for),
    }  # fmt: skip
    return render(request, "dashboard/reconciliation/insured.html", context, status=status)
