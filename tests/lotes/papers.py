"""IDSE's papers as IMSS prints them: labels in one run, values in another and in other order; as words, and as a PDF. Invented data."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from paper_reader.page import Page, Word
from tests.lotes.made import PEOPLE, REGISTRO

FONT, SIZE, ROW = "Helvetica", 8.0, 13.0
WIDTH, HEIGHT = letter
COLUMNS = (
    ("Tipo", 40), ("NSS", 70), ("Nombre Asegurado", 140), ("Sal.Base", 330), ("Ext.", 390), ("UMF", 415), ("Tipo", 440), ("Fec-Mov", 465),
    ("Tipo", 525), ("C.Baja", 550),
)  # fmt: skip
REJECTED_COLUMNS = (("Tipo", 40), ("NSS", 70), ("Nombre Asegurado", 140), ("Fec-Mov", 330), ("Código", 390), ("Motivo", 430))
COUNTED = ("Bajas", "Modif.", "Reing.", "Total")


@dataclass(frozen=True)
class Row:
    """A movement as a paper prints it. `code`: of a rejection; empty if it was operated."""

    nss: str
    nombre: str
    type: str = "8"
    fecha: str = "24/08/2026"
    ext: str = ""
    code: str = ""
    reason: str = ""
    umf: str = "000"
    causa: str = ""


@dataclass(frozen=True)
class Given:
    """What a paper says."""

    rows: dict[str, Sequence[Row]]
    lote: str = "900000001"
    folio: str = "8700000000000000001"
    rfc: str = "UPE850101AB1"
    received: str = "2026-08-25 10:32"
    per_page: int = 30
    #: What it counts otherwise than its rows: title -> totals.
    counts: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)


class Drawn:
    """Texts and their places, page by page: labels and values apart."""

    def __init__(self) -> None:
        self.pages: list[list[tuple[bool, float, float, str]]] = [[]]

    def label(self, x: float, y: float, text: str) -> None:
        self.pages[-1].append((True, x, y, text))

    def value(self, x: float, y: float, text: str) -> None:
        self.pages[-1].append((False, x, y, text))

    def words(self) -> list[Page]:
        return [[word for _, x, y, text in page for word in _split(x, y, text)] for page in self.pages]

    def pdf(self, seed: int = 3) -> bytes:
        """The PDF: of each page the values first, shuffled, then the labels."""
        shuffled, out = random.Random(seed), BytesIO()
        canvas = Canvas(out, pagesize=letter, invariant=1)
        for page in self.pages:
            canvas.setFont(FONT, SIZE)
            values, labels = [each for each in page if not each[0]], [each for each in page if each[0]]
            shuffled.shuffle(values)
            for _, x, y, text in [*values, *labels]:
                canvas.drawString(x, HEIGHT - y, text)
            canvas.showPage()
        canvas.save()
        return out.getvalue()


def _split(x: float, y: float, text: str) -> Iterable[Word]:
    at = x
    for piece in text.split(" "):
        width = stringWidth(piece, FONT, SIZE)
        if piece:
            yield Word(piece, at, y - 0.75 * SIZE, at + width, y + 0.2 * SIZE)
        at += width + stringWidth(" ", FONT, SIZE)


def rows(number: int, **also: str) -> list[Row]:
    return [
        Row(person.nss, f"{person.primer_apellido} {person.segundo_apellido} {person.nombre}".upper(), **also) for person in PEOPLE[:number]
    ]


def counts(given: Given) -> dict[str, tuple[int, int, int, int]]:
    everything = [row for each in given.rows.values() for row in each]
    found = {}
    for title, chosen in (
        ("recibidos", everything),
        ("operados", [row for row in everything if not row.code]),
        ("rechazados", [row for row in everything if row.code]),
    ):
        kinds = [row.type.zfill(2) for row in chosen]
        found[title] = (kinds.count("02"), kinds.count("07"), kinds.count("08"), len(kinds))
    return {**found, **given.counts}


def constancia(given: Given, *, stacked: bool = False, values_left: bool = False) -> Drawn:
    """`stacked`: the three tables one under the other. `values_left`: the values of Información General left of their labels."""
    page = Drawn()
    page.label(60, 30, "Instituto Mexicano del Seguro Social")
    page.label(60, 45, "Constancia de presentación de movimientos afiliatorios")
    page.label(60, 58, "IMSS DESDE SU EMPRESA")
    page.label(60, 71, "Con fundamento en el artículo 6 del reglamento, ESCUELA DE PRUEBA con registro patronal B9912345321 presentó")
    page.label(60, 90, "Información General")
    label_x, value_x = (260, 60) if values_left else (60, 180)
    for y, label, value in (
        (105, "Número de folio:", given.folio), (118, "Número de lote:", given.lote), (131, "RFC del patrón:", given.rfc),
        (157, "Fecha y hora de recepción:", given.received), (170, "Serial del certificado:", "00001000000500000001"),
    ):  # fmt: skip
        page.value(value_x, y, value)
        page.label(label_x, y, label)
    page.label(60, 144, "Registro Patronal:")
    page.value(140, 144, next(iter(given.rows), REGISTRO))
    page.label(260, 144, "Razón Social:")
    page.value(330, 144, "ESCUELA DE PRUEBA")
    page.label(60, 185, "Huella Digital")
    page.value(60, 198, "0123456789abcdef0123456789abcdef01234567")
    page.label(60, 215, "Concentrado General")
    bottom = _tables(page, given, stacked=stacked)
    for registro, movements in given.rows.items():
        bottom = _block(page, bottom, registro, movements, given.per_page)
    page.label(60, bottom + 15, "Tipo de movimiento: 8 Reingreso, 2 Baja, 7 Modificación de salario")
    page.label(60, bottom + 30, "Sello Digital")
    for number, each in enumerate(page.pages, 1):
        each.append((True, 500, HEIGHT - 30, f"Página {number} de {len(page.pages)}"))
    return page


def _tables(page: Drawn, given: Given, *, stacked: bool) -> float:
    for at, (title, numbers) in enumerate(counts(given).items()):
        x, y = (60, 230 + 45 * at) if stacked else (60 + 180 * at, 230)
        page.label(x, y, f"Movimientos {title}")
        for column, (heading, number) in enumerate(zip(COUNTED, numbers, strict=True)):
            page.label(x + 40 * column, y + 13, heading)
            page.value(x + 40 * column + 5, y + 26, str(number))
    return 365 if stacked else 275


def _block(page: Drawn, y: float, registro: str, movements: Sequence[Row], per_page: int) -> float:
    page.label(60, y, "Patrón:")
    page.value(100, y, f"{registro[:3]}-{registro[3:8]}-{registro[8:10]}-{registro[10:]}")
    page.value(200, y, "ESCUELA DE PRUEBA")
    operated, rejected = [row for row in movements if not row.code], [row for row in movements if row.code]
    y = _relation(page, y + 20, "operados", COLUMNS, [_operated(row) for row in operated], per_page)
    return _relation(page, y + 10, "rechazados", REJECTED_COLUMNS, [_rejected(row) for row in rejected], per_page)


def _operated(row: Row) -> tuple[str, ...]:
    return row.type, row.nss, row.nombre, "$    0.00", row.ext, row.umf, "0", row.fecha, "1", row.causa


def _rejected(row: Row) -> tuple[str, ...]:
    return row.type, row.nss, row.nombre, row.fecha, row.code, row.reason


def _relation(
    page: Drawn, y: float, title: str, columns: Sequence[tuple[str, int]], cells: Sequence[Sequence[str]], per_page: int
) -> float:
    if y > HEIGHT - 120:
        page.pages.append([])
        y = 60
    page.label(60, y, f"Relación de movimientos {title}")
    y = _headings(page, y + ROW, columns)
    for at, row in enumerate(cells):
        if (at and at % per_page == 0) or y > HEIGHT - 60:
            page.pages.append([])
            y = _headings(page, 60, columns)
        for (_, x), text in zip(columns, row, strict=True):
            page.value(x, y, text)
        y += ROW
    return y


def _headings(page: Drawn, y: float, columns: Sequence[tuple[str, int]]) -> float:
    for text, x in columns:
        page.label(x, y, text)
    return y + ROW


def acuse(given: Given, *, refused: Sequence[Row] = (), says: int | None = None) -> Drawn:
    page = Drawn()
    page.label(60, 30, "Instituto Mexicano del Seguro Social")
    page.label(60, 45, "Acuse de recibo electrónico")
    for y, label, value in (
        (90, "Número de folio:", given.folio), (103, "Número de lote:", given.lote),
        (116, "Registro Patronal:", next(iter(given.rows), REGISTRO)),
        (129, "Fecha y hora de recepción:", given.received), (142, "Movimientos rechazados:", str(len(refused) if says is None else says)),
    ):  # fmt: skip
        page.value(200, y, value)
        page.label(60, y, label)
    if refused:
        _relation(page, 170, "rechazados", REJECTED_COLUMNS, [_rejected(row) for row in refused], given.per_page)
    return page


MOMENT = dt.datetime(2026, 8, 25, 10, 32)  # noqa: DTZ001 - as printed
