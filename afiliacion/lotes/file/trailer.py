"""The trailer (cifras de control): how many records a file has, and their guía (docs/domain.md, 6.4)."""

from __future__ import annotations

import re
from typing import Final

from afiliacion.lotes.line.fields import TRAILER, Field, Fill

_MARK: Final = TRAILER[0].constant
_GUIDE_AT: Final = next(field for field in TRAILER if field.name == "guia")


def _pattern(field: Field) -> str:
    pattern = re.escape(field.constant) or f"{field.pattern}{f'| {{{field.length}}}' if field.blank else ''}"
    return f"(?P<{field.name}>{pattern})" if field.name else pattern


_PATTERN: Final = re.compile("".join(map(_pattern, TRAILER)))


def trailer(count: int, guia: str) -> str:
    """Return the 168 positions of the trailer of so many records."""
    values: dict[str, int | str] = {"count": count, "guia": guia}
    return "".join(
        field.constant
        or (f"{values[field.name]:0{field.length}d}" if field.fill is Fill.ZEROS else f"{values[field.name]:<{field.length}}")
        for field in TRAILER
    )


def is_trailer(line: str) -> bool:
    """Whether a line begins as a trailer does, right or wrong."""
    return line.startswith(_MARK)


def count_of(line: str) -> int | None:
    """Return how many records a trailer says there are; None if it is not written as a trailer is."""
    found = _PATTERN.fullmatch(line)
    return int(found["count"]) if found else None
