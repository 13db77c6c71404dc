"""The one pass over a list's rows: every cell parsed, all the errors of a row said at once, warnings apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.conf import settings

from afiliacion.cases.models import WithoutCurp
from afiliacion.cell_text import clean
from afiliacion.roll.check.against_curp import AT, NAMES, AgainstCurp
from afiliacion.roll.check.other_rows import OtherRows
from afiliacion.roll.check.reading_rules import ReadingRules, last_day
from afiliacion.roll.check.remarks import Remarks
from afiliacion.roll.findings import RowFinding
from afiliacion.roll.parse import parsers
from afiliacion.roll.parse.columns import COLUMNS, ColumnMapping, RollColumn, of_plantel
from afiliacion.roll.parse.parsers import Parse
from afiliacion.roll.parse.tidy import CellError, ProgramError, SaysNone, UnknownWord, tidy
from file_reader.words import key
from students import curp_letters, names
from students.curp import Curp, CurpError
from students.models import Ciclo, Plantel
from students.nss import NssError, masked

#: What `Checker.rows` yields: line, whether it has errors, the CURP's key, the values of COLUMNS, what the CURP says
#: (birth date, sex, entity), why it has none and the name's two keys.
Staged = tuple[Any, ...]

#: With it begins the key of a row without CURP.
WITHOUT: Final = "SIN CURP"
_OTHER_PLANTEL: Final = "La lista se carga en {}, y esta fila dice otro plantel: compruebe que el alumno sea de aquí."
_GENERIC: Final = "Es una CURP genérica, de nadie: se toma como si la fila no trajera CURP."
_NSS_LATER: Final = "El NSS no se guarda mientras no haya CURP: anótelo en su expediente cuando se abra."
_LEFT_OUT: Final = "{} No se guardó este dato; lo demás de la fila, sí."
_UNLIKELY: Final = "Queda fuera del ciclo {}, en el que se espera entre el {:%d/%m/%Y} y el {:%d/%m/%Y}: compruébela. Se guardó como está."
_DAY_OR_MONTH: Final = "Sin CURP no se sabe cuál es el día y cuál el mes: compruébela. Se leyó con el día primero."
_EARLIEST_BIRTH: Final = dt.date(1900, 1, 1)


def enrolment_days(ciclo: Ciclo, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day on which a student can have been enrolled in a ciclo (settings: ROLL_DAYS_…)."""
    return ciclo.starts_on - dt.timedelta(days=settings.ROLL_DAYS_BEFORE_CICLO), today + dt.timedelta(days=settings.ROLL_DAYS_AFTER_TODAY)


def too_far(day: dt.date, ciclo: Ciclo, first: dt.date, last: dt.date) -> str:
    """Why no student was enrolled on that day, in Spanish; empty if one can have been."""
    if first <= day <= last:
        return ""
    return f"Está demasiado lejos del ciclo {ciclo.clave}: se espera entre {first:%d/%m/%Y} y {last:%d/%m/%Y}. Corríjala."


#: Where the values of a row stand that are judged together.
_CURP, _NSS, _BORN, _ENROLLED = (AT[name] for name in ("curp", "nss", "fecha_nacimiento", "fecha_inscripcion"))
_MATRICULA, _GRUPO = AT["matricula"], AT["grupo"]
_NOMBRE, _PRIMERO, _SEGUNDO = (AT[name] for name in NAMES)


class _Reading(NamedTuple):
    """How a column of the file is read: which value of a row it gives, from which cell."""

    at: int
    position: int
    column: RollColumn
    take: Parse
    filled: bool


@dataclass(slots=True)
class Checker:
    """Checks the rows of one list. Fills `errors`, `warnings`, `remarks` and `others` while its `rows` are consumed.

    `titles`: the texts above its headings.
    """

    mapping: ColumnMapping
    rules: ReadingRules
    plantel: Plantel
    ciclo: Ciclo
    today: dt.date
    date_given: bool
    titles: Sequence[Sequence[str]] = ()
    errors: list[RowFinding] = field(default_factory=list)
    warnings: list[RowFinding] = field(default_factory=list)
    remarks: Remarks = field(default_factory=Remarks)
    others: OtherRows = field(init=False)
    _against: AgainstCurp = field(init=False)
    _says_plantel: Sequence[int] = ()
    _ours: frozenset[str] = frozenset()
    _first: dt.date = dt.date.min
    _last: dt.date = dt.date.max
    _likely: tuple[dt.date, dt.date] = (dt.date.min, dt.date.max)

    def __post_init__(self) -> None:
        self.others = OtherRows(self.mapping, self.titles)
        oldest, youngest = (
            self.today - dt.timedelta(days=365.2425 * years) for years in (settings.ROLL_AGE_TO + 1, settings.ROLL_AGE_FROM)
        )
        letters = self.rules.said.get("sexo")
        self._against = AgainstCurp(self.today, oldest, youngest, m_alone=bool(letters and letters.alone))
        self._first, self._last = enrolment_days(self.ciclo, self.today)
        early = dt.timedelta(days=settings.ROLL_LIKELY_DAYS_BEFORE_CICLO)
        self._likely = self.ciclo.starts_on - early, last_day(self.ciclo, self.today)
        self._says_plantel = [at for at in of_plantel(self.mapping.headers) if at not in self.mapping.where.values()]
        self._ours = frozenset({"", *map(key, (self.plantel.clave, self.plantel.name, self.plantel.cct))})

    @property
    def notes(self) -> list[str]:
        """What is told of the whole list, in Spanish."""
        return [*self.remarks.notes(self.rules, self.mapping), *self._against.notes, *self.others.notes]

    def rows(self, lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Staged]:
        """Each student's row, parsed; rows that are no student (titles, totals, a repeated header) are noted instead."""
        where = self.mapping.where
        plan = [
            self._reading(at, column)
            for at, column in enumerate(COLUMNS)
            if column.name in where and column.name not in self.rules.misnamed
        ]
        no_student = self.others.takes
        for line, cells in lines:
            if not no_student(line, cells):
                yield self._row(line, cells, plan)

    def _reading(self, at: int, column: RollColumn) -> _Reading:
        filled = column.filled and not (self.date_given and column.name == "fecha_inscripcion")
        return _Reading(at, self.mapping.where[column.name], column, column.parser(self.rules.said[column.name]), filled)

    def _row(self, line: int, cells: Sequence[str], plan: Iterable[_Reading]) -> Staged:
        values: list[Any] = [None] * len(COLUMNS)
        before = len(self.errors)
        width = len(cells)
        for reading in plan:
            at, position, _, take, filled = reading
            cell = cells[position] if position < width else ""
            if cell and not cell.isspace():
                try:
                    values[at] = take(cell)
                except (CellError, CurpError, NssError) as error:
                    self._cannot(line, reading, cell, error)
            elif filled:
                self.errors.append(RowFinding(line, reading.column.name, "", "Falta: está vacía y es obligatoria."))
        if width > len(self.mapping.headers):
            self._overflow(line, cells)
        if self.others.group and not values[_GRUPO]:
            values[_GRUPO] = self.others.group_of_next()
        self._judge(line, values, cells)
        if self._says_plantel:
            self._check_plantel(line, cells)
        position = self.mapping.where["curp"]
        cell = cells[position] if position < width else ""
        why = "" if values[_CURP] else self._without_curp(line, cell, values, before)
        # Those without CURP are told apart by their matrícula.
        curp_key = values[_CURP] or (f"{WITHOUT} {values[_MATRICULA]}" if why else clean(cell).upper())
        return self._staged(line, len(self.errors) > before, curp_key, values, why)

    def _cannot(self, line: int, reading: _Reading, cell: str, error: ValueError) -> None:
        """A cell that gives no value: empty in words, a word to be asked about, one the row can do without, or an error."""
        column, written = reading.column, clean(cell)
        if isinstance(error, UnknownWord):
            self.remarks.word(column.name, tidy(cell), line)
        if isinstance(error, SaysNone) and not reading.filled:
            self.remarks.none(column.name, tidy(cell))
        elif isinstance(error, SaysNone):
            self.errors.append(RowFinding(line, column.name, written, "Falta: dice que no hay, y es obligatoria."))
        elif column.dispensable or (isinstance(error, ProgramError) and not column.filled):
            self.warnings.append(RowFinding(line, column.name, written, _LEFT_OUT.format(error)))
        else:
            self.errors.append(RowFinding(line, column.name, written, str(error)))

    def _without_curp(self, line: int, cell: str, values: list[Any], before: int) -> str:
        """Why a row has no CURP, if with its name and matrícula it can be noted without one: that is no error then. Else empty."""
        why = parsers.why_no_curp(cell)
        if not why or not all(values[at] for at in (_MATRICULA, _NOMBRE, _PRIMERO)):
            return ""
        self.errors[before:] = [error for error in self.errors[before:] if error.column != "curp"]
        if why == WithoutCurp.Why.GENERIC:
            self._warn(line, _CURP, clean(cell), _GENERIC)
        if values[_NSS]:
            self._warn(line, _NSS, masked(values[_NSS]), _NSS_LATER)
            values[_NSS] = None
        self._born_either_way(line, values)
        return why

    def _overflow(self, line: int, cells: Sequence[str]) -> None:
        beyond = [cell for cell in cells[len(self.mapping.headers) :] if cell.strip()]
        if beyond:
            reason = "La fila tiene más celdas que encabezados: ¿hay una coma o un separador de más? Compárela con las otras."
            self.errors.append(RowFinding(line, "", beyond[0], reason))

    def _judge(self, line: int, values: list[Any], cells: Sequence[str]) -> None:
        """What the values of a row say about each other and about the ciclo."""
        self._check_dates(line, values)
        curp: Curp | None = values[_CURP]
        if curp and (reason := self._against.refusal(curp)):
            self.errors.append(RowFinding(line, "curp", curp, reason))
        elif curp:
            self._take_short_surname(values, curp, cells)
            self._against.judge(curp, values, lambda at, value, told: self._warn(line, at, value, told))
        for at in (_NOMBRE, _PRIMERO, _SEGUNDO):
            if values[at] and (sign := parsers.odd_in_name(values[at])):
                reason = f"Trae un signo que los nombres no llevan («{sign}»): ¿se perdió una letra? Se guardó como está."
                self._warn(line, at, values[at], reason)

    def _take_short_surname(self, values: list[Any], curp: Curp, cells: Sequence[str]) -> None:
        """A word for none that the CURP has as a surname ("No") is one."""
        position = self.mapping.where["segundo_apellido"]
        word = tidy(cells[position]) if values[_SEGUNDO] is None and position < len(cells) else ""
        if word.isalpha() and curp[2] != "X" and curp_letters.surname(word, curp[2] + curp[14]):
            values[_SEGUNDO] = word
            self.remarks.not_none("segundo_apellido", word)

    def _born_either_way(self, line: int, values: list[Any]) -> None:
        """Without a CURP only the column says which number of a birth date is the day; where it does not, it is told."""
        reading, born = self.rules.said.get("fecha_nacimiento"), values[_BORN]
        if born and reading and not reading.proved and born.day <= 12 and born.day != born.month:
            self._warn(line, _BORN, f"{born:%d/%m/%Y}", _DAY_OR_MONTH)

    def _check_plantel(self, line: int, cells: Sequence[str]) -> None:
        for at in self._says_plantel:
            if at < len(cells) and key(cells[at]) not in self._ours:
                self.warnings.append(RowFinding(line, "", clean(cells[at]), _OTHER_PLANTEL.format(self.plantel.name)))

    def _check_dates(self, line: int, values: list[Any]) -> None:
        born, enrolled = values[_BORN], values[_ENROLLED]
        if born and not _EARLIEST_BIRTH <= born <= self.today:
            self._warn(line, _BORN, f"{born:%d/%m/%Y}", _LEFT_OUT.format("Nadie inscrito nació ese día: corríjala."))
            values[_BORN] = None
        if not enrolled:
            return
        if reason := too_far(enrolled, self.ciclo, self._first, self._last):
            self.errors.append(RowFinding(line, "fecha_inscripcion", f"{enrolled:%d/%m/%Y}", reason))
            values[_ENROLLED] = None
        elif not self._likely[0] <= enrolled <= self._likely[1]:
            self._warn(line, _ENROLLED, f"{enrolled:%d/%m/%Y}", _UNLIKELY.format(self.ciclo.clave, *self._likely))

    def _warn(self, line: int, at: int, value: str, reason: str) -> None:
        self.warnings.append(RowFinding(line, COLUMNS[at].name, value, reason))

    def _staged(self, line: int, bad: bool, curp_key: str, values: list[Any], why: str) -> Staged:
        curp: Curp | None = values[_CURP]
        # An empty cell never erases what is on record, but for the second apellido: many people have none.
        nombre, primero, segundo = values[_NOMBRE] or "", values[_PRIMERO] or "", values[_SEGUNDO] or ""
        values[_SEGUNDO] = segundo
        said = (curp.birth_date, curp.sex, curp.entity) if curp else (None, None, None)
        keys = names.sort_key(primero, segundo, nombre), names.search_key(nombre, primero, segundo)
        return (line, bad, curp_key, *values, *said, why, *keys)
