"""A list before it is a file: its cells, and what stands around its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Cell(NamedTuple):
    """A cell as its program holds it: text, number, date (ISO), error or formula; a number may have a format."""

    text: str
    kind: str = "text"
    format: str = "General"


@dataclass(slots=True)
class Grid:
    """The students' rows, each a cell a column. `every`: so many rows, these texts again; `hidden`: rows a filter hides."""

    columns: list[str]
    headings: list[str]
    rows: list[list[Cell]]
    top: list[list[str]] = field(default_factory=list)
    bottom: list[list[str]] = field(default_factory=list)
    every: tuple[int, list[list[str]]] = (0, [])
    grouped: str = ""
    group_of: list[str] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    sheets: list[tuple[str, bool, list[list[str]]]] = field(default_factory=list)

    def insert(self, at: int, heading: str, cells: list[Cell]) -> None:
        """Another column."""
        self.columns.insert(at, heading)
        self.headings.insert(at, heading)
        for row, cell in zip(self.rows, cells, strict=True):
            row.insert(at, cell)

    def lines(self) -> Iterator[tuple[list[Cell], bool]]:
        """Every line as it stands in the file, and whether it is hidden."""
        for texts in (*self.top, self.headings):
            yield [Cell(text) for text in texts], False
        group = ""
        for count, n in enumerate(self.order or range(len(self.rows))):
            if self.every[0] and count and count % self.every[0] == 0:
                yield from (([Cell(text) for text in texts], False) for texts in self.every[1])
            if self.grouped and self.group_of[n] != group:
                group = self.group_of[n]
                yield [Cell(self.grouped.format(group))], False
            yield self.rows[n], n in self.hidden
        for texts in self.bottom:
            yield [Cell(text) for text in texts], False
