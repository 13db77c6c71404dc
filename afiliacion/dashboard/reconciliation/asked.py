"""What an address of the reconciliation asks for: a registro patronal, a ciclo, or all; and for whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Self

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from afiliacion.dashboard.shared.access import Scope
from afiliacion.reconciliation import counting, strangers
from afiliacion.reconciliation.differences import Difference, find
from afiliacion.reconciliation.ground import Ground
from students.registro_patronal import with_dashes

#: Stands for the planteles without a registro patronal.
NONE: Final = "-"


@dataclass(frozen=True)
class Asked:
    """`registro`: a plain value, NONE, or "" for all; `ciclo`: an id, None for all. What does not exist asks for nothing."""

    scope: Scope
    ground: Ground
    registro: str = ""
    ciclo: int | None = None

    @classmethod
    def of(cls, said: QueryDict, scope: Scope) -> Self:
        """What an address or a form says, today."""
        asked = cls(scope, Ground.read(timezone.localdate()))
        registro, ciclo = said.get("registro", ""), said.get("ciclo", "")
        known = int(ciclo) if ciclo.isascii() and ciclo.isdigit() and len(ciclo) < 10 else 0
        return replace(
            asked, registro=registro if registro in {NONE, *asked.registros} else "", ciclo=known if known in asked.ground.ciclos else None
        )

    @cached_property
    def registros(self) -> list[str]:
        """Those the person's planteles have or had."""
        planteles, registros = self.scope.plantel_ids, self.ground.registros
        found = registros.every() if planteles is None else frozenset().union(*(registros.ever(pk) for pk in planteles))
        return sorted(found)

    @cached_property
    def answered_for(self) -> frozenset[str]:
        """Of these, the ones all of whose planteles are the person's: who is unknown under one is theirs to see."""
        return strangers.answered_for(self.ground.registros, self.scope.plantel_ids)

    @property
    def seen(self) -> frozenset[str]:
        """Those asked for, of the ones answered for."""
        return self.answered_for if not self.registro else self.answered_for & {self.registro}

    @property
    def query(self) -> str:
        """The same as the query string of an address."""
        return urlencode([(name, value) for name, value in (("registro", self.registro), ("ciclo", self.ciclo or "")) if value])

    @property
    def told(self) -> str:
        """What is asked for, in words; "" for everything."""
        parts = []
        if self.registro:
            parts.append("sin registro patronal" if self.registro == NONE else f"registro patronal {with_dashes(self.registro)}")
        if self.ciclo:
            parts.append(f"ciclo {self.ground.ciclos[self.ciclo]}")
        return ", ".join(parts)

    def holds(self, registro: str, ciclo_id: int | None) -> bool:
        """Whether something under a registro patronal ("": none) of a ciclo (None: of no ciclo) is asked for."""
        return self.registro in ("", registro or NONE) and (self.ciclo is None or ciclo_id in (None, self.ciclo))

    def cases(self, what: Difference) -> QuerySet[Any]:
        """The cases of a difference that are asked for, of the person's planteles."""
        found = find(what, self.scope.cases(), self.ground)
        if self.ciclo is not None:
            found = found.filter(ciclo=self.ciclo)
        if not self.registro:
            return found
        return counting.under(found, "" if self.registro == NONE else self.registro, self.ground)
