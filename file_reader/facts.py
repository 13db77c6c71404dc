"""What a whole column says about how its cells are to be read, gathered while the file is first gone through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

#: dd/mm/aaaa with any of the three separators, and the midnight that some programs add.
SLASHED: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: 0?0:00(?::00)?)?")
#: Whether any line of a text may be a date with its month first: one search for many cells.
_MAYBE: Final = re.compile(r"^\s*\d{1,2}[/.-](?:1[3-9]|2\d|3[01])[/.-]\d{4}", re.MULTILINE)
#: A column with more different texts than this is not one of a few words.
_FEW: Final = 40


def only_month_first(text: str) -> bool:
    """Whether `text` is a date that exists only with its month first (12/31/2026)."""
    found = SLASHED.fullmatch(text)
    return bool(found) and int(found[1]) <= 12 < int(found[2]) <= 31 if found else False


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column's facts: `month_first`, a date that can only be so; `words`, its different texts if they are few."""

    month_first: str = ""
    words: frozenset[str] = frozenset()


@dataclass(slots=True)
class FactsCollector:
    """Gathers the facts of every column, batch by batch."""

    _month_first: list[str] = field(default_factory=list)
    _seen: list[set[str]] = field(default_factory=list)

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        for at, cells in enumerate(zip_longest(*rows, fillvalue="")):
            if at == len(self._seen):
                self._month_first.append("")
                self._seen.append(set())
            self._add(at, set(cells))

    def _add(self, at: int, texts: set[str]) -> None:
        if not self._month_first[at] and _MAYBE.search("\n".join(texts)):
            self._month_first[at] = next((text for text in map(str.strip, sorted(texts)) if only_month_first(text)), "")
        if len(self._seen[at]) <= _FEW:
            self._seen[at] |= {text.strip() for text in texts} - {""}

    def so_far(self) -> list[ColumnFacts]:
        """The facts by the rows added until now."""
        few = (frozenset(seen if len(seen) <= _FEW else ()) for seen in self._seen)
        return [ColumnFacts(month_first, words) for month_first, words in zip(self._month_first, few, strict=True)]
