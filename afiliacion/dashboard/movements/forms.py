"""What an officer says of a lote: that it was uploaded, and what the acuse de recibo says."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from afiliacion.dashboard.shared.form_fields import Day, dress, not_ahead


class DateForm(forms.Form):
    """The date of the movements of a lote; empty: as the registro patronal has it in Ajustes."""

    fecha = Day(label="Fecha de los movimientos", required=False, help_text="Vacía: la que se eligió en Ajustes. A lo más, mañana.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id=False)
        dress(self)


class SentForm(forms.Form):
    on = Day(label="Qué día se presentó en IDSE")
    number = forms.CharField(label="Número de lote que dio IDSE", max_length=40)
    signed_by = forms.CharField(label="Quién lo firmó", max_length=160)

    def __init__(self, data: Any = None, *, today: dt.date, signer: str = "") -> None:
        super().__init__(data, initial={"on": today, "signed_by": signer})
        self.today = today
        dress(self)

    def clean_on(self) -> dt.date:
        return not_ahead(self.cleaned_data["on"], self.today)


class ReceivedForm(forms.Form):
    on = Day(label="Qué día lo recibió el IMSS")
    refused = forms.CharField(
        label="Rechazados en el acuse de recibo", required=False, max_length=200_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Uno por renglón: la clave o el NSS y, después de un espacio, el motivo. Si no rechazó ninguno, déjelo vacío.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, today: dt.date) -> None:
        super().__init__(data, initial={"on": today})
        self.today = today
        dress(self)

    def clean_on(self) -> dt.date:
        return not_ahead(self.cleaned_data["on"], self.today)

    def clean_refused(self) -> dict[str, str]:
        """Clave or NSS -> reason."""
        found: dict[str, str] = {}
        for line in self.cleaned_data["refused"].splitlines():
            key, _, why = line.strip().partition(" ")
            if key and not why.strip():
                raise forms.ValidationError(f"Escriba el motivo después de {key}: lo necesitará quien lo corrija.")
            if key:
                found[key.upper()] = why.strip()[:500]
        return found
