"""The import and export of enrolments in the admin: upload, preview, confirm. By post: an officer's own planteles only."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm
from tablib import Dataset

from afiliacion.roll import holding, load, telling
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.forms import ConfirmForm, UploadForm, token
from afiliacion.roll.resource import RollResource
from students.admin import EnrolmentAdmin
from students.models import Ciclo, Enrolment, Plantel
from students.staff import plantel_ids, planteles

#: Remarks of each kind on the preview page; the file of bad rows has them all.
SHOWN: Final = 200


class SafeCSV(CSV):  # type: ignore[misc] # django-import-export has no types
    """The resource has made every cell safe; the library's own escape would cut signs off."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> Any:
        return dataset.export("csv")


class SafeXLSX(XLSX):  # type: ignore[misc] # django-import-export has no types
    """Likewise."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> Any:
        return dataset.export("xlsx")


admin.site.unregister(Enrolment)


@admin.register(Enrolment)
class RollAdmin(ImportExportMixin, EnrolmentAdmin):  # type: ignore[misc] # django-import-export has no types
    """Enrolments to look at, with the list's import and export."""

    resource_classes = (RollResource,)
    export_form_class = ExportForm
    to_encoding = "utf-8-sig"
    import_template_name = "admin/roll/import.html"
    preview_template_name = "admin/roll/preview.html"

    def get_export_formats(self) -> list[Any]:
        return [SafeCSV, SafeXLSX]

    def get_urls(self) -> list[Any]:
        bad_rows = path("import/errores/", self.admin_site.admin_view(self.bad_rows), name="students_enrolment_bad_rows")
        return [bad_rows, *super().get_urls()]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """GET: the form. POST: what the list would do; nothing is written."""
        self._check_post(request)
        form = UploadForm(planteles(request.user), request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, self.import_template_name, title="Cargar lista de inscritos", form=form)
        file, now = form.cleaned_data["import_file"], timezone.now()
        said = {
            "held": holding.hold(file.read(), now=now), "name": file.name, "user": request.user.pk,
            "plantel": form.cleaned_data["plantel"].pk, "ciclo": form.cleaned_data["ciclo"].pk,
            "enrolled_on": str(form.cleaned_data["enrolled_on"] or ""),
        }  # fmt: skip
        try:
            preview = load.preview(holding.held(said["held"]), said["name"], **self._where(request, said))
        except UnreadableFile as refusal:
            holding.release(said["held"])
            form.add_error("import_file", str(refusal))
            return self._page(request, self.import_template_name, title="Cargar lista de inscritos", form=form)
        return self._preview_page(request, preview, said)

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Load the good rows of the list previewed."""
        self._check_post(request)
        try:
            said = self._confirmed(request)
            where = self._where(request, said)
            actor = load.importer(said["name"], request.user.get_username(), request.user.pk)
            report = load.apply(holding.held(said["held"]), said["name"], **where, actor=actor, now=timezone.now())
        except UnreadableFile as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:students_enrolment_import")
        holding.release(said["held"])
        told = " ".join(telling.done_lines(report.done))
        _log(request, where["plantel"], f"Carga de {said['name']}. {told}")
        messages.success(request, f"{said['name']}: {told}")
        return redirect("admin:students_enrolment_changelist")

    @method_decorator(require_POST)
    def bad_rows(self, request: HttpRequest) -> HttpResponse:
        """The rows of the list previewed that are not taken, with their reasons, to mend and load again."""
        self._check_post(request)
        try:
            said = self._confirmed(request)
            preview = load.preview(holding.held(said["held"]), said["name"], **self._where(request, said))
        except UnreadableFile as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:students_enrolment_import")
        # Excel takes a CSV for UTF-8 only with the mark.
        body = telling.bad_rows_csv(preview).encode("utf-8-sig")
        return HttpResponse(body, content_type="text/csv", headers={"Content-Disposition": 'attachment; filename="errores.csv"'})

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Enrolment], **kwargs: Any) -> Any:
        """The file exported; who took full CURP and NSS out is written down."""
        data = super().get_export_data(file_format, request, queryset, **kwargs)
        _log(request, None, f"Exportó {queryset.count()} inscripciones con CURP y NSS.")
        return data

    def _check_post(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _confirmed(self, request: HttpRequest) -> dict[str, Any]:
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            raise UnreadableFile(form.errors["token"][0])
        said: dict[str, Any] = form.cleaned_data["token"]
        if said["user"] != request.user.pk:
            raise PermissionDenied
        return said

    def _where(self, request: HttpRequest, said: dict[str, Any]) -> dict[str, Any]:
        """Where the list goes, asked anew: a post may have been taken away since the preview."""
        return {
            "plantel": get_object_or_404(planteles(request.user), pk=said["plantel"]),
            "ciclo": get_object_or_404(Ciclo, pk=said["ciclo"]),
            "enrolled_on": dt.date.fromisoformat(said["enrolled_on"]) if said["enrolled_on"] else None,
            "today": timezone.localdate(),
            "own": plantel_ids(request.user),
        }

    def _preview_page(self, request: HttpRequest, preview: load.Preview, said: dict[str, Any]) -> HttpResponse:
        return self._page(
            request, self.preview_template_name, title=f"Vista previa de {preview.filename}", preview=preview,
            good=preview.counts.new + preview.counts.changed, shown=SHOWN, confirm=ConfirmForm(initial={"token": token(said)}),
            errors=[telling.finding_line(finding) for finding in preview.errors[:SHOWN]],
            warnings=[telling.finding_line(finding) for finding in preview.warnings[:SHOWN]],
            changes=[telling.change_line(change) for change in preview.changes],
        )  # fmt: skip

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        known = {**self.admin_site.each_context(request), "opts": self.model._meta, "media": self.media}
        return TemplateResponse(request, template, {**known, **context})


def _log(request: HttpRequest, plantel: Plantel | None, message: str) -> None:
    """One line in the admin's own log."""
    model = Plantel if plantel else Enrolment
    LogEntry.objects.create(
        user_id=cast("int", request.user.pk), content_type=ContentType.objects.get_for_model(model),
        object_id=str(plantel.pk) if plantel else None,
        object_repr=str(plantel or "Inscripciones"), action_flag=CHANGE, change_message=message,
    )  # fmt: skip
