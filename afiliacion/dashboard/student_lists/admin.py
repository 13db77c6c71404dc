"""The import and export of enrolments in the admin. By post: an officer's own planteles only."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm

from afiliacion import exports
from afiliacion.dashboard.models import ListExport
from afiliacion.roll.forms import UploadForm
from afiliacion.roll.models import Import
from afiliacion.roll.resource import RollResource
from afiliacion.roll.upload import jobs
from students.admin import EnrolmentAdmin
from students.models import Enrolment
from students.staff import plantel_ids, planteles

#: How an export of this page stands in the record of downloads, and how much of it fits.
EXPORTED: Final = "admin: CURP y NSS completos"
_QUERY: Final = 400

admin.site.unregister(Enrolment)


@admin.register(Enrolment)
class RollAdmin(ImportExportMixin, EnrolmentAdmin):  # type: ignore[misc] # django-import-export has no types
    """Enrolments to look at, with the list's import and export."""

    resource_classes = (RollResource,)
    export_form_class = ExportForm
    import_template_name = "admin/roll/import.html"

    def get_export_formats(self) -> list[Any]:
        return [CSV, XLSX]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Full CURP and NSS leave here: for the coordination only. An officer's lists are downloaded in the office, and recorded there."""
        return plantel_ids(request.user) is None

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """GET: the form. POST: the list is an import like any other; its page shows what it would do, and loads it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = UploadForm(planteles(request.user), request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, self.import_template_name, title="Cargar lista de inscritos", form=form)
        try:
            job = self._brought(request, form.cleaned_data)
        except jobs.AlreadyBrought as other:
            messages.warning(request, str(other))
            job = other.job
        return redirect("upload", job.pk)

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The library's own way to confirm, which has no import to confirm here."""
        return redirect("admin:students_enrolment_import")

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: QuerySet[Enrolment], export_form: ExportForm | None = None
    ) -> HttpResponseBase:
        """The library's last step, as a stream: the rows as they come from the database. Recorded first, in a table that is append-only."""
        (resource,) = (known() for known in self.get_export_resource_classes(request))
        number, ending = queryset.count(), file_format.get_extension()
        if ending == "xlsx" and number > exports.WORKBOOK:
            many = f"Son más de {exports.WORKBOOK:,} inscripciones, demasiadas para un libro de Excel: elija CSV o filtre antes."
            messages.error(request, many)
            return redirect(request.get_full_path())
        ListExport.objects.create(
            user=cast("User", request.user), at=timezone.now(), what=EXPORTED, query=f"{number} inscripciones"[:_QUERY]
        )
        name = PurePath(self.get_export_filename(request, queryset, file_format)).stem
        return exports.download(resource.rows(queryset), name, ending)

    def _brought(self, request: HttpRequest, said: dict[str, Any]) -> Import:
        user = cast("User", request.user)
        return jobs.bring(
            said["import_file"], said["import_file"].name, plantel=said["plantel"], ciclo=said["ciclo"], enrolled_on=said["enrolled_on"],
            owner=user, owner_name=user.get_full_name() or user.get_username(), own=plantel_ids(user), now=timezone.now(),
        )  # fmt: skip

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        known = {**self.admin_site.each_context(request), "opts": self.model._meta, "media": self.media}
        return TemplateResponse(request, template, {**known, **context})
