"""Files made to harm who opens them, each with the word by which it is refused."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from tests.paper_reader import pdfs

EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def drawn(pages: int = 1, size: tuple[float, float] = (612, 792)) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    for _ in range(pages):
        canvas.drawString(10, 10, "x")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def flood(width: int, height: int) -> bytes:
    """A PNG of that many points, in some kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = b"\0" * (width // 8 + 1)
    data = b"".join(packer.compress(row * 500) for _ in range(height // 500)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def flooded_pdf() -> bytes:
    """A page whose picture has 900 million points."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b"\0" * 2**20) for _ in range(900)) + packer.flush()
    picture = b"<< /Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceGray /BitsPerComponent 8"
    return _page(
        b"q 500 0 0 500 0 0 cm /Im Do Q", b"%s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (picture, len(data), data)
    )


def long_content() -> bytes:
    """A page drawn by 300 MB, in 0.3 MB."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b" " * 2**20) for _ in range(300)) + packer.flush()
    return pdfs.pdf(
        {3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 5 0 R >>",
         5: b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(data), data)}
    )  # fmt: skip


def _page(content: bytes, picture: bytes) -> bytes:
    return pdfs.pdf(
        {3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 600] /Contents 5 0 R /Resources << /XObject << /Im 6 0 R >> >> >>",
         5: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content), 6: picture}
    )  # fmt: skip


def loop_of_forms() -> bytes:
    """A drawing that draws itself."""
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 600 600] /Resources << /XObject << /Im 6 0 R >> >> /Length 6 >>"
    return _page(b"/Im Do", form + b"\nstream\n/Im Do\nendstream")


def loop_of_pages() -> bytes:
    return pdfs.pdf({2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"})


def nested_arrays() -> bytes:
    return pdfs.pdf({9: b"[" * 100_000 + b"]" * 100_000})


FILES: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "nothing": ("empty", bytes),
    "a text": ("unknown", lambda: b"hola " * 50),
    "EICAR": ("unknown", lambda: EICAR),
    "a program of Windows": ("unknown", lambda: b"MZ" + b"\0" * 500),
    "a page of HTML with a PDF in it": ("two_in_one", lambda: b"<html><script>alert(1)</script>" + drawn()),
    "a GIF that is a PDF": ("two_in_one", lambda: b"GIF89a" + drawn()),
    "a PDF that is a ZIP": ("two_in_one", lambda: drawn() + b"PK\x03\x04" + b"\0" * 300 + b"PK\x05\x06" + b"\0" * 18),
    "SVG": ("unknown", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "half a PDF": ("broken", lambda: drawn()[:300]),
    "encrypted": ("encrypted", lambda: pdfs.encrypted("x")),
    "encrypted without a password": ("encrypted", pdfs.encrypted),
    **{f"PDF: {name}": (found, lambda body=body: body) for name, (found, body) in pdfs.HOSTILE.items()},  # type: ignore[misc]
    "ten thousand pages": ("pages", lambda: drawn(10_000)),
    "a page of five metres": ("size", lambda: drawn(1, (14_000, 14_000))),
    "a content of 300 MB": ("died", long_content),
    "a picture of 900 million points in a PDF": ("no_text", flooded_pdf),
    "a drawing that draws itself": ("no_text", loop_of_forms),
    "pages that are their own parents": ("broken", loop_of_pages),
    "arrays in arrays": ("broken", nested_arrays),
    "a PNG of 3,600 million points": ("too_large", lambda: flood(60_000, 60_000)),
    "a PNG of 144 million points": ("too_large", lambda: flood(12_000, 12_000)),
    "half a PNG": ("broken_picture", lambda: flood(2_000, 2_000)[:200]),
    "a JPEG that is none": ("broken_picture", lambda: b"\xff\xd8\xff\xe0" + b"\0" * 5_000),
    "a HEIC that is none": ("broken_picture", lambda: b"\0\0\0\x18ftypheic" + b"\0" * 5_000),
}
