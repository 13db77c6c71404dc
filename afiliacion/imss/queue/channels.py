"""By which channel altas and bajas go: the service of IMSS, or lotes that a person presents. Questions are asked by the service alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.models import ImssSettings, LoteRegistro
from students.models import RegistroPatronal
from students.registros import Registros

#: The registros patronales of all planteles that have or had one which goes by lotes.
OF_PLANTELES: Final = RegistroPatronal.objects.filter(
    plantel__in=RegistroPatronal.objects.filter(registro__in=LoteRegistro.objects.values("registro")).values("plantel")
).order_by("pk")


class Channels:
    """The channel of each registro patronal, read once. Where the office does not use the service, all go by lotes.

    `settings`, `lotes`: the rows, if they have been read already.
    """

    def __init__(self, settings: ImssSettings | None = None, lotes: Iterable[LoteRegistro] | None = None) -> None:
        self.automatic = is_automatic(settings)
        rows = LoteRegistro.objects.all() if lotes is None else lotes
        #: Those that go by lotes although the office uses the service.
        self.lotes = frozenset(row.registro for row in rows) if self.automatic else frozenset[str]()

    def by_lote(self, registro: str) -> bool:
        """Whether the altas and bajas of a registro patronal go by lotes."""
        return not self.automatic or registro in self.lotes

    @property
    def some_by_lote(self) -> bool:
        """Whether those of any registro patronal do."""
        return not self.automatic or bool(self.lotes)

    @property
    def ways(self) -> frozenset[bool]:
        """Whether movements of this office go by the service: True, False, or both."""
        return frozenset({self.automatic, not self.some_by_lote})


class PlantelChannels:
    """The channels of planteles, for lists of cases: a baja goes by that of the registro of its alta, which may be a former one."""

    def __init__(self, channels: Channels, registros: Iterable[RegistroPatronal]) -> None:
        """`registros`: those of OF_PLANTELES."""
        self._channels = channels
        self._registros = Registros((row.plantel_id, row.registro, row.valid_from) for row in registros)

    def automatic(self, plantel_id: int) -> frozenset[bool]:
        """Whether movements of a plantel go by the service: True, False, or both."""
        found = frozenset(not self._channels.by_lote(registro) for registro in self._registros.ever(plantel_id))
        return found or frozenset({self._channels.automatic})
