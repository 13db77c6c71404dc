"""What the admin asks for to load a list."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminDateWidget
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from afiliacion.roll.reading import ENDINGS
from students.models import Ciclo, Plantel

_SALT: Final = "afiliacion.roll.confirm"


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


class ConfirmForm(forms.Form):
    """What was previewed, signed: the same bytes go to the same plantel and ciclo, by the same person."""

    token = forms.CharField(widget=forms.HiddenInput)

    def clean_token(self) -> dict[str, Any]:
        hours = settings.UPLOADS_KEPT_HOURS
        try:
            said: dict[str, Any] = signing.loads(self.cleaned_data["token"], salt=_SALT, max_age=hours * 3600)
        except signing.BadSignature as error:
            raise forms.ValidationError("La vista previa caducó: vuelva a subir la lista.") from error
        return said


def token(said: dict[str, Any]) -> str:
    """`said`, signed for a ConfirmForm."""
    return signing.dumps(said, salt=_SALT)
