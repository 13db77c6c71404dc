"""Form fields of the registry's values, the same in Ajustes, in the first visit and in the admin."""

from __future__ import annotations

from typing import Any

from django import forms

from students import registro_patronal


class RegistroField(forms.CharField):
    """A registro patronal as a person types it: gives its plain value, shows it with dashes, refuses another form with the reason."""

    def __init__(self, **kwargs: Any) -> None:
        known = {"label": "Registro patronal", "help_text": f"Las 11 posiciones, con o sin guiones: {registro_patronal.EXAMPLE}."}
        super().__init__(**known | kwargs)

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        if not text:
            return ""
        try:
            return registro_patronal.parse(text)
        except registro_patronal.RegistroError as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return registro_patronal.with_dashes(value) if isinstance(value, str) else value
