"""What makes a PDF doubtful is found, and an untouched one is not doubted."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from imss_mock.procedures import pdf
from paper_reader.document import read
from paper_reader.reading import Source
from tests.paper_reader.made import altered
from tests.paper_reader.made.facts import facts, people

ONE, OTHER = (facts(person, 5, formato="anterior") for person, _ in zip(people(5), range(2), strict=False))
SHEET = pdf.render("nss", ONE)


def with_metadata(told: dict[str, str]) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(SHEET))), io.BytesIO()
    writer.add_metadata(dict(told))
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", pdf.RENDERED)
def test_an_untouched_paper_is_not_doubted(kind: str) -> None:
    assert read(pdf.render(kind, ONE)).warnings == ()


@pytest.mark.parametrize(
    ("told", "warnings"),
    [
        ({"/Producer": "Skia/PDF m120", "/Creator": "Chromium"}, ()),
        ({"/Producer": "Microsoft: Print To PDF"}, ()),
        ({"/Producer": "iLovePDF"}, ("editor",)),
        ({"/Creator": "Microsoft® Word 2019"}, ("editor",)),
        ({"/CreationDate": "D:20260801120000-06'00'", "/ModDate": "D:20260801120000-06'00'"}, ()),
        ({"/CreationDate": "D:20260801120000-06'00'", "/ModDate": "D:20260905180000-06'00'"}, ("changed",)),
    ],
)
def test_what_a_file_says_of_its_making(told: dict[str, str], warnings: tuple[str, ...]) -> None:
    assert read(with_metadata(told)).warnings == warnings


def test_a_file_saved_again_is_told() -> None:
    assert read(altered.saved_again(SHEET)).warnings == ("changed",)


def test_words_over_words_are_told() -> None:
    assert "covered" in read(altered.written_over(pdf.render("vigencia", ONE), OTHER["nss"])).warnings


def test_letters_over_a_scan_are_never_certain() -> None:
    reading = read(altered.with_letters_over(pdf.render("vigencia", ONE), 1, ONE))
    assert reading.warnings == ("text_over_picture",)
    assert {value.source for value in reading.values} == {Source.OCR}


def test_a_value_in_another_font_is_told() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    for at, (label, name) in enumerate((("NSS:", "nss"), ("CURP:", "curp"), ("Nombre:", "nombre_completo"), ("Sexo:", "sexo"))):
        canvas.setFont("Times-Roman" if name == "nss" else "Helvetica", 10)
        canvas.drawString(200, 700 - 20 * at, ONE[name])
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 700 - 20 * at, label)
    canvas.drawString(60, 750, "Constancia de Vigencia de Derechos")
    canvas.save()
    assert read(out.getvalue()).warnings == ("fonts",)
