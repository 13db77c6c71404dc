"""Documents are read by limited processes in batches; what ends its process is refused alone, and what harms is refused in a sentence."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from afiliacion.papers_in import reading as papers_in_reading
from afiliacion.papers_in.judgment import Certainty, judge
from afiliacion.papers_in.reading import picture, read, unpacked
from afiliacion.papers_in.refusals import NOT_DRAWN, NOT_UNPACKED, REFUSALS
from imss_mock.procedures import pdf
from limited_process.limits import Limits
from limited_process.start import ROOT
from paper_reader import document
from paper_reader.frames import put
from paper_reader.reading import Field, Kind, Source, Value
from tests import needs
from tests.paper_reader.made.facts import TODAY, facts, held, known, people
from tests.paper_reader.made.hostile import FILES, long_content
from tests.paper_reader.made.pictures import jpeg, page_picture, scanned

SAID = facts(next(people(3)), 3)
SHEET = pdf.render("nss", SAID)
#: Runs its arguments with a file as input, and says what they took of memory at most (MB): a large parent would be counted in.
_MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[2:], stdin=open(sys.argv[1], "rb"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("name", FILES)
def test_what_harms_is_refused_in_a_sentence_within_five_seconds_and_200_mb(name: str, settings: Any, tmp_path: Path) -> None:
    why, make = FILES[name]
    body = make()
    begun = time.process_time()
    (reading,) = read([body])
    assert (reading.kind, reading.values, reading.refused) == (Kind.UNKNOWN, (), why)
    assert REFUSALS[why].endswith(".")
    assert time.process_time() - begun < 1, "the office itself does not compute"
    assert memory_of(body, settings, tmp_path) <= 200


def memory_of(body: bytes, settings: Any, tmp_path: Path) -> int:
    frame = tmp_path / "frame"
    with frame.open("wb") as file:
        put(file, body)
    limits = Limits(settings.PAPER_READER_BYTES, 7, data=settings.PAPER_READER_DATA).words()
    order = [sys.executable, "-P", "-m", "limited_process", *limits, "paper_reader", "documents", str(settings.PAPER_READER_SECONDS)]
    measured = [sys.executable, "-S", "-c", _MEASURED, str(frame), *order]
    return int(subprocess.run(measured, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True).stdout)  # noqa: S603


def test_each_answer_stands_where_its_document_stood(caplog: pytest.LogCaptureFixture) -> None:
    bodies = [SHEET, b"", pdf.render("vigencia", SAID), long_content(), scanned(SHEET, 1), long_content(), SHEET]
    with caplog.at_level(logging.ERROR):
        readings = read(bodies)
    assert [reading.refused for reading in readings] == ["", "empty", "", "died", "", "died", ""]
    assert [reading.kind for reading in readings if not reading.refused] == [Kind.NSS_SHEET, Kind.VIGENCIA, Kind.NSS_CARD, Kind.NSS_SHEET]
    assert held("nss", SAID, readings[-1]) == ((), ())


def test_a_batch_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = list(papers_in_reading._batches([b"x" * 10] * 65))
    assert [len(batch) for batch in batches] == [30, 30, 5]
    assert [len(batch) for batch in papers_in_reading._batches([b"x" * (20 << 20)] * 3)] == [1, 1, 1]


def test_it_is_the_same_as_in_this_process() -> None:
    assert read([SHEET]) == [document.read(SHEET)]


def test_a_page_is_drawn_anew() -> None:
    drawn = [Image.open(io.BytesIO(picture(SHEET, number))) for number in range(3)]
    assert {(each.format, each.width > 800) for each in drawn} == {("PNG", True)}
    with pytest.raises(ValueError, match="no tiene esa página"):
        picture(SHEET, 3)


def test_a_picture_is_encoded_again_without_what_it_carried() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "<script>", 6
    Image.new("RGB", (60, 40), "red").save(out, "JPEG", exif=exif, comment=b"<script>")
    drawn = picture(out.getvalue() + b"<script>alert(1)</script>", 0)
    assert b"script" not in drawn
    assert Image.open(io.BytesIO(drawn)).size == (40, 60), "turned as the camera says"


@pytest.mark.parametrize("name", ["a text", "encrypted", "a page of five metres", "half a PNG", "a content of 300 MB"])
def test_what_cannot_be_drawn_is_told(name: str) -> None:
    with pytest.raises(ValueError, match=".") as told:
        picture(FILES[name][1](), 0)
    assert str(told.value) in NOT_DRAWN.values()


def zipped(files: dict[str, bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def test_a_zip_is_unpacked_file_by_file_and_its_names_are_only_names() -> None:
    archive = zipped(
        {
            "../../etc/passwd": b"1",
            "hojas\\González ñ.pdf": SHEET,
            "__MACOSX/._a.pdf": b"x",
            "carpeta/": b"",
            ".DS_Store": b"",
            "b\n.pdf": b"2",
        }
    )
    assert dict(unpacked(archive)) == {"passwd": b"1", "González ñ.pdf": SHEET, "b_.pdf": b"2"}


def encrypted_zip() -> bytes:
    archive = bytearray(zipped({"a.pdf": b"x" * 50}, zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(mark) + place] |= 1
    return bytes(archive)


ZIPS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "no ZIP": ("damaged", lambda: b"hola"),
    "cut off": ("damaged", lambda: zipped({"a.pdf": SHEET})[:-30]),
    "a wrong byte": ("damaged", lambda: zipped({"a.pdf": SHEET}).replace(b"PK\x03\x04", b"PK\x03\x05")),
    "nothing in it": ("empty", lambda: zipped({"carpeta/": b""})),
    "encrypted": ("encrypted", encrypted_zip),
    "a ZIP in it": ("nested", lambda: zipped({"hojas.pdf": zipped({"a.pdf": SHEET})})),
    "a gigabyte": ("large", lambda: zipped({"a.pdf": b"\0" * (1 << 30)})),
    "20 MB of nothing": ("bomb", lambda: zipped({"a.pdf": b"\0" * (20 << 20)})),
    "too many": ("many", lambda: zipped({f"{number}.pdf": b"" for number in range(60)})),
    "a million folders": ("many", lambda: zipped({f"{number}/": b"" for number in range(300)})),
}


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_is_refused_in_a_sentence(name: str, settings: Any) -> None:
    settings.PAPERS_IN_A_ZIP = 50
    why, make = ZIPS[name]
    with pytest.raises(ValueError, match=".") as told:
        list(unpacked(make()))
    assert str(told.value).startswith(NOT_UNPACKED[why].partition("{")[0])
    assert "{" not in str(told.value)


def test_a_zip_that_is_left_in_the_middle_ends_its_process() -> None:
    files = unpacked(zipped({f"{number}.pdf": SHEET for number in range(200)}, zipfile.ZIP_STORED))
    assert next(files)[0] == "0.pdf"
    files.close()  # type: ignore[attr-defined]


def photo_without_code(said: dict[str, str]) -> bytes:
    """A constancia on the screen of a telephone: no text, no code."""
    return jpeg(page_picture(pdf.render("vigencia", said), dpi=170), 85)


def test_a_picture_without_code_is_read_only_where_the_office_asks_for_it(settings: Any) -> None:
    said = facts(next(people(3)), 3, formato="anterior")
    body = photo_without_code(said)
    assert read([body])[0].refused == "no_text"
    settings.PAPER_OCR = needs.tool("tesseract", "tesseract-ocr tesseract-ocr-spa")
    (reading,) = read([body])
    assert (reading.kind, reading.pages, {value.source for value in reading.values}) == (Kind.VIGENCIA, 1, {Source.OCR})
    assert Value(Field.NSS, said["nss"], Source.OCR, 0, next(v.box for v in reading.values if v.field is Field.NSS)) in reading.values
    judgment = judge(reading, known(next(people(3)), "ALTA_ENVIADA", said["nss"]), TODAY)
    assert (judgment.certainty, "ocr" in {reason.code for reason in judgment.reasons}) == (Certainty.DOUBTFUL, True)


def test_without_its_program_nothing_is_guessed_and_it_is_told(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.PAPER_OCR = "/nowhere/tesseract"
    with caplog.at_level(logging.ERROR):
        assert read([photo_without_code(SAID)])[0].refused == "no_text"
