"""From blocks to pieces with a height, and from pieces to pages: nothing overlaps, nothing is cut, whatever its length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from afiliacion.documents.layout import blocks as b
from afiliacion.documents.layout.pieces import GAP, MARGIN, WIDTH, Beside, Drawing, Piece, RowsBlock, Signing, TableRow, paragraph
from afiliacion.documents.layout.qr import QR_SIZE

_LABEL_WIDTH: Final = 150.0
_FOLIO_WIDTH: Final = 130.0


def _title(block: b.Title) -> list[Piece]:
    return [paragraph(block.text, "title", keep=True), *([paragraph(block.subtitle, "subtitle")] if block.subtitle else [])]


def _points(block: b.Points) -> list[Piece]:
    indent, width = 20.0, WIDTH - 20.0
    marks = [b.BOX if block.box else f"{n}." if block.numbered else "•" for n in range(1, len(block.lines) + 1)]
    rows = tuple(
        TableRow(((paragraph(mark, "plain", indent),), (paragraph(line, "plain", width),)), (indent, width), 1.0)
        for mark, line in zip(marks, block.lines, strict=True)
    )
    return [RowsBlock(rows, ("L", "LI", "LBody"), ruled=False, above=4.0)] if rows else []


def _fields(block: b.Fields) -> list[Piece]:
    width = WIDTH - _LABEL_WIDTH
    rows = tuple(
        TableRow(
            ((paragraph(label, "label", _LABEL_WIDTH - 4),), tuple(paragraph(value, "plain", width - 4) for value in values)),
            (_LABEL_WIDTH, width),
            2.0,
        )
        for label, values in block.rows
        if values
    )
    return [RowsBlock(rows, ("Table", "TR", "TD"), above=GAP)] if rows else []


def _grid(block: b.Grid) -> list[Piece]:
    pad = 2.5
    widths = tuple(WIDTH * share / sum(block.shares) for share in block.shares)

    def row(texts: Sequence[str], look: str) -> TableRow:
        return TableRow(tuple((paragraph(text, look, width - 2 * pad),) for text, width in zip(texts, widths, strict=True)), widths, pad)

    if not block.rows:
        return []
    return [
        RowsBlock(tuple(row(texts, "cell") for texts in block.rows), ("Table", "TR", "TD"), head=row(block.heads, "cellhead"), above=GAP)
    ]


def _signers(block: b.Signers) -> list[Piece]:
    # A single signer gets a line in the middle, not from margin to margin.
    columns = max(2, len(block.signers))
    width = WIDTH / columns
    cells = tuple(tuple(paragraph(text, "signing", width - 2 * GAP) for text in signer) for signer in block.signers)
    return [Signing(TableRow(cells, (width,) * len(block.signers), GAP / 2 + 5), indent=(WIDTH - width * len(block.signers)) / 2)]


_BLOCKS: Final[dict[type, Callable[..., list[Piece]]]] = {
    b.Title: _title,
    b.Heading: lambda block: [paragraph(block.text, "heading", keep=True)],
    b.Text: lambda block: [paragraph(block.text, block.look)],
    b.Points: _points,
    b.Fields: _fields,
    b.Grid: _grid,
    b.Signers: _signers,
    b.Code: lambda block: [
        Beside((paragraph(block.caption, "plain", WIDTH - QR_SIZE - GAP),), block.payload, block.caption, above=GAP, keep=False)
    ],
}


def letterhead(head: b.Head, stamp: b.Stamp) -> Piece:
    """Who writes, and the code and folio by which the paper is vouched for."""
    width = WIDTH - _FOLIO_WIDTH - GAP
    names = [paragraph(name, "school" if n == 0 else "strong", width) for n, name in enumerate(head.names)]
    parts = (*names, *(paragraph(place, "tiny", width) for place in head.places))
    return Beside(
        parts, stamp.url, f"Código para verificar el folio {stamp.folio}", paragraph(stamp.folio, "folio", _FOLIO_WIDTH), ruled=True
    )


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
    """Take from `page` what must stand above the lines to sign on, last first: no sheet has only lines to sign on."""
    taken: list[Piece] = []
    while isinstance(piece, Signing) and len(page) > 2 and (not taken or page[-1][1].keep):
        taken.append(page.pop()[1])
    return taken


#: A heading with so much below it is not alone: three lines.
_FOLLOWING: Final = 39.0


def draw_foot(drawing: Drawing, foot: str, page: str) -> None:
    """The foot of a page, growing downward from the margin: what the paper is, and its page of how many."""
    number = paragraph(page, "tiny", 80.0)
    number = replace(number, style=replace(number.style, align=1.0))
    with drawing.tags.artifact():
        paragraph(foot, "tiny", WIDTH - 80.0 - GAP).put(drawing.canvas, MARGIN, MARGIN)
        number.put(drawing.canvas, MARGIN + WIDTH - 80.0, MARGIN)
