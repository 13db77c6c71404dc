"""The registry in the admin: planteles, ciclos and calendars to keep; students and enrolments only to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from students import curp, nss
from students.form_fields import RegistroField
from students.models import Calendar, Ciclo, Enrolment, NonWorkingDay, Plantel, RegistroPatronal, Student
from students.names import search_key
from students.registro_patronal import doubt
from students.staff import planteles

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    ModelForm = forms.ModelForm[RegistroPatronal]
else:
    # Generic for the type checker only.
    ModelAdmin, TabularInline, ModelForm = admin.ModelAdmin, admin.TabularInline, forms.ModelForm


class DaysInline(TabularInline):
    model = NonWorkingDay
    extra = 0
    ordering = ("date",)


@admin.register(Calendar)
class CalendarAdmin(ModelAdmin):
    list_display = ("clave", "name")
    inlines = (DaysInline,)


@admin.register(Ciclo)
class CicloAdmin(ModelAdmin):
    list_display = ("clave", "starts_on", "ends_on")


class RegistroForm(ModelForm):
    registro = RegistroField()


class RegistrosInline(TabularInline):
    """Registros patronales are added here, and only seen afterwards: Ajustes corrects them, which knows what was sent under each."""

    model = RegistroPatronal
    form = RegistroForm
    extra = 0
    ordering = ("valid_from",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plantel)
class PlantelAdmin(ModelAdmin):
    """A superuser sees all of them; other users those where they have a post."""

    list_display = ("clave", "name", "cct", "registros_patronales", "subdelegacion")
    search_fields = ("clave", "name", "cct")
    inlines = (RegistrosInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plantel]:
        found = super().get_queryset(request) if request.user.is_superuser else planteles(request.user)
        return found.prefetch_related("registros")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for said in filter(None, (doubt(row.registro) for row in formset.new_objects)):
            messages.warning(request, said)

    @admin.display(description="registros patronales")
    def registros_patronales(self, plantel: Plantel) -> str:
        return plantel.registros_told()


class OnlyToLook(ModelAdmin):
    """Personal data, read only: users with a post see those of their planteles, masked."""

    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return planteles(request.user).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Student)
class StudentAdmin(OnlyToLook):
    list_display = ("list_name", "masked_curp", "masked_nss", "email")
    fields = (
        "nombre", "primer_apellido", "segundo_apellido", "masked_curp", "masked_nss", "birth_date", "sex", "entity", "email", "phone",
    )  # fmt: skip
    readonly_fields = ("masked_curp", "masked_nss")
    ordering = ("name_order", "pk")
    search_fields = ("name_search",)
    search_help_text = "Nombre o apellidos"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Student]:
        theirs = Enrolment.objects.filter(student=OuterRef("pk"), plantel__in=planteles(request.user))
        return super().get_queryset(request).filter(Exists(theirs))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Student], search_term: str) -> tuple[QuerySet[Student], bool]:
        return queryset.filter(_named(search_term, "name_search")), False

    @admin.display(description="CURP")
    def masked_curp(self, student: Student) -> str:
        return curp.masked(student.curp)

    @admin.display(description="NSS")
    def masked_nss(self, student: Student) -> str:
        return nss.masked(student.nss)


@admin.register(Enrolment)
class EnrolmentAdmin(OnlyToLook):
    list_display = ("matricula", "student_name", "masked_curp", "plantel", "ciclo", "grupo", "status")
    list_filter = (("plantel", admin.RelatedOnlyFieldListFilter), "ciclo", "status")
    list_select_related = ("student", "plantel", "ciclo")
    fields = ("student", "masked_curp", "plantel", "ciclo", "matricula", "grupo", "enrolled_on", "status")
    readonly_fields = ("masked_curp",)
    ordering = ("student__name_order", "pk")
    search_fields = ("matricula",)
    search_help_text = "Matrícula, nombre o apellidos"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        return super().get_queryset(request).filter(plantel__in=planteles(request.user))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Enrolment], search_term: str) -> tuple[QuerySet[Enrolment], bool]:
        by_name = _named(search_term, "student__name_search")
        return queryset.filter(by_name | Q(matricula__istartswith=search_term.strip()) if search_term.strip() else Q()), False

    @admin.display(description="alumno", ordering="student__name_order")
    def student_name(self, enrolment: Enrolment) -> str:
        return enrolment.student.list_name

    @admin.display(description="CURP")
    def masked_curp(self, enrolment: Enrolment) -> str:
        return curp.masked(enrolment.student.curp)


def _named(text: str, field: str) -> Q:
    """Every word of `text` somewhere in the name, whatever accents or case were typed."""
    found = Q()
    for word in search_key(text).split():
        found &= Q(**{f"{field}__contains": word})
    return found
