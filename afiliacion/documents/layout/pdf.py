"""Paper after paper into one PDF: letter size, Spanish of Mexico, tagged, page n of m. The same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import IO

from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from afiliacion.documents.layout.blocks import Paper, Stamp
from afiliacion.documents.layout.pagination import draw_foot, pages, pieces
from afiliacion.documents.layout.pieces import MARGIN, PAGE_HEIGHT, TOP, Drawing
from afiliacion.documents.layout.tags import Tags


class Book:
    """A PDF under way."""

    def __init__(self, out: IO[bytes], title: str) -> None:
        canvas = Canvas(out, pagesize=letter, invariant=1, lang="es-MX", pageCompression=1, pdfVersion=(1, 7))
        canvas.setTitle(title)
        canvas.setAuthor("Oficina de afiliación")
        canvas.setViewerPreference("DisplayDocTitle", "true")
        self._drawing = Drawing(canvas, Tags(canvas))

    def add(self, paper: Paper, stamp: Stamp) -> int:
        """Print one paper, from a page of its own; how many pages it took."""
        flow = pages(pieces(paper, stamp), PAGE_HEIGHT)
        with self._drawing.tags.element("Sect"):
            for number, page in enumerate(flow, 1):
                for below, piece in page:
                    piece.draw(self._drawing, MARGIN, TOP - below)
                draw_foot(self._drawing, stamp.foot, f"Página {number} de {len(flow)}")
                self._drawing.tags.end_page()
        return len(flow)

    def close(self) -> None:
        """Write the file."""
        self._drawing.tags.finish()
        self._drawing.canvas.save()


def print_papers(papers: Iterable[tuple[Paper, Stamp]], title: str) -> bytes:
    """The PDF of these papers, one after the other."""
    out = BytesIO()
    book = Book(out, title)
    for paper, stamp in papers:
        book.add(paper, stamp)
    book.close()
    return out.getvalue()
