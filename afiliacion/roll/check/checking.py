"""The one pass over a list's rows: every cell parsed, all the errors of a row said at once, warnings apart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.conf import settings

from afiliacion.cases.models import WithoutCurp
from afiliacion.cell_text import clean
from afiliacion.roll.findings import RowFinding
from afiliacion.roll.parse import parsers
from afiliacion.roll.parse.columns import COLUMNS, ColumnMapping, RollColumn, of_plantel
from afiliacion.roll.parse.parsers import CellError, Parse
from file_reader.facts import ColumnFacts
from file_reader.words import key
from students import names
from students.curp import ENTITIES, SEXES, Curp, CurpError, marks
from students.models import Ciclo, Plantel
from students.nss import Nss, NssError, masked

#: What `Checker.rows` yields: line, whether it has errors, the CURP's key, the values of COLUMNS, what the CURP says
#: (birth date, sex, entity), why it has none and the name's two keys.
Staged = tuple[Any, ...]

#: With it begins the key of a row without CURP.
WITHOUT: Final = "SIN CURP"
_SUMMARY: Final = re.compile(r"(gran)?total|subtotal|suma[sd]?$|sumatoria")
_NAMES: Final = ("nombre", "primer_apellido", "segundo_apellido")
_OTHER_LETTERS: Final = (
    "No concuerda con la CURP, que lleva «{}» como inicial y «{}» como primera consonante interna: compruebe que los dos sean de la misma "
    "persona. Se guardó como está."
)
_SWAPPED: Final = "Según la CURP, los apellidos están al revés: compruébelos contra la constancia. Se guardaron como están."
#: Of so many given names the register may have any, or one that the list leaves out: their letters prove nothing.
_MANY_NAMES: Final = 3
_OTHER_PLANTEL: Final = "La lista se carga en {}, y esta fila dice otro plantel: compruebe que el alumno sea de aquí."
_GENERIC: Final = "Es una CURP genérica, de nadie: se toma como si la fila no trajera CURP."
_NSS_LATER: Final = "El NSS no se guarda mientras no haya CURP: anótelo en su expediente cuando se abra."
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
_AT: Final = {column.name: at for at, column in enumerate(COLUMNS)}
_CURP, _NSS, _BORN, _ENROLLED = (_AT[name] for name in ("curp", "nss", "fecha_nacimiento", "fecha_inscripcion"))
_SEX, _ENTITY, _MATRICULA = _AT["sexo"], _AT["entidad_nacimiento"], _AT["matricula"]
_NOMBRE, _PRIMERO, _SEGUNDO = (_AT[name] for name in _NAMES)


class _Reading(NamedTuple):
    """How a column of the file is read: which value of a row it gives, from which cell."""

    at: int
    position: int
    column: RollColumn
    take: Parse
    filled: bool


@dataclass(slots=True)
class Checker:
    """Checks the rows of one list. Fills `errors`, `warnings` and `notes` while its `rows` are consumed."""

    mapping: ColumnMapping
    facts: Sequence[ColumnFacts]
    plantel: Plantel
    ciclo: Ciclo
    today: dt.date
    date_given: bool
    errors: list[RowFinding] = field(default_factory=list)
    warnings: list[RowFinding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _says_plantel: Sequence[int] = ()
    _ours: frozenset[str] = frozenset()
    _first: dt.date = dt.date.min
    _last: dt.date = dt.date.max
    _oldest: dt.date = dt.date.min
    _youngest: dt.date = dt.date.max

    def rows(self, lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Staged]:
        """Each student's row, parsed; rows that are no student (totals, a repeated header) are noted instead."""
        self._first, self._last = enrolment_days(self.ciclo, self.today)
        self._oldest, self._youngest = (
            self.today - dt.timedelta(days=365.2425 * years) for years in (settings.ROLL_AGE_TO + 1, settings.ROLL_AGE_FROM)
        )
        self._says_plantel = [at for at in of_plantel(self.mapping.headers) if at not in self.mapping.where.values()]
        self._ours = frozenset({"", *map(key, (self.plantel.clave, self.plantel.name, self.plantel.cct))})
        plan = [self._reading(at, column) for at, column in enumerate(COLUMNS) if column.name in self.mapping.where]
        nombre, primero, curp = (self.mapping.where[name] for name in ("nombre", "primer_apellido", "curp"))
        curp_heading = self.mapping.headers[curp]
        for line, cells in lines:
            width = len(cells)
            named = (nombre < width and cells[nombre].strip()) or (primero < width and cells[primero].strip())
            if not named and (told := _no_student(cells)):
                self.notes.append(f"Fila {line}: {told}")
            elif named and curp < width and cells[curp].strip() == curp_heading:
                self.notes.append(f"Fila {line}: es otra vez el encabezado; no se contó.")
            else:
                yield self._row(line, cells, plan)

    def _reading(self, at: int, column: RollColumn) -> _Reading:
        filled = column.filled and not (self.date_given and column.name == "fecha_inscripcion")
        return _Reading(at, self.mapping.where[column.name], column, self._parser(column), filled)

    def _parser(self, column: RollColumn) -> Parse:
        said = asked(self.mapping, self.facts)[column.name]
        if column.name == "sexo" and said:
            self.notes.append("La columna Sexo usa F y M: M se leyó como hombre (masculino).")
        return column.parser(said)

    def _row(self, line: int, cells: Sequence[str], plan: Iterable[_Reading]) -> Staged:
        values: list[Any] = [None] * len(COLUMNS)
        before = len(self.errors)
        width = len(cells)
        for at, position, column, take, filled in plan:
            cell = cells[position] if position < width else ""
            if cell and not cell.isspace():
                try:
                    values[at] = take(cell)
                except (CellError, CurpError, NssError) as error:
                    self.errors.append(RowFinding(line, column.name, clean(cell), str(error)))
            elif filled:
                self.errors.append(RowFinding(line, column.name, "", "Falta: está vacía y es obligatoria."))
        if width > len(self.mapping.headers):
            self._overflow(line, cells)
        self._judge(line, values)
        if self._says_plantel:
            self._check_plantel(line, cells)
        position = self.mapping.where["curp"]
        cell = cells[position] if position < width else ""
        why = "" if values[_CURP] else self._without_curp(line, cell, values, before)
        # Those without CURP are told apart by their matrícula.
        curp_key = values[_CURP] or (f"{WITHOUT} {values[_MATRICULA]}" if why else clean(cell).upper())
        return self._staged(line, len(self.errors) > before, curp_key, values, why)

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
        return why

    def _overflow(self, line: int, cells: Sequence[str]) -> None:
        beyond = [cell for cell in cells[len(self.mapping.headers) :] if cell.strip()]
        if beyond:
            reason = "La fila tiene más celdas que encabezados: ¿hay una coma o un separador de más? Compárela con las otras."
            self.errors.append(RowFinding(line, "", beyond[0], reason))

    def _judge(self, line: int, values: list[Any]) -> None:
        """What the values of a row say about each other and about the ciclo."""
        self._check_dates(line, values)
        if values[_CURP]:
            self._against_curp(line, values[_CURP], values)
        for at in (_NOMBRE, _PRIMERO, _SEGUNDO):
            if values[at] and (sign := parsers.odd_in_name(values[at])):
                reason = f"Trae un signo que los nombres no llevan («{sign}»): ¿se perdió una letra? Se guardó como está."
                self._warn(line, at, values[at], reason)

    def _check_plantel(self, line: int, cells: Sequence[str]) -> None:
        for at in self._says_plantel:
            if at < len(cells) and key(cells[at]) not in self._ours:
                self.warnings.append(RowFinding(line, "", clean(cells[at]), _OTHER_PLANTEL.format(self.plantel.name)))

    def _check_dates(self, line: int, values: list[Any]) -> None:
        born, enrolled = values[_BORN], values[_ENROLLED]
        if born and not _EARLIEST_BIRTH <= born <= self.today:
            self._refuse(line, _BORN, values, "Nadie inscrito nació ese día: corríjala.")
        if enrolled and (reason := too_far(enrolled, self.ciclo, self._first, self._last)):
            self._refuse(line, _ENROLLED, values, reason)

    def _refuse(self, line: int, at: int, values: list[Any], reason: str) -> None:
        self.errors.append(RowFinding(line, COLUMNS[at].name, f"{values[at]:%d/%m/%Y}", reason))
        values[at] = None

    def _warn(self, line: int, at: int, value: str, reason: str) -> None:
        self.warnings.append(RowFinding(line, COLUMNS[at].name, value, reason))

    def _against_curp(self, line: int, curp: Curp, values: list[Any]) -> None:
        """The CURP says name, birth date, sex and entity too; the list's own word is kept, and the contradiction told."""
        born, said = values[_BORN], curp.birth_date
        if born and born != said:
            self._contradicts(line, _BORN, f"{born:%d/%m/%Y}", f"{said:%d/%m/%Y}")
        if values[_SEX] and values[_SEX] != curp.sex:
            self._contradicts(line, _SEX, SEXES[values[_SEX]], SEXES[curp.sex])
        if values[_ENTITY] and values[_ENTITY] != curp.entity:
            self._contradicts(line, _ENTITY, ENTITIES[values[_ENTITY]], ENTITIES[curp.entity])
        self._check_age(line, curp, said)
        self._check_letters(line, curp, values)
        nss: Nss | None = values[_NSS]
        if nss and nss.birth_year_digits != curp[4:6]:
            reason = (
                f"El año de nacimiento en el NSS ({nss.birth_year_digits}) no es el del alumno ({curp[4:6]}): ¿será el de su padre o su "
                "madre? Compruébelo en la hoja del IMSS."
            )
            self._warn(line, _NSS, nss, reason)

    def _check_age(self, line: int, curp: Curp, born: dt.date) -> None:
        if not self._oldest < born <= self._youngest:
            years = (self.today - born).days // 365.2425
            reason = f"Según su CURP tiene {years:.0f} años: compruébela contra la constancia. Se guardó como está."
            self._warn(line, _CURP, curp, reason if years >= 0 else "Según su CURP aún no nace: compruébela contra la constancia.")

    def _check_letters(self, line: int, curp: Curp, values: list[Any]) -> None:
        """Each name against its letters in the CURP: a name of another person, or apellidos in the other order."""
        nombre, primero, segundo = values[_NOMBRE], values[_PRIMERO], values[_SEGUNDO]
        if nombre and nombre.count(" ") < _MANY_NAMES and curp[3] + curp[15] not in marks(nombre):
            self._warn(line, _NOMBRE, nombre, _OTHER_LETTERS.format(curp[3], curp[15]))
        first, second = curp[0] + curp[13], curp[2] + curp[14]
        if primero and first not in marks(primero):
            swapped = first in marks(segundo or "") and second in marks(primero)
            self._warn(line, _PRIMERO, primero, _SWAPPED if swapped else _OTHER_LETTERS.format(*first))
            if swapped:
                return
        if second not in marks(segundo or ""):
            self._warn(line, _SEGUNDO, segundo or "", _OTHER_LETTERS.format(*second))

    def _contradicts(self, line: int, at: int, listed: str, said: str) -> None:
        reason = f"No concuerda con la CURP, que dice {said}. Se tomó la de la lista: compruébela contra la constancia."
        self._warn(line, at, listed, reason)

    def _staged(self, line: int, bad: bool, curp_key: str, values: list[Any], why: str) -> Staged:
        curp: Curp | None = values[_CURP]
        # An empty cell never erases what is on record, but for the second apellido: many people have none.
        nombre, primero, segundo = values[_NOMBRE] or "", values[_PRIMERO] or "", values[_SEGUNDO] or ""
        values[_SEGUNDO] = segundo
        said = (curp.birth_date, curp.sex, curp.entity) if curp else (None, None, None)
        keys = names.sort_key(primero, segundo, nombre), names.search_key(nombre, primero, segundo)
        return (line, bad, curp_key, *values, *said, why, *keys)


def asked(mapping: ColumnMapping, facts: Sequence[ColumnFacts]) -> dict[str, Any]:
    """What each column of the list asks of its facts, and is told: as long as this is the same, rows are read the same."""
    where = ((column, mapping.where[column.name]) for column in COLUMNS if column.name in mapping.where)
    return {column.name: column.asks(facts[at] if at < len(facts) else ColumnFacts()) for column, at in where}


def _no_student(cells: Sequence[str]) -> str:
    """What a row without a student's name is, if it is a total; empty if it is a row to check."""
    texts = [text for cell in cells if (text := cell.strip())]
    return f"«{' '.join(texts)}» es un total, no un alumno; no se contó." if _SUMMARY.match(key(texts[0])) else ""
