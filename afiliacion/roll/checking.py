"""The one pass over a list's rows: every cell parsed, all the errors of a row said at once, warnings apart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.conf import settings

from afiliacion.roll import parsers
from afiliacion.roll.cells import clean, key
from afiliacion.roll.columns import COLUMNS, Column, Mapping
from afiliacion.roll.findings import Finding
from afiliacion.roll.parsers import CellError, Parse
from students import names
from students.curp import ENTITIES, SEXES, Curp, CurpError
from students.models import Ciclo
from students.nss import Nss, NssError

#: What `Checker.rows` yields: line, whether it has errors, the CURP's key, the values of COLUMNS, what the CURP says
#: (birth date, sex, entity) and the name's two keys.
Staged = tuple[Any, ...]

_SUMMARY: Final = re.compile(r"(gran)?total|subtotal|suma[sd]?$|sumatoria")
_NAMES: Final = ("nombre", "primer_apellido", "segundo_apellido")
_EARLIEST_BIRTH: Final = dt.date(1900, 1, 1)


@dataclass(slots=True)
class Checker:
    """Checks the rows of one list. Fills `errors`, `warnings` and `notes` while its `rows` are consumed."""

    mapping: Mapping
    ciclo: Ciclo
    today: dt.date
    date_given: bool
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def rows(self, lines: Sequence[tuple[int, Sequence[str]]]) -> Iterator[Staged]:
        """Each student's row, parsed; rows that are no student (totals, a repeated header) are noted instead."""
        plan = [(column, self.mapping.where[column.name], self._parser(column, lines)) for column in COLUMNS if self._has(column)]
        for line, cells in lines:
            if told := self._no_student(cells):
                self.notes.append(f"Fila {line}: {told}")
            else:
                yield self._row(line, cells, plan)

    def _has(self, column: Column) -> bool:
        return column.name in self.mapping.where

    def _parser(self, column: Column, lines: Sequence[tuple[int, Sequence[str]]]) -> Parse:
        at = self.mapping.where[column.name]
        written = {clean(cells[at]) for _, cells in lines if at < len(cells)} if column.reads_all else frozenset()
        if column.name == "sexo" and parsers.speaks_f_and_m({text.upper() for text in written}):
            self.notes.append("La columna Sexo usa F y M: M se leyó como hombre (masculino).")
        return column.parser(written)

    def _no_student(self, cells: Sequence[str]) -> str:
        """What a row without a student's name is, if it is a total or the header again; empty if it is a row to check."""
        if any(self._cell(name, cells) for name in _NAMES[:2]):
            at = self.mapping.where["curp"]
            again = at < len(cells) and cells[at].strip() == self.mapping.headers[at]
            return "es otra vez el encabezado; no se contó." if again else ""
        texts = [cell.strip() for cell in cells if cell.strip()]
        return f"«{' '.join(texts)}» es un total, no un alumno; no se contó." if _SUMMARY.match(key(texts[0])) else ""

    def _cell(self, name: str, cells: Sequence[str]) -> str:
        at = self.mapping.where.get(name)
        return clean(cells[at]) if at is not None and at < len(cells) else ""

    def _row(self, line: int, cells: Sequence[str], plan: Iterable[tuple[Column, int, Parse]]) -> Staged:
        values: dict[str, Any] = {}
        before = len(self.errors)
        width = len(cells)
        for column, at, parse in plan:
            text = clean(cells[at]) if at < width else ""
            if text:
                self._parse(line, column, text, parse, values)
            elif column.filled and not (self.date_given and column.name == "fecha_inscripcion"):
                self.errors.append(Finding(line, column.name, "", "Falta: está vacía y es obligatoria."))
        self._overflow(line, cells)
        self._judge(line, values)
        return self._staged(line, len(self.errors) > before, self._cell("curp", cells), values)

    def _parse(self, line: int, column: Column, text: str, parse: Parse, values: dict[str, Any]) -> None:
        try:
            values[column.name] = parse(text)
        except (CellError, CurpError, NssError) as error:
            self.errors.append(Finding(line, column.name, text, str(error)))

    def _overflow(self, line: int, cells: Sequence[str]) -> None:
        beyond = [cell for cell in cells[len(self.mapping.headers) :] if cell.strip()]
        if beyond:
            reason = "La fila tiene más celdas que encabezados: ¿hay una coma o un separador de más? Compárela con las otras."
            self.errors.append(Finding(line, "", beyond[0], reason))

    def _judge(self, line: int, values: dict[str, Any]) -> None:
        """What the values of a row say about each other and about the ciclo."""
        self._check_dates(line, values)
        if curp := values.get("curp"):
            self._against_curp(line, curp, values)
        for name in _NAMES:
            if sign := parsers.odd_in_name(values.get(name, "")):
                reason = f"Trae un signo que los nombres no llevan («{sign}»): ¿se perdió una letra? Se guardó como está."
                self.warnings.append(Finding(line, name, values[name], reason))

    def _check_dates(self, line: int, values: dict[str, Any]) -> None:
        born, enrolled = values.get("fecha_nacimiento"), values.get("fecha_inscripcion")
        if born and not _EARLIEST_BIRTH <= born <= self.today:
            self._refuse(line, "fecha_nacimiento", values, "Nadie inscrito nació ese día: corríjala.")
        first = self.ciclo.starts_on - dt.timedelta(days=settings.ROLL_DAYS_BEFORE_CICLO)
        last = self.today + dt.timedelta(days=settings.ROLL_DAYS_AFTER_TODAY)
        if enrolled and not first <= enrolled <= last:
            reason = f"Está demasiado lejos del ciclo {self.ciclo.clave}: se espera entre {first:%d/%m/%Y} y {last:%d/%m/%Y}. Corríjala."
            self._refuse(line, "fecha_inscripcion", values, reason)

    def _refuse(self, line: int, name: str, values: dict[str, Any], reason: str) -> None:
        self.errors.append(Finding(line, name, f"{values.pop(name):%d/%m/%Y}", reason))

    def _against_curp(self, line: int, curp: Curp, values: dict[str, Any]) -> None:
        """The CURP says birth date, sex and entity too; the list's own word is kept, and the contradiction told."""
        born, sex, entity = values.get("fecha_nacimiento"), values.get("sexo"), values.get("entidad_nacimiento")
        if born and born != curp.birth_date:
            self._contradicts(line, "fecha_nacimiento", f"{born:%d/%m/%Y}", f"{curp.birth_date:%d/%m/%Y}")
        if sex and sex != curp.sex:
            self._contradicts(line, "sexo", SEXES[sex], SEXES[curp.sex])
        if entity and entity != curp.entity:
            self._contradicts(line, "entidad_nacimiento", ENTITIES[entity], ENTITIES[curp.entity])
        nss: Nss | None = values.get("nss")
        if nss and nss.birth_year_digits != curp[4:6]:
            reason = (
                f"El año de nacimiento en el NSS ({nss.birth_year_digits}) no es el del alumno ({curp[4:6]}): ¿será el de su padre o su "
                "madre? Compruébelo en la hoja del IMSS."
            )
            self.warnings.append(Finding(line, "nss", nss, reason))

    def _contradicts(self, line: int, name: str, listed: str, said: str) -> None:
        reason = f"No concuerda con la CURP, que dice {said}. Se tomó la de la lista: compruébela contra la constancia."
        self.warnings.append(Finding(line, name, listed, reason))

    def _staged(self, line: int, bad: bool, curp_cell: str, values: dict[str, Any]) -> Staged:
        curp: Curp | None = values.get("curp")
        # An empty cell never erases what is on record, but for the second apellido: many people have none.
        values.setdefault("segundo_apellido", "")
        stored = [values.get(column.name) for column in COLUMNS]
        said = (curp.birth_date, curp.sex, curp.entity) if curp else (None, None, None)
        return (line, bad, curp or curp_cell.upper(), *stored, *said, *_name_keys(*(values.get(name) or "" for name in _NAMES)))


@lru_cache(maxsize=8192)
def _name_keys(nombre: str, primero: str, segundo: str) -> tuple[str, str]:
    return names.sort_key(primero, segundo, nombre), names.search_key(nombre, primero, segundo)
