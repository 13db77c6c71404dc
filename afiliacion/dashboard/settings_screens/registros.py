"""The registros patronales of a plantel in Ajustes: typed with a plantel or by themselves, and until when they can be corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.db.models import prefetch_related_objects

from afiliacion.cases.models import Event
from afiliacion.cases.outcome import ActorKind
from afiliacion.cases.states import Verb
from afiliacion.dashboard.settings_screens.section_form import SectionForm
from afiliacion.imss.models import Errand, LoteRegistro
from afiliacion.imss.queue.channels import Channels
from afiliacion.movements.models import RegistroProfile
from students.form_fields import RegistroField
from students.models import Plantel, RegistroPatronal

_SENT: Final = (
    "Ya se envió al IMSS con {}: no se cambia ni se quita, porque la historia lo nombra. "
    "Si hay otro registro patronal, agréguelo con el día desde el que rige."
)
_BY_LOTE: Final = "Sus altas y bajas van por lotes: quite primero esa marca."


class PlantelForm(SectionForm):
    """A new plantel comes with the registro it has; afterwards its registros are rows with dates (RegistroForm)."""

    registro_patronal = RegistroField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["clave", "name", "cct", "registro_patronal"])
        if self.instance.pk:
            del self.fields["registro_patronal"]

    def save(self, commit: bool = True) -> Plantel:
        plantel: Plantel = super().save(commit)
        if registro := self.cleaned_data.get("registro_patronal"):
            RegistroPatronal.objects.create(plantel=plantel, registro=registro)
        return plantel


class RegistroForm(SectionForm):
    registro = RegistroField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].help_text = "El primer día con este registro; puede ser futuro. Vacío: desde siempre."


class RegistroProfileForm(SectionForm):
    """How the lotes of a registro are written, and whether its movements go by them although the office uses the service."""

    registro = RegistroField()
    by_lote = forms.BooleanField(
        label="Sus altas y bajas van por lotes, aunque la oficina use el servicio del IMSS", required=False,
        help_text="El NSS y la vigencia de sus alumnos se le siguen preguntando al IMSS. Sin servicio, todas van por lotes.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["registro", "by_lote"])
        self.initial["by_lote"] = beside_profile(self.instance)["by_lote"]

    def save(self, commit: bool = True) -> RegistroProfile:
        profile: RegistroProfile = super().save(commit)
        if self.cleaned_data["by_lote"]:
            LoteRegistro.objects.get_or_create(registro=profile.registro)
        else:
            LoteRegistro.objects.filter(registro=profile.registro).delete()
        return profile


def beside_profile(profile: RegistroProfile) -> dict[str, bool]:
    """What the form of a profile writes beside it."""
    return {"by_lote": LoteRegistro.objects.filter(registro=profile.registro).exists()}


def of_profiles(profiles: Sequence[RegistroProfile]) -> Mapping[int, str]:
    """Profile id -> by which channel its movements go."""
    channels = Channels()
    return {profile.pk: "por lotes" if channels.by_lote(profile.registro) else "por el servicio" for profile in profiles}


def profile_stays(profile: RegistroProfile) -> str:
    """Why a profile is not removed, in Spanish; else ""."""
    return _BY_LOTE if beside_profile(profile)["by_lote"] else ""


def of_planteles(planteles: Sequence[Plantel]) -> Mapping[int, str]:
    """Plantel id -> its registros in one line."""
    prefetch_related_objects(planteles, "registros")
    return {plantel.pk: plantel.registros_told() for plantel in planteles}


def settled(row: RegistroPatronal, today: dt.date) -> str:
    """Return why a registro no longer changes nor goes, in Spanish: something was sent to IMSS under it; else ""."""
    begun = row.valid_from is None or row.valid_from <= today
    return _SENT.format(row.get_registro_display()) if begun and (_sent_by_service(row) or _sent_by_hand(row)) else ""


def _sent_by_service(row: RegistroPatronal) -> bool:
    """Whether a movement carries it: the payload is fixed before the first try, and may have arrived from then on."""
    fixed = Errand.objects.filter(kind__in=Errand.MOVEMENTS, movement__registro_patronal=row.registro)
    return fixed.filter(case__plantel=row.plantel_id).exists()


def _sent_by_hand(row: RegistroPatronal) -> bool:
    """Whether an officer noted an alta of a day on which it was in force, after it was added."""
    altas = Event.objects.filter(case__plantel=row.plantel_id, verb=Verb.SEND_ALTA, actor_kind=ActorKind.PERSON)
    if row.valid_from:
        altas = altas.filter(on__gte=row.valid_from)
    if row.added_at:
        altas = altas.filter(at__gte=row.added_at)
    later = RegistroPatronal.objects.filter(plantel=row.plantel_id, valid_from__gt=row.valid_from or dt.date.min)
    ends = later.order_by("valid_from").values_list("valid_from", flat=True).first()
    return (altas.filter(on__lt=ends) if ends else altas).exists()
