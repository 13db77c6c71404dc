"""The kinds of field an officer fills in: a day, an NSS, a paper, a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from html import escape as e
from typing import Any, Final, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.safestring import SafeString

from afiliacion.cases.papers.files import PaperError, read_paper
from students.models import Plantel
from students.nss import Nss, NssError

DAY_FORMATS: Final = ["%Y-%m-%d", "%d/%m/%Y"]


class Day(forms.DateField):
    """A day up to today, typed or picked."""

    def __init__(self, *, label: str, required: bool = True, help_text: str = "") -> None:
        picker = forms.DateInput(format=DAY_FORMATS[0], attrs={"type": "date"})
        super().__init__(label=label, required=required, widget=picker, input_formats=DAY_FORMATS, help_text=help_text)


def not_ahead(day: dt.date, today: dt.date) -> dt.date:
    """The day of a fact. Raises ValidationError if it has not come yet."""
    if day > today:
        raise forms.ValidationError("Esa fecha aún no llega.")
    return day


def dress(form: forms.Form) -> None:
    """Give the fields of a form the look of the office."""
    for field in form.fields.values():
        field.widget.attrs.setdefault("class", "form-select" if isinstance(field.widget, forms.Select) else "form-control")


class NssField(forms.CharField):
    """Eleven digits that hold together; blanks and hyphens are forgiven."""

    def __init__(
        self, *, label: str = "NSS", required: bool = True, help_text: str = "11 dígitos, como están en la hoja del IMSS."
    ) -> None:
        digits = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"})
        super().__init__(label=label, required=required, widget=digits, help_text=help_text, max_length=20)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            return Nss.parse(text) if text else ""
        except NssError as error:
            raise forms.ValidationError(str(error)) from error


class PaperField(forms.FileField):
    """A scan or photo. Cleans to (body, media type); what it is, its first bytes say, not its name."""

    def __init__(self, *, label: str, required: bool = True) -> None:
        widget = forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"})
        super().__init__(label=label, required=required, widget=widget, help_text="PDF o foto (JPG, PNG), hasta 5 MB.")

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return None
        try:
            return read_paper(upload)
        except PaperError as error:
            raise forms.ValidationError(str(error)) from error


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files, as a list; empty ones too, as what is wrong with one is told where what became of it is shown."""

    def __init__(self, *, label: str, accept: str, none: str = "Elija al menos un archivo.") -> None:
        super().__init__(label=label, widget=FilesInput(attrs={"accept": accept}))
        self.none = none

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = [each for each in data or () if each]
        if not files:
            raise forms.ValidationError(self.none)
        return files


def reason(label: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class QuickSelect(forms.Select):
    """A select drawn in one go: with two hundred planteles Django's own, a template an option, costs more than the list."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        drawn = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        now = str(value or "")
        options = "".join(
            f'<option value="{e(str(key))}"{" selected" if str(key) == now else ""}>{e(str(label))}</option>' for key, label in self.choices
        )
        return SafeString(f"<select{flatatt(drawn)}>{options}</select>")


class Renderer(DjangoTemplates):
    """Draws what one types into or ticks in one go, as Django's templates do, which take three for each."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget = context.get("widget", {})
        if template_name in _TYPED and not widget.get("wrap_label"):
            value = "" if widget["value"] is None else f' value="{e(str(widget["value"]))}"'
            return SafeString(f'<input type="{e(widget["type"])}" name="{e(widget["name"])}"{value}{_said(widget["attrs"])}>')
        if template_name == forms.Textarea.template_name:
            return SafeString(f'<textarea name="{e(widget["name"])}"{_said(widget["attrs"])}>\n{e(str(widget["value"] or ""))}</textarea>')
        return super().render(template_name, context, request)


_TYPED: Final = {
    kind.template_name
    for kind in (forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.SearchInput, forms.TelInput, forms.DateInput,
                 forms.HiddenInput, forms.FileInput, forms.CheckboxInput)
} | {forms.CheckboxSelectMultiple.option_template_name, forms.RadioSelect.option_template_name}  # fmt: skip


def _said(attrs: Mapping[str, Any]) -> str:
    """The attributes of a tag; one that is True has no value."""
    there = ((name, value) for name, value in attrs.items() if value is not False)
    return "".join(f" {e(name)}" if value is True else f' {e(name)}="{e(str(value))}"' for name, value in there)


class _Offered(BaseChoiceIterator):
    """Choices that are (value, label) already: Django would look at each of two hundred planteles twice more."""

    def __init__(self, choices: Iterable[tuple[str, str]]) -> None:
        self._choices = list(choices)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._choices)


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Let the field `name` choose among these (value, label)."""
    cast("forms.ChoiceField", form.fields[name]).choices = _Offered(choices)


def offer_planteles(form: forms.Form, name: str, planteles: QuerySet[Plantel]) -> None:
    """Let the field `name` choose among these planteles."""
    cast("forms.ModelChoiceField[Plantel]", form.fields[name]).queryset = planteles
