"""What an officer says about a visit: before going, on presenting, on coming back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django import forms

from afiliacion.dashboard.models import DeskErrand
from afiliacion.dashboard.shared.form_fields import DAY_FORMATS, Day, NssField, dress, not_ahead
from afiliacion.dashboard.subdelegacion.visits import Result, VisitAnswer

ANSWERS: Final = [("", "Aún sin respuesta"), *(choice for choice in Result.choices if choice[0] not in (Result.DROPPED, Result.MOVED))]


class PrepareForm(forms.Form):
    day = forms.DateField(
        label="Qué día se acude", input_formats=DAY_FORMATS, widget=forms.DateInput(format=DAY_FORMATS[0], attrs={"type": "date"})
    )
    officer = forms.CharField(label="Quién acude", max_length=160, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    number = forms.CharField(label="Número de oficio", max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any, *, today: dt.date, officer: str, auto_id: str = "id_%s") -> None:
        super().__init__(data, initial={"day": today, "officer": officer}, auto_id=auto_id)
        self.today = today
        dress(self)

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if abs(day - self.today) > _A_YEAR:
            raise forms.ValidationError(f"Falta o sobra más de un año para el {day:%d/%m/%Y}: revise el año.")
        return day


#: A visit farther away than this is a year typed wrong.
_A_YEAR: Final = dt.timedelta(days=366)


class FiledForm(forms.Form):
    on = Day(label="Qué día se presentó")
    folio = forms.CharField(label="Folio o sello que dieron", max_length=60, required=False)

    def __init__(self, data: Any = None, *, today: dt.date) -> None:
        super().__init__(data, initial={"on": today})
        self.today = today
        dress(self)

    def clean_on(self) -> dt.date:
        return not_ahead(self.cleaned_data["on"], self.today)


class AnswersForm(forms.Form):
    """The day of the answers, one for all the rows left blank, and a row for each case still on the visit."""

    on = Day(label="Qué día respondieron")
    rest = forms.ChoiceField(label="Resultado de los que deje sin elegir", choices=ANSWERS, required=False)

    def __init__(self, errands: Iterable[DeskErrand], data: Any = None, *, today: dt.date) -> None:
        super().__init__(data, initial={"on": today}, prefix="todos")
        self.today = today
        self.rows = [(errand, AnswerForm(errand, data)) for errand in errands]
        dress(self)

    def clean_on(self) -> dt.date:
        return not_ahead(self.cleaned_data["on"], self.today)

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(row.is_valid() for _, row in self.rows)])

    def answers(self) -> dict[int, VisitAnswer]:
        """What a valid form says: case id -> answer, for those with one."""
        rest = self.cleaned_data["rest"]
        given = {errand.case_id: row.answer(rest) for errand, row in self.rows}
        return {case_id: said for case_id, said in given.items() if said}


class AnswerForm(forms.Form):
    result = forms.ChoiceField(label="Resultado", choices=ANSWERS, required=False)
    nss = NssField(label="NSS que dieron", required=False, help_text="")
    note = forms.CharField(label="Qué respondieron", max_length=500, required=False)

    def __init__(self, errand: DeskErrand, data: Any = None) -> None:
        # A note without an answer is from before an answer was a step of the case: it says what was missing.
        drafted = {"result": Result.AGAIN, "note": errand.note} if errand.note else {}
        super().__init__(data, prefix=f"caso-{errand.case_id}", initial=drafted)
        if errand.case.student.nss:
            del self.fields["nss"]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}: {errand.case.student.list_name}"
            field.widget.attrs["class"] = "form-select" if name == "result" else "form-control"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("result") == Result.AGAIN and said.get("nss"):
            self.add_error("nss", "Si dieron el NSS, el caso quedó resuelto: elija otro resultado.")
        if said.get("result") == Result.AGAIN and not said.get("note"):
            self.add_error("note", "Escriba qué faltó.")
        return said

    def answer(self, rest: str) -> VisitAnswer | None:
        said = self.cleaned_data
        result = said["result"] or (Result.SOLVED if said.get("nss") else rest)
        return VisitAnswer(Result(result), said.get("nss", ""), said["note"]) if result else None
