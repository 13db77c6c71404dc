"""How the printed sheets are drawn: of each page its values in no order, then its labels, its titles last; read them by position.

So do IMSS' own (docs/domain.md, 8.2); a label that is longer than its column lies over its value, as there.
"""

from __future__ import annotations

import io
import random
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

import segno
from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = letter
LEFT, RIGHT, TOP, BOTTOM = 54, WIDTH - 54, HEIGHT - 40, 60
WINE, GREY, LINE = HexColor("#611232"), HexColor("#555555"), HexColor("#bbbbbb")
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
SAMPLE = "IMSS DE PRÁCTICA · DOCUMENTO DE UN SIMULADOR, SIN VALIDEZ OFICIAL"
Facts = dict[str, str]


class Run(NamedTuple):
    """Words drawn at once: where, and how."""

    x: float
    y: float
    words: str
    font: str = PLAIN
    size: float = 10
    color: Color = black


class Sheet:
    """Letter pages that are written from the top down; `y` is the line above."""

    def __init__(self, title: str, facts: Mapping[str, str]) -> None:
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=letter, invariant=1, lang="es-MX")
        self.canvas.setTitle(f"{title} (práctica)")
        self._shuffled = random.Random(facts["folio"])  # noqa: S311 repeatable on purpose
        self._values: list[Run] = []
        self._cadena: list[Run] = []
        self._labels: list[Run] = []
        self._titles: list[Run] = []
        self._page = 1
        self.y = float(TOP)

    def text(self, words: str, *, size: float = 10, font: str = PLAIN, color: Color = black, x: float = LEFT, gap: float = 5) -> None:
        """One line of the form."""
        self.y -= size
        self._labels.append(Run(x, self.y, words, font, size, color))
        self.y -= gap

    def value(self, words: str, *, size: float = 10, x: float = LEFT, gap: float = 7) -> None:
        """One line of the answer."""
        self.y -= size
        self._values.append(Run(x, self.y, words, BOLD, size))
        self.y -= gap

    def paragraph(self, words: str, size: float = 8) -> None:
        """As many lines as it takes."""
        for line in simpleSplit(words, PLAIN, size, RIGHT - LEFT):
            self.text(line, size=size, gap=2, color=GREY)
        self.y -= 6

    def head(self, *lines: str) -> None:
        """Who issues it, and what it is."""
        for words, size, font, color, gap in (
            ("gob.mx", 16, BOLD, WINE, 5),
            *((line, 12, PLAIN, black, 4) for line in lines[:-1]),
            (lines[-1], 15, BOLD, black, 10),
        ):
            self.y -= size
            self._titles.append(Run(LEFT, self.y, words, font, size, color))
            self.y -= gap

    def section(self, title: str) -> None:
        """A band that names what follows."""
        self.y -= 6
        self.canvas.setFillColor(WINE)
        self.canvas.rect(LEFT, self.y - 15, RIGHT - LEFT, 16, stroke=0, fill=1)
        self.text(title, font=BOLD, color=white, x=LEFT + 6, gap=9)

    def pair(self, label: str, value: str, at: float = 190, x: float = LEFT) -> None:
        """A label and its value, side by side."""
        self.y -= 10
        self._labels.append(Run(x, self.y, label, color=GREY))
        for place, line in enumerate(simpleSplit(value, BOLD, 10, RIGHT - x - at)):
            self.y -= 12 if place else 0
            self._values.append(Run(x + at, self.y, line, BOLD))
        self.y -= 7

    def table(self, *columns: tuple[str, str]) -> None:
        """One row of values under its headings."""
        wide = (RIGHT - LEFT) / len(columns)
        for place, (label, _) in enumerate(columns):
            self._labels.append(self._cell(place * wide, label, PLAIN, GREY))
        self.y -= 14
        for place, (_, value) in enumerate(columns):
            self._values.append(self._cell(place * wide, value, BOLD, black))
        self.y -= 20
        self.canvas.setStrokeColor(LINE)
        self.canvas.line(LEFT, self.y + 9, RIGHT, self.y + 9)

    def _cell(self, x: float, words: str, font: str, color: Color) -> Run:
        size = 9.0
        while stringWidth(words, font, size) > RIGHT - LEFT - x and size > 5:
            size -= 0.5
        return Run(LEFT + x, self.y - 9, words, font, size, color)

    def qr(self, payload: str, side: float, x: float = LEFT) -> None:
        """A QR code, as one path: hundreds of rectangles cost four times as much."""
        matrix = segno.make(payload, error="m", micro=False).matrix
        cell = side / len(matrix)
        path = self.canvas.beginPath()
        for row, line in enumerate(matrix):
            for column, dark in enumerate(line):
                if dark:
                    path.rect(x + column * cell, self.y - (row + 1) * cell, cell, cell)
        self.canvas.setFillColor(black)
        self.canvas.drawPath(path, stroke=0, fill=1)
        self.y -= side + 12

    def cadena(self, facts: Mapping[str, str], procedure: str) -> str:
        """What the sheet says, once more, between bars; and the label over it. Returns it."""
        name = " ".join(filter(None, (facts["nombre"], facts["primer_apellido"], facts["segundo_apellido"])))
        chain = (
            f"||Invocante:portalimssdigital|Tramite:{procedure}|Folio:{facts['folio']}|Fecha:{facts['fecha']}"
            f"|Nombre o Razon Social:{in_ascii(name)}|Curp:{facts['curp']}||"
        )
        self.text("Cadena original:", color=GREY)
        for line in simpleSplit(chain, PLAIN, 7, RIGHT - LEFT):
            self.y -= 8
            self._cadena.append(Run(LEFT, self.y, line, size=7))
        self.y -= 8
        return chain

    def page(self, of: int) -> None:
        """End this page and begin another."""
        self._draw(of)
        self.canvas.showPage()
        self._page += 1
        self.y = float(TOP)

    def done(self, of: int = 1) -> bytes:
        """The file, of so many pages."""
        self._draw(of)
        self.canvas.save()
        return self._file.getvalue()

    def _draw(self, of: int) -> None:
        self._shuffled.shuffle(self._values)
        foot = (
            Run(LEFT, BOTTOM - 20, SAMPLE, BOLD, 8, WINE),
            Run(RIGHT - stringWidth(f"Hoja {self._page} de {of}", BOLD, 8), BOTTOM - 20, f"Hoja {self._page} de {of}", BOLD, 8, WINE),
            Run(RIGHT - 180, TOP - 11, "SIMULADOR · SIN VALIDEZ OFICIAL", BOLD, 8, WINE),
        )
        for run in (*self._values, *self._cadena, *self._labels, *self._titles, *foot):
            self.canvas.setFillColor(run.color)
            self.canvas.setFont(run.font, run.size)
            self.canvas.drawString(run.x, run.y, run.words)
        self.canvas.setStrokeColor(WINE)
        self.canvas.roundRect(RIGHT - 190, TOP - 18, 190, 20, 3)
        self._values, self._cadena, self._labels, self._titles = [], [], [], []


def in_ascii(name: str) -> str:
    """A name as IMSS' systems write it: capitals, Ñ as N, without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", name.upper()) if not unicodedata.combining(c))
