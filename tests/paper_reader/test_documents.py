"""Papers set by the stand-in and by programs that are not ours are read whole and right: by their text, by their code, or not at all."""

from __future__ import annotations

import io
import random
from itertools import cycle, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser
from pypdf import PdfReader, PdfWriter, Transformation

from imss_mock.procedures import pdf
from imss_mock.procedures.sheet import Facts
from paper_reader.document import read
from paper_reader.reading import Field, Kind, Reading, Source
from tests.paper_reader.made import html, pictures, printed
from tests.paper_reader.made.facts import SAYS, facts, held, people

HEIC = Path(__file__).parent / "data" / "card.heic"
KINDS = {
    "nss": Kind.NSS_SHEET, "tarjeta": Kind.NSS_CARD, "vigencia": Kind.VIGENCIA, "acuse_clinica": Kind.CLINIC, "carnet": Kind.CLINIC,
    "sav_002": Kind.SAV_002, "semanas_cotizadas": Kind.SEMANAS_COTIZADAS, "no_derechohabiencia": Kind.NO_DERECHOHABIENCIA,
    "curp": Kind.CURP_SHEET, "patronal": Kind.EMPLOYER_CONSTANCIA, "alta_patronal": Kind.ALTA_PATRONAL, "pagina": Kind.WEB_PAGE,
}  # fmt: skip
SEVERAL = [facts(person, seed) for seed, person in enumerate(islice(people(5), 6))]


def of(seed: int) -> Facts:
    return facts(next(people(seed)), seed)


def must_hold(kind: str, said: Facts, body: bytes) -> Reading:
    """The document is of its kind, and all it says is read, and right."""
    reading = read(body)
    assert (reading.kind, reading.refused) == (KINDS[kind], ""), said["nombre_completo"]
    assert held(kind, said, reading) == ((), ()), said["nombre_completo"]
    return reading


@pytest.mark.parametrize("kind", SAYS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=40)
def test_the_stand_ins_papers_are_read_whole(kind: str, seed: int) -> None:
    said = of(seed)
    reading = must_hold(kind, said, pdf.render(kind, said))
    assert reading.warnings == ()
    for value in reading.values:
        assert value.box
        assert 0 <= value.box[0] < value.box[2] <= 1
        assert 0 <= value.box[1] < value.box[3] <= 1


@pytest.mark.slow
def test_of_two_thousand_no_value_is_wrong() -> None:
    wrong = []
    for seed, (person, kind) in enumerate(zip(islice(people(2026), 2_000), cycle(SAYS), strict=False)):
        said = facts(person, seed)
        reading = read(pdf.render(kind, said))
        wrong += [(kind, said["nombre_completo"], held(kind, said, reading))] if held(kind, said, reading) != ((), ()) else []
    assert wrong == []


@pytest.mark.parametrize("kind", sorted({*pdf.RENDERED, *html.KINDS}))
def test_what_is_brought_by_mistake_is_named(kind: str, printer: Browser) -> None:
    said = SEVERAL[0]
    bodies = [pdf.render(kind, said)] if kind in pdf.RENDERED else []
    bodies += printed.by_chromium(printer, [layout(kind, said) for layout in html.LAYOUTS.values()]) if kind in html.KINDS else []
    assert {read(body).kind for body in bodies} == {KINDS[kind]}


@pytest.mark.parametrize("layout", html.LAYOUTS)
@pytest.mark.parametrize("kind", SAYS)
def test_papers_printed_by_chromium_are_read_whole(kind: str, layout: str, printer: Browser) -> None:
    for said, body in zip(SEVERAL, printed.by_chromium(printer, [html.LAYOUTS[layout](kind, said) for said in SEVERAL]), strict=True):
        must_hold(kind, said, body)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["table", "lines", "boxes"])
def test_papers_exported_by_libreoffice_are_read_whole_and_doubted(layout: str) -> None:
    papers = [(kind, said) for kind in SAYS for said in SEVERAL[:3]]
    for (kind, said), body in zip(papers, printed.by_libreoffice([html.LAYOUTS[layout](*paper) for paper in papers]), strict=True):
        assert must_hold(kind, said, body).warnings == ("editor",)


def turned(body: bytes, degrees: int, *, drawn: bool) -> bytes:
    """The same pages turned: by how they are shown, or by how they are drawn."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(body))), io.BytesIO()
    for page in writer.pages:
        if drawn:
            wide, high = float(page.mediabox.width), float(page.mediabox.height)
            moved = {90: (high, 0), 180: (wide, high), 270: (0, wide)}[degrees]
            page.add_transformation(Transformation().rotate(degrees).translate(*moved))
            page.mediabox.upper_right = (wide, high) if degrees == 180 else (high, wide)
            page.cropbox.upper_right = page.mediabox.upper_right
        else:
            page.rotate(degrees)
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("drawn", [True, False])
@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("kind", ["nss", "vigencia"])
def test_a_sheet_upside_down_or_lying_is_read_and_its_places_are_where_it_shows_them(kind: str, degrees: int, *, drawn: bool) -> None:
    said = SEVERAL[1]
    body = turned(pdf.render(kind, said), degrees, drawn=drawn)
    reading = must_hold(kind, said, body)
    value = next(value for value in reading.values if value.field is Field.NSS and value.source is Source.TEXT)
    assert value.box
    picture = pictures.page_picture(body, value.page)
    left, top, right, bottom = (round(part * side) for part, side in zip(value.box, picture.size * 2, strict=True))
    assert min(picture.crop((left, top, right, bottom)).tobytes()) < 60, "there is ink where it says the NSS stands"
    assert (right - left > bottom - top) == (degrees == 180)


def test_two_sheets_in_one_file_are_told() -> None:
    writer, out = PdfWriter(), io.BytesIO()
    for said in SEVERAL[:2]:
        writer.append(PdfReader(io.BytesIO(pdf.render("nss", said))))
    writer.write(out)
    said_twice = {value.text for value in read(out.getvalue()).values if value.field is Field.NSS}
    assert said_twice == {SEVERAL[0]["nss"], SEVERAL[1]["nss"]}


def test_two_papers_in_one_file_are_told() -> None:
    writer, out = PdfWriter(), io.BytesIO()
    for kind in ("vigencia", "semanas_cotizadas"):
        writer.append(PdfReader(io.BytesIO(pdf.render(kind, SEVERAL[0]))))
    writer.write(out)
    assert "several_documents" in read(out.getvalue()).warnings


FORMS = {
    "scanned": pictures.scanned,
    "scanned to a PDF": lambda body, seed: pictures.as_pdf(pictures.scanned(body, seed)),
    "photographed": pictures.photographed,
    "upside down": lambda body, seed: pictures.scanned(body, seed, turned=180),
    "a screen": lambda body, _: pictures.jpeg(pictures.page_picture(body, dpi=100), 70),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["nss", "tarjeta"])
def test_a_picture_is_read_by_its_code(kind: str, form: str) -> None:
    for seed, said in enumerate(SEVERAL):
        reading = read(FORMS[form](pdf.render(kind, said), seed))
        assert held("tarjeta", said, reading) == ((), ()), (seed, reading)
        assert {value.source for value in reading.values} == {Source.QR}
        assert reading.kind is Kind.NSS_CARD


def test_three_scanned_pages_are_one_sheet() -> None:
    said = SEVERAL[2]
    pages = [pictures.scanned(pdf.render("nss", said), number, number=number) for number in range(3)]
    reading = read(pictures.as_pdf(*pages))
    assert held("tarjeta", said, reading) == ((), ())
    assert {value.page for value in reading.values} == {2}


def test_an_iphones_picture_is_read() -> None:
    said = facts(next(people(77)), 77)
    assert held("tarjeta", said, read(HEIC.read_bytes())) == ((), ())


def test_a_screenshot_without_a_code_is_not_guessed_at(printer: Browser) -> None:
    for body in printed.screenshots(printer, [html.lines("pagina", SEVERAL[0]), html.table("vigencia", SEVERAL[1])]):
        assert read(body) == Reading(Kind.UNKNOWN, 1, refused="no_text")


@given(seed=st.integers(0, 10**6), cut=st.integers(0, 5_000))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_refused_or_read_never_a_crash(seed: int, cut: int) -> None:
    said = SEVERAL[3]
    body = bytearray(pdf.render("vigencia", said))
    rng = random.Random(seed)
    for _ in range(rng.randrange(1, 20)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    reading = read(bytes(body[: len(body) - cut]) if cut < len(body) else b"")
    assert reading.refused or isinstance(reading.kind, Kind)
