"""How our printed papers look: letter size, one family of letters that has them all, pieces that flow and never overlap.

The same input gives the same bytes. Texts come from imports: they are escaped, put on one line and wrapped, never cut.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import segno
from django.utils import timezone
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, ListFlowable, PageTemplate, Paragraph, Spacer, Table

from students.models import Plantel

REGULAR: Final = "DejaVuSans"
BOLD: Final = "DejaVuSans-Bold"
FONTS: Final = Path(__file__).parent / "fonts"

MARGIN: Final = 54
GAP: Final = 10
WIDTH: Final = letter[0] - 2 * MARGIN
_TOP: Final = 40
HEIGHT: Final = letter[1] - _TOP - MARGIN - GAP
QR_SIZE: Final = 76
_LABEL_WIDTH: Final = 150
_SIGNING_ROOM: Final = 38
_INK, _GREY, _RULE = HexColor("#1a1a1a"), HexColor("#555555"), HexColor("#b5b5b5")

Story = list[Flowable]


@lru_cache(maxsize=1)
def _styles() -> dict[str, ParagraphStyle]:
    """The fonts are read from disk with the first paper, not when the office starts."""
    pdfmetrics.registerFont(TTFont(REGULAR, FONTS / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, FONTS / "DejaVuSans-Bold.ttf"))
    body = ParagraphStyle("body", fontName=REGULAR, fontSize=9.5, leading=13, textColor=_INK, embeddedHyphenation=1)
    return {
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=8, leading=11, textColor=_GREY),
        "label": ParagraphStyle("label", parent=body, textColor=_GREY),
        "strong": ParagraphStyle("strong", parent=body, fontName=BOLD),
        "school": ParagraphStyle("school", parent=body, fontName=BOLD, fontSize=13, leading=17),
        "title": ParagraphStyle("title", parent=body, fontName=BOLD, fontSize=16, leading=20),
        "heading": ParagraphStyle("heading", parent=body, fontName=BOLD, fontSize=11, leading=14, spaceBefore=8, spaceAfter=4),
        "signing": ParagraphStyle("signing", parent=body, fontSize=8.5, leading=11, alignment=1),
        "folio": ParagraphStyle("folio", parent=body, fontName=BOLD, fontSize=8.5, leading=11, alignment=1),
    }


def clean(text: str) -> str:
    """`text` composed (an accent is part of its letter), on one line, without invisible characters."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in composed if unicodedata.category(c) != "Cf").split())


def say(text: str, style: str = "body") -> Paragraph:
    """A paragraph that says exactly `text`, whatever signs it holds."""
    return Paragraph(escape(clean(text)), _styles()[style])


def letterhead(plantel: Plantel, folio: str) -> Table:
    """Who writes, and the code and folio by which the paper is found."""
    places = [
        f"CCT {plantel.cct}" if plantel.cct else "",
        plantel.address,
        f"Tel. {plantel.contact_phone}" if plantel.contact_phone else "",
    ]
    names: Story = [say(plantel.name, "school"), *(say(place, "small") for place in places if place)]
    code: Story = [Qr(folio), say(folio, "folio")]
    style: list[tuple[Any, ...]] = [*_TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 0.8, _RULE), ("BOTTOMPADDING", (0, 0), (-1, -1), 8)]
    return Table([[names, code]], colWidths=[WIDTH - QR_SIZE, QR_SIZE], style=style)


def titles(title: str, subtitle: str) -> Story:
    return [Spacer(0, GAP), say(title, "title"), say(subtitle, "label"), Spacer(0, GAP)]


def facts(rows: Iterable[tuple[str, str | Sequence[str]]]) -> Table:
    """Label and value, one below the other; a value may have several lines. Rows without value are left out."""
    shown = [(label, [value] if isinstance(value, str) else list(value)) for label, value in rows if value]
    cells = [[say(label, "label"), [say(line) for line in lines]] for label, lines in shown]
    style: list[tuple[Any, ...]] = [*_TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE), ("BOTTOMPADDING", (0, 0), (-1, -1), 4)]
    return Table(cells, colWidths=[_LABEL_WIDTH, WIDTH - _LABEL_WIDTH], style=style)


def section(heading: str, lines: Sequence[str], *, numbered: bool = False) -> Story:
    """A heading with its points."""
    style = _styles()["body"]
    points = ListFlowable(
        [say(line) for line in lines],
        bulletType="1" if numbered else "bullet", start=None if numbered else "•", bulletFontName=REGULAR, bulletFontSize=style.fontSize,
        bulletFormat="%s." if numbered else None, leftIndent=18,
    )  # fmt: skip
    return [say(heading, "heading"), points]


def signatures(*signers: Sequence[str]) -> KeepTogether:
    """A line to sign on for each signer, with the texts below it."""
    width = WIDTH / len(signers)
    cells = [[say(line, "signing") for line in signer if line] for signer in signers]
    rules: list[tuple[Any, ...]] = [("LINEABOVE", (i, 0), (i, 0), 0.8, _INK) for i in range(0, 2 * len(signers), 2)]
    spaced = [cell for pair in zip(cells, [""] * len(cells), strict=True) for cell in pair][:-1]
    widths = [width - GAP, 2 * GAP] * (len(signers) - 1) + [width - GAP]
    return KeepTogether(
        [Spacer(0, _SIGNING_ROOM), Table([spaced], colWidths=widths, style=[*_TIGHT, *rules, ("TOPPADDING", (0, 0), (-1, -1), 4)])]
    )


def print_paper(story: Callable[[], Story], *, title: str, footer: str) -> bytes:
    """The PDF (letter size, Spanish of Mexico) of what `story` gives; every page says `footer` and its number of how many."""
    content, pages = _build(story(), title, footer, of=1)
    return content if pages == 1 else _build(story(), title, footer, of=pages)[0]


def printed(at: dt.datetime, by: str) -> str:
    """When and by whom a paper was printed, for its footer."""
    return f"Impreso el {timezone.localtime(at):%d/%m/%Y a las %H:%M} por {by}"


class Qr(Flowable):
    """A QR code drawn as one path: four times as fast as a widget of rectangles."""

    def __init__(self, payload: str) -> None:
        super().__init__()
        self.payload = payload
        self.width = self.height = QR_SIZE

    def draw(self) -> None:
        code = segno.make(self.payload, error="m", micro=False)
        matrix = list(code.matrix_iter(border=4))
        side = self.width / len(matrix)
        path = self.canv.beginPath()
        for row, modules in enumerate(matrix):
            for first, length in _runs(modules):
                path.rect(first * side, self.height - (row + 1) * side, length * side, side)
        self.canv.drawPath(path, stroke=0, fill=1)


_TIGHT: Final[list[tuple[Any, ...]]] = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2), ("VALIGN", (0, 0), (-1, -1), "TOP"),
]  # fmt: skip


def _runs(modules: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Stretches of dark modules in a row: (first, how many)."""
    first = None
    for i, dark in enumerate([*modules, 0]):
        if dark and first is None:
            first = i
        elif not dark and first is not None:
            yield first, i - first
            first = None


def _build(story: Story, title: str, footer: str, *, of: int) -> tuple[bytes, int]:
    out, pages = BytesIO(), 0

    def foot(canvas: Canvas, document: BaseDocTemplate) -> None:
        nonlocal pages
        pages = document.page
        _draw_footer(canvas, footer, f"Página {pages} de {of}")

    document = BaseDocTemplate(
        out, pagesize=letter, title=title, author="Oficina de afiliación", lang="es-MX", displayDocTitle=True, invariant=1,
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN + GAP, WIDTH, HEIGHT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=foot))
    document.build(story)
    return out.getvalue(), pages


def _draw_footer(canvas: Canvas, footer: str, page: str) -> None:
    number_width = pdfmetrics.stringWidth(page, REGULAR, _styles()["small"].fontSize) + GAP
    text = say(footer, "small")
    _, height = text.wrap(WIDTH - number_width, MARGIN)
    text.drawOn(canvas, MARGIN, MARGIN - height)
    canvas.setFont(REGULAR, _styles()["small"].fontSize)
    canvas.setFillColor(_GREY)
    canvas.drawRightString(MARGIN + WIDTH, MARGIN - _styles()["small"].leading + 2.5, page)
