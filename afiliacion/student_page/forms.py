"""What a student fills in. Words in tú; what a link alone must not do asks for the date of birth."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from afiliacion.cases.models import Case
from afiliacion.cases.papers.files import PaperError, UnsafePdf, read_paper
from afiliacion.cases.papers.required import is_minor
from afiliacion.reminders.address import address
from afiliacion.student_page.try_limits import BIRTHDAYS

_MANY: Final = "Son demasiados intentos. Espera una hora, o pide ayuda en tu plantel."
_DAYS: Final = ["%d/%m/%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d"]


class SheetForm(forms.Form):
    """The sheet or photo IMSS gave. Cleans to (body, media type)."""

    sheet = forms.FileField(
        label="Tu hoja del IMSS", error_messages={"required": "Elige la foto o el PDF de tu hoja.", "empty": "El archivo está vacío."},
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )  # fmt: skip

    @property
    def filename(self) -> str:
        """What the student's file is called."""
        upload = self.files.get("sheet")
        return str(getattr(upload, "name", ""))

    def clean_sheet(self) -> tuple[bytes, str]:
        upload: UploadedFile[Any] = self.cleaned_data["sheet"]
        try:
            return read_paper(upload, settings.STUDENT_PAPER_BYTES)
        except UnsafePdf as error:
            raise forms.ValidationError("Ese PDF trae algo más que hojas, o no se pudo revisar: toma una foto de tu hoja.") from error
        except PaperError as error:
            raise forms.ValidationError(self._objection(upload)) from error

    @staticmethod
    def _objection(upload: UploadedFile[Any]) -> str:
        if (upload.size or 0) <= settings.STUDENT_PAPER_BYTES:
            return "Sube una foto (JPG o PNG) o un PDF."
        return f"El archivo pesa más de {settings.STUDENT_PAPER_BYTES // 2**20} MB: toma la foto con menor resolución."


class BirthDateForm(forms.Form):
    """Asks for the date of birth: a link alone, found or stolen, must not be enough."""

    born = forms.DateField(
        label="Tu fecha de nacimiento", input_formats=_DAYS, help_text="Día, mes y año. Por ejemplo: 05/03/2008.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday", "placeholder": "dd/mm/aaaa"}),
        error_messages={"required": "Escribe tu fecha de nacimiento.", "invalid": "Escríbela así: 05/03/2008."},
    )  # fmt: skip

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case

    def clean_born(self) -> dt.date:
        born: dt.date = self.cleaned_data["born"]
        who = str(self.case.pk)
        if not BIRTHDAYS.count(who):
            raise forms.ValidationError(_MANY)
        if born != self.case.student.birth_date:
            raise forms.ValidationError("No coincide con la que tiene tu plantel.")
        BIRTHDAYS.forgive(who)
        return born


class RenounceForm(BirthDateForm):
    """The renuncia; of a minor, with the consent of the mother, father or guardian. `code` is asked for once the rest is right."""

    reason = forms.CharField(label="¿Por qué no lo quieres?", required=False, max_length=300)
    tutor = forms.CharField(
        label="Nombre completo de tu mamá, papá o tutor", max_length=160,
        error_messages={"required": "Eres menor de edad: escribe el nombre de tu mamá, papá o tutor, que debe estar de acuerdo."},
    )  # fmt: skip
    tutor_agrees = forms.BooleanField(
        label="Soy su mamá, papá o tutor y estoy de acuerdo", error_messages={"required": "Falta que tu mamá, papá o tutor lo acepte."}
    )
    code = forms.CharField(
        label="Código que te enviamos", required=False, max_length=20, help_text="Seis números.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
    understood = forms.BooleanField(
        label="Entiendo que el IMSS no me atenderá como estudiante", error_messages={"required": "Marca la casilla para continuar."}
    )
    field_order = ("reason", "tutor", "tutor_agrees", "born", "understood", "code")

    def __init__(self, case: Case, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(case, *args, **kwargs)
        if not is_minor(case.student.birth_date, today):
            del self.fields["tutor"], self.fields["tutor_agrees"]


class ContactForm(BirthDateForm):
    """A new e-mail or phone. The present ones are not shown."""

    email = forms.CharField(
        label="Tu correo nuevo", required=False, max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )  # fmt: skip
    phone = forms.RegexField(
        r"^[\d ()+-]{8,20}$", label="Tu teléfono nuevo", required=False, strip=True,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"invalid": "Escribe solo números: por ejemplo 733 555 0100."},
    )  # fmt: skip
    field_order = ("email", "phone", "born")

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"].strip()
        if typed and not address(typed):
            raise forms.ValidationError("Revisa el correo: debe ser como nombre@ejemplo.com.")
        return address(typed)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not (cleaned.get("email") or cleaned.get("phone")):
            self.add_error("email", "Escribe el correo o el teléfono que cambió.")
        return cleaned
