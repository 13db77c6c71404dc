"""The words of a kind filled in: a school's own ones (PaperText) before those of the files (texts.py).

A sentence that names a value that is missing (a plantel without office hours) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Template

from django.db.models import F

from afiliacion.documents.models import PaperText
from afiliacion.documents.texts import defaults


class Words:
    """The words of every kind, a school's own ones included, read once."""

    def __init__(self) -> None:
        rows = PaperText.objects.order_by(F("plantel").asc(nulls_first=True))
        self._own = {(row.plantel_id, row.kind, row.part): tuple(row.text.splitlines()) for row in rows}

    def part(self, kind: str, part: str, plantel_id: int | None, values: Mapping[str, str]) -> tuple[str, ...]:
        """The paragraphs of a part, filled in."""
        own = self._own.get((plantel_id, kind, part)) or self._own.get((None, kind, part))
        return tuple(filter(None, (_sentence(sentence, values) for sentence in own or defaults(kind)[part])))


@cache
def _template(sentence: str) -> tuple[Template, tuple[str, ...]]:
    template = Template(sentence)
    return template, tuple(template.get_identifiers())


def _sentence(sentence: str, values: Mapping[str, str]) -> str:
    template, named = _template(sentence)
    return template.substitute(values) if all(values.get(name) for name in named) else ""
