"""The form of any section of the settings: dates as the browser picks them, our look, our sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms

from afiliacion.dashboard.shared.form_fields import DAY_FORMATS
from students.models import Plantel

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    # Generic for the type checker only.
    ModelForm = forms.ModelForm

#: Letters a phone shows of a choice, and so many choices as can be told one under the other.
_LINE: Final = 40
_FEW: Final = 4


class SectionForm(ModelForm):
    def __init__(self, *args: Any, fixed: Sequence[str] = (), **kwargs: Any) -> None:
        """`fixed`: fields that name the row and stay as they are once it exists."""
        super().__init__(*args, **kwargs)
        for name in fixed if self.instance.pk else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = "No cambia: la historia lo nombra."
        for name, field in self.fields.items():
            if isinstance(self.initial.get(name), float):
                self.initial[name] = plain_number(self.initial[name])
            if isinstance(field, forms.DateField):
                field.widget, field.input_formats = forms.DateInput(format=DAY_FORMATS[0], attrs={"type": "date"}), DAY_FORMATS
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = "Elija…" if field.required else nothing(getattr(field.queryset, "model", None))
            if sentences := _at_length(field):
                field.widget = forms.RadioSelect(choices=sentences)
            field.widget.attrs.setdefault("class", _look(field.widget))


def _at_length(field: forms.Field) -> list[tuple[Any, Any]]:
    """The choices of a field, if they are a few sentences: a phone cuts those in a list that opens."""
    if isinstance(field, forms.ModelChoiceField):
        return []
    said = list(getattr(field, "choices", []))
    return said if len(said) <= _FEW and max((len(str(label)) for _, label in said), default=0) > _LINE else []


def plain_number(number: float) -> str:
    """As a person writes it: 900, not 900.0."""
    return str(int(number) if number.is_integer() else number)


def nothing(model: Any) -> str:
    """What a row that names none of these says: without a plantel it is for all of them."""
    return "Todos" if model is Plantel else "Ninguno"


def _look(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
