"""The codes with which IMSS rejects movements, in Ajustes: those that came and were not told yet, and what one says of a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django import forms
from django.utils.http import urlencode

from afiliacion.dashboard.settings_screens.section_form import SectionForm
from afiliacion.movements.models import RejectionCode
from afiliacion.movements.rejections import listing
from afiliacion.movements.rejections.families import families, family
from afiliacion.movements.rejections.listing import UntoldCode

#: What is read of a code, if IMSS gave no text with it.
_NO_TEXT: Final = "sin explicación del IMSS"


class Wanting(NamedTuple):
    """Something that came and has no row yet: its name, what is known of it, and what an address says for a row to begin with it."""

    name: str
    told: str
    query: str


class RejectionCodeForm(SectionForm):
    """A code and its family. One that came is shown as it came."""

    family = forms.ChoiceField(
        label="de qué clase es", choices=lambda: [("", "Elija…"), *((each.key, each.name) for each in families().values())]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meaning"].help_text = "Con sus palabras; lo lee quien lo arregla. Vacío: vale lo que dice la clase."
        if came := listing.untold(str(self.initial.get("code") or "")) if self.initial.get("code") else []:
            self.fields["code"].help_text = f"{_told(came[0])}."


def wanting() -> list[Wanting]:
    """The codes that came and are not in the table, those that came most often first."""
    return [Wanting(each.code, _told(each), urlencode({"code": each.code})) for each in listing.untold()]


def _told(each: UntoldCode) -> str:
    words = "; ".join(f"«{text}»" for text in each.texts) or _NO_TEXT
    return f"{'1 movimiento' if each.movements == 1 else f'{each.movements:,} movimientos'}: {words}"


def families_of(rows: Sequence[RejectionCode]) -> Mapping[int, str]:
    """Row id -> the name of its family."""
    return {row.pk: family(row.family).name for row in rows}
