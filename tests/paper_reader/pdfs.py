"""PDFs made by hand: plain ones, and ones that act by themselves."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from io import BytesIO

from pypdf import PdfReader, PdfWriter

PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
ESCAPED = b"<< /S /J#61vaScrip#74 /#4AS (app.alert\\(1\\)) >>"


def pdf(objects: Mapping[int, bytes] | None = None, catalog: bytes = b"", outside: bytes = b"") -> bytes:
    """A PDF of one page with a classic table of objects; `catalog` is added to the catalog, `outside` stands in no table."""
    all_objects = {1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog, 2: PAGES, 3: PAGE, **(objects or {})}
    out, offsets = b"%PDF-1.7\n" + outside, {}
    for number, body in all_objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%d 1\n%010d 00000 n \n" % (number, offset) for number, offset in offsets.items())
    size = max(all_objects) + 1
    return out + b"xref\n0 1\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        size,
        len(out),
    )


def packed(objects: Mapping[int, bytes], catalog: bytes = b"") -> bytes:
    """The same with everything in a compressed object stream, and a compressed table."""
    inside = {1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog, 2: PAGES, 3: PAGE, **objects}
    heads, bodies = b"", b""
    for number, body in inside.items():
        heads += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    numbers = sorted(inside)
    stream, table = max(numbers) + 1, max(numbers) + 2
    data = zlib.compress(heads + bodies)
    out = b"%PDF-1.7\n"
    at = len(out)
    out += b"%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        stream, len(inside), len(heads), len(data), data,
    )  # fmt: skip
    order = list(inside)
    rows = {0: (0, 0, 255), stream: (1, at, 0), table: (1, len(out), 0), **{number: (2, stream, order.index(number)) for number in inside}}
    body = zlib.compress(
        b"".join(bytes([kind]) + second.to_bytes(4, "big") + bytes([third]) for _, (kind, second, third) in sorted(rows.items()))
    )
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    return out + b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 1] /Index [%s] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (  # noqa: E501
        table, table + 1, index, len(body), body, len(out),
    )  # fmt: skip


def encrypted(password: str = "") -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(pdf()))), BytesIO()
    writer.encrypt(password, owner_password="otra", algorithm="RC4-128")  # noqa: S106 - nobody's
    writer.write(out)
    return out.getvalue()


def attached() -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(pdf()))), BytesIO()
    writer.add_attachment("factura.exe", b"MZ")
    writer.write(out)
    return out.getvalue()


def bomb() -> bytes:
    """An object stream that unpacks to a gigabyte."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b" " * 2**20) for _ in range(1024)) + packer.flush()
    whole = packed({})
    head = whole.index(b"/ObjStm")
    length = whole.index(b"/Length", head)
    begin, end = whole.index(b"stream\n", length) + 7, whole.index(b"\nendstream", length)
    return whole[:length] + b"/Length %d >>\nstream\n" % len(data) + data + whole[end:] if begin else whole


HARMLESS = {
    "plain": pdf(),
    "packed": packed({}),
    "opens at a page": pdf(catalog=b"/OpenAction [3 0 R /Fit]"),
    "a link": pdf({4: b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://example.mx) >> >>"}),
    "words about programs": pdf({4: b"<< /Title (Curso de JavaScript y Launch) >>"}),
}
HOSTILE = {
    "script": ("script", pdf({4: SCRIPT}, b"/OpenAction 4 0 R")),
    "script, escaped": ("script", pdf({4: ESCAPED}, b"/OpenAction 4 0 R")),
    "script, packed": ("script", packed({4: SCRIPT}, b"/OpenAction 4 0 R")),
    "script, packed and escaped": ("script", packed({4: ESCAPED}, b"/OpenAction 4 0 R")),
    "script of a field": (
        "script",
        pdf({4: b"<< /Type /Annot /Subtype /Widget /AA << /K << /S /JavaScript /JS 5 0 R >> >> >>", 5: b"(x)"}),
    ),
    "script by name": ("script", packed({4: b"<< /Names [(a) << /S /Named /JS (x) >>] >>"}, b"/Names << /Dests 4 0 R >>")),
    "script nobody refers to": ("script", packed({9: ESCAPED})),
    "script outside the table": ("script", pdf(outside=b"9 0 obj\n" + ESCAPED + b"\nendobj\n")),
    "launch": ("launch", pdf({4: b"<< /S /Launch /F (cmd.exe) >>"}, b"/OpenAction 4 0 R")),
    "launch, packed and escaped": ("launch", packed({4: b"<< /S /L#61unch /F (cmd.exe) >>"}, b"/OpenAction 4 0 R")),
    "files": ("files", attached()),
    "a file as a note": ("files", packed({4: b"<< /Type /Annot /Subtype /FileAttachment /FS << /F (a.exe) >> >>"})),
    "XFA": ("xfa", packed({4: b"<< /Fields [] /XFA [(config) 5 0 R] >>", 5: b"(x)"}, b"/AcroForm 4 0 R")),
    "encrypted": ("encrypted", encrypted()),
    "encrypted with a password": ("encrypted", encrypted("clave")),
    "no PDF inside": ("broken", b"%PDF-1.7\nconstancia\n"),
    "cut off": ("broken", packed({})[:200]),
    "no page": ("broken", pdf({2: b"<< /Type /Pages /Kids [] /Count 0 >>"})),
    "nested without end": ("broken", pdf({4: b"[" * 100_000})),
}
