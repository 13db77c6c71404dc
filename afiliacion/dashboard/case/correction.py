"""Correct a person's data from their case: the form, the order it gives, what the page shows of what was, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from afiliacion.cases.engine import ASKED
from afiliacion.cases.identity.correcting import correct_person, retract_correction
from afiliacion.cases.identity.writing import on_record
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.states import Verb
from afiliacion.dashboard.case.commands import CaseOrder
from afiliacion.dashboard.case.forms import ActionForm
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.form_fields import Day, PaperField, reason
from afiliacion.roll.check.comparing import shown
from afiliacion.roll.parse.columns import BY_NAME
from afiliacion.roll.parse.tidy import CellError
from students.curp import SEXES, Curp, CurpError
from students.models import FormerValue

Field = FormerValue.Field
#: What of the former values a case page shows: the old address and phone stand, half hidden, in the history.
_SHOWN: Final = frozenset(Field) - {Field.CORREO, Field.TELEFONO, Field.CURP}
_UNDOING: Final = "Se deshizo la corrección: se había hecho por error"


class _Listed(forms.CharField):
    """A field that is read as the column of a list with this name is."""

    def __init__(self, column: str, *, required: bool = True, hidden: bool = True, help_text: str = "") -> None:
        typed = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(label=BY_NAME[column].label, required=required, show_hidden_initial=hidden, help_text=help_text, widget=typed)
        self.read = BY_NAME[column].parser(None)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            return str(self.read(text)) if text else ""
        except (CellError, CurpError) as error:
            raise forms.ValidationError(str(error)) from error


class CorrectPerson(ActionForm):
    """What is on record, to be typed over. What was not touched is not written, whatever has changed meanwhile.

    The CURP is not shown: with a new one come the birth date, sex and entity it says, unless they are typed too.
    """

    on_label = "¿Qué día se supo?"
    curp = _Listed(
        "curp", required=False, hidden=False, help_text="Solo si RENAPO la corrigió o está mal escrita; si no, déjela vacía."
    )  # fmt: skip
    nombre, primer_apellido = _Listed("nombre"), _Listed("primer_apellido")
    segundo_apellido = _Listed("segundo_apellido", required=False)
    fecha_nacimiento = Day(label="Fecha de nacimiento")
    sexo = forms.ChoiceField(label="Sexo", choices=list(SEXES.items()), show_hidden_initial=True)
    matricula = _Listed("matricula")
    correo, telefono = _Listed("correo", required=False), _Listed("telefono", required=False)
    reason = reason("Motivo de la corrección")
    paper = PaperField(label="Documento que prueba la CURP correcta", required=False)

    def prepare(self) -> None:
        self.fields[Field.FECHA_NACIMIENTO].show_hidden_initial = True
        if self.case:
            known = on_record(self.case.student, self.case.enrolment)
            self.initial = {field: value for field, value in known.items() if field in self.fields and field != Field.CURP}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or self.case is None:
            return cleaned
        wanted = {field: str(cleaned[field]) for field in self.changed_data if field in Field.values}
        known = on_record(self.case.student, self.case.enrolment)
        self._agree(wanted, Curp(wanted.get(Field.CURP) or known[Field.CURP]))
        if wanted.get(Field.CURP) and not cleaned.get("paper"):
            self.add_error("paper", "Adjunte el documento que prueba la CURP correcta: la constancia de RENAPO.")
        return {**cleaned, "corrections": {field: value for field, value in wanted.items() if known[field] != value}}

    def _agree(self, wanted: dict[str, str], curp: Curp) -> None:
        """The CURP says birth date and sex too: they are taken from it, or must be the same."""
        said: dict[str, str] = {Field.FECHA_NACIMIENTO: curp.birth_date.isoformat(), Field.SEXO: curp.sex}
        for field, value in said.items():
            if wanted.get(field, value) != value:
                self.add_error(field, f"No concuerda con la CURP, que dice {shown(field, value)}: corrija también la CURP, o déjelo.")
        if wanted.get(Field.CURP):
            wanted |= {**said, Field.ENTIDAD_NACIMIENTO: curp.entity}


def correct(order: CaseOrder) -> Outcome:
    """Give the order to correct (case/actions.py)."""
    corrections = dict.fromkeys(order.cases, order.said["corrections"])
    return correct_person(corrections, on=order.on, reason=order.said["reason"], evidence=order.keep_paper(), act=order.act)


@require_POST
def undo(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Take the last correction made from this case back."""
    case = request.scope.case(case_id)
    outcome = retract_correction(case.pk, on=timezone.localdate(), act=request.scope.act(timezone.now()), reason=_UNDOING)
    if outcome.requested:
        messages.info(request, ASKED)
    elif outcome.skipped:
        messages.error(request, outcome.skipped[case.pk])
    else:
        messages.success(request, "Listo: los datos quedaron como estaban antes de la corrección.")
    return redirect("case", case.pk)


def former(case: Case, rows: Sequence[FormerValue], events: Sequence[Event]) -> dict[str, Any]:
    """What the page shows of former values (newest first): the CURPs, the other data in words, and whether the last can be taken back."""
    now = on_record(case.student, case.enrolment)
    gone = [row for row in rows if row.value and row.value != now[row.field] and row.plantel_id in (None, case.plantel_id)]
    last = next((event.at for event in events if event.verb == Verb.CORRECT_PERSON), None)
    return {
        "former_curps": list(dict.fromkeys(row.value for row in gone if row.field == Field.CURP)),
        "former": list(dict.fromkeys((Field(row.field).label, shown(row.field, row.value)) for row in gone if row.field in _SHOWN)),
        "retractable": any(row.at == last and row.list_id is None for row in rows),
    }
