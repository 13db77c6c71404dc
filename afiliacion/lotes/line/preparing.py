"""From a movement as the office has it to the record that a profile's lote would carry, with every change of a name told."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from afiliacion.lotes.line.alphabet import Why, alphabet
from afiliacion.lotes.line.fields import TABLES
from afiliacion.lotes.line.layout import layout
from afiliacion.lotes.line.record import MovementData, MovementType, Record
from afiliacion.lotes.profile import LongNames, Profile
from afiliacion.lotes.refusal import Fault

NAME_LENGTH: Final = next(field.length for field in TABLES[MovementType.ALTA] if field.name == "nombre")
_NO_WAGE: Final = (0, "", "", "")


class WrittenName(NamedTuple):
    """A name as the office has it and as the file carries it; `why` it differs by more than case and blanks, if it does."""

    before: str
    after: str
    why: tuple[Why, ...]


class ChangedNames(NamedTuple):
    """The names of a movement of which at least one is written otherwise than the office has it (its `why`)."""

    clave: str
    primer_apellido: WrittenName
    segundo_apellido: WrittenName
    nombre: WrittenName


class Preparation:
    """Makes records with one profile. It refuses nothing: what cannot be sent is refused where it is written, or asked of `faults`."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._folded = alphabet(profile).folded
        self._cuts = profile.long_names is LongNames.CUT
        self._alta = (profile.salario, profile.tipo_trabajador, profile.tipo_salario, profile.jornada)
        self._name = lru_cache(maxsize=2**14)(self._written)
        self._missing = WrittenName("", profile.missing_surname, (Why.MISSING,) if profile.missing_surname else ())

    def of(self, movement: MovementData, changes: list[ChangedNames]) -> Record:
        """Return the record of a movement; its names, if one is changed, are added to `changes`."""
        kind, registro, nss, curp, first, second, given, day, clave, causa = movement
        primer, nombre = self._name(first), self._name(given)
        segundo = self._name(second) if second else self._missing
        if primer.why or segundo.why or nombre.why:
            changes.append(ChangedNames(clave, primer, segundo, nombre))
        profile = self._profile
        wage, umf = (self._alta, profile.umf) if kind == MovementType.ALTA else (_NO_WAGE, "")
        return Record(registro, nss, primer.after, segundo.after, nombre.after, *wage, day, umf, kind, profile.guia, clave, causa, curp)

    def faults(self, movement: MovementData) -> tuple[Fault, ...]:
        """Return every reason for which a movement cannot be sent with this profile; none if it can."""
        record = self.of(movement, [])
        return layout(record.type, self._profile).faults(record)

    def _written(self, name: str) -> WrittenName:
        folded, why = self._folded(name)
        if len(folded) > NAME_LENGTH and self._cuts:
            return WrittenName(name, folded[:NAME_LENGTH].rstrip(), (*why, Why.LENGTH))
        return WrittenName(name, folded, why)
