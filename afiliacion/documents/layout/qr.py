"""QR codes, drawn as one path: the fewest bytes a PDF can hold them in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import segno
from reportlab.pdfgen.canvas import Canvas

#: The side of a code on paper, in points.
QR_SIZE: Final = 76.0
#: The mask of every code: any of the eight is lawful (ISO/IEC 18004), and trying them all takes five sixths of the time.
_MASK: Final = 4


def draw_qr(canvas: Canvas, payload: str, x: float, y: float, size: float) -> None:
    """The code as one path, `size` points wide with its quiet zone, in whole modules."""
    matrix = segno.make(payload, error="m", micro=False, mask=_MASK).matrix
    quiet, side = 4, size / (len(matrix) + 8)
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
