"""What a value of each field looks like, and how it is written down: dates as ISO, numbers without what parts their groups."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from paper_reader.page import bare
from paper_reader.reading import Field

_NSS: Final = re.compile(r"\d{11}|\d{10}-\d|\d{2}-\d{2}-\d{2}-\d{4}-\d|\d{2} \d{2} \d{2} \d{4} \d", re.ASCII)
CURP: Final = re.compile(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d", re.ASCII)
_NAME: Final = re.compile(r"[A-ZÀ-ÖØ-ÝŸ#][A-Za-zÀ-ÖØ-öø-ÿŸ .,'’#/-]{0,119}")
_FOLIO: Final = re.compile(r"\d{16,26}", re.ASCII)
_REGISTRO: Final = re.compile(r"[A-Z]\d{2}-?\d{5}-?\d{2}(-?\d)?", re.ASCII)
_AGREGADO: Final = re.compile(r"\d[MFX]\d{4}[A-Z]{2}", re.ASCII)
_ANY: Final = re.compile(r"\S.{0,119}")
_SHORT: Final = re.compile(r"[\w][\w .°º/-]{0,59}")
_NUMBERS: Final = re.compile(r"(\d{1,2}) ?[/-] ?(\d{1,2}) ?[/-] ?(\d{4})(?: DD ?MM ?AAAA| \d{2}:\d{2}(?::\d{2})?)?", re.ASCII)
_WORDS: Final = re.compile(r"(?:[a-záéíóúñ]+,? )?(\d{1,2}) (?:de )?([a-z]+) (?:de |del )?(\d{4})", re.IGNORECASE)
_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_SEXES: Final = {"hombre": "H", "mujer": "M", "h": "H", "m": "M", "masculino": "H", "femenino": "M", "nobinario": "X", "x": "X"}
_RIGHTS: Final = {"si": "SI", "no": "NO"}


def _whole(shape: re.Pattern[str], out: str = "") -> Callable[[str], str]:
    return lambda text: re.sub(f"[{out}]", "", text) if out and shape.fullmatch(text) else text if shape.fullmatch(text) else ""


def _date(text: str) -> str:
    numbers, words = _NUMBERS.fullmatch(text), _WORDS.fullmatch(text)
    try:
        if numbers:
            return dt.date(int(numbers[3]), int(numbers[2]), int(numbers[1])).isoformat()
        if words and words[2].lower() in _MONTHS:
            return dt.date(int(words[3]), _MONTHS.index(words[2].lower()) + 1, int(words[1])).isoformat()
    except ValueError:
        return ""
    return ""


_DATES: Final = (Field.BIRTH_DATE, Field.ISSUED_ON, Field.VIGENCIA_UNTIL)
_NAMES: Final = (Field.FULL_NAME, Field.FIRST_NAMES, Field.FIRST_SURNAME, Field.SECOND_SURNAME)
_READ: Final[dict[Field, Callable[[str], str]]] = {
    Field.NSS: _whole(_NSS, " -"),
    Field.CURP: _whole(CURP),
    **dict.fromkeys(_NAMES, _whole(_NAME)),
    Field.SEX: lambda text: _SEXES.get(bare(text), ""),
    **dict.fromkeys(_DATES, _date),
    Field.BIRTH_PLACE: _whole(_NAME),
    Field.FOLIO: _whole(_FOLIO),
    Field.RIGHT: lambda text: _RIGHTS.get(bare(text), ""),
    Field.REGISTRO_PATRONAL: _whole(_REGISTRO),
    Field.EMPLOYER: _whole(_ANY),
    Field.AGREGADO_MEDICO: _whole(_AGREGADO),
    **dict.fromkeys((Field.DELEGACION, Field.UMF, Field.TURNO, Field.CONSULTORIO), _whole(_SHORT)),
}
#: Whose values may go on in a second line.
LONG: Final = frozenset({*_NAMES, Field.BIRTH_PLACE, Field.EMPLOYER, Field.DELEGACION, Field.UMF})
#: Whose values have one length: none of them is part of another, so what stands in the next line does not matter.
_WHOLE: Final = frozenset({Field.NSS, Field.CURP, *_DATES, Field.RIGHT, Field.SEX, Field.AGREGADO_MEDICO})


def read_as(field: Field, text: str) -> str:
    """Return the value of a field that is written as `text`; "" if it is none."""
    return _READ[field](" ".join(text.split()))


def spellings(field: Field, lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield what some lines may say of a field, and how many of them say it: all of them, lest a part is taken for the whole."""
    ways = [(" ".join(lines), len(lines))]
    if len(lines) > 1 and field not in LONG:
        ways.insert(0, ("".join(lines), len(lines)))
    if field in _WHOLE:
        ways.append((lines[0], 1))
    yield from ((text, count) for text, count in ((read_as(field, way), count) for way, count in ways) if text)
