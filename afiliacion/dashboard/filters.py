"""What a work list shows, as its address says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Self

from django import forms
from django.db.models import Q, QuerySet, TextChoices
from django.http import QueryDict
from django.utils.http import urlencode

from afiliacion.cases.models import Case
from afiliacion.cases.queries import matching
from afiliacion.cases.states import State, Turn
from afiliacion.dashboard.fields import offer
from afiliacion.dashboard.paging import Order
from students.models import Ciclo, Enrolment, Plantel


class Due(TextChoices):
    """When a case is due, seen from today. A case on hold is in none of the first three; one told to the coordinator is late, too."""

    LATE = "vencidos", "Vencidos"
    TODAY = "hoy", "Vencen hoy"
    COMING = "proximos", "Próximos"
    HELD = "pausa", "En pausa"
    ALERTED = "avisados", "Avisados a coordinación"


def due_condition(due: Due, today: dt.date) -> Q:
    """The cases of `due`: lists filter by it and the home page counts by it, so that the two always agree."""
    return _DUE[due](today) & ~Q(turn=Turn.NADIE)


_DUE: Final[Mapping[Due, Callable[[dt.date], Q]]] = {
    Due.LATE: lambda today: Q(due_on__lt=today),
    Due.TODAY: lambda today: Q(due_on=today),
    Due.COMING: lambda today: Q(due_on__gt=today),
    Due.HELD: lambda today: Q(due_on__isnull=True),
    Due.ALERTED: lambda today: Q(due_on__lt=today, alerted_on__isnull=False),
}


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
    orden: str = Order.DUE.value

    @classmethod
    def of(cls, cleaned: Mapping[str, Any]) -> Self:
        """From the cleaned data of a FilterForm."""
        return cls(**{name: cleaned[name] for name in _NAMES if cleaned.get(name)})

    def apply(self, cases: QuerySet[Case], today: dt.date) -> QuerySet[Case]:
        """The cases of the list, in no order."""
        exact = {
            "state": self.estado, "turn": self.turno, "plantel": self.plantel,
            "enrolment__ciclo": self.ciclo, "enrolment__grupo__iexact": self.grupo,
        }  # fmt: skip
        cases = cases.filter(**{column: value for column, value in exact.items() if value})
        if self.plazo:
            cases = cases.filter(due_condition(Due(self.plazo), today))
        return matching(cases, self.q) if self.q else cases

    @property
    def query(self) -> str:
        """The list as the query string of an address, without what is not said."""
        return urlencode({name: value for name, value in asdict(self).items() if value and value != getattr(_ALL, name)})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order is asked for."""
        return replace(self, orden=_ALL.orden) != _ALL


_ALL: Final = Filters()
_NAMES: Final = tuple(field.name for field in fields(Filters))


class FilterForm(forms.Form):
    """The filters as an officer sees them. A value that is not among the choices is an error, never "all"."""

    q = forms.CharField(label="Buscar", required=False, max_length=120)
    estado = forms.ChoiceField(label="Estado", required=False, choices=[("", "Todos"), *State.choices])
    turno = forms.ChoiceField(label="Le toca a", required=False, choices=[("", "Todos"), *Turn.choices])
    plazo = forms.ChoiceField(label="Plazo", required=False, choices=[("", "Todos"), *Due.choices])
    plantel = forms.ChoiceField(label="Plantel", required=False)
    grupo = forms.CharField(label="Grupo", required=False, max_length=30)
    ciclo = forms.ChoiceField(label="Ciclo", required=False)
    orden = forms.ChoiceField(label="Ordenar por", required=False, choices=Order.choices)

    def __init__(self, query: QueryDict, planteles: Iterable[Plantel], ciclos: Iterable[Ciclo]) -> None:
        super().__init__(query)
        self.planteles = list(planteles)
        offer(self, "plantel", [("", "Todos"), *((str(plantel.pk), plantel.name) for plantel in self.planteles)])
        offer(self, "ciclo", [("", "Todos"), *((str(ciclo.pk), ciclo.clave) for ciclo in ciclos)])
        if len(self.planteles) == 1:
            self.fields["plantel"].widget = forms.HiddenInput()
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name in ("q", "grupo") else "form-select"
        self.fields["q"].widget.input_type = "search"
        self.fields["grupo"].widget.attrs |= {"list": "grupos", "autocomplete": "off"}

    def grupos(self, filters: Filters) -> list[str]:
        """Groups to suggest once one plantel is at hand: of a whole university they would be thousands."""
        plantel = filters.plantel or (str(self.planteles[0].pk) if len(self.planteles) == 1 else "")
        if not plantel:
            return []
        enrolments = Enrolment.objects.filter(plantel_id=int(plantel)).exclude(grupo="")
        if filters.ciclo:
            enrolments = enrolments.filter(ciclo_id=int(filters.ciclo))
        return list(enrolments.order_by("grupo").values_list("grupo", flat=True).distinct()[:200])
