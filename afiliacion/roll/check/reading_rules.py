"""How the columns of one list are read: what each says of itself as a whole, where its dates fall, what officers have said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings

from afiliacion.roll.parse import dates, parsers
from afiliacion.roll.parse.columns import COLUMNS, ColumnMapping, RollColumn
from afiliacion.roll.parse.dates import DateDoubt
from afiliacion.roll.parse.parsers import Parse
from afiliacion.roll.parse.school_words import NOTHING_SAID, Answers
from afiliacion.roll.parse.tidy import CellError, SaysNone, UnknownWord
from file_reader.facts import ColumnFacts
from file_reader.words import key
from students.models import Ciclo
from students.nss import NssError

#: Columns whose heading schools give to other things, too; and how many words of its own a school may have for a column of words.
_MISNAMED: Final = ("fecha_nacimiento", "sexo", "entidad_nacimiento", "correo", "nss", "estatus")
_MANY_WORDS: Final = 25
#: Of these a single text says it ("ISSSTE", "Jalisco"); of the others so many at least.
_BY_ONE_WORD: Final = ("nss", "estatus")
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """`said`: what each column's parser is told; `misnamed`: columns that are not what their heading says, with a text of each; `doubts`:
    columns of dates of which an officer has to say how they are read. As long as these are the same, rows are read the same."""

    said: Mapping[str, Any]
    misnamed: Mapping[str, str]
    doubts: Mapping[str, DateDoubt]


def rules_of(
    mapping: ColumnMapping,
    facts: Sequence[ColumnFacts],
    ciclo: Ciclo,
    today: dt.date,
    answers: Answers = NOTHING_SAID,
) -> ReadingRules:
    """How a list is read, by the facts of its columns known so far."""
    told = {
        column: facts[at] if (at := mapping.where[column.name]) < len(facts) else ColumnFacts()
        for column in COLUMNS
        if column.name in mapping.where
    }
    said, doubts = {column.name: column.asks(told[column]) for column in told}, {}
    for column, known in told.items():
        if column.name == "fecha_inscripcion":
            before, last = dt.timedelta(days=settings.ROLL_LIKELY_DAYS_BEFORE_CICLO), last_day(ciclo, today)
            said[column.name], doubt = dates.judge(known, ciclo.starts_on, last, before, answers.dates.get(column.name, ""))
            if doubt:
                doubts[column.name] = doubt
        elif column.name == "fecha_nacimiento":
            # The CURP says it row by row; the column, for those without.
            said[column.name] = replace(dates.by_proof(known), doubt=False, this_year=today.year)
        elif column.name == "estatus":
            said[column.name] = answers.words.get(column.name, ())
        elif column.name == "sexo":
            said[column.name] = replace(said[column.name], said=answers.words.get(column.name, ()))
    misnamed = {column.name: text for column, known in told.items() if (text := _misnamed_by(column, known, said[column.name]))}
    return ReadingRules(said, misnamed, doubts)


def last_day(ciclo: Ciclo, today: dt.date) -> dt.date:
    """The last day on which a student of a ciclo can have been enrolled, as far as is known today."""
    return min(ciclo.ends_on, max(today, ciclo.starts_on))


def _misnamed_by(column: RollColumn, facts: ColumnFacts, said: Any) -> str:
    """A text of a column of which nothing can be what its heading says; empty if something can."""
    # A heading that stands again further down is none of its texts.
    texts = [text for text in facts.some if key(text) not in column.keys]
    if column.name not in _MISNAMED or (column.name not in _BY_ONE_WORD and len(texts) < _FEW):
        return ""
    wrong, unknown = list[str](), list[str]()
    for text in texts:
        kind = _failure(column, text, column.parser(said))
        if not kind:
            return ""
        if kind is not SaysNone:
            (unknown if kind is UnknownWord else wrong).append(text)
    # Words that are not known may be the school's own; not those of another column.
    if unknown and len(unknown) <= _MANY_WORDS and any(map(_could_mean, unknown)):
        return ""
    return next(iter([*unknown, *wrong]), "")


def _failure(column: RollColumn, text: str, read: Parse) -> type[Exception] | None:
    """How a text fails to be what its column holds; None if it does not, or only by a damaged number."""
    try:
        read(text)
    except (CellError, NssError) as error:
        return None if column.name == "nss" and text[:1].isdigit() else type(error)
    return None


def _could_mean(word: str) -> bool:
    try:
        parsers.entity(word)
    except CellError:
        return not word.isdigit() or len(word) == 1
    return False
