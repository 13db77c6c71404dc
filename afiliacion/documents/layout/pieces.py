"""Pieces of a page: each has a height, can be split and drawn. Also the styles, measures and colours of a page."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from afiliacion.documents.layout.qr import QR_SIZE, draw_qr
from afiliacion.documents.layout.tags import Tags
from afiliacion.documents.layout.typefaces import BOLD, REGULAR, TextLine, broken

MARGIN: Final = 54.0
WIDTH: Final = letter[0] - 2 * MARGIN
TOP: Final = letter[1] - 40
GAP: Final = 10.0
PAGE_HEIGHT: Final = TOP - MARGIN - GAP
_INK, _GREY, _RULE = HexColor("#1a1a1a"), HexColor("#555555"), HexColor("#b5b5b5")
_SIGNING_ROOM: Final = 42.0


@dataclass(frozen=True, slots=True)
class Style:
    """A text style. `align`: 0 left, 0.5 middle, 1 right. `role`: its structure type for screen readers (ISO 32000-1, 14.8.4)."""

    font: str = REGULAR
    size: float = 9.5
    leading: float = 13.0
    colour: Color = _INK
    align: float = 0.0
    above: float = 0.0
    role: str = "P"


_SMALL: Final = Style(size=8, leading=11, colour=_GREY)
STYLES: Final = {
    "body": Style(above=6),
    "plain": Style(),
    "right": Style(align=1, above=2),
    "strong": Style(font=BOLD, above=2),
    "small": replace(_SMALL, above=6),
    "tiny": _SMALL,
    "label": Style(colour=_GREY),
    "school": Style(font=BOLD, size=13, leading=17),
    "title": Style(font=BOLD, size=15, leading=19, above=GAP, role="H1"),
    "subtitle": Style(colour=_GREY),
    "heading": Style(font=BOLD, size=11, leading=14, above=GAP, role="H2"),
    "signing": Style(size=8.5, leading=11, align=0.5),
    "folio": Style(font=BOLD, size=7, leading=9, align=1),
    "cell": Style(size=8.2, leading=10.6),
    "cellhead": Style(font=BOLD, size=8.2, leading=10.6, role="TH"),
}


@dataclass(slots=True)
class Drawing:
    """The canvas pieces are drawn on, and its tags."""

    canvas: Canvas
    tags: Tags


class Piece(Protocol):
    """A drawable block of a page. `height` and `above` in points; `keep`: it must not be the last of its page."""

    height: float
    above: float
    keep: bool

    def split(self, room: float) -> tuple[Piece, Piece] | None:
        """Return a part no higher than `room` points and the rest; None when it cannot be split there."""

    def draw(self, drawing: Drawing, x: float, top: float) -> None: ...


@dataclass(slots=True)
class Lines:
    """A paragraph, already broken into lines."""

    lines: tuple[TextLine, ...]
    style: Style
    width: float
    keep: bool = False
    height: float = field(init=False)
    above: float = field(init=False)

    def __post_init__(self) -> None:
        self.height, self.above = len(self.lines) * self.style.leading, self.style.above

    def split(self, room: float) -> tuple[Lines, Lines] | None:
        fit = int(room / self.style.leading)
        if not 0 < fit < len(self.lines):
            return None
        return replace(self, lines=self.lines[:fit]), replace(self, lines=self.lines[fit:])

    def draw(self, drawing: Drawing, x: float, top: float, role: str = "") -> None:
        with drawing.tags.content(role or self.style.role):
            self.put(drawing.canvas, x, top)

    def put(self, canvas: Canvas, x: float, top: float) -> None:
        """Draw without a tag."""
        style, text = self.style, canvas.beginText()
        text.setFillColor(style.colour)
        # The baseline that centres the glyphs in their leading.
        y = top - (style.leading + style.size) / 2 + 0.15 * style.size
        for runs, breadth in self.lines:
            text.setTextOrigin(x + style.align * (self.width - breadth), y)
            for font, words in runs:
                text.setFont(font, style.size, style.leading)
                text.textOut(words)
            y -= style.leading
        canvas.drawText(text)


def paragraph(text: str, look: str, width: float = WIDTH, *, keep: bool = False) -> Lines:
    """Break `text` into a paragraph of `width` points in the style `look`."""
    style = STYLES[look]
    return Lines(broken(text, style.font, style.size, width), style, width, keep)


@dataclass(slots=True)
class TableRow:
    """Cells side by side, each with its own paragraphs; a rule below."""

    cells: tuple[tuple[Lines, ...], ...]
    widths: tuple[float, ...]
    pad: float
    height: float = field(init=False)

    def __post_init__(self) -> None:
        self.height = max((sum(part.height for part in cell) for cell in self.cells), default=0.0) + 2 * self.pad

    def split(self, room: float) -> tuple[TableRow, TableRow] | None:
        """For a row higher than a page."""
        parted = [_cut(cell, room - 2 * self.pad) for cell in self.cells]
        if not any(first for first, _ in parted) or not any(rest for _, rest in parted):
            return None
        return replace(self, cells=tuple(first for first, _ in parted)), replace(self, cells=tuple(rest for _, rest in parted))

    def draw(self, drawing: Drawing, x: float, top: float, role: str) -> None:
        for cell, width in zip(self.cells, self.widths, strict=True):
            y = top - self.pad
            # A cell is mostly one paragraph: it needs no element of its own inside the cell's.
            with nullcontext() if len(cell) == 1 else drawing.tags.element(role):
                for part in cell:
                    part.draw(drawing, x + self.pad, y, role if len(cell) == 1 else "")
                    y -= part.height
            x += width


def _cut(cell: tuple[Lines, ...], room: float) -> tuple[tuple[Lines, ...], tuple[Lines, ...]]:
    fitting: list[Lines] = []
    for place, part in enumerate(cell):
        if part.height > room:
            parted = part.split(room)
            rest = cell[place + 1 :]
            return (*fitting, *parted[:1]) if parted else tuple(fitting), (parted[1], *rest) if parted else (part, *rest)
        fitting.append(part)
        room -= part.height
    return tuple(fitting), ()


@dataclass(slots=True)
class RowsBlock:
    """A table or a list: rows one below the other, the head again on every page."""

    rows: tuple[TableRow, ...]
    roles: tuple[str, str, str]
    head: TableRow | None = None
    ruled: bool = True
    above: float = 6.0
    keep: bool = False
    height: float = field(init=False)

    def __post_init__(self) -> None:
        self.height = self._head_height + sum(row.height for row in self.rows)

    @property
    def _head_height(self) -> float:
        return self.head.height if self.head else 0.0

    def split(self, room: float) -> tuple[RowsBlock, RowsBlock] | None:
        room -= self._head_height
        fit = 0
        while fit < len(self.rows) and self.rows[fit].height <= room:
            room -= self.rows[fit].height
            fit += 1
        if fit:
            return replace(self, rows=self.rows[:fit]), replace(self, rows=self.rows[fit:])
        parted = self.rows[0].split(room) if self.rows[0].height > PAGE_HEIGHT - self._head_height else None
        return (replace(self, rows=parted[:1]), replace(self, rows=(parted[1], *self.rows[1:]))) if parted else None

    def draw(self, drawing: Drawing, x: float, top: float) -> None:
        table, line, cell = self.roles
        rules = []
        with drawing.tags.element(table):
            if self.head:
                with drawing.tags.element(line):
                    self.head.draw(drawing, x, top, "TH")
                top -= self.head.height
                rules.append(top)
            for row in self.rows:
                with drawing.tags.element(line):
                    row.draw(drawing, x, top, cell)
                top -= row.height
                rules.append(top)
        if self.ruled:
            with drawing.tags.artifact():
                drawing.canvas.setStrokeColor(_RULE)
                drawing.canvas.setLineWidth(0.4)
                drawing.canvas.lines([(x, y, x + sum(self.rows[0].widths), y) for y in rules])


@dataclass(slots=True)
class Signing:
    """Lines to sign on, side by side; never parted, and a notice below goes with them."""

    row: TableRow
    indent: float = 0.0
    above: float = 4.0
    keep: bool = True
    height: float = field(init=False)

    def __post_init__(self) -> None:
        self.height = self.row.height + _SIGNING_ROOM

    def split(self, room: float) -> None:
        return None

    def draw(self, drawing: Drawing, x: float, top: float) -> None:
        x += self.indent
        y, left = top - _SIGNING_ROOM, x
        with drawing.tags.artifact():
            drawing.canvas.setStrokeColor(_INK)
            drawing.canvas.setLineWidth(0.8)
            for width in self.row.widths:
                drawing.canvas.line(left + GAP, y, left + width - GAP, y)
                left += width
        self.row.draw(drawing, x, y, "Div")


@dataclass(slots=True)
class Beside:
    """Paragraphs on the left, a QR code on the right: a letterhead, or a code with what it is for. Never parted."""

    parts: tuple[Lines, ...]
    payload: str
    alt: str
    under: Lines | None = None
    ruled: bool = False
    above: float = 0.0
    keep: bool = True
    height: float = field(init=False)

    def __post_init__(self) -> None:
        code = QR_SIZE + (self.under.height if self.under else 0.0)
        self.height = max(sum(part.height for part in self.parts), code) + (GAP if self.ruled else 0.0)

    def split(self, room: float) -> None:
        return None

    def draw(self, drawing: Drawing, x: float, top: float) -> None:
        y = top
        for part in self.parts:
            part.draw(drawing, x, y)
            y -= part.height
        with drawing.tags.content("Figure", self.alt):
            draw_qr(drawing.canvas, self.payload, x + WIDTH - QR_SIZE, top - QR_SIZE, QR_SIZE)
        if self.under:
            self.under.draw(drawing, x + WIDTH - self.under.width, top - QR_SIZE)
        if self.ruled:
            with drawing.tags.artifact():
                drawing.canvas.setStrokeColor(_RULE)
                drawing.canvas.setLineWidth(0.8)
                drawing.canvas.line(x, top - self.height + 3, x + WIDTH, top - self.height + 3)
