"""The one definition of the roll's columns: how each is called, read and explained. The import, the export, the
admin, the template to download and the officer's manual of columns all come from here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from afiliacion.roll.findings import WrongColumns
from afiliacion.roll.parse import dates, parsers
from afiliacion.roll.parse.parsers import Parse
from afiliacion.roll.parse.tidy import SaysNone, joined, refuse_error, says_none, tidy
from file_reader.facts import ColumnFacts
from file_reader.words import key
from students.curp import Curp
from students.models import Enrolment, Student
from students.nss import Nss

#: Builds a column's parser from what it asks of the whole column; most ask nothing.
Reader = Callable[[Any], Parse]


def _nothing(_: ColumnFacts) -> None:
    return None


@dataclass(frozen=True, slots=True)
class RollColumn:
    """A column of the roll. `needed`: its heading must be in the file; `filled`: every row must have it."""

    name: str
    label: str
    #: Where an enrolment holds the value, for the export.
    attribute: str
    reader: Reader
    #: What to write in it, for the officer's manual; and headings as schools write them.
    hint: str = ""
    also: str = ""
    aliases: str = ""
    #: Headings that give way when the file has a better one ("Celular" beside "Teléfono").
    second_best: str = ""
    needed: bool = False
    filled: bool = False
    #: A cell that cannot be read is left out and told of; the row is taken.
    dispensable: bool = False
    #: The same texts come again and again, so each is parsed once.
    repeats: bool = False
    asks: Callable[[ColumnFacts], Any] = _nothing

    def parser(self, said: Any) -> Parse:
        """From a cell as it stands, blanks around it and all, to its value. `said`: the answer to what it `asks`.

        Raises CellError, CurpError or NssError; SaysNone if the cell says that there is none.
        """
        read = self.reader(said)

        def parse(cell: str) -> Any:
            text = tidy(cell)
            if text[:1] in "#E":
                refuse_error(text)
            if not text or (self.name != "curp" and says_none(text, self.name)):
                raise SaysNone("Dice que no hay: deje la celda vacía.")
            return read(text)

        return lru_cache(maxsize=8192)(parse) if self.repeats else parse

    @property
    def keys(self) -> frozenset[str]:
        return frozenset({key(self.name.replace("_", " ")), key(self.label), *self.aliases.split()})


def _same(parse: Callable[[str], Any]) -> Reader:
    return lambda _: parse


def _curp(text: str) -> Curp:
    return Curp.parse(joined(text))


def _nss(text: str) -> Nss:
    return Nss.parse(text if text.isdigit() else joined(text).removesuffix(".0"))


def _longest(model: type[Student | Enrolment], field: str) -> int:
    return int(getattr(model._meta.get_field(field), "max_length"))  # noqa: B009 - mypy knows no max_length on fields


def _text(model: type[Student | Enrolment], field: str) -> Reader:
    return _same(parsers.text(_longest(model, field)))


def _code(model: type[Student | Enrolment], field: str) -> Reader:
    return _same(parsers.number(_longest(model, field)))


def _name(field: str) -> Reader:
    return _same(parsers.name(_longest(Student, field)))


COLUMNS: Final = (
    RollColumn("matricula", "Matrícula", "matricula", _code(Enrolment, "matricula"), needed=True, filled=True,
               aliases="nocontrol numerocontrol numcontrol nomatricula numeromatricula codigo nocuenta numerocuenta boleta",
               hint="La de su sistema escolar, tal cual.",
               also="No. de control, Código, Boleta, No. de cuenta"),
    RollColumn("curp", "CURP", "student__curp", _same(_curp), needed=True, filled=True, aliases="claveunicaregistropoblacion cvecurp",
               hint="Los 18 caracteres de la constancia. Es la clave de la persona: con ella se la reconoce de un ciclo a otro.",
               also="CURP alumno, Clave única de registro de población"),
    RollColumn("nombre", "Nombre(s)", "student__nombre", _name("nombre"), needed=True, filled=True, repeats=True,
               aliases="nombre nombres nombrepila primernombre",
               hint="Solo el nombre o nombres, sin apellidos.",
               also="Nombres, Nombre de pila"),
    RollColumn("primer_apellido", "Primer apellido", "student__primer_apellido", _name("primer_apellido"), needed=True, filled=True,
               repeats=True, aliases="apellidopaterno appaterno apaterno paterno apellido1 1erapellido apellidop",
               hint="El apellido paterno.",
               also="Ap. Paterno, Paterno"),
    RollColumn("segundo_apellido", "Segundo apellido", "student__segundo_apellido", _name("segundo_apellido"), needed=True, repeats=True,
               aliases="apellidomaterno apmaterno amaterno materno apellido2 2doapellido apellidom",
               hint="El materno. La columna debe estar; la celda queda vacía para quien no lo tiene.",
               also="Ap. Materno, Materno"),
    RollColumn("fecha_nacimiento", "Fecha de nacimiento", "student__birth_date", dates.reader, asks=dates.by_proof,
               dispensable=True, repeats=True, aliases="fechanac fnacimiento fecnacimiento fecnac nacimiento",
               hint="dd/mm/aaaa o AAAA-MM-DD, o celda de fecha de Excel. Si falta, se toma de la CURP.",
               also="Fecha de nac."),
    RollColumn("sexo", "Sexo", "student__sex", parsers.sex, asks=parsers.sex_letters, repeats=True, dispensable=True, aliases="genero",
               hint="H, M o X (o en palabras). Si la columna usa F y M, M es masculino. Si falta, se toma de la CURP.",
               also="Género"),
    RollColumn("entidad_nacimiento", "Entidad de nacimiento", "student__entity", _same(parsers.entity), repeats=True, dispensable=True,
               aliases="entidad entidadfederativa entidadfederativanacimiento estadonacimiento entidadnac lugarnacimiento",
               hint="La clave de dos letras o el nombre; NE si nació en el extranjero. Si falta, se toma de la CURP.",
               also="Entidad, Estado de nacimiento"),
    RollColumn("correo", "Correo electrónico", "student__email", _same(parsers.email(_longest(Student, "email"))),
               aliases="correo email mail correoe", second_best="correopersonal emailpersonal correoinstitucional emailinstitucional",
               hint="Uno distinto por alumno: el IMSS liga cada correo a una sola CURP. Sin él no se le puede recordar nada.",
               also="Correo, E-mail"),
    RollColumn("telefono", "Teléfono", "student__phone", _code(Student, "phone"), dispensable=True, aliases="tel notelefono numerotelefono",
               second_best="celular telefonocelular movil whatsapp",
               hint="Como esté; no se usa para avisos.",
               also="Tel., Celular"),
    RollColumn("nss", "NSS", "student__nss", _same(_nss),
               aliases="numeroseguridadsocial numeroseguridad nseguridadsocial noseguridadsocial segurosocial numerosegurosocial noseguro"
                   " nosegurosocial numeroimss noimss",
               hint="Los 11 dígitos de la hoja del IMSS, con formato de Texto para que Excel no quite el cero inicial. "
                    "Vacía si aún no tiene.",
               also="Número de Seguridad Social, Seguro social"),
    RollColumn("grupo", "Grupo", "grupo", _code(Enrolment, "grupo"), repeats=True, dispensable=True, aliases="gradogrupo gradoygrupo gpo",
               hint="Como lo nombre el plantel: 3-A.",
               also="Grado y grupo"),
    RollColumn("fecha_inscripcion", "Fecha de inscripción", "enrolled_on", dates.reader, asks=dates.by_proof, needed=True, filled=True,
               repeats=True, aliases="fechainsc fecinscripcion finscripcion fechaingreso fechaalta inscripcion",
               hint="dd/mm/aaaa o AAAA-MM-DD. De ella corre el plazo del acuse. Si la lista no la trae, indique una para todos al subirla.",
               also="Fecha de ingreso, Fecha de alta"),
    RollColumn("estatus", "Situación", "status", parsers.status, repeats=True, asks=lambda _: (),
               aliases="estatus status situacion situacionescolar estado estatusescolar",
               hint="Activo, Licencia, Baja temporal, Baja definitiva, Egresado, Desertor o Defunción. Vacía es activo.",
               also="Estatus, Estado escolar"),
)  # fmt: skip
BY_NAME: Final = {column.name: column for column in COLUMNS}
_BEST: Final = {spelling: column for column in COLUMNS for spelling in column.keys}
_SECOND_BEST: Final = {spelling: column for column in COLUMNS for spelling in column.second_best.split()}
#: One column with the whole name, or with both apellidos: it cannot be split without guessing.
_WHOLE_NAME: Final = frozenset(
    {
        "nombrecompleto", "nombreyapellidos", "nombreapellidos", "apellidosynombre", "apellidosynombres", "apellidosnombre",
        "apellidosnombres", "apellidos", "alumno", "alumna", "alumnos", "alumnoa", "estudiante",
    }
)  # fmt: skip
#: Every heading the roll knows: the row with most of them is the header.
HEADINGS: Final = frozenset({*_BEST, *_SECOND_BEST, *_WHOLE_NAME})
#: Over the reasons of the rows not taken (upload/rejected_rows.py): never read, so that a mended list goes in as it is.
REASON: Final = "motivo"
#: What a list says of the plantel; never loaded from there, but compared with the plantel it is loaded for.
_PLANTEL: Final = frozenset(
    {"plantel", "nombreplantel", "claveplantel", "cveplantel", "escuela", "nombreescuela", "cct", "clavecct", "clavecentrotrabajo"}
)


def label(name: str) -> str:
    """A column's heading as the office reads it; empty for a remark on the whole row."""
    return BY_NAME[name].label if name else ""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which position of a row holds which column. `unread`: headings of the file that mean nothing to the roll."""

    headers: tuple[str, ...]
    where: dict[str, int]
    unread: tuple[str, ...]

    def without(self, names: Collection[str]) -> ColumnMapping:
        """The same, but for these columns, which are not what their headings say."""
        left = {name: at for name, at in self.where.items() if name not in names}
        gone = (self.headers[self.where[name]] for name in names)
        return replace(self, where=left, unread=(*self.unread, *gone))

    @property
    def absent(self) -> tuple[RollColumn, ...]:
        """The optional columns that the file does not bring."""
        return tuple(column for column in COLUMNS if column.name not in self.where)


def bind(headers: Sequence[str], *, date_given: bool, given: dict[str, int] | None = None) -> ColumnMapping:
    """Find the roll's columns among a file's headings. `date_given`: the officer gave one enrolment date for all.

    `given`: which position each column has, as the officer said; then nothing is looked for.

    Raises:
        WrongColumns: naming every column missing or doubled, and what the officer can do.
    """
    said = {name: [at] for name, at in (given or {}).items() if name in BY_NAME and at < len(headers)}
    found = recognised(headers) if given is None else said
    where = {name: positions[0] for name, positions in found.items()}
    read = {*where.values(), *of_plantel(headers)}
    unread = tuple(h for at, h in enumerate(headers) if at not in read and h.strip() and key(h) != REASON)
    missing = [c for c in COLUMNS if c.needed and c.name not in where and not (date_given and c.name == "fecha_inscripcion")]
    _refuse({name: positions for name, positions in found.items() if len(positions) > 1}, missing, headers)
    return ColumnMapping(tuple(headers), where, unread)


def of_plantel(headers: Sequence[str]) -> list[int]:
    """Positions of the columns that say a plantel."""
    return [at for at, header in enumerate(headers) if key(header) in _PLANTEL]


def of_mended(headers: Sequence[str]) -> bool:
    """Whether these are the rows of a list that were not taken and have been mended: the others are in already."""
    return any(key(header) == REASON for header in headers)


def recognised(headers: Sequence[str]) -> dict[str, list[int]]:
    """Which columns the headings name by themselves, each with its positions."""
    found = positions(headers, _BEST)
    return {**{name: at for name, at in positions(headers, _SECOND_BEST).items() if name not in found}, **found}


def shape(headers: Sequence[str]) -> str:
    """What two files with the same headings in the same order have in common, however they write them."""
    return hashlib.sha256("\x1f".join(map(key, headers)).encode()).hexdigest()


def positions(headers: Sequence[str], known: dict[str, RollColumn]) -> dict[str, list[int]]:
    """Where each of the columns known by these spellings (keys) stands among the headings."""
    found: dict[str, list[int]] = {}
    for position, header in enumerate(headers):
        if column := known.get(key(header)):
            found.setdefault(column.name, []).append(position)
    return found


def _refuse(doubled: dict[str, list[int]], missing: list[RollColumn], headers: Sequence[str]) -> None:
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
    whole = next((header for header in headers if key(header) in _WHOLE_NAME), None)
    if whole and missing & {"nombre", "primer_apellido", "segundo_apellido"}:
        said.append(
            f"El nombre viene en una sola columna («{whole}») y no se parte sin riesgo de equivocarse: pida o prepare la lista con tres "
            "columnas (nombre, primer apellido, segundo apellido)."
        )
    elif "segundo_apellido" in missing:
        said.append("La columna del segundo apellido debe estar, aunque quede vacía para quien no lo tiene.")
    if "fecha_inscripcion" in missing:
        said.append("Agregue la fecha de inscripción a cada alumno, o indique «Fecha de inscripción para todos».")
    return said
