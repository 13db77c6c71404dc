"""A record to 168 positions and back, as the table of fields and a profile say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NoReturn

from afiliacion.lotes.line.alphabet import Alphabet, alphabet
from afiliacion.lotes.line.fields import LENGTH, TABLES, Field, Fill, Signs
from afiliacion.lotes.line.record import EMPTY, MovementType, Record
from afiliacion.lotes.profile import Profile
from afiliacion.lotes.refusal import Fault, RecordRefused

_AT: Final = {name: at for at, name in enumerate(Record._fields)}
_DAY: Final = _AT["fecha"]
#: Takes a value and prints nothing.
_NOTHING: Final = "%.0s"
_ODD_DATE: Final = "«{}» no es una fecha del calendario: va como DDMMAAAA."


@lru_cache(maxsize=2**10)
def _day_written(day: dt.date) -> str:
    return f"{day.day:02}{day.month:02}{day.year:04}"


@lru_cache(maxsize=2**10)
def _day_read(written: str) -> dt.date:
    return dt.date(int(written[4:]), int(written[2:4]), int(written[:2]))


class Layout:
    """How the records of one type of movement are written with a profile. Build it with `layout`."""

    def __init__(self, kind: MovementType, letters: Alphabet, filler: str) -> None:
        self.type, self._alphabet = kind, letters
        self.fields = TABLES[kind]
        self._held = {field.name: field for field in self.fields if field.name}
        # A class of a regular expression: the hyphen last, lest it be a range.
        signs = "".join(re.escape(sign) for sign in sorted(letters.signs))
        self._parts = {"letters": "".join(sorted(letters.letters)), "signs": signs, "filler": filler}
        self._template = self._templates(filler)
        self._form = re.compile("".join(map(self._allowed, self.fields)))
        self._pattern = re.compile("".join(map(self._group, self.fields)))
        self._checks = [(itemgetter(_AT[name]), field.all_valid) for name, field in self._held.items() if field.all_valid]
        self._unused = [name for name in Record._fields if name not in {*self._held, "type"}]
        self._fixed = [(itemgetter(_AT["type"]), kind), *((itemgetter(_AT[name]), EMPTY[name]) for name in self._unused)]

    def lines(self, records: Sequence[Record]) -> list[bytes]:
        """Return the 168 bytes of each record.

        Raises:
            RecordRefused: if a value is not possible in its field; nothing is ever cut to fit. `line` says of which record.
        """
        written = [self._template % (*record[:_DAY], _day_written(record[_DAY]), *record[_DAY + 1 :]) for record in records]
        if not all(map(self._form.fullmatch, written)) or not self.are_well(records):
            self.refuse(records)
        lines = [line.encode(self._alphabet.codec) for line in written]
        if {*map(len, lines)} != {LENGTH}:
            raise AssertionError({*map(len, lines)})
        return lines

    def record(self, text: str) -> Record:
        """Return what a line of 168 positions says; whether its check digits hold is for `are_well` to say.

        Raises:
            RecordRefused: if it says nothing possible in one of its fields.
        """
        found = self._pattern.fullmatch(text)
        if not found:
            raise RecordRefused(self._faults_of(text))
        values: dict[str, Any] = {**EMPTY, **{name: value.rstrip(" ") for name, value in found.groupdict().items()}, "type": self.type}
        values["salario"] = int(values["salario"])
        try:
            values["fecha"] = _day_read(values["fecha"])
        except ValueError:
            raise RecordRefused((self._fault("fecha", _ODD_DATE.format(values["fecha"])),), clave=values["clave"]) from None
        return Record(**values)

    def are_well(self, records: Sequence[Record]) -> bool:
        """Whether records that have the form of a line have no more than the line, and check digits that hold."""
        alike = all({*map(value_of, records)} == {value} for value_of, value in self._fixed)
        return alike and all(all_valid([*map(value_of, records)]) for value_of, all_valid in self._checks)

    def refuse(self, records: Sequence[Record]) -> NoReturn:
        """Raise for the first of these records that cannot be written."""
        for number, record in enumerate(records, 1):
            if faults := self.faults(record):
                raise RecordRefused(faults, clave=record.clave, line=number)
        raise AssertionError("no record is at fault")

    def faults(self, record: Record) -> tuple[Fault, ...]:
        """Return every reason for which a record cannot be a line of this type; none if it can."""
        values = record._asdict()
        wrong = [self._fault(name, reason) for name in self._held if (reason := self._reason(name, values[name]))]
        wrong += [
            Fault(name, name.upper(), f"no va en {'un alta' if self.type is MovementType.ALTA else 'una baja'}.")
            for name in self._unused
            if values[name] != EMPTY[name]
        ]
        if record.type != self.type:
            wrong.append(
                Fault("type", "Tipo de movimiento", f"es {record.type} y el archivo es de {self.type.plural} ({self.type.value}).")
            )
        return tuple(wrong)

    def _reason(self, name: str, value: Any) -> str:
        """Why a value cannot stand in its field, in Spanish; "" if it can."""
        field = self._held[name]
        text = self._value_written(field, value)
        try:
            if field.check and value:
                field.check(text)
        except ValueError as error:
            return str(error)
        if len(text) > field.length:
            return f"tiene {len(text)} signos y caben {field.length}. {field.hint}".strip()
        return "" if re.fullmatch(self._allowed(field), text) else self._misfit(field, str(value))

    def _misfit(self, field: Field, value: str) -> str:
        if not value:
            return f"falta. {field.hint}".strip()
        if field.signs is Signs.A and (strange := self._alphabet.strange(value)):
            return f"la «{strange}» no está en el alfabeto del archivo. {field.hint}"
        allowed = ", ".join(f"{code} {meaning}" for code, meaning in field.allowed.items())
        return f"«{value}» no puede ir aquí. {f'Puede ser: {allowed}.' if allowed else field.hint}"

    def _faults_of(self, text: str) -> tuple[Fault, ...]:
        """Every field of a line that does not stand there as it should."""
        stood = [(field, text[field.first - 1 : field.last]) for field in self.fields]
        return tuple(
            Fault(field.name, field.label, f"posiciones {field.positions}: {self._misfit(field, value.rstrip(' '))}")
            for field, value in stood
            if not re.fullmatch(self._allowed(field), value)
        ) or (Fault("", "Línea", f"debe tener {LENGTH} posiciones y tiene {len(text)}."),)

    def _fault(self, name: str, reason: str) -> Fault:
        return Fault(name, self._held[name].label, reason)

    def _allowed(self, field: Field) -> str:
        pattern = re.escape(field.constant) if field.constant else field.pattern % self._parts
        return f"(?:{pattern}| {{{field.length}}})" if field.blank else pattern

    def _group(self, field: Field) -> str:
        return f"(?P<{field.name}>{self._allowed(field)})" if field.name else self._allowed(field)

    def _templates(self, filler: str) -> str:
        """The line as a %-template of a record's values in their order; what this type does not carry is printed as nothing."""
        parts, waiting = [], list(Record._fields)
        for field in self.fields:
            while field.name and waiting[0] != field.name:
                parts.append(_NOTHING)
                waiting.pop(0)
            parts.append(_spec(field) if field.name else field.constant or filler * field.length)
            waiting = waiting[bool(field.name) :]
        return "".join([*parts, *(_NOTHING for _ in waiting)])

    @staticmethod
    def _value_written(field: Field, value: Any) -> str:
        return _spec(field) % (_day_written(value) if isinstance(value, dt.date) else value)


def _spec(field: Field) -> str:
    return f"%0{field.length}d" if field.fill is Fill.ZEROS else f"%-{field.length}s"


@lru_cache
def layout(kind: MovementType, profile: Profile) -> Layout:
    """Return how records of this type are written with this profile."""
    return Layout(kind, alphabet(profile), profile.filler)
