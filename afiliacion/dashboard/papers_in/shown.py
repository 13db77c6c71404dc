"""A document as it is shown: a page drawn anew, with the place of each value on it, and the values beside what the office knows."""

from __future__ import annotations

import base64
import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.models import Case
from afiliacion.papers_in import reading, values
from afiliacion.papers_in.models import BroughtPaper
from paper_reader.reading import Field, Reading, Source, Value
from students.curp import SEXES

#: Places are told to the drawing in parts of this.
SCALE: Final = 1000
#: As what pages are drawn.
_DRAWN: Final = "png"
#: In the order they are shown.
LABELS: Final = {
    Field.NSS: "NSS", Field.CURP: "CURP", Field.FULL_NAME: "Nombre completo", Field.FIRST_NAMES: "Nombre",
    Field.FIRST_SURNAME: "Primer apellido", Field.SECOND_SURNAME: "Segundo apellido", Field.BIRTH_DATE: "Fecha de nacimiento",
    Field.SEX: "Sexo", Field.BIRTH_PLACE: "Lugar de nacimiento", Field.FOLIO: "Folio", Field.ISSUED_ON: "Fecha del documento",
    Field.RIGHT: "Con derecho al servicio médico", Field.VIGENCIA_UNTIL: "Vigente hasta", Field.REGISTRO_PATRONAL: "Registro patronal",
    Field.EMPLOYER: "Patrón", Field.DELEGACION: "Delegación", Field.UMF: "Clínica (UMF)", Field.TURNO: "Turno",
    Field.CONSULTORIO: "Consultorio", Field.AGREGADO_MEDICO: "Agregado médico",
}  # fmt: skip
_DATES: Final = (Field.BIRTH_DATE, Field.ISSUED_ON, Field.VIGENCIA_UNTIL)


@dataclass(frozen=True, slots=True)
class Line:
    """A value that was read: what it is, how it was read, and what the office has in its place ("": nothing to compare)."""

    name: str
    label: str
    text: str
    doubtful: bool
    known: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a value on the page, in parts of SCALE."""

    name: str
    label: str
    x: int
    y: int
    width: int
    height: int
    doubtful: bool


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as a data URI, or why it cannot be drawn; `pages`: how many there are."""

    number: int
    pages: int
    image: str
    problem: str
    marks: Sequence[Mark]


def page(paper: BroughtPaper, number: int | None) -> ShownPage:
    """Page `number` (from 0) of a document; None: the one with the most values."""
    read = values.from_json(paper.reading) if paper.reading else None
    pages = max(read.pages, 1) if read else 1
    at = min(max(number if number is not None else _fullest(read), 0), pages - 1)
    if paper.evidence is None:
        return ShownPage(at, pages, "", "El archivo se suprimió.", [])
    try:
        drawn = reading.picture(bytes(paper.evidence.body), at)
    except ValueError as why:
        return ShownPage(at, pages, "", str(why), [])
    image = f"data:image/{_DRAWN};base64,{base64.b64encode(drawn).decode()}"
    return ShownPage(at, pages, image, "", _marks(read, at))


def lines(paper: BroughtPaper, case: Case | None) -> list[Line]:
    """The values that were read, each once, beside those of the student."""
    if paper.reading is None:
        return []
    read, known = values.from_json(paper.reading), _known(case)
    found = [(field, value) for field in LABELS if (value := values.best(read, field))]
    return [_line(field, value, known.get(field, "")) for field, value in found]


def _line(field: Field, value: Value, known: str) -> Line:
    differs = bool(known) and _plain(known) != _plain(value.text)
    return Line(field.value, LABELS[field], _told(field, value.text), value.source is Source.OCR, _told(field, known), differs)


def _told(field: Field, text: str) -> str:
    """A value as people write it: dates with the day first, the sex as a word."""
    if field in _DATES and text:
        return f"{dt.date.fromisoformat(text):%d/%m/%Y}"
    return SEXES.get(text, text) if field is Field.SEX else text


def _known(case: Case | None) -> dict[Field, str]:
    if case is None:
        return {}
    student = case.student
    return {
        Field.NSS: student.nss or "", Field.CURP: student.curp or "", Field.FULL_NAME: student.full_name, Field.FIRST_NAMES: student.nombre,
        Field.FIRST_SURNAME: student.primer_apellido, Field.SECOND_SURNAME: student.segundo_apellido,
        Field.BIRTH_DATE: student.birth_date.isoformat(), Field.UMF: case.umf,
    }  # fmt: skip


def _plain(text: str) -> str:
    """A text without accents, case, blanks and signs: IMSS writes names without Ñ."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text.casefold()) if sign.isalnum())


def _fullest(read: Reading | None) -> int:
    placed = [value.page for value in read.values if value.box] if read else []
    return max(set(placed), key=placed.count, default=0)


def _marks(read: Reading | None, number: int) -> list[Mark]:
    placed = [value for value in read.values if value.box and value.page == number] if read else []
    return [_mark(value, value.box) for value in placed if value.box and value.field in LABELS]


def _mark(value: Value, box: tuple[float, float, float, float]) -> Mark:
    left, top, right, bottom = (round(part * SCALE) for part in box)
    doubtful = value.source is Source.OCR
    return Mark(value.field.value, LABELS[value.field], left, top, max(right - left, 1), max(bottom - top, 1), doubtful)
