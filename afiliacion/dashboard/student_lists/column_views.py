"""The columns of a list: what each is (the manual and the template to fill in), and which is which in a list an officer brought."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from afiliacion import exports
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.form_fields import Day, offer
from afiliacion.dashboard.student_lists.views import or_the_same_list
from afiliacion.roll.findings import WrongColumns
from afiliacion.roll.models import Import
from afiliacion.roll.parse import explained_headings
from afiliacion.roll.parse.columns import COLUMNS, bind
from afiliacion.roll.upload import column_choice, rejected_rows

_EXAMPLE: Final = 40


class ColumnsForm(forms.Form):
    """For each column of the roll, which heading of the list it is; and one enrolment date for all, if the list has none."""

    enrolled_on = Day(label="Fecha de inscripción para todos", required=False, help_text="Solo si la lista no la trae.")

    def __init__(self, job: Import, *data: Any) -> None:
        super().__init__(*data)
        self._job = job
        self.fields["enrolled_on"].initial = job.enrolled_on
        self.fields["enrolled_on"].widget.attrs["class"] = "form-control"
        known = explained_headings.given(job) or explained_headings.found(job.headers)
        choices = [("", "No viene en la lista"), *((str(at), _described(job, at)) for at in range(len(job.headers)))]
        for column in COLUMNS:
            field = self.fields[column.name] = forms.ChoiceField(
                label=column.label, required=column.needed and column.name != "fecha_inscripcion"
            )
            offer(self, column.name, choices)
            field.initial = known.get(column.name, "")
            field.widget.attrs["class"] = "form-select"
        # Each is asked beside the other: one of them must be there.
        names = [column.name for column in COLUMNS]
        self.order_fields([*names[: names.index("fecha_inscripcion") + 1], "enrolled_on"])

    @property
    def where(self) -> dict[str, int]:
        """Column name -> position of its heading."""
        return {column.name: int(self.cleaned_data[column.name]) for column in COLUMNS if self.cleaned_data.get(column.name)}

    def clean(self) -> dict[str, Any]:
        used: dict[int, str] = {}
        for name, at in self.where.items():
            if at in used:
                self.add_error(name, f"Ese encabezado ya es «{self.fields[used[at]].label}».")
            used[at] = name
        if not self.errors:
            try:
                bind(self._job.headers, date_given=self.cleaned_data["enrolled_on"] is not None, given=self.where)
            except WrongColumns as refusal:
                self.add_error(None, str(refusal))
        return self.cleaned_data


@require_safe
def manual(request: OfficeRequest) -> HttpResponse:
    """What each column is and how to write it."""
    return render(request, "dashboard/student_lists/columns.html", {"columns": COLUMNS})


@require_safe
def template(request: OfficeRequest, ending: str) -> HttpResponseBase:
    """An empty list to fill in."""
    return exports.download(rejected_rows.template(), "lista-de-inscritos", ending)


@require_http_methods(["GET", "HEAD", "POST"])
@or_the_same_list
def mapping(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """GET: which heading was taken for which column. POST: say otherwise, and have the list checked again."""
    job = get_object_or_404(Import.objects.filter(plantel__in=request.scope.planteles()), pk=upload_id)
    if not column_choice.can_say(job):
        messages.info(request, "Esta lista ya no se puede leer de otra manera: suba el archivo otra vez.")
        return redirect("upload", job.pk)
    form = ColumnsForm(job, request.POST) if request.method == "POST" else ColumnsForm(job)
    if request.method == "POST" and form.is_valid():
        column_choice.say(job, form.where, enrolled_on=form.cleaned_data["enrolled_on"], name=request.scope.actor.name, now=timezone.now())
        return redirect("upload", job.pk)
    context = {"upload": job, "form": form, "told": job.error}
    return render(request, "dashboard/student_lists/mapping.html", context, status=422 if form.is_bound else 200)


def _described(job: Import, at: int) -> str:
    """A heading with an example of what stands under it."""
    example = explained_headings.example(job, at)
    shown = f"{example[:_EXAMPLE]}…" if len(example) > _EXAMPLE else example
    return f"{job.headers[at] or f'(columna {at + 1}, sin encabezado)'}{f' — {shown}' if shown else ''}"
