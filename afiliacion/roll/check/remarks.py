"""What is told once of a whole list, with a count, and not row by row; and what an officer is asked of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from afiliacion.roll.check.reading_rules import ReadingRules
from afiliacion.roll.parse.columns import ColumnMapping, label
from afiliacion.roll.parse.dates import DateReading
from afiliacion.roll.parse.parsers import SexLetters

_NAMED: Final = 4
_LONGEST: Final = 60


@dataclass(slots=True)
class Remarks:
    """Counts of one list: `nones`, words for none that were taken as empty; `unknown`, the school's own words with their lines."""

    nones: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unknown: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def none(self, column: str, written: str) -> None:
        self.nones[column][written[:_LONGEST]] += 1

    def not_none(self, column: str, written: str) -> None:
        """What was taken for a word is a name."""
        self.nones[column] -= Counter({written[:_LONGEST]: 1})

    def word(self, column: str, written: str, line: int) -> None:
        self.unknown[column, written[:_LONGEST]].append(line)

    def questions(self, rules: ReadingRules, mapping: ColumnMapping) -> Iterator[dict[str, Any]]:
        """What the officer is asked, as the import keeps it."""
        for name, doubt in rules.doubts.items():
            choices = [[choice, [[text, day.isoformat()] for text, day in days]] for choice, days in doubt.choices]
            heading = mapping.headers[mapping.where[name]]
            yield {"kind": "dates", "column": name, "heading": heading, "choices": choices, "answer": doubt.answer}
        for (name, written), lines in sorted(self.unknown.items(), key=lambda item: (item[0][0], -len(item[1]))):
            yield {"kind": "word", "column": name, "word": written, "count": len(lines), "line": lines[0], "answer": ""}

    def notes(self, rules: ReadingRules, mapping: ColumnMapping) -> Iterator[str]:
        """What is told of the whole list, in Spanish; what is about a column begins with its name."""
        for name, text in rules.misnamed.items():
            heading = mapping.headers[mapping.where[name]]
            yield f"{label(name)}: la columna «{heading}» trae «{text[:_LONGEST]}», que no puede ser eso; no se leyó."
        for name, words in self.nones.items():
            if not words.total():
                continue
            shown = ", ".join(f"«{word}»" for word, _ in words.most_common(_NAMED))
            n = words.total()
            say, taken = ("celda dice", "tomó como vacía") if n == 1 else ("celdas dicen", "tomaron como vacías")
            yield f"{label(name)}: {n} {say} que no hay ({shown}); se {taken}."
        yield from _of_dates(rules)
        if isinstance(letters := rules.said.get("sexo"), SexLetters) and "sexo" not in rules.misnamed:
            yield from _of_sex(letters)


def _of_dates(rules: ReadingRules) -> Iterator[str]:
    for name, reading in rules.said.items():
        if isinstance(reading, DateReading) and not reading.doubt and name not in rules.misnamed:
            if reading.month_first:
                yield f"{label(name)}: las fechas traen primero el mes; así se leyeron."
            if reading.swapped:
                yield f"{label(name)}: Excel había cambiado día y mes en las celdas de fecha; se leyeron con el día y el mes en su lugar."


def _of_sex(letters: SexLetters) -> Iterator[str]:
    if "m" in letters.men:
        yield f"{label('sexo')}: la columna usa F y M: M se leyó como hombre (masculino)."
    elif "h" in letters.women:
        yield f"{label('sexo')}: la columna usa V y H: H se leyó como mujer (hembra)."
