"""What was read in a document, as the database keeps it, and of several readings of a value the one that is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from afiliacion.papers_in.saying import chosen
from paper_reader.reading import Field, Kind, Reading, Source, Value

#: The kinds that prove an NSS: the sheet that is asked of a student before the alta.
SHEETS: Final = frozenset({Kind.NSS_SHEET, Kind.NSS_CARD})


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading as JSON; `from_json` reads it."""
    values = [[value.field, value.text, value.source, value.page, value.box] for value in reading.values]
    return {"kind": reading.kind, "pages": reading.pages, "values": values, "warnings": list(reading.warnings), "refused": reading.refused}


def from_json(said: dict[str, Any]) -> Reading:
    """The reading that `as_json` wrote."""
    values = tuple(
        Value(Field(field), text, Source(source), page, tuple(box) if box else None) for field, text, source, page, box in said["values"]
    )
    return Reading(Kind(said["kind"]), said["pages"], values, tuple(said["warnings"]), said["refused"])


def best(reading: Reading, field: Field) -> Value | None:
    """Of the values of a field the one of the best source; None if the document has none."""
    return chosen(reading).get(field)


def text_of(reading: Reading, field: Field) -> str:
    """The text of `best`; empty if there is none."""
    value = best(reading, field)
    return value.text if value else ""


def all_of(reading: Reading, field: Field) -> list[str]:
    """The different texts of a field."""
    return list(dict.fromkeys(value.text for value in reading.values if value.field is field and value.text))


def day_of(reading: Reading, field: Field) -> dt.date | None:
    """The date of a field; None if there is none, or what was read is no date."""
    try:
        return dt.date.fromisoformat(text_of(reading, field))
    except ValueError:
        return None
