"""IDSE's papers as its program draws them: all values of a page in one run and in no order, then all its labels; read them by position."""

import io
import random
from collections.abc import Sequence
from typing import NamedTuple

from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from imss_mock.procedures.sheet import SAMPLE

FONT, SIZE, LINE, ROW = "Helvetica", 8, 9, 13
WIDTH, HEIGHT = letter
TOP, BOTTOM = 60, HEIGHT - 70


class Text(NamedTuple):
    """Words and their place, in points from the top left."""

    x: float
    y: float
    words: str


class Column(NamedTuple):
    """A heading, where its column begins, and how wide a text in it may be before it goes on below; 0: as wide as it is."""

    heading: str
    x: float
    width: float = 0

    def lines(self, words: str) -> list[str]:
        """The words as they stand in the column."""
        return simpleSplit(words, FONT, SIZE, self.width) if self.width and words else [words]


class Drawn:
    """A paper that is written from the top down; `y` is the next line."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._labels: list[list[Text]] = [[]]
        self._values: list[list[Text]] = [[]]
        self.y: float = 30

    def label(self, x: float, words: str, down: float = 0) -> None:
        """Words of the form, `down` points below the line."""
        self._labels[-1].append(Text(x, self.y + down, words))

    def value(self, x: float, words: str, down: float = 0) -> None:
        """Words of the answer."""
        self._values[-1].append(Text(x, self.y + down, words))

    def pair(self, label: str, value: str, x: float = 60, at: float = 180) -> None:
        """A label and its value, on a line of their own."""
        self.value(at, value)
        self.label(x, label)
        self.y += ROW

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Rows under their headings, which every page repeats."""
        self._headings(columns)
        for row in rows:
            cells = [column.lines(words) for column, words in zip(columns, row, strict=True)]
            tall = LINE * (max(map(len, cells)) - 1)
            if self.y + tall > BOTTOM:
                self.page()
                self._headings(columns)
            for column, lines in zip(columns, cells, strict=True):
                for number, words in enumerate(lines):
                    self.value(column.x, words, LINE * number)
            self.y += tall + ROW

    def _headings(self, columns: Sequence[Column]) -> None:
        for column in columns:
            self.label(column.x, column.heading)
        self.y += ROW

    def room(self, needed: float) -> None:
        """Begin another page unless so many points are left."""
        if self.y + needed > BOTTOM:
            self.page()

    def page(self) -> None:
        """Another page."""
        self._labels.append([])
        self._values.append([])
        self.y = TOP

    def pdf(self, seed: str) -> bytes:
        """The file; the same seed gives the same bytes."""
        shuffled, file = random.Random(seed), io.BytesIO()  # noqa: S311 repeatable on purpose
        canvas = Canvas(file, pagesize=letter, invariant=1, lang="es-MX")
        canvas.setTitle(f"{self._title} (práctica)")
        count = len(self._labels)
        for number, (labels, values) in enumerate(zip(self._labels, self._values, strict=True), 1):
            canvas.setFont(FONT, SIZE)
            shuffled.shuffle(values)
            foot = (Text(60, HEIGHT - 30, SAMPLE), Text(500, HEIGHT - 30, f"Página {number} de {count}"))
            for text in (*values, *labels, *foot):
                canvas.drawString(text.x, HEIGHT - text.y, text.words)
            canvas.showPage()
        canvas.save()
        return file.getvalue()
