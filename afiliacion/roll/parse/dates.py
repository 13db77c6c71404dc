"""Dates as lists write them, and what a whole column says of which number is the day.

A column is judged by its cells that can only be one thing, and by where its days would fall; where two ways are as good, an officer is
asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from afiliacion.roll.parse.tidy import CellError
from file_reader.facts import SLASHED, ColumnFacts

_TIME: Final = r"(?:,?[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.? ?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO: Final = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.IGNORECASE)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?")
_DAY_MONTH: Final = re.compile(
    rf"(?:[a-záéíóú]+,? )?(\d{{1,2}})[ /.-]*(?:de )?([a-z]{{3,10}})\.?,?[ /.-]*(?:del? )?(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE
)
_MONTH_DAY: Final = re.compile(rf"([a-z]{{3,10}})\.? (\d{{1,2}}),? (\d{{4}}){_TIME}", re.IGNORECASE)
_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            "ene enero jan january", "feb febrero february", "mar marzo march", "abr abril apr april", "may mayo", "jun junio june",
            "jul julio july", "ago agosto aug august", "sep sept set septiembre setiembre september", "oct octubre october",
            "nov noviembre november", "dic diciembre dec december",
        ), 1,
    )
    for word in words.split()
}  # fmt: skip
#: Day 0 of Excel's count, as every day after February 1900 has it.
_EXCEL_ZERO: Final = dt.date(1899, 12, 30)
#: How many days of a column are shown to the officer who says how they are read.
_SAMPLES: Final = 5
#: Most students of a ciclo are enrolled from so many days before it begins.
_JUST_BEFORE: Final = dt.timedelta(days=15)


@dataclass(frozen=True, slots=True)
class DateReading:
    """How a column's dates are read. `month_first`: those written with slashes; `swapped`: Excel changed day and month in its cells.

    `doubt`: not known, so what can be read two ways is not; `proved`: cells of the column show it; `this_year`: two digits of a year are of
    this century up to it (0: not read).
    """

    month_first: bool = False
    swapped: bool = False
    doubt: bool = False
    proved: bool = False
    this_year: int = 0

    @property
    def name(self) -> str:
        """As an answer has it."""
        return f"{'md' if self.month_first else 'dm'}{'-cambiadas' if self.swapped else ''}"


@dataclass(frozen=True, slots=True)
class DateDoubt:
    """A column that can be read in several ways, each with a name and some of its days: (text, day). `answer`: the one an officer chose."""

    choices: tuple[tuple[str, tuple[tuple[str, dt.date], ...]], ...]
    answer: str = ""


def by_proof(facts: ColumnFacts) -> DateReading:
    """How a column of dates is read by the cells of it that can only be one thing; with the day first if there is none."""
    month_first, day_first = bool(facts.month_first), bool(facts.day_first)
    slashed = any(map(SLASHED.fullmatch, facts.some))
    return DateReading(month_first and not day_first, doubt=month_first and day_first, proved=month_first != day_first or not slashed)


def reader(reading: DateReading) -> Callable[[str], dt.date]:
    """The parser for a date column: ISO, dd/mm/aaaa, months in words, Excel's serial day, with or without the time."""
    return partial(_date, reading)


def _date(reading: DateReading, written: str) -> dt.date:
    try:
        found = _found(reading, written)
    except ValueError as error:
        if isinstance(error, CellError):
            raise
        raise CellError("Esa fecha no existe en el calendario.") from error
    if found is None:
        raise CellError("No es una fecha: escríbala como dd/mm/aaaa o AAAA-MM-DD.")
    return found


def _found(reading: DateReading, written: str) -> dt.date | None:
    if match := _ISO.fullmatch(written):
        year, month, day = map(int, match.groups())
        return _either(reading, year, month, day, turned=reading.swapped)
    if match := SLASHED.fullmatch(written):
        day, month, year = int(match[1]), int(match[3]), _year(reading, match[4])
        if month > 12 >= day:  # it can only be so, whatever the others of the column are like
            day, month = month, day
        return _either(reading, year, month, day, turned=reading.month_first)
    if match := _SERIAL.fullmatch(written):
        return _EXCEL_ZERO + dt.timedelta(days=int(match[1]))
    return _in_words(reading, written)


def _in_words(reading: DateReading, written: str) -> dt.date | None:
    if match := _DAY_MONTH.fullmatch(written):
        day, word, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(written):
        word, day, year = match.groups()
    else:
        return None
    month = _MONTHS.get(word.lower())
    return dt.date(_year(reading, year), month, int(day)) if month else None


def _either(reading: DateReading, year: int, month: int, day: int, *, turned: bool) -> dt.date:
    if max(month, day) > 12:
        return dt.date(year, month, day)
    if reading.doubt and month != day:
        one, other = dt.date(year, month, day), dt.date(year, day, month)
        raise CellError(f"Puede ser el {one:%d/%m/%Y} o el {other:%d/%m/%Y}: diga en «Aclarar la lista» cómo se leen estas fechas.")
    return dt.date(year, day, month) if turned else dt.date(year, month, day)


def _year(reading: DateReading, digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    if not reading.this_year:
        raise CellError("Escriba el año con cuatro dígitos.")
    return int(digits) + (2000 if int(digits) <= reading.this_year % 100 else 1900)


# What the whole column says


def judge(
    facts: ColumnFacts, starts: dt.date, last: dt.date, before: dt.timedelta, answer: str = ""
) -> tuple[DateReading, DateDoubt | None]:
    """How a column of enrolment dates is read; and what is asked of it, or was: `answer` is the name of a reading.

    `starts`: of the ciclo; `last`: the last day on which a student of it can have been enrolled; `before`: how early they are, at most.
    """
    usual, *others = _ways(facts, last.year)
    if not others:
        return usual, None
    days = sorted(facts.days)
    score = partial(_score, days=days, windows=((starts - _JUST_BEFORE, last), (starts - before, last)))
    best, first = max(map(score, others)), score(usual)
    proved = bool(facts.month_first) != bool(facts.day_first) and not any(way.swapped for way in others)
    if not any(best) or (first[0] == len(days) > best[0]) or first > best or (proved and first == best):
        return usual, None
    # Of cells alone, only several days that all fall in place when they are changed show that they were.
    if not any(map(SLASHED.fullmatch, days)) and (len(days) == 1 or first[0] == len(days) or best[0] < len(days)):
        return usual, None
    told = [day for day in days if len({_read(way, day) for way in (usual, *others)}) > 1][:_SAMPLES]
    choices = tuple((way.name, tuple((day, read) for day in told if (read := _read(way, day)))) for way in (usual, *others))
    said = next((way for way in (usual, *others) if way.name == answer), None)
    return said or replace(usual, doubt=True), DateDoubt(choices, answer if said else "")


def _ways(facts: ColumnFacts, this_year: int) -> list[DateReading]:
    """The readings that give different days, the usual one first."""
    cells = [day for day in facts.days if not SLASHED.fullmatch(day)]
    # Excel turns what has a day up to twelve; a later day among the cells shows that it read them right.
    swappable = bool(cells) and all(int(cell[8:10]) <= 12 for cell in cells)
    first = bool(facts.month_first) and not facts.day_first
    ways = [
        DateReading(month_first=month_first, swapped=swapped, this_year=this_year)
        for month_first in (first, not first)
        for swapped in ((False, True) if swappable else (False,))
    ]
    different: dict[tuple[dt.date | None, ...], DateReading] = {}
    for way in ways:
        different.setdefault(tuple(_read(way, day) for day in sorted(facts.days)), way)
    return list(different.values())


def _score(way: DateReading, *, days: Iterable[str], windows: Iterable[tuple[dt.date, dt.date]]) -> tuple[int, ...]:
    """How many days fall within each of the windows."""
    read = [day for text in days if (day := _read(way, text))]
    return tuple(sum(first <= day <= last for day in read) for first, last in windows)


def _read(way: DateReading, text: str) -> dt.date | None:
    try:
        return _date(way, text)
    except CellError:
        return None
