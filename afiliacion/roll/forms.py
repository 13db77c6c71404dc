"""What the admin asks for to load a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminDateWidget
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from afiliacion.roll.parse.reading import ENDINGS
from students.models import Ciclo, Plantel


class UploadForm(forms.Form):
    """Which list, whose and of which ciclo; only the planteles given can be chosen."""

    import_file = forms.FileField(label="Lista", help_text="Excel (.xlsx), OpenDocument (.ods) o texto (.csv, .txt).")
    plantel = forms.ModelChoiceField(label="Plantel", queryset=Plantel.objects.none())
    ciclo = forms.ModelChoiceField(label="Ciclo", queryset=Ciclo.objects.all())
    enrolled_on = forms.DateField(
        label="Fecha de inscripción para todos", required=False, widget=AdminDateWidget, help_text="Solo para las filas que no la traen."
    )

    def __init__(self, planteles: QuerySet[Plantel], *data: Any) -> None:
        super().__init__(*data)
        choice = self.fields["plantel"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - as declared above
        choice.queryset = planteles
        self.fields["import_file"].widget.attrs["accept"] = ",".join(ENDINGS)

    def clean_import_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["import_file"]
        if (file.size or 0) > settings.ROLL_MAX_BYTES:
            raise forms.ValidationError(f"El archivo pasa de {settings.ROLL_MAX_BYTES // 2**20} MB: divida la lista en varias.")
        return file
