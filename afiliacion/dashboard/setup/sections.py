"""What a coordinator can change, as a table: a section is a model, its fields, and what a change of it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.db import models
from django.utils import timezone

from afiliacion.cases.models import ClockRule, OutageDay, PaperKind, WantedPaper
from afiliacion.dashboard.fields import DAY_FORMATS
from afiliacion.dashboard.setup import effects
from afiliacion.documents.models import Letterhead
from afiliacion.imss.adapters import has_service
from afiliacion.imss.models import BajaCause, Cadence, KnownRefusal, Manners
from afiliacion.reminders.manners import Weekday
from afiliacion.reminders.models import MailRule, ReminderKind
from students.models import Calendar, Ciclo, NonWorkingDay, Plantel

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    # Generic for the type checker only.
    ModelForm = forms.ModelForm

Model = models.Model
Effect = Callable[[Any, Mapping[str, Any]], list[str]]
#: Letters a phone shows of a choice, and so many choices as can be told one under the other.
_LINE: Final = 40
_FEW: Final = 4


class SectionForm(ModelForm):
    """A form of any section: dates as the browser picks them, our look, our sentences."""

    def __init__(self, *args: Any, fixed: Sequence[str] = (), **kwargs: Any) -> None:
        """`fixed`: fields that name the row and stay as they are once it exists."""
        super().__init__(*args, **kwargs)
        for name in fixed if self.instance.pk else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = "No cambia: la historia lo nombra."
        for name, field in self.fields.items():
            if isinstance(self.initial.get(name), float):
                self.initial[name] = _plain(self.initial[name])
            if isinstance(field, forms.DateField):
                field.widget, field.input_formats = forms.DateInput(format=DAY_FORMATS[0], attrs={"type": "date"}), DAY_FORMATS
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = "Elija…" if field.required else _nothing(getattr(field.queryset, "model", None))
            if sentences := _at_length(field):
                field.widget = forms.RadioSelect(choices=sentences)
            field.widget.attrs.setdefault("class", _look(field.widget))


def _at_length(field: forms.Field) -> list[tuple[Any, Any]]:
    """The choices of a field, if they are a few sentences: a phone cuts those in a list that opens."""
    if isinstance(field, forms.ModelChoiceField):
        return []
    said = list(getattr(field, "choices", []))
    return said if len(said) <= _FEW and max((len(str(label)) for _, label in said), default=0) > _LINE else []


def _plain(number: float) -> str:
    """As a person writes it: 900, not 900.0."""
    return str(int(number) if number.is_integer() else number)


def _nothing(model: Any) -> str:
    """What a row that names none of these says: without a plantel it is for all of them."""
    return "Todos" if model is Plantel else "Ninguno"


def _look(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class CicloForm(SectionForm):
    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("starts_on") and said.get("ends_on") and said["ends_on"] <= said["starts_on"]:
            self.add_error("ends_on", "Debe terminar después de empezar.")
        return said


class ClockRuleForm(SectionForm):
    """A rule rules from a day on: what was due before stays as it was counted."""

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


class MannersForm(SectionForm):
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
    """`help`: two sentences. `fixed`: fields that do not change afterwards. `keep`: why a row may not be removed, or ""."""

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

    def form_class(self) -> type[SectionForm]:
        made: Any = forms.modelform_factory(self.model, form=self.form, fields=list(self.fields))
        form: type[SectionForm] = made
        return form

    def labels(self, names: Sequence[str]) -> list[str]:
        """What people call these fields."""
        return [_label(self.model, name) for name in names]

    def shown(self, row: Model, names: Sequence[str]) -> dict[str, str]:
        """Label -> value of a row, as people read them."""
        return {_label(self.model, name): value_of(row, name) for name in names}


def _label(model: type[Model], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # only own fields are named


def value_of(row: Model, name: str) -> str:
    """A field of a row as people read it."""
    value = getattr(row, name)
    if value is None and row._meta.get_field(name).is_relation:
        return _nothing(row._meta.get_field(name).related_model)
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, float):
        return _plain(value)
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else "" if value is None else value)


def _past_stays(row: NonWorkingDay) -> str:
    return "Ese día ya pasó y hay plazos que se contaron con él: se queda." if row.date < timezone.localdate() else ""


def _always(row: Model) -> str:
    return ""


SECTIONS: Final = (
    Section("planteles", "Planteles", "plantel",
            "Cada plantel con su registro patronal, su subdelegación y quién lo atiende. Estos datos salen en documentos y correos.",
            Plantel, ("clave", "name", "cct", "registro_patronal", "subdelegacion", "umf", "contact_name", "contact_email", "contact_phone",
                      "address", "office_hours", "calendar"), ("clave", "name", "registro_patronal", "subdelegacion", "calendar"),
            effect=effects.plantel, fixed=("clave",)),
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
            ClockRule, ("key", "plantel", "n", "unit", "rolls", "stops_with_imss", "alert_after", "source", "valid_from"),
            ("key", "plantel", "n", "unit", "valid_from", "source"), form=ClockRuleForm, effect=effects.clock_rule, can_edit=False),
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
            Manners, tuple(field.name for field in Manners._meta.concrete_fields if not field.primary_key),
            ("way", "paused", "most_strikes", "backoff_seconds"), form=MannersForm, effect=effects.manners, can_add=False),
    Section("cadencia", "Cada cuándo se pregunta", "cadencia",
            "Desde qué día y cada cuántos se consulta al IMSS por los expedientes de un estado. La noche las sigue.",
            Cadence, ("kind", "state", "anchor", "after_days", "every_days"), ("kind", "state", "anchor", "after_days", "every_days"),
            keep=_always),
    Section("respuestas", "Respuestas conocidas", "respuesta conocida",
            "Qué significa cada código del IMSS y qué se hace con él. Los que no están aquí esperan a que los vea una persona.",
            KnownRefusal, ("code", "do", "meaning"), ("code", "do", "meaning"), fixed=("code",), keep=_always),
    Section("causas-baja", "Causas de baja", "causa de baja",
            "La causa que se dice al IMSS por cada motivo escolar. Pregunte a su subdelegación cuál acepta.",
            BajaCause, ("reason", "causa"), ("reason", "causa"), fixed=("reason",)),
)  # fmt: skip
BY_SLUG: Final = {section.slug: section for section in SECTIONS}
