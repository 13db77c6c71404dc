"""Merge the record of a case's person with another one: the form, which first shows both, the order it gives, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from afiliacion.cases.identity.merging import MergeOrder, find_other, merge
from afiliacion.cases.identity.unmerging import retract_merge
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.queries import cases_of
from afiliacion.dashboard.case.commands import CaseOrder
from afiliacion.dashboard.case.forms import ActionForm
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.form_fields import PaperField, reason
from students import curp, nss
from students.models import Student

_UNKNOWN: Final = (
    "No hay otro registro así en sus planteles: compruebe la CURP o el folio. Si está en otro plantel, los une la coordinación."
)
_RIGHT: Final = [("", "Elija…"), ("este", "Los de este expediente"), ("otro", "Los del otro registro")]
_UNDOING: Final = "Se deshizo la unión: eran dos personas, o se hizo por error"


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing as each record has it, numbers masked; `differ`: they are not the same, though the masked ones may be."""

    label: str
    here: str
    there: str
    differ: bool


class MergeRecords(ActionForm):
    """Which record it is first; when it is found, both side by side, with what must be said to merge them."""

    on_label = "¿Qué día se supo?"
    from_address = ("otro",)
    otro = forms.CharField(
        label="CURP o folio del otro registro", max_length=40, help_text="El folio de su expediente es como E-0000123.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    datos = forms.ChoiceField(
        label="¿Cuáles datos son los correctos?",
        choices=_RIGHT,
    )
    reason = reason("Cómo se sabe que son la misma persona")
    paper = PaperField(label="Documento que lo prueba (por ejemplo, la constancia de la CURP)")
    looked_twice = forms.BooleanField(label="Ya los comparé: son la misma persona")

    def prepare(self) -> None:
        typed = str(self.data.get("otro", self.initial.get("otro", "")))[:40]
        self.other: Student | None = find_other(typed, self.case, self.planteles) if self.case and typed else None
        self.comparison: list[Compared] = _compared(self.case, self.other, self.planteles) if self.case and self.other else []
        self.suspicious = self.other is not None
        self.not_found = _UNKNOWN if typed and not self.other else ""
        if not self.other:
            self.looks_up = "Buscar el otro registro"
            for name in ("datos", "reason", "paper", "looked_twice", "on"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.other:
            self.add_error("otro", _UNKNOWN)
        return {**cleaned, "other": self.other}


def _compared(case: Case, other: Student, planteles: frozenset[int] | None) -> list[Compared]:
    here, there = _told(case.student, planteles), _told(other, planteles)
    return [Compared(label, _shown(label, here[label]), _shown(label, there[label]), here[label] != there[label]) for label in here]


def _shown(label: str, value: str) -> str:
    return {"CURP": curp.masked, "NSS": nss.masked}.get(label, str)(value)


def _told(student: Student, planteles: frozenset[int] | None) -> dict[str, str]:
    cases = cases_of(planteles).filter(student=student).select_related("enrolment", "plantel", "ciclo").order_by("pk")
    told = [f"{each.folio}, {each.plantel.clave} {each.ciclo}: {each.get_state_display()}" for each in cases]
    return {
        "Nombre": student.list_name, "CURP": student.curp, "Nacimiento": f"{student.birth_date:%d/%m/%Y}",
        "NSS": student.nss or "",
        "Matrícula": ", ".join(dict.fromkeys(each.enrolment.matricula for each in cases)),
        "Correo": student.email or "sin correo", "Expedientes": "; ".join(told) or "ninguno",
    }  # fmt: skip


def merge_records(order: CaseOrder) -> Outcome:
    """Give the order to merge (case/actions.py)."""
    said, outcome = order.said, Outcome()
    typed, right_is_other = said["otro"].strip().upper(), said["datos"] == "otro"
    # One at the most: none, if it changed since it was seen.
    for case_id in order.cases:
        wanted = MergeOrder(case_id, said["other"].pk, right_is_other, order.on, said["reason"], order.keep_paper(), typed)
        merged = merge(wanted, act=order.act)
        outcome += replace(merged, done=[pk for pk in merged.done if pk == case_id])
    return outcome


@require_POST
def undo(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Take the last merge of the person's records back."""
    case = request.scope.case(case_id)
    outcome = retract_merge(case.pk, on=case.plantel.day(timezone.now()), act=request.scope.act(timezone.now()), reason=_UNDOING)
    if outcome.skipped:
        messages.error(request, outcome.skipped[case.pk])
    else:
        messages.success(request, "Listo: los dos registros quedaron como estaban antes de unirlos.")
    return redirect("case", case.pk)
