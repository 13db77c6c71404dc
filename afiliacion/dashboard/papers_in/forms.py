"""What an officer says of a document: what is to be noted with which values, or why it will not do; and the files they bring."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from afiliacion.cases.models import Case
from afiliacion.cases.states import BEFORE_THE_SHEET
from afiliacion.dashboard.case.forms import OwnNss
from afiliacion.dashboard.shared.form_fields import Day, FilesField, NssField, dress, not_ahead
from afiliacion.papers_in import matching, values
from afiliacion.papers_in.decide import acting
from afiliacion.papers_in.decide.acting import Noted
from afiliacion.papers_in.judgment import Proposal
from afiliacion.papers_in.models import BroughtPaper
from paper_reader.reading import Field, Kind, Source

#: Why a document will not do, as the student reads it; the key that chooses it is its number.
REASONS: Final = (
    "Está borrosa, cortada o incompleta: no se lee.",
    "No es tuya: trae el nombre o la CURP de otra persona.",
    "No es el documento que se pide.",
    "Es de una fecha anterior: descárgala otra vez.",
    "Le faltan páginas.",
)
_FIELDS: Final = {
    "nss": Field.NSS, "dated": Field.ISSUED_ON, "umf": Field.UMF, "turno": Field.TURNO, "consultorio": Field.CONSULTORIO,
    "registro": Field.REGISTRO_PATRONAL,
}  # fmt: skip


class ReviewForm(OwnNss):
    """The answer «it is right», with what it says; filled in with what was read."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    student = forms.CharField(
        label="De quién es", required=False, max_length=60, help_text="Matrícula, CURP, NSS o folio (E-0000123).",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    proposal = forms.ChoiceField(label="Qué se anota")
    nss = NssField(required=False)
    umf = forms.CharField(label="Clínica (UMF)", required=False, max_length=60)
    turno = forms.CharField(label="Turno", required=False, max_length=20)
    consultorio = forms.CharField(label="Consultorio", required=False, max_length=20)
    registro = forms.CharField(label="Registro patronal", required=False, max_length=16)
    field_order = ("version", "student", "proposal", "nss", "looked_twice", "dated", "umf", "turno", "consultorio", "registro")

    def __init__(
        self, data: Any = None, *, today: dt.date, case: Case | None, paper: BroughtPaper, planteles: frozenset[int] | None
    ) -> None:
        self.paper, self.chosen = paper, case
        super().__init__(data, today=today, case=case, planteles=planteles)
        self.order_fields(self.field_order)

    def prepare(self) -> None:
        super().prepare()
        del self.fields["on"]
        self.fields["dated"] = Day(label="Fecha del documento", required=False)
        for name, value in self._read().items():
            self.fields[name].initial = value
        offered = acting.possible(self.case.state) if self.case else list(acting.LABELS)
        self.fields["proposal"].choices = [(each.value, acting.LABELS[each]) for each in offered]  # type: ignore[attr-defined]  # a ChoiceField has them
        self.fields["proposal"].initial = self._proposed(offered)
        self.fields["version"].initial = self.paper.version
        if self.case:
            del self.fields["student"]

    def _read(self) -> dict[str, Any]:
        if self.paper.reading is None:
            return {}
        read = values.from_json(self.paper.reading)
        texts: dict[str, Any] = {name: values.text_of(read, field) for name, field in _FIELDS.items()}
        return {**texts, "dated": values.day_of(read, Field.ISSUED_ON)}

    def _proposed(self, offered: list[Proposal]) -> str:
        """What the document proposes, if the case can still have it; of one that could not be read, what is wanted of the student next."""
        proposal = Proposal(self.paper.proposal or Proposal.NOTHING)
        unread = proposal is Proposal.NOTHING and self.paper.kind in (Kind.UNKNOWN, Kind.NSS_SHEET, Kind.NSS_CARD)
        if unread and self.case and self.case.state in BEFORE_THE_SHEET:
            return offered[0].value
        return proposal.value if proposal in offered else Proposal.NOTHING.value

    def clean_dated(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["dated"]
        return not_ahead(day, self.today) if day else None

    def clean_student(self) -> str:
        text: str = self.cleaned_data["student"]
        self.chosen = matching.case_named(text, self.planteles) if text else None
        if text and self.chosen is None:
            raise forms.ValidationError("Nadie de su plantel coincide: revise la matrícula, la CURP o el folio.")
        self.case = self.chosen
        return text

    def noted(self) -> Noted:
        """What the form says, once it is valid."""
        said = self.cleaned_data
        texts = {name: said[name] for name in ("nss", "umf", "turno", "consultorio", "registro")}
        return Noted(Proposal(said["proposal"]), on=said["dated"], **texts)

    def marks(self) -> dict[str, str]:
        """Of each field that was filled in from the document how: "doubtful" for what was read from a picture, else "read"."""
        if self.paper.reading is None:
            return {}
        read = values.from_json(self.paper.reading)
        found = {name: values.best(read, field) for name, field in _FIELDS.items()}
        return {name: "doubtful" if value.source is Source.OCR else "read" for name, value in found.items() if value}


class RefuseForm(forms.Form):
    """Why the document will not do: one of the usual reasons, or another in words."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    chosen = forms.ChoiceField(label="Motivo", required=False, choices=[(str(n), text) for n, text in enumerate(REASONS, 1)],
                               widget=forms.RadioSelect)  # fmt: skip
    reason = forms.CharField(label="Otro motivo (lo leerá el alumno)", required=False, max_length=400,
                             widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}))  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        said["why"] = said.get("reason", "").strip() or (REASONS[int(said["chosen"]) - 1] if said.get("chosen") else "")
        if not said["why"] and not self.errors:
            self.add_error("chosen", "Elija o escriba por qué no sirve.")
        return said


class VersionForm(forms.Form):
    """An order that says nothing but which document it was given upon."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class BringForm(forms.Form):
    """Documents of students, or a ZIP of them."""

    file = FilesField(label="Hojas, fotos o un ZIP", accept=".pdf,.jpg,.jpeg,.png,.heic,.zip")

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        dress(self)

    def clean_file(self) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = self.cleaned_data["file"]
        if sum(each.size or 0 for each in files) > settings.PAPERS_IN_BYTES:
            raise forms.ValidationError(f"Pesan más de {settings.PAPERS_IN_BYTES // 2**20} MB juntos: tráigalos por partes.")
        return files
