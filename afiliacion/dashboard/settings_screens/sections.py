"""What a coordinator can change, as a table: a section is a model, its fields, and what a change of it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from afiliacion.cases.clock import Start
from afiliacion.cases.models import ClockRule, OutageDay, PaperKind, WantedPaper
from afiliacion.dashboard.settings_screens import effects, registros, rejection_codes
from afiliacion.dashboard.settings_screens.section_form import SectionForm, nothing, plain_number
from afiliacion.documents.models import Letterhead
from afiliacion.imss.client.adapters import has_service
from afiliacion.imss.models import BajaCause, Cadence, ImssSettings, KnownRefusal
from afiliacion.movements.models import RegistroProfile, RejectionCode
from afiliacion.papers_in.models import PaperRules
from afiliacion.reminders.models import MailRule, ReminderKind, Weekday
from students.models import Calendar, Ciclo, NonWorkingDay, Plantel, RegistroPatronal

Model = models.Model
Effect = Callable[[Any, Mapping[str, Any]], list[str]]
Wanting = rejection_codes.Wanting


class CicloForm(SectionForm):
    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("starts_on") and said.get("ends_on") and said["ends_on"] <= said["starts_on"]:
            self.add_error("ends_on", "Debe terminar después de empezar.")
        return said


class ClockRuleForm(SectionForm):
    """A rule rules from a day on: what was due before stays as it was counted."""

    starts = forms.TypedMultipleChoiceField(
        label="Se cuenta desde lo último de", choices=Start.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Si no elige nada, se cuenta como en la regla anterior del mismo plazo.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts"].widget.attrs["class"] = "form-check-input"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not said.get("starts"):
            before = ClockRule.objects.filter(Q(plantel=said.get("plantel")) | Q(plantel=None), key=said.get("key"))
            own_first = before.order_by(F("plantel_id").asc(nulls_last=True), "-valid_from")
            said["starts"] = own_first.values_list("starts", flat=True).first() or []
        return said

    def clean_valid_from(self) -> dt.date:
        day: dt.date = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise forms.ValidationError("Debe regir desde hoy o después: lo que ya se contó no cambia.")
        return day


class ReminderKindForm(SectionForm):
    def clean_days(self) -> list[int]:
        days: list[int] = self.cleaned_data["days"]
        if days != sorted(set(days)):
            raise forms.ValidationError("Escriba los días de menor a mayor, sin repetir: por ejemplo 1,3,7.")
        return days


class ImssSettingsForm(SectionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_service():
            self.fields["way"].help_text = "Todavía no hay servicio: sistemas debe indicar su dirección. Mientras, todo se anota a mano."
        if alarm := self.fields.get("alarm_minutes"):
            alarm.help_text = "Si el IMSS sigue sin responder después de este tiempo, se avisa por correo a quien coordina."


class MailRuleForm(SectionForm):
    quiet_days = forms.TypedMultipleChoiceField(
        label="Días en que no se envía", choices=Weekday.choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quiet_days"].widget.attrs["class"] = "form-check-input"
        for name in ("opens_at", "closes_at"):
            self.fields[name].widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"})


@dataclass(frozen=True, slots=True)
class Section:
    """`help`: two sentences. `fixed`: fields that do not change afterwards. `keep`: why a row may not be removed, or "".

    `settled`: why a row changes no more, nor goes, or ""; asked when it is to be done. `also`: a label and what else is shown of rows, read
    for all of them at once (row id -> text). `beside`: what its form writes of a row in other tables, by name. `under`: its rows also stand
    on the page of a row of that section, which this field names. `wanting`: what came and has no row yet, shown first; a new row for it
    begins with what the address says of the `fixed`.
    """

    slug: str
    title: str
    one: str
    help: str
    model: type[Model]
    fields: Sequence[str]
    columns: Sequence[str]
    form: type[SectionForm] = SectionForm
    effect: Effect | None = None
    fixed: Sequence[str] = ()
    can_add: bool = True
    can_edit: bool = True
    keep: Callable[[Any], str] | None = None
    settled: Callable[[Any], str] | None = None
    also: tuple[str, Callable[[Sequence[Any]], Mapping[int, str]]] | None = None
    beside: Callable[[Any], Mapping[str, Any]] | None = None
    under: tuple[str, str] | None = None
    wanting: Callable[[], Sequence[Wanting]] | None = None

    def form_class(self) -> type[SectionForm]:
        made: Any = forms.modelform_factory(self.model, form=self.form, fields=list(self.fields))
        form: type[SectionForm] = made
        return form

    @property
    def labels(self) -> list[str]:
        """What people call the columns."""
        return [_label(self.model, name) for name in self.columns] + ([self.also[0]] if self.also else [])

    def rows(self) -> models.QuerySet[Any]:
        """The rows in their order, with what the columns name of others."""
        related = [name for name in self.columns if self.model._meta.get_field(name).is_relation]
        found = self.model._default_manager.order_by(*(self.model._meta.ordering or ["pk"]))
        return found.select_related(*related) if related else found

    def values(self, rows: Sequence[Model]) -> list[list[str]]:
        """The columns of these rows, as people read them."""
        more = self.also[1](rows) if self.also else {}
        return [[value_of(row, name) for name in self.columns] + ([more[row.pk]] if self.also else []) for row in rows]

    def raw(self, row: Model) -> dict[str, Any]:
        """The row's columns as the database has them, and what is written beside it; empty for one that does not exist yet."""
        if not row.pk:
            return {}
        columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        return columns | (dict(self.beside(row)) if self.beside else {})

    def shown(self, row: Model) -> dict[str, str]:
        """Label -> value of a row, as people read them."""
        more = {self.also[0]: self.also[1]([row])[row.pk]} if self.also else {}
        return {_label(self.model, name): value_of(row, name) for name in self.fields} | more


def _label(model: type[Model], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # only own fields are named


def value_of(row: Model, name: str) -> str:
    """A field of a row as people read it."""
    value = getattr(row, name)
    if value is None and row._meta.get_field(name).is_relation:
        return nothing(row._meta.get_field(name).related_model)
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, float):
        return plain_number(value)
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, list):
        said: Any = row._meta.get_field(name)
        labels = dict(said.base_field.flatchoices)
        return "; ".join(labels[each] for each in value) if labels else ", ".join(map(str, value))
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else "" if value is None else value)


def _past_stays(row: NonWorkingDay) -> str:
    return "Ese día ya pasó y hay plazos que se contaron con él: se queda." if row.date < timezone.localdate() else ""


def _always(row: Model) -> str:
    return ""


SECTIONS: Final = (
    Section("planteles", "Planteles", "plantel",
            "Cada plantel con su registro patronal, su subdelegación y quién lo atiende. Estos datos salen en documentos y correos.",
            Plantel, ("clave", "name", "cct", "subdelegacion", "umf", "contact_name", "contact_email", "contact_phone", "address",
                      "office_hours", "calendar", "zone"), ("clave", "name", "subdelegacion", "calendar"), form=registros.PlantelForm,
            effect=lambda row, before: effects.plantel(row, before, timezone.localdate()), fixed=("clave",),
            also=("registro patronal", registros.of_planteles)),
    Section("registros", "Registros patronales", "registro patronal",
            "Con qué registro patronal se afilia en cada plantel, y desde qué día. Lo que ya se envió con uno no cambia al agregar otro: "
            "para pasar a quienes ya tienen alta, elíjalos en Expedientes y use «Pasar al nuevo registro patronal».",
            RegistroPatronal, ("plantel", "registro", "valid_from"), ("plantel", "registro", "valid_from"), form=registros.RegistroForm,
            effect=lambda row, before: effects.registro(row, before, timezone.localdate()), fixed=("plantel",), keep=_always,
            settled=lambda row: registros.settled(row, timezone.localdate()), under=("planteles", "plantel")),
    Section("membretes", "Membretes y firmas", "membrete",
            "Quién escribe y quién firma los documentos de un plantel, o de todos los que no tengan el suyo. Lo ya impreso no cambia.",
            Letterhead, ("plantel", "institution", "dependency", "place", "signatory", "signatory_post", "addressee", "addressee_post",
                         "copies"), ("plantel", "institution", "signatory", "addressee"), keep=_always),
    Section("ciclos", "Ciclos", "ciclo", "Los periodos en que se inscriben los alumnos. Cada lista se carga en uno.",
            Ciclo, ("clave", "starts_on", "ends_on"), ("clave", "starts_on", "ends_on"), form=CicloForm, fixed=("clave",)),
    Section("calendarios", "Calendarios", "calendario",
            "Un calendario reúne los días en que una escuela no trabaja. Los descansos de la Ley Federal del Trabajo ya cuentan solos.",
            Calendar, ("clave", "name"), ("clave", "name"), fixed=("clave",)),
    Section("inhabiles", "Días inhábiles", "día inhábil",
            "Los días que no cuentan en los plazos en días hábiles. Al agregar uno, los vencimientos se mueven en la noche.",
            NonWorkingDay, ("calendar", "date", "reason"), ("calendar", "date", "reason"), effect=effects.non_working_day,
            can_edit=False, keep=_past_stays),
    Section("plazos", "Plazos", "regla de plazo",
            "Cuántos días tiene cada quien para su paso. Una regla nueva rige desde su fecha; lo que ya corre no cambia.",
            ClockRule, ("key", "plantel", "n", "unit", "rolls", "starts", "stops_with_imss", "alert_after", "source", "valid_from"),
            ("key", "plantel", "n", "unit", "starts", "valid_from", "source"), form=ClockRuleForm, effect=effects.clock_rule,
            can_edit=False),
    Section("sin-servicio", "Días sin servicio del IMSS", "día sin servicio",
            "Los días en que el IMSS no respondió no cuentan contra nadie. La noche los anota sola; aquí se agrega uno que ella no supo.",
            OutageDay, ("date", "source"), ("date", "source"), effect=effects.outage_day, can_edit=False, keep=_always),
    Section("documentos", "Clases de documento", "clase de documento",
            "Los documentos que se pueden recibir. La historia guarda la clave; el nombre puede mejorarse.",
            PaperKind, ("key", "label"), ("key", "label"), fixed=("key",)),
    Section("pedidos", "Documentos que se piden", "documento que se pide",
            "Qué debe entregar el alumno en cada paso, en un plantel o en todos. A quien ya dio el paso no se le pide de nuevo.",
            WantedPaper, ("plantel", "step", "kind", "minors_only"), ("plantel", "step", "kind", "minors_only"),
            effect=effects.wanted_paper, can_edit=False, keep=_always),
    Section("hojas", "Hojas que se traen", "plantel",
            "Si las hojas que se leen con toda claridad se anotan solas en un plantel, con la hoja como prueba. Las que llegan por correo, "
            "las que traen dudas y las leídas de una foto sin código siempre esperan a una persona.",
            PaperRules, ("plantel", "clear_acts"), ("plantel", "clear_acts"), fixed=("plantel",), keep=_always),
    Section("avisos", "Avisos", "clase de aviso",
            "Cuándo sale cada clase de correo. Los días se cuentan desde el vencimiento o desde que está en el estado.",
            ReminderKind, ("name", "days", "window", "stop", "urgency", "waits_for_imss", "active"),
            ("name", "days", "urgency", "active"), form=ReminderKindForm,
            effect=lambda row, before: effects.reminder_kind(row, before, timezone.localdate()), can_add=False),
    Section("horario-avisos", "Horario de los avisos", "horario",
            "A qué horas y qué días se le puede escribir a la gente de un plantel, y cuántas veces por semana. Lo demás espera.",
            MailRule, ("plantel", "zone", "opens_at", "closes_at", "quiet_days", "rests_on_holidays", "per_week", "tells_tutors"),
            ("plantel", "opens_at", "closes_at", "per_week", "tells_tutors"), form=MailRuleForm, fixed=("plantel",)),
    Section("trato-imss", "Trato con el IMSS", "trato con el IMSS",
            "Cómo se le pregunta al IMSS y cuándo se deja de insistir. En pausa, nada sale de la oficina.",
            ImssSettings, tuple(field.name for field in ImssSettings._meta.concrete_fields if not field.primary_key),
            ("way", "paused", "most_strikes", "backoff_seconds"), form=ImssSettingsForm, effect=effects.imss_settings, can_add=False),
    Section("cadencia", "Cada cuándo se pregunta", "cadencia",
            "Desde qué día y cada cuántos se consulta al IMSS por los expedientes de un estado. La noche las sigue.",
            Cadence, ("kind", "state", "anchor", "after_days", "every_days"), ("kind", "state", "anchor", "after_days", "every_days"),
            keep=_always),
    Section("lotes", "Envío por lotes", "envío por lotes",
            "Qué registros patronales envían sus altas y bajas por lotes, cómo se escribe el archivo y quién lo firma. Ninguna fuente "
            "pública dice qué acepta el IMSS para estudiantes: confírmelo con su subdelegación mediante un lote de prueba.",
            RegistroProfile, tuple(field.name for field in RegistroProfile._meta.concrete_fields if not field.primary_key),
            ("registro", "signer", "signature_until", "date_rule"), form=registros.RegistroProfileForm, effect=effects.lotes,
            fixed=("registro",), keep=registros.profile_stays, also=("sus altas y bajas van", registros.of_profiles),
            beside=registros.beside_profile),
    Section("respuestas", "Respuestas conocidas", "respuesta conocida",
            "Qué significa cada código del IMSS y qué se hace con él. Los que no están aquí esperan a que los vea una persona.",
            KnownRefusal, ("code", "do", "meaning"), ("code", "do", "meaning"), fixed=("code",), keep=_always),
    Section("codigos-rechazo", "Códigos de rechazo", "código de rechazo",
            "Qué significa cada código con que el IMSS rechaza un alta o una baja de un lote, dicho una vez para todos los planteles. "
            "Los que llegan y no están aquí se muestran tal como vinieron: el significado no se adivina.",
            RejectionCode, ("code", "family", "meaning"), ("code", "meaning"), form=rejection_codes.RejectionCodeForm,
            effect=effects.rejection_code, fixed=("code",), keep=_always, also=("de qué clase es", rejection_codes.families_of),
            wanting=rejection_codes.wanting),
    Section("causas-baja", "Causas de baja", "causa de baja",
            "La causa que se dice al IMSS por cada motivo escolar. Pregunte a su subdelegación cuál acepta.",
            BajaCause, ("reason", "causa"), ("reason", "causa"), fixed=("reason",)),
)  # fmt: skip
BY_SLUG: Final = {section.slug: section for section in SECTIONS}
