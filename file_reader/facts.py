"""What a whole column says about how its cells are to be read, gathered while the file is first gone through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice, zip_longest
from typing import Any, Final

#: dd/mm/aaaa with any of the three separators, year of two digits or four, and the time that some programs add.
SLASHED: Final = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.? ?m\.?)?)?", re.IGNORECASE
)
#: Whether any line of a text may be such a date, or a date as a workbook's cell gives it; one that exists only with its month first, or
#: only with its day first: one search for many cells.
_MAYBE: Final = re.compile(r"^\s*\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}", re.MULTILINE)
_MAYBE_MONTH_FIRST: Final = re.compile(r"^\s*\d{1,2}[/.-](?:1[3-9]|2\d|3[01])[/.-]\d{2}", re.MULTILINE)
_MAYBE_DAY_FIRST: Final = re.compile(r"^\s*(?:1[3-9]|2\d|3[01])[/.-]\d{1,2}[/.-]\d{2}", re.MULTILINE)
_CELL: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
#: A column with more different texts than this is not one of a few words.
_FEW: Final = 40
#: A column with more different dates than this has proof of how they are written, or is judged date by date.
_MANY_DAYS: Final = 400


def only_month_first(text: str) -> bool:
    """Whether `text` is a date that exists only with its month first (12/31/2026)."""
    found = SLASHED.fullmatch(text)
    return bool(found) and int(found[1]) <= 12 < int(found[3]) <= 31 if found else False


def only_day_first(text: str) -> bool:
    """Whether `text` is a date that exists only with its day first (31/12/2026)."""
    found = SLASHED.fullmatch(text)
    return bool(found) and int(found[3]) <= 12 < int(found[1]) <= 31 if found else False


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column's facts: `month_first`, `day_first`: a date that can only be so; `words`, its different texts if they are few; `some` of its
    texts; `days`: its different dates, as text (dd/mm/aaaa) and as cells (ISO), as long as they are not many."""

    month_first: str = ""
    day_first: str = ""
    words: frozenset[str] = frozenset()
    some: tuple[str, ...] = ()
    days: frozenset[str] = frozenset()

    def said(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "words": sorted(self.words), "days": sorted(self.days)}

    @classmethod
    def heard(cls, said: dict[str, Any]) -> ColumnFacts:
        """From what `said` gave."""
        return cls(said["month_first"], said["day_first"], frozenset(said["words"]), tuple(said["some"]), frozenset(said["days"]))


@dataclass(slots=True)
class _Column:
    """What one column has said so far."""

    month_first: str = ""
    day_first: str = ""
    seen: dict[str, None] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)

    def add(self, texts: set[str]) -> None:
        if len(self.seen) <= _FEW:
            self.seen.update(dict.fromkeys(islice(sorted({text.strip() for text in texts} - {""}), _FEW + 1)))
        if len(self.days) > _MANY_DAYS and self.month_first and self.day_first:
            return
        together = "\n".join(texts)
        if not _MAYBE.search(together):
            return
        if not self.month_first and _MAYBE_MONTH_FIRST.search(together):
            self.month_first = _first(texts, only_month_first)
        if not self.day_first and _MAYBE_DAY_FIRST.search(together):
            self.day_first = _first(texts, only_day_first)
        if len(self.days) <= _MANY_DAYS:
            self.days |= set(filter(None, map(_day, texts)))

    def facts(self) -> ColumnFacts:
        few = len(self.seen) <= _FEW
        days = self.days if len(self.days) <= _MANY_DAYS else ()
        return ColumnFacts(
            self.month_first, self.day_first, frozenset(self.seen if few else ()), tuple(islice(self.seen, _FEW)), frozenset(days)
        )


def _first(texts: set[str], is_so: Callable[[str], bool]) -> str:
    return next((text for text in map(str.strip, sorted(texts)) if is_so(text)), "")


def _day(text: str) -> str:
    """The date that a text is, without the time; empty if it is none."""
    text = text.strip()
    if found := SLASHED.fullmatch(text):
        return text[: found.end(4)]
    return text[:10] if _CELL.match(text) else ""


@dataclass(slots=True)
class FactsCollector:
    """Gathers the facts of every column, batch by batch."""

    _columns: list[_Column] = field(default_factory=list)

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        for at, cells in enumerate(zip_longest(*rows, fillvalue="")):
            if at == len(self._columns):
                self._columns.append(_Column())
            self._columns[at].add(set(cells))

    def so_far(self) -> list[ColumnFacts]:
        """The facts by the rows added until now."""
        return [column.facts() for column in self._columns]
