"""Files of IMSS, what their columns are, and why one is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from afiliacion.dashboard.shared.form_fields import FilesField, dress
from afiliacion.lotes.answers.columns import COLUMNS, SAYING
from afiliacion.movements.answers.bringing import LARGEST
from afiliacion.movements.models import AnswerDocument


class AnswersField(FilesField):
    """One or several files that can be taken into memory."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = super().clean(data, initial)
        if large := next((each for each in files if (each.size or 0) > LARGEST), None):
            raise forms.ValidationError(f"«{large.name}» pesa más de {LARGEST // 2**20} MB: no es la respuesta de un lote.")
        return files


class BringForm(forms.Form):
    """Documents of IMSS, each of its own."""

    file = AnswersField(
        label="Acuse, constancia o respuesta", accept=".pdf,.csv,.txt,.tsv,.xlsx,.ods",
        none="Elija al menos un archivo de los que dio IDSE.",
    )  # fmt: skip

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        dress(self)


class ColumnsForm(forms.Form):
    """Which heading of a document is which column; remembered for all that have the same headings."""

    def __init__(self, data: Any = None, *, document: AnswerDocument, found: Mapping[str, int]) -> None:
        super().__init__(data, initial={name: str(at) for name, at in found.items()})
        choices = [("", "No viene"), *((str(at), header or f"(columna {at + 1})") for at, header in enumerate(document.headers))]
        for column in COLUMNS:
            self.fields[column.name] = forms.ChoiceField(label=column.label, choices=choices, required=column.needed)
        dress(self)

    def clean(self) -> dict[str, Any]:
        places = {name: int(at) for name, at in self.cleaned_data.items() if at}
        if not any(name in places for name in SAYING):
            raise forms.ValidationError("Diga qué columna trae el código o el resultado: sin ella no se sabe qué pasó con cada movimiento.")
        if len({*places.values()}) < len(places):
            raise forms.ValidationError("Una misma columna no puede ser dos cosas.")
        return {"places": places}


class UndoForm(forms.Form):
    reason = forms.CharField(label="Por qué se deshace", max_length=300)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        dress(self)
