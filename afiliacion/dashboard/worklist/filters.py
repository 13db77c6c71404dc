"""What a work list shows, as its address says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final, Self

from django import forms
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.http import urlencode

from afiliacion.cases.states import Coverage, Milestone, State, Turn
from afiliacion.dashboard.shared.assignees import ME, UNASSIGNED
from afiliacion.dashboard.shared.form_fields import QuickSelect, offer


class DueFilter(TextChoices):
    """When a case is due, seen from today. A case on hold is in none of the first three; one told to the coordinator is late, too."""

    LATE = "vencidos", "Vencidos"
    TODAY = "hoy", "Vencen hoy"
    COMING = "proximos", "Próximos"
    HELD = "pausa", "En pausa"
    ALERTED = "avisados", "Avisados a coordinación"


class SortOrder(TextChoices):
    DUE = "vence", "Plazo"
    NAME = "nombre", "Nombre"


#: Among the covers: those of another that prevail and let the case rest (states.rests), of open cases only.
AT_REST: Final = "reposo"


class Flag(TextChoices):
    """Something about a case that wants a person's eye, whatever its state."""

    PARKED = "revision", "El IMSS pide revisarlo"
    MENTIONED = "mencion", "Me mencionan en una nota"
    LEFT = "sin-responsable", "A cargo de quien ya no trabaja aquí"
    UNCLAIMED = "sin-clinica", "Vigente sin clínica"
    ALTA_TO_SEND = "alta-por-enviar", "Altas por enviar"
    BAJA_TO_SEND = "baja-por-enviar", "Bajas por enviar"
    ON_THEIR_WAY = "en-camino", "Altas y bajas en camino"
    BAJA_SENT = "baja-enviada", "Bajas enviadas sin respuesta"


@dataclass(frozen=True, slots=True)
class Filters:
    """One list: every field is a parameter of the address, by the same name; empty means "all"."""

    q: str = ""
    estado: str = ""
    turno: str = ""
    plazo: str = ""
    plantel: str = ""
    grupo: str = ""
    ciclo: str = ""
    paso: str = ""
    cobertura: str = ""
    asignado: str = ""
    bandera: str = ""
    orden: str = SortOrder.DUE.value
    vista: str = ""

    @classmethod
    def of(cls, cleaned: Mapping[str, Any]) -> Self:
        """From the cleaned data of a FilterForm."""
        return cls(**{name: cleaned[name] for name in _NAMES if cleaned.get(name)})

    @property
    def query(self) -> str:
        """The list as the query string of an address, without what is not said."""
        return urlencode([(name, said) for name, usual in _USUAL if (said := getattr(self, name)) and said != usual])

    @property
    def folded(self) -> int:
        """How many of the filters a phone folds are asked for."""
        return sum(name not in _UNFOLDED and getattr(self, name) != usual for name, usual in _USUAL)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order is asked for."""
        return replace(self, orden=_ALL.orden, vista="") != _ALL


_ALL: Final = Filters()
_ID: Final = re.compile(r"\d{1,9}", re.ASCII)
_NAMES: Final = tuple(field.name for field in fields(Filters))
_UNFOLDED: Final = ("q", "grupo", "orden", "vista")
_USUAL: Final = tuple((name, getattr(_ALL, name)) for name in _NAMES)


_PASOS: Final = [(str(milestone.value), milestone.label) for milestone in Milestone]


_COVERS: Final = [("", "Todas"), (AT_REST, "Con otra cobertura, en reposo"), *Coverage.choices]


#: The planteles and ciclos a person can choose from, (id, name) of each.
Offered = tuple[tuple[tuple[int, str], ...], tuple[tuple[int, str], ...]]


class FilterForm(forms.Form):
    """The filters as an officer sees them. A value that is not among the choices is an error, never "all"."""

    q = forms.CharField(label="Buscar", required=False, max_length=120)
    grupo = forms.CharField(label="Grupo", required=False, max_length=30)
    estado = forms.ChoiceField(label="Estado", required=False, widget=QuickSelect, choices=[("", "Todos"), *State.choices])
    turno = forms.ChoiceField(label="Le toca a", required=False, widget=QuickSelect, choices=[("", "Todos"), *Turn.choices])
    plazo = forms.ChoiceField(label="Plazo", required=False, widget=QuickSelect, choices=[("", "Todos"), *DueFilter.choices])
    plantel = forms.ChoiceField(label="Plantel", required=False, widget=QuickSelect)
    ciclo = forms.ChoiceField(label="Ciclo", required=False, widget=QuickSelect)
    paso = forms.ChoiceField(label="Ya llegaron a", required=False, widget=QuickSelect, choices=[("", "Todos"), *_PASOS])
    cobertura = forms.ChoiceField(label="Cobertura", required=False, widget=QuickSelect, choices=_COVERS)
    asignado = forms.ChoiceField(label="Asignado a", required=False, widget=QuickSelect)
    bandera = forms.ChoiceField(label="Señal", required=False, widget=QuickSelect, choices=[("", "Todas"), *Flag.choices])
    orden = forms.ChoiceField(label="Ordenar por", required=False, widget=QuickSelect, choices=SortOrder.choices)

    vista = forms.RegexField(r"^\d{1,9}$", required=False, widget=forms.HiddenInput)

    #: What is typed, and may name a person; _filters.html draws these two.
    TYPED = ("q", "grupo")
    #: Filters an officer needs now and then: behind "Más filtros" unless one is asked for.
    RARE = ("paso", "cobertura", "asignado", "bandera")

    def __init__(self, query: QueryDict, planteles: Iterable[tuple[int, str]], ciclos: Iterable[tuple[int, str]]) -> None:
        """`planteles`, `ciclos`: (id, name) of those to choose from."""
        super().__init__(query)
        self.offered: Offered = (tuple(planteles), tuple(ciclos))
        self.planteles = self.offered[0]
        offer(self, "plantel", [("", "Todos"), *((str(pk), name) for pk, name in self.planteles)])
        offer(self, "ciclo", [("", "Todos"), *((str(pk), clave) for pk, clave in self.offered[1])])
        other = query.get("asignado", "")
        others = [(other, "Otra persona")] if _ID.fullmatch(other) else []
        offer(self, "asignado", [("", "Todos"), (ME, "Mí"), (UNASSIGNED, "Nadie (sin responsable)"), *others])
        if len(self.planteles) == 1:
            self.fields["plantel"].widget = forms.HiddenInput()
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    @property
    def usual(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in (*self.TYPED, *self.RARE)]

    @property
    def rare(self) -> list[forms.BoundField]:
        return [self[name] for name in self.RARE]

    @property
    def chosen(self) -> str:
        """What the address chooses among what is offered, as a query string; nothing that was typed."""
        return urlencode([(name, value) for name, value in self.cleaned_data.items() if value and name not in self.TYPED])

    @property
    def asks_rare(self) -> bool:
        return any(self.data.get(name) for name in self.RARE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("grupo") and len(self.planteles) > 1 and not cleaned.get("plantel"):
            self.add_error("grupo", "elija primero un plantel")
        return cleaned


def said(query: QueryDict) -> str:
    """What an address says of the filters, right or wrong, as a query string."""
    return urlencode([(name, value) for name in FilterForm.base_fields if (value := query.get(name))])


def checked(query: QueryDict, offered: Offered) -> FilterForm:
    """Return the validated filters of an address. The same choices give the same cached form; typed text is personal data
    and is never cached."""
    typed = any(query.get(name) for name in FilterForm.TYPED)
    return (_looked_at if typed else _kept)(said(query), offered)


def _looked_at(said: str, offered: Offered) -> FilterForm:
    form = FilterForm(QueryDict(said), *offered)
    form.is_valid()
    return form


_kept: Final = lru_cache(maxsize=128)(_looked_at)
