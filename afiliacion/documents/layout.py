"""From blocks to pieces with a height, and from pieces to pages: nothing overlaps, nothing is cut, whatever its length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import segno
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from afiliacion.documents import blocks as b
from afiliacion.documents.tags import Tags
from afiliacion.documents.typefaces import BOLD, REGULAR, Line, broken

MARGIN: Final = 54.0
WIDTH: Final = letter[0] - 2 * MARGIN
TOP: Final = letter[1] - 40
GAP: Final = 10.0
QR_SIZE: Final = 76.0
_INK, _GREY, _RULE = HexColor("#1a1a1a"), HexColor("#555555"), HexColor("#b5b5b5")
_LABEL_WIDTH: Final = 150.0
_SIGNING_ROOM: Final = 42.0
_FOLIO_WIDTH: Final = 130.0


@dataclass(frozen=True, slots=True)
class Style:
    """Letters of one kind. `align`: 0 left, 0.5 middle, 1 right. `role`: what it is for those who listen (ISO 32000-1, 14.8.4)."""

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
class Pen:
    """Where pieces are drawn."""

    canvas: Canvas
    tags: Tags


class Piece(Protocol):
    """Something with a height. `keep`: it must not be the last of its page."""

    height: float
    above: float
    keep: bool

    def split(self, room: float) -> tuple[Piece, Piece] | None:
        """A part no higher than `room` and the rest; None when it cannot be parted there."""

    def draw(self, pen: Pen, x: float, top: float) -> None: ...


@dataclass(slots=True)
class Lines:
    """A paragraph, already broken into lines."""

    lines: tuple[Line, ...]
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

    def draw(self, pen: Pen, x: float, top: float, role: str = "") -> None:
        with pen.tags.content(role or self.style.role):
            self.put(pen.canvas, x, top)

    def put(self, canvas: Canvas, x: float, top: float) -> None:
        """Draw without saying what it is."""
        style, text = self.style, canvas.beginText()
        text.setFillColor(style.colour)
        # The baseline lies so that the letters stand in the middle of their leading.
        y = top - (style.leading + style.size) / 2 + 0.15 * style.size
        for runs, breadth in self.lines:
            text.setTextOrigin(x + style.align * (self.width - breadth), y)
            for font, words in runs:
                text.setFont(font, style.size, style.leading)
                text.textOut(words)
            y -= style.leading
        canvas.drawText(text)


def say(text: str, look: str, width: float = WIDTH, *, keep: bool = False) -> Lines:
    """A paragraph that says exactly `text`, whatever signs it holds."""
    style = STYLES[look]
    return Lines(broken(text, style.font, style.size, width), style, width, keep)


@dataclass(slots=True)
class Row:
    """Cells side by side, each with its own paragraphs; a rule below."""

    cells: tuple[tuple[Lines, ...], ...]
    widths: tuple[float, ...]
    pad: float
    height: float = field(init=False)

    def __post_init__(self) -> None:
        self.height = max((sum(part.height for part in cell) for cell in self.cells), default=0.0) + 2 * self.pad

    def split(self, room: float) -> tuple[Row, Row] | None:
        """For a row higher than a page."""
        parted = [_cut(cell, room - 2 * self.pad) for cell in self.cells]
        if not any(first for first, _ in parted) or not any(rest for _, rest in parted):
            return None
        return replace(self, cells=tuple(first for first, _ in parted)), replace(self, cells=tuple(rest for _, rest in parted))

    def draw(self, pen: Pen, x: float, top: float, role: str) -> None:
        for cell, width in zip(self.cells, self.widths, strict=True):
            y = top - self.pad
            # A cell is mostly one paragraph: it needs no element of its own inside the cell's.
            with nullcontext() if len(cell) == 1 else pen.tags.element(role):
                for part in cell:
                    part.draw(pen, x + self.pad, y, role if len(cell) == 1 else "")
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
class Rows:
    """A table or a list: rows one below the other, the head again on every page."""

    rows: tuple[Row, ...]
    roles: tuple[str, str, str]
    head: Row | None = None
    ruled: bool = True
    above: float = 6.0
    keep: bool = False
    height: float = field(init=False)

    def __post_init__(self) -> None:
        self.height = self._head_height + sum(row.height for row in self.rows)

    @property
    def _head_height(self) -> float:
        return self.head.height if self.head else 0.0

    def split(self, room: float) -> tuple[Rows, Rows] | None:
        room -= self._head_height
        fit = 0
        while fit < len(self.rows) and self.rows[fit].height <= room:
            room -= self.rows[fit].height
            fit += 1
        if fit:
            return replace(self, rows=self.rows[:fit]), replace(self, rows=self.rows[fit:])
        parted = self.rows[0].split(room) if self.rows[0].height > PAGE_HEIGHT - self._head_height else None
        return (replace(self, rows=parted[:1]), replace(self, rows=(parted[1], *self.rows[1:]))) if parted else None

    def draw(self, pen: Pen, x: float, top: float) -> None:
        table, line, cell = self.roles
        rules = []
        with pen.tags.element(table):
            if self.head:
                with pen.tags.element(line):
                    self.head.draw(pen, x, top, "TH")
                top -= self.head.height
                rules.append(top)
            for row in self.rows:
                with pen.tags.element(line):
                    row.draw(pen, x, top, cell)
                top -= row.height
                rules.append(top)
        if self.ruled:
            with pen.tags.artifact():
                pen.canvas.setStrokeColor(_RULE)
                pen.canvas.setLineWidth(0.4)
                pen.canvas.lines([(x, y, x + sum(self.rows[0].widths), y) for y in rules])


@dataclass(slots=True)
class Signing:
    """Lines to sign on, side by side; never parted, and a notice below goes with them."""

    row: Row
    indent: float = 0.0
    above: float = 4.0
    keep: bool = True
    height: float = field(init=False)

    def __post_init__(self) -> None:
        self.height = self.row.height + _SIGNING_ROOM

    def split(self, room: float) -> None:
        return None

    def draw(self, pen: Pen, x: float, top: float) -> None:
        x += self.indent
        y, left = top - _SIGNING_ROOM, x
        with pen.tags.artifact():
            pen.canvas.setStrokeColor(_INK)
            pen.canvas.setLineWidth(0.8)
            for width in self.row.widths:
                pen.canvas.line(left + GAP, y, left + width - GAP, y)
                left += width
        self.row.draw(pen, x, y, "Div")


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

    def draw(self, pen: Pen, x: float, top: float) -> None:
        y = top
        for part in self.parts:
            part.draw(pen, x, y)
            y -= part.height
        with pen.tags.content("Figure", self.alt):
            draw_qr(pen.canvas, self.payload, x + WIDTH - QR_SIZE, top - QR_SIZE)
        if self.under:
            self.under.draw(pen, x + WIDTH - self.under.width, top - QR_SIZE)
        if self.ruled:
            with pen.tags.artifact():
                pen.canvas.setStrokeColor(_RULE)
                pen.canvas.setLineWidth(0.8)
                pen.canvas.line(x, top - self.height + 3, x + WIDTH, top - self.height + 3)


#: The mask of every code: any of the eight is lawful (ISO/IEC 18004), and trying them all takes five sixths of the time.
_MASK: Final = 4


def draw_qr(canvas: Canvas, payload: str, x: float, y: float) -> None:
    """The code as one path, its quiet zone included, in whole modules."""
    matrix = segno.make(payload, error="m", micro=False, mask=_MASK).matrix
    quiet, side = 4, QR_SIZE / (len(matrix) + 8)
    last = len(matrix) + quiet - 1
    rectangles = " ".join(
        f"{first + quiet} {last - row} {length} 1 re" for row, modules in enumerate(matrix) for first, length in _dark(modules)
    )
    canvas.addLiteral(f"q {side:.5f} 0 0 {side:.5f} {x:.3f} {y:.3f} cm 0 g {rectangles} f Q")


def _dark(modules: bytearray) -> Iterable[tuple[int, int]]:
    """Stretches of dark modules in a row: (first, how many)."""
    first = modules.find(1)
    while first >= 0:
        end = modules.find(0, first)
        end = len(modules) if end < 0 else end
        yield first, end - first
        first = modules.find(1, end)


def _title(block: b.Title) -> list[Piece]:
    return [say(block.text, "title", keep=True), *([say(block.subtitle, "subtitle")] if block.subtitle else [])]


def _points(block: b.Points) -> list[Piece]:
    indent, width = 20.0, WIDTH - 20.0
    marks = [b.BOX if block.box else f"{n}." if block.numbered else "•" for n in range(1, len(block.lines) + 1)]
    rows = tuple(
        Row(((say(mark, "plain", indent),), (say(line, "plain", width),)), (indent, width), 1.0)
        for mark, line in zip(marks, block.lines, strict=True)
    )
    return [Rows(rows, ("L", "LI", "LBody"), ruled=False, above=4.0)] if rows else []


def _facts(block: b.Facts) -> list[Piece]:
    width = WIDTH - _LABEL_WIDTH
    rows = tuple(
        Row(
            ((say(label, "label", _LABEL_WIDTH - 4),), tuple(say(value, "plain", width - 4) for value in values)),
            (_LABEL_WIDTH, width),
            2.0,
        )
        for label, values in block.rows
        if values
    )
    return [Rows(rows, ("Table", "TR", "TD"), above=GAP)] if rows else []


def _grid(block: b.Grid) -> list[Piece]:
    pad = 2.5
    widths = tuple(WIDTH * share / sum(block.shares) for share in block.shares)

    def row(texts: Sequence[str], look: str) -> Row:
        return Row(tuple((say(text, look, width - 2 * pad),) for text, width in zip(texts, widths, strict=True)), widths, pad)

    if not block.rows:
        return []
    return [Rows(tuple(row(texts, "cell") for texts in block.rows), ("Table", "TR", "TD"), head=row(block.heads, "cellhead"), above=GAP)]


def _signers(block: b.Signers) -> list[Piece]:
    # One alone signs in the middle, not from margin to margin.
    columns = max(2, len(block.signers))
    width = WIDTH / columns
    cells = tuple(tuple(say(text, "signing", width - 2 * GAP) for text in signer) for signer in block.signers)
    return [Signing(Row(cells, (width,) * len(block.signers), GAP / 2 + 5), indent=(WIDTH - width * len(block.signers)) / 2)]


_BLOCKS: Final[dict[type, Callable[..., list[Piece]]]] = {
    b.Title: _title,
    b.Heading: lambda block: [say(block.text, "heading", keep=True)],
    b.Text: lambda block: [say(block.text, block.look)],
    b.Points: _points,
    b.Facts: _facts,
    b.Grid: _grid,
    b.Signers: _signers,
    b.Code: lambda block: [
        Beside((say(block.caption, "plain", WIDTH - QR_SIZE - GAP),), block.payload, block.caption, above=GAP, keep=False)
    ],
}


def letterhead(head: b.Head, stamp: b.Stamp) -> Piece:
    """Who writes, and the code and folio by which the paper is vouched for."""
    width = WIDTH - _FOLIO_WIDTH - GAP
    names = [say(name, "school" if n == 0 else "strong", width) for n, name in enumerate(head.names)]
    parts = (*names, *(say(place, "tiny", width) for place in head.places))
    return Beside(parts, stamp.url, f"Código para verificar el folio {stamp.folio}", say(stamp.folio, "folio", _FOLIO_WIDTH), ruled=True)


def pieces(paper: b.Paper, stamp: b.Stamp) -> list[Piece]:
    """The paper from top to bottom."""
    return [letterhead(paper.head, stamp), *(piece for block in paper.blocks for piece in _BLOCKS[type(block)](block))]


#: One page: its pieces, each with how far below the top of the page it begins.
Page = list[tuple[float, Piece]]


def pages(flow: list[Piece], height: float) -> list[Page]:
    """Part the pieces among pages of `height` points. A heading goes with what it heads; what fits no page is parted."""
    done: list[Page] = [[]]
    used, waiting = 0.0, flow[::-1]
    while waiting:
        piece = waiting.pop()
        above = piece.above if done[-1] else 0.0
        room = height - used - above
        if piece.height + _wanted_below(piece, waiting) <= room:
            done[-1].append((used + above, piece))
            used += above + piece.height
            continue
        parted = piece.split(room) if not piece.keep else None
        if parted:
            done[-1].append((used + above, parted[0]))
            waiting.append(parted[1])
        elif done[-1]:
            waiting += [piece, *_company(piece, done[-1])]
        else:
            # Alone on its page and still too high: only a letterhead of endless names could be.
            done[-1].append((0.0, piece))
        if waiting:
            done.append([])
            used = 0.0
    return done


def _wanted_below(piece: Piece, waiting: list[Piece]) -> float:
    """The room what follows `piece` needs on the same page, if it must not be the last."""
    if not (piece.keep and waiting):
        return 0.0
    return waiting[-1].above + min(waiting[-1].height, _FOLLOWING)


def _company(piece: Piece, page: Page) -> list[Piece]:
    """What goes over to the next page with lines to sign on, last first: nobody signs a sheet that says nothing."""
    taken: list[Piece] = []
    while isinstance(piece, Signing) and len(page) > 2 and (not taken or page[-1][1].keep):
        taken.append(page.pop()[1])
    return taken


#: A heading with so much below it is not alone: three lines.
_FOLLOWING: Final = 39.0
PAGE_HEIGHT: Final = TOP - MARGIN - GAP


def draw_foot(pen: Pen, foot: str, page: str) -> None:
    """The foot of a page, growing downward from the margin: what the paper is, and its page of how many."""
    number = say(page, "tiny", 80.0)
    number = replace(number, style=replace(number.style, align=1.0))
    with pen.tags.artifact():
        say(foot, "tiny", WIDTH - 80.0 - GAP).put(pen.canvas, MARGIN, MARGIN)
        number.put(pen.canvas, MARGIN + WIDTH - 80.0, MARGIN)
