"""The one definition of the roll's columns: how each is called, read and explained. The import, the export, the
admin and (later) the template to download all come from here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from afiliacion.roll import parsers
from afiliacion.roll.cells import key
from afiliacion.roll.findings import WrongColumns
from afiliacion.roll.parsers import Parse
from students.curp import Curp
from students.models import Enrolment, Student
from students.nss import Nss

#: Builds a column's parser from the different texts its cells hold; most columns do not look at them.
Reader = Callable[[Collection[str]], Parse]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the roll. `needed`: its heading must be in the file; `filled`: every row must have it."""

    name: str
    label: str
    #: Where an enrolment holds the value, for the export.
    attribute: str
    reader: Reader
    aliases: str = ""
    #: Headings that give way when the file has a better one ("Celular" beside "Teléfono").
    second_best: str = ""
    needed: bool = False
    filled: bool = False
    #: The same texts come again and again, so each is parsed once.
    repeats: bool = False
    #: Its parser depends on what the whole column holds (the order of dates, the words for sex).
    reads_all: bool = False

    def parser(self, cells: Collection[str]) -> Parse:
        parse = self.reader(cells)
        return lru_cache(maxsize=8192)(parse) if self.repeats else parse

    @property
    def keys(self) -> frozenset[str]:
        return frozenset({key(self.name.replace("_", " ")), key(self.label), *self.aliases.split()})


def _same(parse: Callable[[str], Any]) -> Reader:
    return lambda cells: parse


def _longest(model: type[Student | Enrolment], field: str) -> int:
    return int(getattr(model._meta.get_field(field), "max_length"))  # noqa: B009 - mypy knows no max_length on fields


def _text(model: type[Student | Enrolment], field: str) -> Reader:
    return _same(parsers.text(_longest(model, field)))


def _name(field: str) -> Reader:
    return _same(parsers.name(_longest(Student, field)))


COLUMNS: Final = (
    Column("matricula", "Matrícula", "matricula", _text(Enrolment, "matricula"), needed=True, filled=True,
           aliases="nocontrol numerocontrol numcontrol nomatricula numeromatricula codigo nocuenta numerocuenta boleta"),
    Column("curp", "CURP", "student__curp", _same(Curp.parse), needed=True, filled=True, aliases="claveunicaregistropoblacion cvecurp"),
    Column("nombre", "Nombre(s)", "student__nombre", _name("nombre"), needed=True, filled=True, repeats=True,
           aliases="nombre nombres nombrepila primernombre"),
    Column("primer_apellido", "Primer apellido", "student__primer_apellido", _name("primer_apellido"), needed=True, filled=True,
           repeats=True, aliases="apellidopaterno appaterno apaterno paterno apellido1 1erapellido apellidop"),
    Column("segundo_apellido", "Segundo apellido", "student__segundo_apellido", _name("segundo_apellido"), needed=True, repeats=True,
           aliases="apellidomaterno apmaterno amaterno materno apellido2 2doapellido apellidom"),
    Column("fecha_nacimiento", "Fecha de nacimiento", "student__birth_date", parsers.date, repeats=True, reads_all=True,
           aliases="fechanac fnacimiento fecnacimiento fecnac nacimiento"),
    Column("sexo", "Sexo", "student__sex", parsers.sex, repeats=True, reads_all=True, aliases="genero"),
    Column("entidad_nacimiento", "Entidad de nacimiento", "student__entity", _same(parsers.entity), repeats=True,
           aliases="entidad entidadfederativa entidadfederativanacimiento estadonacimiento entidadnac lugarnacimiento"),
    Column("correo", "Correo electrónico", "student__email", _same(parsers.email(_longest(Student, "email"))),
           aliases="correo email mail correoe", second_best="correopersonal emailpersonal correoinstitucional emailinstitucional"),
    Column("telefono", "Teléfono", "student__phone", _text(Student, "phone"), aliases="tel notelefono numerotelefono",
           second_best="celular telefonocelular movil whatsapp"),
    Column("nss", "NSS", "student__nss", _same(Nss.parse),
           aliases="numeroseguridadsocial numeroseguridad nseguridadsocial noseguridadsocial segurosocial numerosegurosocial noseguro"
                   " nosegurosocial numeroimss noimss"),
    Column("grupo", "Grupo", "grupo", _text(Enrolment, "grupo"), repeats=True, aliases="gradogrupo gradoygrupo gpo"),
    Column("fecha_inscripcion", "Fecha de inscripción", "enrolled_on", parsers.date, needed=True, filled=True, repeats=True, reads_all=True,
           aliases="fechainsc fecinscripcion finscripcion fechaingreso fechaalta inscripcion"),
    Column("estatus", "Situación", "status", _same(parsers.status), repeats=True,
           aliases="estatus status situacion situacionescolar estado estatusescolar"),
)  # fmt: skip
BY_NAME: Final = {column.name: column for column in COLUMNS}
_BEST: Final = {spelling: column for column in COLUMNS for spelling in column.keys}
_SECOND_BEST: Final = {spelling: column for column in COLUMNS for spelling in column.second_best.split()}
#: One column with the whole name, or with both apellidos: it cannot be split without guessing.
_WHOLE_NAME: Final = frozenset(
    {
        "nombrecompleto", "nombreyapellidos", "nombreapellidos", "apellidosynombre", "apellidosynombres", "apellidosnombre",
        "apellidosnombres", "apellidos",
    }
)  # fmt: skip
_PERSON: Final = frozenset({"alumno", "alumna", "alumno(a)", "alumnos", "estudiante"})
_NEVER_READ: Final = frozenset({"motivo"})


def label(name: str) -> str:
    """A column's heading as the office reads it; empty for a remark on the whole row."""
    return BY_NAME[name].label if name else ""


def recognised(headers: Sequence[str]) -> int:
    """How many of these headings name a column of the roll: the row with most of them is the header."""
    return sum(1 for header in headers if key(header) in _BEST or key(header) in _SECOND_BEST or _is_whole_name(header))


def _is_whole_name(header: str) -> bool:
    return key(header) in _WHOLE_NAME or header.strip().casefold() in _PERSON


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which position of a row holds which column. `unread`: headings of the file that mean nothing to the roll."""

    headers: tuple[str, ...]
    where: dict[str, int]
    unread: tuple[str, ...]

    @property
    def absent(self) -> tuple[Column, ...]:
        """The optional columns that the file does not bring."""
        return tuple(column for column in COLUMNS if column.name not in self.where)


def bind(headers: Sequence[str], *, date_given: bool) -> Mapping:
    """Find the roll's columns among a file's headings. `date_given`: the officer gave one enrolment date for all.

    Raises:
        WrongColumns: naming every column missing or doubled, and what the officer can do.
    """
    found = _found(headers, _BEST)
    found = {**{name: at for name, at in _found(headers, _SECOND_BEST).items() if name not in found}, **found}
    where = {name: positions[0] for name, positions in found.items()}
    read = set(where.values())
    unread = tuple(h for at, h in enumerate(headers) if at not in read and h.strip() and key(h) not in _NEVER_READ)
    missing = [c for c in COLUMNS if c.needed and c.name not in where and not (date_given and c.name == "fecha_inscripcion")]
    _refuse({name: positions for name, positions in found.items() if len(positions) > 1}, missing, headers)
    return Mapping(tuple(headers), where, unread)


def _found(headers: Sequence[str], known: dict[str, Column]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, header in enumerate(headers):
        if column := known.get(key(header)):
            found.setdefault(column.name, []).append(position)
    return found


def _refuse(doubled: dict[str, list[int]], missing: list[Column], headers: Sequence[str]) -> None:
    said = []
    for name, positions in doubled.items():
        said.append(f"Más de una columna dice ser «{label(name)}»: {', '.join(f'«{headers[at]}»' for at in positions)}. Deje solo una.")
    if missing:
        said.append(f"Faltan columnas: {', '.join(column.label for column in missing)}.")
        said += _remedies({column.name for column in missing}, headers)
    if said:
        raise WrongColumns(" ".join(said))


def _remedies(missing: set[str], headers: Sequence[str]) -> list[str]:
    said = []
    whole = next((header for header in headers if _is_whole_name(header)), None)
    if whole and missing & {"nombre", "primer_apellido", "segundo_apellido"}:
        said.append(
            f"El nombre viene en una sola columna («{whole}») y no se parte sin riesgo de equivocarse: pida o prepare la lista con tres "
            "columnas (nombre, primer apellido, segundo apellido)."
        )
    elif "segundo_apellido" in missing:
        said.append("La columna del segundo apellido debe estar, aunque quede vacía para quien no lo tiene.")
    if "fecha_inscripcion" in missing:
        said.append(
            "Agregue la fecha de inscripción a cada alumno, o indique una para todos al cargar "
            "(«Fecha de inscripción para todos»; en la orden, --fecha-inscripcion AAAA-MM-DD)."
        )
    return said
