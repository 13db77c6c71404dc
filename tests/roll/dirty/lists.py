"""A seeded generator of dirty lists: encodings, separators, ways to write a date, damage, words and layouts, with the truth beside.

`made(seed)` gives one list. The truth is what a person would read in the school's own system before any program touched it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from afiliacion.operations.simulation.invented_people import People
from tests.roll.dirty import files
from tests.roll.dirty.cells import Cell, Grid

STARTS, ENDS, TODAY = dt.date(2026, 8, 1), dt.date(2027, 1, 30), dt.date(2026, 11, 30)
HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "matricula": ("Matrícula", "No. de control", "MATRICULA", "Boleta"),
    "curp": ("CURP", "C.U.R.P.", "CURP del alumno"),
    "nombre": ("Nombre(s)", "NOMBRE", "Nombres"),
    "primer_apellido": ("Primer apellido", "Ap. Paterno", "PATERNO"),
    "segundo_apellido": ("Segundo apellido", "Ap. Materno", "MATERNO"),
    "fecha_nacimiento": ("Fecha de nacimiento", "Fecha de nac.", "F. NACIMIENTO"),
    "sexo": ("Sexo", "Género"),
    "entidad_nacimiento": ("Entidad de nacimiento", "Estado de nacimiento"),
    "correo": ("Correo electrónico", "E-mail", "Correo"),
    "telefono": ("Teléfono", "Tel.", "Celular"),
    "nss": ("NSS", "Número de Seguridad Social", "No. IMSS"),
    "grupo": ("Grupo", "Grado y grupo"),
    "fecha_inscripcion": ("Fecha de inscripción", "Fecha de ingreso", "Inscripción"),
    "estatus": ("Situación", "Estatus", "Status"),
}
NEEDED: Final = ("matricula", "curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_inscripcion")
CODES: Final = ("matricula", "telefono", "nss")
NONE_WORDS: Final = ("N/A", "NO TIENE", "S/D", "SIN DATO", "-", "NINGUNO", "Pendiente", "n/a", "No aplica", "--", "NULL", "no tiene")
UNSEEN: Final = ("\u200b", "\ufeff", "\u00ad", "\u200d")
#: The school's words for a student with the right to cover, and for those who left.
STATUS_WORDS: Final = {
    "Regular": "activo", "Irregular": "activo", "Reinscrito": "activo", "Nuevo ingreso": "activo", "Vigente": "activo", "OYE": "activo",
    "Alta": "activo", "Condicionado": "activo", "BT": "baja_temporal", "BD": "baja_definitiva", "Egresada": "egresado", "Sí": "activo",
}  # fmt: skip
LONG_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip

Student = dict[str, Any]


@dataclass(slots=True)
class DirtyList:
    """A list, and the truth about it. `lost`: (matrícula's place in the list, column) that no reader can know any more; `bad`: rows that
    may be refused for it. `words`: what the school's own words mean. `takes_hidden`: whether hidden rows are students of the list."""

    seed: int
    name: str = ""
    content: bytes = b""
    kinds: list[str] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)
    lost: set[tuple[int, str]] = field(default_factory=set)
    bad: set[int] = field(default_factory=set)
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    takes_hidden: bool = True
    hidden: set[int] = field(default_factory=set)


def made(seed: int) -> DirtyList:
    """The list of that seed."""
    return _Maker(seed).make()


class _Maker:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.out = DirtyList(seed)
        self.book = self.rng.random() < 0.4

    def make(self) -> DirtyList:
        rng, out = self.rng, self.out
        people = People(rng)
        self.upper = rng.random() < 0.4
        out.students = [self._student(people, n) for n in range(rng.randrange(8, 26))]
        grid = self._grid()
        self._write_dates(grid)
        for kind in self._damages():
            before = len(out.kinds)
            _DAMAGES[kind](self, grid)
            if len(out.kinds) == before:
                out.kinds.append(kind)
        self._lay_out(grid)
        out.content, out.name, how = (files.book if self.book else files.text)(grid, rng)
        out.kinds += how
        return out

    def _student(self, people: People, n: int) -> Student:
        rng, person = self.rng, people.one()
        while person.sex == "X":
            person = people.one()
        names = {"nombre": person.nombre, "primer_apellido": person.primer_apellido, "segundo_apellido": person.segundo_apellido}
        if self.upper:
            names = {name: value.upper() for name, value in names.items()}
        late = rng.random() < 0.1
        day = STARTS + dt.timedelta(days=rng.randrange(30, 110) if late else rng.randrange(0, 20))
        return {
            **names, "matricula": f"{rng.choice(('2026', '0026'))}{n + rng.randrange(40, 900) * 100:05d}" if n % 7 else f"26A{n:05d}",
            "curp": person.curp, "fecha_nacimiento": person.birth_date, "sexo": person.sex, "entidad_nacimiento": person.entity,
            "correo": f"alumno{n}.{self.out.seed}@alumnos.example.mx", "telefono": f"33{rng.randrange(10**7, 10**8):08d}",
            "nss": person.nss if rng.random() < 0.6 else "", "grupo": rng.choice(("1-A", "3B", "2°C", "5-A")), "fecha_inscripcion": day,
            "estatus": "activo",
        }  # fmt: skip

    def _grid(self) -> Grid:
        rng = self.rng
        columns = [name for name in HEADINGS if name in NEEDED or rng.random() < 0.75]
        if rng.random() < 0.3:
            rng.shuffle(columns)
        rows = [{name: Cell(str(student[name])) for name in columns} for student in self.out.students]
        for row in rows:
            if "estatus" in row:
                row["estatus"] = Cell("Activo" if not self.upper else "ACTIVO")
        return Grid(columns, [rng.choice(HEADINGS[name]) for name in columns], [[row[name] for name in columns] for row in rows])

    # Dates

    def _write_dates(self, grid: Grid) -> None:
        for name in ("fecha_inscripcion", "fecha_nacimiento"):
            if name in grid.columns:
                style = self.rng.choice(list(_STYLES))
                self.out.kinds.append(f"date:{style}")
                for student, row in zip(self.out.students, grid.rows, strict=True):
                    row[grid.columns.index(name)] = _STYLES[style](student[name], self.rng, self.book)

    # Damage

    def _damages(self) -> list[str]:
        fit = [kind for kind in _DAMAGES if self.book or kind not in _BOOK_ONLY]
        return self.rng.sample(fit, self.rng.choice((0, 1, 1, 2)))

    def some(self, share: float = 0.4) -> list[int]:
        """Some students, at least one."""
        every = range(len(self.out.students))
        return [n for n in every if self.rng.random() < share] or [self.rng.choice(every)]

    def put(self, grid: Grid, n: int, name: str, cell: Cell) -> bool:
        """Write a cell; whether the list has the column."""
        if name in grid.columns:
            grid.rows[n][grid.columns.index(name)] = cell
        return name in grid.columns

    def lose(self, n: int, name: str) -> None:
        self.out.lost.add((n, name))
        if name in NEEDED:
            self.out.bad.add(n)

    def scientific(self, grid: Grid) -> None:
        for n in self.some():
            student = self.out.students[n]
            name = self.rng.choice([c for c in ("matricula", "telefono", "nss") if c in grid.columns])
            if str(student[name]).isdigit() and self.put(grid, n, name, Cell(f"{float(student[name]):.2E}")):
                self.lose(n, name)
                if name == "nss":
                    self.out.bad.add(n)

    def floats(self, grid: Grid) -> None:
        for n in self.some():
            if (digits := str(self.out.students[n]["matricula"])).isdigit() and digits[0] != "0":
                self.put(grid, n, "matricula", Cell(f"{digits}.0"))

    def apostrophes(self, grid: Grid) -> None:
        mark = self.rng.choice(("'{}", '="{}"', "’{}"))
        for n in self.some(0.7):
            name = self.rng.choice([c for c in ("matricula", "nss", "telefono", "curp") if c in grid.columns])
            if value := str(self.out.students[n][name]):
                self.put(grid, n, name, Cell(mark.format(value)))

    def blanks(self, grid: Grid) -> None:
        for n in self.some():
            name = self.rng.choice([c for c in ("nombre", "primer_apellido", "matricula", "curp", "grupo") if c in grid.columns])
            value = str(self.out.students[n][name])
            inside = self.rng.choice(("  ", "\u00a0", " \u00a0"))
            edge = self.rng.choice((" ", "\u00a0", "\t"))
            self.put(grid, n, name, Cell(f"{edge}{value.replace(' ', inside)}{edge}"))

    def zero_width(self, grid: Grid) -> None:
        for n in self.some():
            name = self.rng.choice([c for c in ("nombre", "matricula", "curp", "nss") if c in grid.columns])
            if value := str(self.out.students[n][name]):
                at = self.rng.randrange(len(value))
                self.put(grid, n, name, Cell(value[:at] + self.rng.choice(UNSEEN) + value[at:]))

    def none_words(self, grid: Grid) -> None:
        for n in self.some():
            for name in ("correo", "telefono", "nss", "grupo", "segundo_apellido"):
                if name in grid.columns and self.rng.random() < 0.4:
                    if name == "segundo_apellido" and self.out.students[n][name]:
                        continue
                    self.out.students[n][name] = ""
                    self.put(grid, n, name, Cell(self.rng.choice(NONE_WORDS)))

    def status_words(self, grid: Grid) -> None:
        words = dict(self.rng.sample(sorted(STATUS_WORDS.items()), 4))
        for n, student in enumerate(self.out.students):
            word = self.rng.choice(list(words))
            if self.put(grid, n, "estatus", Cell(word)):
                student["estatus"] = words[word]
                self.out.words[("estatus", word)] = words[word]

    def sex_words(self, grid: Grid) -> None:
        words = self.rng.choice(
            ({"H": "Hombre", "M": "Mujer"}, {"H": "M", "M": "F"}, {"H": "Masc.", "M": "Fem."}, {"H": "1", "M": "2"}, {"H": "V", "M": "H"})
        )
        self.out.kinds.append(f"sex:{words['H']}/{words['M']}")
        for n, student in enumerate(self.out.students):
            self.put(grid, n, "sexo", Cell(words[student["sexo"]]))
            self.out.words[("sexo", words[student["sexo"]])] = student["sexo"]

    def wrong_heading(self, grid: Grid) -> None:
        """A column under a heading that means something else."""
        name, heading, texts = self.rng.choice(_WRONG)
        if name in grid.columns:
            grid.headings[grid.columns.index(name)] = heading
            for n, student in enumerate(self.out.students):
                self.put(grid, n, name, Cell(self.rng.choice(texts)))
                student[name] = {"estatus": "activo", "nss": ""}.get(name, student[name])
            self.out.words = {key: value for key, value in self.out.words.items() if key[0] != name}

    def errors(self, grid: Grid) -> None:
        for n in self.some(0.2):
            name = self.rng.choice([c for c in ("nombre", "segundo_apellido", "telefono", "grupo", "matricula") if c in grid.columns])
            error = self.rng.choice(("#N/A", "#REF!", "#VALUE!", "#¡REF!", "#DIV/0!"))
            self.put(grid, n, name, Cell(error, "error" if error in ("#N/A", "#REF!", "#VALUE!", "#DIV/0!") else "text"))
            self.lose(n, name)

    def formulas(self, grid: Grid) -> None:
        for n in self.some(0.2):
            name = self.rng.choice([c for c in ("nombre", "telefono", "grupo", "matricula") if c in grid.columns])
            self.put(grid, n, name, Cell(f'=CONCATENATE("{self.out.students[n][name]}","")', "formula"))
            self.lose(n, name)

    def zero_format(self, grid: Grid) -> None:
        for n, student in enumerate(self.out.students):
            if student["matricula"].isdigit():
                self.put(grid, n, "matricula", Cell(student["matricula"], "number", "0" * len(student["matricula"])))

    def long_digits(self, grid: Grid) -> None:
        for n in self.some(0.3):
            self.put(grid, n, "matricula", Cell(f"{2026 * 10**15 + self.rng.randrange(10**15)}", "number"))
            self.lose(n, "matricula")

    def double_utf8(self, grid: Grid) -> None:
        names = [at for at, c in enumerate(grid.columns) if c in ("nombre", "primer_apellido", "segundo_apellido")]
        for n in self.some(self.rng.choice((0.3, 1.0))):
            for at in names:
                text = grid.rows[n][at].text
                grid.rows[n][at] = grid.rows[n][at]._replace(text=files.misread(text, self.rng.choice(("cp1252", "cp1252", "mac_roman"))))

    def titles(self, grid: Grid) -> None:
        grid.top += [["CONTROL ESCOLAR"], ["", "Relación de alumnos inscritos", "", "Ciclo 2026-2"], []][: self.rng.randrange(1, 4)]

    def pages(self, grid: Grid) -> None:
        grid.every = (
            self.rng.randrange(5, 9),
            [["CONTROL ESCOLAR", "", "", "Página 2 de 9"], ["Ciclo escolar 2026-2"], list(grid.headings)],
        )

    def groups(self, grid: Grid) -> None:
        """A title above each group; the column, if there is one, is empty."""
        grid.grouped = self.rng.choice(("Grupo: {}", "GRUPO {}", "Grado y grupo: {}", "{}"))
        order = sorted(range(len(self.out.students)), key=lambda n: self.out.students[n]["grupo"])
        if "grupo" in grid.columns:
            for n in order:
                self.put(grid, n, "grupo", Cell(""))
        grid.order = order
        grid.group_of = [student["grupo"] for student in self.out.students]

    def totals(self, grid: Grid) -> None:
        n = len(self.out.students)
        grid.bottom += self.rng.choice(
            ([["Total", str(n)]], [["", "", f"Total de alumnos: {n}"]], [[f"TOTAL DE ALUMNOS INSCRITOS {n}"]], [["", "Subtotal:", str(n)]])
        )

    def signatures(self, grid: Grid) -> None:
        grid.bottom += self.rng.choice(
            (
                [
                    [],
                    ["", "______________", "", "______________"],
                    ["", "Lic. Ana Ruiz", "", "Ing. Luis Peña"],
                    ["", "Directora", "", "Control escolar"],
                ],
                [["Vo. Bo."], ["Mtra. Rosa Núñez Cruz"], ["DIRECTORA DEL PLANTEL"]],
                [["* Lista sujeta a cambios"], ["Fecha de impresión: 20/08/2026"]],
            )
        )

    def hidden_rows(self, grid: Grid) -> None:
        self.out.takes_hidden = self.rng.random() < 0.5
        self.out.hidden = set(self.some(0.2))
        grid.hidden = set(self.out.hidden)

    def hidden_sheet(self, grid: Grid) -> None:
        grid.sheets.append(("Anterior", True, [list(grid.headings), *[[cell.text for cell in row] for row in grid.rows[:3]]]))

    def catalogue(self, grid: Grid) -> None:
        grid.sheets.append(("Catálogos", False, [["Grupo", "Sexo", "Estatus"], ["1-A", "H", "Activo"], ["2-B", "M", "Baja"]]))

    # Layout

    def _lay_out(self, grid: Grid) -> None:
        if self.rng.random() < 0.3:
            grid.insert(self.rng.randrange(len(grid.columns) + 1), "No.", [Cell(str(n + 1)) for n in range(len(grid.rows))])
            self.out.kinds.append("layout:numbered")
        if self.rng.random() < 0.2:
            grid.insert(len(grid.columns), "Observaciones", [Cell(self.rng.choice(("", "debe acta"))) for _ in grid.rows])
            self.out.kinds.append("layout:remarks")


_WRONG: Final = (
    ("estatus", "Estado", ("Jalisco", "JALISCO")), ("nss", "Seguro social", ("ISSSTE", "IMSS", "SEGURO POPULAR")),
    ("entidad_nacimiento", "Entidad", ("UNIDAD NORTE", "UNIDAD SUR", "UNIDAD CENTRO")),
)  # fmt: skip
_BOOK_ONLY: Final = ("formulas", "zero_format", "long_digits", "hidden_rows", "hidden_sheet", "catalogue")
_DAMAGES: Final[dict[str, Callable[[_Maker, Grid], None]]] = {
    name: getattr(_Maker, name)
    for name in (
        "scientific", "floats", "apostrophes", "blanks", "zero_width", "none_words", "status_words", "sex_words", "wrong_heading", "errors",
        "formulas", "zero_format", "long_digits", "double_utf8", "titles", "pages", "groups", "totals", "signatures", "hidden_rows",
        "hidden_sheet", "catalogue",
    )
}  # fmt: skip


def _stamp(day: dt.date, rng: random.Random, _: bool) -> Cell:
    return Cell(f"{day:%d/%m/%Y} {rng.randrange(8, 20):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}")


def _half(day: dt.date, *, month_first: bool, book: bool) -> Cell:
    """As the other country's Excel leaves it: days up to 12 became dates with day and month changed, the others stayed text."""
    written = f"{day.month}/{day.day}/{day.year}" if month_first else f"{day:%d/%m/%Y}"
    if day.day > 12 or not book:
        return Cell(written)
    return Cell(dt.date(day.year, day.day, day.month).isoformat(), "date")


_STYLES: Final[dict[str, Callable[[dt.date, random.Random, bool], Cell]]] = {
    "iso": lambda day, _, __: Cell(day.isoformat()),
    "dd/mm/aaaa": lambda day, _, __: Cell(f"{day:%d/%m/%Y}"),
    "d/m/aaaa": lambda day, _, __: Cell(f"{day.day}/{day.month}/{day.year}"),
    "dd-mm-aaaa": lambda day, _, __: Cell(f"{day:%d-%m-%Y}"),
    "dd.mm.aaaa": lambda day, _, __: Cell(f"{day:%d.%m.%Y}"),
    "dd/mm/aa": lambda day, _, __: Cell(f"{day:%d/%m/%y}"),
    "cell": lambda day, _, book: Cell(day.isoformat(), "date") if book else Cell(f"{day:%d/%m/%Y}"),
    "stamp": _stamp,
    "iso stamp": lambda day, rng, _: Cell(f"{day.isoformat()} {rng.randrange(8, 20):02d}:15:03"),
    "dd-mmm-aaaa": lambda day, _, __: Cell(f"{day.day:02d}-{LONG_MONTHS[day.month - 1][:3]}-{day.year}"),
    "long": lambda day, _, __: Cell(f"{day.day} de {LONG_MONTHS[day.month - 1]} de {day.year}"),
    "serial": lambda day, _, __: Cell(str((day - dt.date(1899, 12, 30)).days)),
    "month-first": lambda day, _, __: Cell(f"{day:%m/%d/%Y}"),
    "month-first half": lambda day, _, book: _half(day, month_first=True, book=book),
    "day-first half": lambda day, _, book: _half(day, month_first=False, book=book),
}
