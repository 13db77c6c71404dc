"""What an officer fills in for each action. A form checks the shape; whether the step is allowed, the verb says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

from django import forms
from django.urls import reverse_lazy

from afiliacion.cases import baja_kinds
from afiliacion.cases.models import Case
from afiliacion.cases.papers.required import Wanted, is_minor
from afiliacion.cases.states import Coverage, State, Verb
from afiliacion.dashboard.shared.assignees import ME, UNASSIGNED
from afiliacion.dashboard.shared.form_fields import Day, NssField, PaperField, QuickSelect, not_ahead, offer, offer_planteles, reason
from students.models import Plantel
from students.nss import Nss


class ActionForm(forms.Form):
    """The fields every action has: the day of the fact. `case` is None when it is for many."""

    on_label: ClassVar[str] = "¿Qué día fue?"

    #: Of a form that only looks something up: the label of its button, which sends it by GET.
    looks_up = ""
    #: Fields that are filled in from the address.
    from_address: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, data: Any = None, files: Any = None, *, today: dt.date, case: Case | None = None, prefix: str | None = None,
        planteles: frozenset[int] | None = frozenset(), address: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        """`planteles`: ids of those whose records the person may see; None: all. `address`: what the address of the page says."""
        known = {name: address[name] for name in self.from_address if address.get(name)}
        super().__init__(data, files, prefix=prefix, initial=known)
        self.today, self.case, self.planteles = today, case, planteles
        self.fields["on"] = Day(label=self.on_label)
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        self.prepare()
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _CLASSES.get(type(field.widget), "form-control"))

    def prepare(self) -> None:
        """Adapt the fields to the case."""

    def clean_on(self) -> dt.date:
        return not_ahead(self.cleaned_data["on"], self.today)


_CLASSES: Final[dict[type[forms.Widget], str]] = {
    forms.Select: "form-select",
    QuickSelect: "form-select",
    forms.CheckboxInput: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
}


class OwnNss(ActionForm):
    """An NSS whose year of birth is not the student's may be a parent's: it is taken only after a second look."""

    nss = NssField()
    looked_twice = forms.BooleanField(label="Ya lo comparé con la hoja: el NSS es del alumno", required=False)

    def prepare(self) -> None:
        self.suspicious = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        nss = cleaned.get("nss")
        if nss and self.case and not cleaned.get("looked_twice"):
            born = f"{self.case.student.birth_date:%y}"
            if Nss(nss).birth_year_digits != born:
                self.suspicious = True
                self.add_error("nss", _WRONG_YEAR.format(says=Nss(nss).birth_year_digits, born=born))
        return cleaned


_WRONG_YEAR: Final = (
    "El NSS dice que la persona nació en «{says}» y la CURP del alumno dice «{born}»: puede ser el NSS de su mamá o su papá. "
    "Compárelo con la hoja; si es correcto, marque la casilla y vuelva a guardar."
)


class ObtainNss(OwnNss):
    on_label = "¿Qué día lo obtuvo?"


class CorrectNss(OwnNss):
    on_label = "¿Qué día se supo?"
    reason = reason("Motivo de la corrección")
    paper = PaperField(label="Documento que prueba el NSS correcto")


class TakeSheet(OwnNss):
    """The answer «it is right» to a sheet: with the NSS it shows, unless the case has one. The day is the one it came."""

    def prepare(self) -> None:
        super().prepare()
        del self.fields["on"]
        if self.case and self.case.state != State.SIN_NSS:
            del self.fields["nss"], self.fields["looked_twice"]


class RefuseSheet(ActionForm):
    reason = reason("Por qué no sirve (lo leerá el alumno en su página)")

    def prepare(self) -> None:
        del self.fields["on"]


class WithReason(ActionForm):
    reason = reason("Motivo")


class DisownNss(WithReason):
    on_label = "¿Qué día se supo?"


class DeliverAcuse(ActionForm):
    """For one case, the papers by name; for many, one answer for all of them."""

    on_label = "¿Qué día lo entregó?"
    papers = forms.MultipleChoiceField(label="Documentos que entrega", required=False, widget=forms.CheckboxSelectMultiple)
    complete = forms.BooleanField(label="Traen todos los documentos que pide el plantel", required=False)

    def prepare(self) -> None:
        if self.case is None:
            del self.fields["papers"]
            return
        del self.fields["complete"]
        offer_wanted(self, self.case, Verb.DELIVER_ACUSE)


class Renounce(ActionForm):
    on_label = "¿Qué día la firmó?"
    reason = reason("Motivo que da el alumno", required=False)
    tutor = forms.CharField(label="Madre, padre o tutor que firma", required=False, max_length=160)
    papers = forms.MultipleChoiceField(label="Documentos que entrega", required=False, widget=forms.CheckboxSelectMultiple)

    def prepare(self) -> None:
        if self.case is None:
            return
        if not is_minor(self.case.student.birth_date, self.today):
            del self.fields["tutor"]
        else:
            self.fields["tutor"].help_text = "El alumno es menor de edad."
        offer_wanted(self, self.case, Verb.RENOUNCE)


def offer_wanted(form: ActionForm, case: Case, step: Verb) -> None:
    """Offer the papers the plantel wants for `step` and does not have yet; without any, do not ask."""
    minor = is_minor(case.student.birth_date, form.today)
    wanted = Wanted(step, [case.plantel_id]).kinds(case.plantel_id, minor=minor)
    lacking = sorted(((key, label) for key, label in wanted.items() if key not in case.facts.papers_in), key=lambda pair: pair[1])
    if lacking:
        offer(form, "papers", lacking)
    else:
        del form.fields["papers"]


class NoFields(ActionForm):
    """Only a confirmation: the facts come from IMSS, or are today's."""

    def prepare(self) -> None:
        del self.fields["on"]

    def clean(self) -> dict[str, Any]:
        return {**(super().clean() or {}), "on": self.today}


class Assign(NoFields):
    """The assignee. The colleagues are loaded once a case is chosen; `assignment.whom` checks the choice."""

    quien = forms.RegexField(
        rf"^({ME}|{UNASSIGNED}|\d{{1,9}})$", label="Quién los atiende", initial=ME,
        widget=QuickSelect(
            choices=[(ME, "Yo"), (UNASSIGNED, "Nadie")],
            attrs={"hx-get": reverse_lazy("people-choices"), "hx-trigger": "change once from:#lista", "hx-params": "none"},
        ),
    )  # fmt: skip


class SentByHand(ActionForm):
    on_label = "Fecha de recepción en IDSE"
    lote = forms.CharField(label="Lote", max_length=40)
    recibo = forms.CharField(label="Recibo", required=False, max_length=80)


class RejectedByHand(ActionForm):
    on_label = "Fecha de la respuesta"
    code = forms.CharField(label="Código", required=False, max_length=60)
    message = forms.CharField(label="Lo que dijo el IMSS", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class OperatedByHand(ActionForm):
    on_label = "Fecha de la respuesta"


class NoConstancia(ActionForm):
    on_label = "Fecha de la constancia"
    paper = PaperField(label="Constancia que dice «NO»")


class Constancia(ActionForm):
    on_label = "Fecha de la constancia"
    umf = forms.CharField(label="UMF que dice la constancia", required=False, max_length=60)
    paper = PaperField(label="Constancia de vigencia de derechos")
    ours = forms.BooleanField(label="Dice «Con derecho al servicio médico: SÍ» y muestra el registro patronal de la escuela")


class FileAtDesk(ActionForm):
    on_label = "¿Qué día se presentó?"
    folio = forms.CharField(label="Folio u oficio", required=False, max_length=60)


class WantMore(ActionForm):
    on_label = "¿Qué día respondieron?"
    reason = reason("Qué faltó")


class ReturnFromDesk(OwnNss):
    on_label = "¿Qué día respondieron?"
    nss = NssField(required=False, label="NSS que dio la subdelegación", help_text="Déjelo vacío si no dieron un número nuevo.")
    resend_alta = forms.BooleanField(label="Hay que volver a enviar el alta", required=False)
    reason = reason("Qué respondieron", required=False)


class Leave(ActionForm):
    on_label = "¿Desde qué día?"
    kind = forms.ChoiceField(label="Tipo de baja", choices=[("", "Elija…"), *baja_kinds.OFFERED])
    reason = reason("Motivo", required=False)


class Transfer(ActionForm):
    on_label = "¿Desde qué día?"
    to = forms.ModelChoiceField(label="Plantel al que va", queryset=Plantel.objects.none(), empty_label="Elija…")

    def prepare(self) -> None:
        offer_planteles(self, "to", Plantel.objects.exclude(pk=self.case.plantel_id) if self.case else Plantel.objects.all())


class NoteClinic(ActionForm):
    on_label = "¿Qué día se registró?"
    umf = forms.CharField(label="Clínica (UMF)", max_length=60)
    turno = forms.ChoiceField(
        label="Turno", required=False, choices=[("", "No se sabe"), ("Matutino", "Matutino"), ("Vespertino", "Vespertino")]
    )
    consultorio = forms.CharField(label="Consultorio", required=False, max_length=20)
    postal_code = forms.RegexField(
        r"^\d{5}$", label="Código postal con el que se registró", required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "El código postal tiene cinco dígitos."},
    )  # fmt: skip

    def prepare(self) -> None:
        if self.case:
            self.fields["umf"].initial = self.case.umf or self.case.plantel.umf


class NoteCoverage(ActionForm):
    on_label = "¿De qué fecha es la prueba?"
    coverage = forms.ChoiceField(
        label="Quién cubre al alumno", choices=[("", "Elija…"), *(c for c in Coverage.choices if c[0] != Coverage.OURS)]
    )
    reason = reason("Cómo se sabe")
