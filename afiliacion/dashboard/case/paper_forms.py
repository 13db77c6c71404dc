"""What an officer fills in about the papers of a case: received, verified, rejected."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from afiliacion.cases.models import PaperKind
from afiliacion.cases.states import PaperStatus
from afiliacion.dashboard.case.forms import ActionForm
from afiliacion.dashboard.shared.form_fields import PaperField, offer, reason


class Papers(ActionForm):
    """Papers by name, those of the case in one of `statuses` ("": not handed in)."""

    statuses: ClassVar[frozenset[str]]
    papers = forms.MultipleChoiceField(label="Documentos", widget=forms.CheckboxSelectMultiple)

    def prepare(self) -> None:
        status = dict(self.case.facts.papers) if self.case else {}
        kinds = PaperKind.objects.values_list("key", "label")
        offer(self, "papers", ((key, label) for key, label in kinds if status.get(key, "") in self.statuses))


class ReceivePapers(Papers):
    on_label = "¿Qué día los entregó?"
    statuses = frozenset({"", PaperStatus.REJECTED.value})
    paper = PaperField(label="Foto o escaneo que se guarda como prueba", required=False)

    def prepare(self) -> None:
        super().prepare()
        if self.case is None:
            del self.fields["paper"]


class VerifyPapers(Papers):
    on_label = "¿Qué día los revisó?"
    statuses = frozenset({PaperStatus.RECEIVED.value})


class RejectPapers(Papers):
    on_label = "¿Qué día los revisó?"
    statuses = frozenset({PaperStatus.RECEIVED.value, PaperStatus.VERIFIED.value})
    reason = reason("Por qué no sirven")
