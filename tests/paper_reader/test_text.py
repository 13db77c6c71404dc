"""Words with their places, whatever the order in which a PDF draws them; and what is no paper is refused within limits."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from limited_process.limits import Limits
from limited_process.start import run
from paper_reader.text import NoPaper, pages_of
from tests.paper_reader import pdfs


def drawn(*texts: tuple[float, float, str], pages: int = 1, size: tuple[float, float] = (612, 792)) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    for _ in range(pages):
        canvas.setFont("Helvetica", 8)
        for x, y, text in texts:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def asked(body: bytes, memory: int = 600 * 2**20, seconds: int = 10, most: int = 50) -> Any:
    """What the process answers; None if it ended without an answer."""
    try:
        return json.loads(run("paper_reader", "words", str(most), limits=Limits(memory, seconds), given=body, timeout=60))
    except subprocess.SubprocessError:
        return None


def test_words_have_their_places() -> None:
    ((one, other, last),) = pages_of(drawn((60, 700, "Número de"), (60, 650, "lote")), 9)
    assert [one.text, other.text, last.text] == ["Número", "de", "lote"]
    assert one.left == pytest.approx(60, abs=1)
    assert one.right < other.left
    assert one.top < 792 - 700 < one.bottom + 1
    assert last.top - one.top == pytest.approx(50, abs=1)


def test_a_label_over_its_value_does_not_mix_their_letters() -> None:
    ((*words,),) = pages_of(drawn((60, 700, "03230500013"), (62, 700, "NSS:")), 9)
    assert [word.text for word in words] == ["03230500013", "NSS:"]


def test_a_column_far_away_is_another_word() -> None:
    ((*words,),) = pages_of(drawn((60, 700, "24/08/2026"), (110, 700, "1")), 9)
    assert [word.text for word in words] == ["24/08/2026", "1"]


def test_a_picture_has_no_words() -> None:
    assert pages_of(pdfs.pdf(), 9) == [[]]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "broken"),
        (b"hola", "broken"),
        (pdfs.encrypted("x"), "encrypted"),
        (drawn(pages=3), "pages"),
        (drawn(size=(14_000, 14_000)), "size"),
    ],
)
def test_what_is_no_paper_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(NoPaper, match=why):
        pages_of(body, 2)


def test_the_process_answers_with_words_or_why_not() -> None:
    assert [word[0] for word in asked(drawn((60, 700, "hola")))["pages"][0]] == ["hola"]
    assert asked(drawn(pages=3), most=2) == {"refused": "pages"}


def test_a_bomb_ends_within_limits() -> None:
    answer = asked(pdfs.bomb(), memory=300 * 2**20, seconds=5)
    assert answer is None or "refused" in answer or answer["pages"] == [[]]
