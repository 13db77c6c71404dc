"""Papers changed after they were made, as a person might who needs another number on them."""

from __future__ import annotations

import io

from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from imss_mock.procedures import pdf
from imss_mock.procedures.sheet import Facts
from paper_reader.document import read
from paper_reader.reading import Field, Source
from tests.paper_reader.made import pictures


def swapped_card(said: Facts, card: Facts) -> bytes:
    """The sheet of one person with the last page of another's."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(pdf.render("nss", said))), pages=(0, 2))
    writer.append(PdfReader(io.BytesIO(pdf.render("nss", card))), pages=(2, 3))
    writer.write(out)
    return out.getvalue()


def saved_again(body: bytes) -> bytes:
    """An incremental update, as programs that change a PDF append it."""
    writer, out = PdfWriter(io.BytesIO(body), incremental=True), io.BytesIO()
    writer.add_metadata({"/Title": "Hoja"})
    writer.write(out)
    return out.getvalue()


def written_over(body: bytes, number: str) -> bytes:
    """A white box over the NSS, and another number on it."""
    value = next(value for value in read(body).values if value.field is Field.NSS and value.source is Source.TEXT)
    assert value.box
    left, bottom = value.box[0] * 612, 792 - value.box[3] * 792
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(612, 792))
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(left, bottom, 120, 14, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.setFont("Helvetica-Bold", 10)
    canvas.drawString(left, bottom + 3, number)
    canvas.save()
    writer, done = PdfWriter(clone_from=PdfReader(io.BytesIO(body))), io.BytesIO()
    writer.pages[value.page].merge_page(PdfReader(io.BytesIO(out.getvalue())).pages[0])
    writer.write(done)
    return done.getvalue()


def with_letters_over(body: bytes, seed: int, texts: Facts) -> bytes:
    """A scan over which a program laid what it read: invisible letters, some of them wrong."""
    scan = PdfReader(io.BytesIO(pictures.as_pdf(pictures.scanned(body, seed, turned=0))))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(float(scan.pages[0].mediabox.width), float(scan.pages[0].mediabox.height)))
    for at, (label, name) in enumerate((("NSS:", "nss"), ("CURP:", "curp"), ("Nombre:", "nombre_completo"))):
        line = canvas.beginText(60, 700 - 20 * at)
        line.setTextRenderMode(3)
        line.textOut(f"{label} {texts[name]}")
        canvas.drawText(line)
    canvas.drawString(60, 760, "Tarjeta de Número de Seguridad Social")
    canvas.save()
    writer, done = PdfWriter(clone_from=scan), io.BytesIO()
    writer.pages[0].merge_page(PdfReader(io.BytesIO(out.getvalue())).pages[0])
    writer.write(done)
    return done.getvalue()
