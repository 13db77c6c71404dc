"""What a document says once its sources are put together: one value a field, and where they do not agree."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from paper_reader.reading import Field, Reading, Source, Value
from students.names import search_key

#: The order in which sources are believed; what they say otherwise is told.
_BELIEVED: Final = (Source.TEXT, Source.QR, Source.CADENA, Source.OCR)
_NAMES: Final = frozenset({Field.FULL_NAME, Field.FIRST_NAMES, Field.FIRST_SURNAME, Field.SECOND_SURNAME})
#: What differs without meaning anything: the same words, shortened or written out.
_FREE: Final = frozenset({Field.BIRTH_PLACE, Field.EMPLOYER, Field.DELEGACION, Field.TURNO, Field.CONSULTORIO})
#: What IMSS' systems print in place of Ñ.
_FOR_ENE: Final = re.compile("[#?/¥Ñ]")
_NOT_LETTER: Final = re.compile("[^a-z]+")


class Doubt(NamedTuple):
    """Something that speaks against a document: a key of REASONS, and what fills its sentence."""

    code: str
    facts: dict[str, str] = {}


class Said:
    """A reading, asked by field: what is believed is said by its best source."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.values = chosen(reading)

    def __getitem__(self, field: Field) -> str:
        """The text of a field; "" if the document does not say it."""
        value = self.values.get(field)
        return value.text if value else ""

    def day(self, field: Field) -> dt.date | None:
        """The date of a field."""
        return dt.date.fromisoformat(self[field]) if self[field] else None

    @property
    def name(self) -> str:
        """The whole name, the given names first where they stand apart."""
        apart = (self[Field.FIRST_NAMES], self[Field.FIRST_SURNAME], self[Field.SECOND_SURNAME])
        return " ".join(filter(None, apart)) if self[Field.FIRST_NAMES] else self[Field.FULL_NAME]

    def contradictions(self) -> Iterable[tuple[Field, tuple[str, ...]]]:
        """Fields whose values differ, with what each says."""
        texts: dict[Field, dict[str, str]] = {}
        for value in self.reading.values:
            if value.field not in _FREE:
                texts.setdefault(value.field, {}).setdefault(plain_name(value.text) if value.field in _NAMES else value.text, value.text)
        if self[Field.FIRST_NAMES] and self[Field.FULL_NAME] and not any(map(is_same_name, [self.name], [self[Field.FULL_NAME]])):
            texts[Field.FULL_NAME] = {self.name: self.name, self[Field.FULL_NAME]: self[Field.FULL_NAME]}
        return [(field, tuple(said.values())) for field, said in texts.items() if len(said) > 1]


def chosen(reading: Reading) -> dict[Field, Value]:
    """Return the value of each field by the source believed most."""
    found: dict[Field, Value] = {}
    for value in sorted(reading.values, key=lambda each: _BELIEVED.index(each.source)):
        found.setdefault(value.field, value)
    return found


def plain_name(name: str, ene: str = "N") -> str:
    """Return the letters of a name, without accents, signs, blanks and case; Ñ, and what IMSS prints for it, as `ene`."""
    return _NOT_LETTER.sub("", search_key(_FOR_ENE.sub(ene, name.upper())))


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are the same as IMSS writes them: without accents, Ñ as N, X or a sign, blanks and hyphens anywhere."""
    return bool({plain_name(one), plain_name(one, "X")} & {plain_name(other), plain_name(other, "X")})
