"""M6: what acts by itself is found in a PDF however it is written down; what cannot be looked into is refused, within limits."""

from __future__ import annotations

import logging
import time
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from reportlab.pdfgen.canvas import Canvas

from afiliacion.cases.papers.files import UnsafePdf, read_paper
from afiliacion.cases.papers.pdf_check import _REASONS, pdf_objection
from paper_reader.check import BROKEN, FORBIDDEN, finding
from tests.paper_reader import pdfs


@pytest.mark.parametrize("name", pdfs.HARMLESS)
def test_an_ordinary_pdf_is_kept(name: str) -> None:
    assert finding(pdfs.HARMLESS[name]) == ""


@pytest.mark.parametrize("name", pdfs.HOSTILE)
def test_m6_what_acts_by_itself_is_found(name: str) -> None:
    found, body = pdfs.HOSTILE[name]
    assert finding(body) == found


def test_every_finding_has_its_sentence() -> None:
    assert {*FORBIDDEN.values(), BROKEN} == set(_REASONS)


def test_m6_an_upload_says_what_to_do() -> None:
    found, body = pdfs.HOSTILE["script, packed and escaped"]
    assert found == "script"
    with pytest.raises(UnsafePdf, match=r"El PDF trae un programa \(JavaScript\).*imprímalo otra vez como PDF"):
        read_paper(SimpleUploadedFile("hoja.pdf", body))
    assert read_paper(SimpleUploadedFile("hoja.pdf", pdfs.pdf())) == (pdfs.pdf(), "application/pdf")


def test_a_pdf_of_another_program_is_kept() -> None:
    out = BytesIO()
    canvas = Canvas(out)
    canvas.drawString(100, 100, "Constancia de vigencia")
    canvas.linkURL("https://www.imss.gob.mx", (0, 0, 9, 9))
    canvas.save()
    assert pdf_objection(out.getvalue()) == ""


def test_a_bomb_ends_within_limits_and_is_refused(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.PDF_READER_BYTES, settings.PDF_READER_SECONDS = 300 * 2**20, 10
    begun = time.process_time()
    with caplog.at_level(logging.ERROR):
        assert "no se pudo revisar" in pdf_objection(pdfs.bomb())
    assert time.process_time() - begun < 10, "the office itself does not compute"


def test_a_reader_that_dies_or_hangs_refuses(settings: Any) -> None:
    settings.PDF_READER_BYTES = 2**20
    assert "no se pudo revisar" in pdf_objection(pdfs.pdf())
