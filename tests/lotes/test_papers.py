"""The acuse and the constancia: read by position, whatever the order of the text; refused whole when they do not add up."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from afiliacion.lotes.answers.checks import Ours, must_be_ours
from afiliacion.lotes.answers.papers import read_paper
from afiliacion.lotes.answers.values import Acuse, Constancia, Heading, Verdict
from afiliacion.lotes.refusal import DocumentRefused
from paper_reader.page import Page, Word
from paper_reader.text import pages_of
from tests.lotes import papers
from tests.lotes.made import PEOPLE, REGISTRO, refusal_of
from tests.lotes.papers import Given, rows

OTHER = "B9912345321"
REJECTED = rows(12)[10:]
MIXED = Given(
    {
        REGISTRO: [*rows(3), *(replace(row, code="127", reason="NOMBRE DISTINTO AL DEL REGISTRO") for row in REJECTED)],
        OTHER: [replace(row, type="2", causa="6", umf="", ext="S") for row in rows(6)[3:]],
    }
)


def read(pages: list[Page]) -> Constancia:
    found = read_paper(pages)
    assert isinstance(found, Constancia)
    return found


def why(pages: list[Page]) -> str:
    with pytest.raises(DocumentRefused) as caught:
        read_paper(pages)
    return str(caught.value)


@pytest.mark.parametrize("how", [{}, {"stacked": True}, {"values_left": True}])
def test_a_constancia_is_read_by_position(how: dict[str, bool]) -> None:
    found = read(papers.constancia(MIXED, **how).words())
    assert found.heading == Heading("900000001", "8700000000000000001", "UPE850101AB1", REGISTRO, papers.MOMENT)
    assert (found.received, found.operated, found.rejected) == ((3, 0, 5, 8), (3, 0, 3, 6), (0, 0, 2, 2))
    assert [(row.registro_patronal, row.type, row.verdict) for row in found.results] == [
        *[(REGISTRO, "08", Verdict.OPERADO)] * 3, *[(REGISTRO, "08", Verdict.RECHAZADO)] * 2, *[(OTHER, "02", Verdict.OPERADO)] * 3,
    ]  # fmt: skip
    first, rejected, late = found.results[0], found.results[3], found.results[5]
    assert (first.nss, first.nombre, first.fecha) == (PEOPLE[0].nss, rows(1)[0].nombre, dt.date(2026, 8, 24))
    assert (first.lote, first.umf, first.extemporaneo, first.causa, first.clave, first.curp) == ("900000001", "000", False, "", "", "")
    assert (rejected.codigo, rejected.mensaje, rejected.extemporaneo) == ("127", "NOMBRE DISTINTO AL DEL REGISTRO", None)
    assert (late.extemporaneo, late.causa, late.umf) == (True, "6", "")
    assert first.where.startswith("la página 1, renglón ")


@settings(max_examples=25)
@any_of(st.integers(0, 120), st.integers(0, 60), st.integers(5, 40), st.randoms(use_true_random=False))
def test_the_order_of_the_text_says_nothing(operated: int, rejected: int, per_page: int, order: random.Random) -> None:
    all_rows = rows(operated + rejected)
    given = Given({REGISTRO: [*all_rows[:operated], *(replace(row, code="1") for row in all_rows[operated:])]}, per_page=per_page)
    pages = papers.constancia(given).words()
    straight = read(pages)
    assert [row.nss for row in straight.results] == [row.nss for row in all_rows]
    for page in pages:
        order.shuffle(page)
    assert read(pages) == straight


def test_a_name_in_two_lines_is_one_and_the_foot_of_the_page_is_not_of_it() -> None:
    drawn = papers.constancia(Given({REGISTRO: rows(1)}))
    y = next(y for _, _, y, text in drawn.pages[0] if text == PEOPLE[0].nss)
    drawn.value(140, y + 9, "DEL CARMEN")
    assert read(drawn.words()).results[0].nombre == f"{rows(1)[0].nombre} DEL CARMEN"


def test_a_name_as_long_as_its_column_stays_in_it() -> None:
    long = "MONTES DE OCA Y FERNANDEZ MARIA"
    assert read(papers.constancia(Given({REGISTRO: [replace(rows(1)[0], nombre=long)]})).words()).results[0].nombre == long


def without(pages: list[Page], text: str) -> list[Page]:
    return [[word for word in page if word.text != text] for page in pages]


def put(pages: list[Page], before: str, after: str) -> list[Page]:
    return [[word._replace(text=after) if word.text == before else word for word in page] for page in pages]


def counted(**counts: tuple[int, int, int, int]) -> list[Page]:
    return papers.constancia(replace(MIXED, counts=counts)).words()


def titled(title: str) -> list[Page]:
    drawn = papers.Drawn()
    drawn.label(60, 45, title)
    return drawn.words()


WORDS = papers.constancia(MIXED).words()


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([], "no trae texto: es una imagen"),
        ([[], []], "no trae texto: es una imagen"),
        (counted(recibidos=(3, 0, 6, 9)), "6 reingresos recibidos, y 3 operados más 2 rechazados"),
        (counted(recibidos=(3, 0, 6, 9), operados=(3, 0, 4, 7)), "4 reingresos operados y trae 3"),
        (counted(recibidos=(3, 0, 5, 7), operados=(3, 0, 3, 5)), "no es la suma"),
        (without(WORDS, PEOPLE[1].nss), "3 reingresos operados y trae 2"),
        (put(WORDS, PEOPLE[1].nss, "03230500014"), "No se entiende la página 1.*dígito verificador"),
        (put(WORDS, PEOPLE[1].nss, PEOPLE[0].nss), "El mismo movimiento está dos veces: la página 1"),
        (put(WORDS, "24/08/2026", "27/08/2026"), "tiene fecha 27/08/2026 y el lote se recibió el 25/08/2026"),
        (put(WORDS, "24/08/2026", "31/02/2026"), "no es una fecha del calendario"),
        (put(WORDS, "2026-08-25", "2026-13-25"), "No se entiende la fecha de recepción"),
        (without(WORDS, "24/08/2026"), "le falta|no es una fecha"),
        (without(WORDS, "900000001"), "No se encontró el número de lote"),
        (without(WORDS, "General"), "Le falta una de sus partes"),
        (without(WORDS, "recibidos"), "No se encontró cuántos movimientos dice haber recibidos"),
        (put(WORDS, "Sal.Base", "Salario.Diario"), "No se reconoce la columna «Salario.Diario»"),
        (put(WORDS, "C.Baja", "Código"), "el formato cambió"),
        (put(WORDS, "Patrón:", "Empresa:"), "No cuadra"),
        (put(WORDS, "$", "MARIA"), "no es un salario"),
        (WORDS + WORDS, "no está completo o en orden: su página 1 de 2 dice ser la 1 de 1"),
        (papers.constancia(Given({REGISTRO: rows(70)})).words()[:-1], "no está completo o en orden"),
        (papers.constancia(Given({REGISTRO: rows(70)})).words()[::-1], "no es el acuse de recibo ni la constancia"),
        (titled("Constancia de Vigencia de Derechos"), "vigencia de derechos"),
        (titled("Hola"), "No se reconoce el documento"),
    ],
)  # fmt: skip
def test_a_paper_that_cannot_be_believed_is_refused_whole(pages: list[Page], says: str) -> None:
    with pytest.raises(DocumentRefused, match=says):
        read_paper(pages)


def test_nothing_rejected_needs_no_table() -> None:
    assert read(papers.constancia(Given({REGISTRO: rows(2)})).words()).rejected == (0, 0, 0, 0)


def test_an_acuse_says_its_lote_and_what_was_refused_at_once() -> None:
    refused = [replace(row, code="314") for row in rows(2)]
    found = read_paper(papers.acuse(Given({REGISTRO: []}), refused=refused).words())
    assert isinstance(found, Acuse)
    assert found.heading == Heading("900000001", "8700000000000000001", "", REGISTRO, papers.MOMENT)
    assert [(row.nss, row.codigo, row.mensaje, row.verdict, row.lote) for row in found.refused] == [
        (row.nss, "314", "", Verdict.RECHAZADO, "") for row in refused
    ]


def test_an_acuse_without_refusals() -> None:
    found = read_paper(papers.acuse(Given({REGISTRO: []})).words())
    assert isinstance(found, Acuse)
    assert found.refused == ()


def test_an_acuse_that_counts_otherwise_is_refused() -> None:
    assert "dice 2 movimientos rechazados y trae 1" in why(
        papers.acuse(Given({REGISTRO: []}), refused=[replace(rows(1)[0], code="1")], says=2).words()
    )


@pytest.mark.parametrize(
    ("ours", "says"),
    [
        (Ours({REGISTRO}), "registro patronal B9912345321, que no es de la oficina"),
        (Ours({REGISTRO, OTHER}, rfc="XAXX010101000"), r"de otro patrón \(RFC UPE850101AB1\)"),
        (Ours({REGISTRO, OTHER}, since=dt.date(2026, 9, 1)), "es de antes: su último movimiento es del 24/08/2026"),
    ],
)
def test_a_document_that_is_not_ours_is_refused(ours: Ours, says: str) -> None:
    found = read(WORDS)
    with pytest.raises(DocumentRefused, match=says):
        must_be_ours(found.heading, found.results, ours)


def test_a_document_of_ours_is_taken() -> None:
    found = read(WORDS)
    must_be_ours(found.heading, found.results, Ours({REGISTRO[:10], OTHER}, rfc="UPE850101AB1", since=dt.date(2026, 8, 1)))


@st.composite
def spoilt(draw: st.DrawFn) -> list[Page]:
    """A constancia that was cut, doubled, shifted or mixed with other words."""
    pages = [list(page) for page in WORDS]
    for _ in range(draw(st.integers(1, 4))):
        page = pages[draw(st.integers(0, len(pages) - 1))]
        at = draw(st.integers(0, len(page) - 1)) if page else 0
        match draw(st.sampled_from(["cut", "lose", "double", "move", "say", "page"])) if page else "page":
            case "cut":
                del page[at:]
            case "lose":
                del page[at]
            case "double":
                page.append(page[at])
            case "move":
                x, y = draw(st.floats(-300, 300)), draw(st.floats(-300, 300))
                word = page[at]
                page[at] = Word(word.text, word.left + x, word.top + y, word.right + x, word.bottom + y)
            case "say":
                page[at] = page[at]._replace(text=draw(st.text(min_size=1, max_size=12)))
            case _:
                pages.insert(draw(st.integers(0, len(pages))), list(draw(st.sampled_from(WORDS))))
    return pages


@any_of(spoilt())
def test_a_spoilt_constancia_is_refused_or_adds_up(pages: list[Page]) -> None:
    refused = refusal_of(lambda: read_paper(pages))
    if refused is None:
        found: Any = read_paper(pages)
        known = {row.nss for each in MIXED.rows.values() for row in each}
        assert {row.nss for row in found.results} <= known
        assert len(found.results) == found.received.total == 8
    else:
        assert isinstance(refused, DocumentRefused)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_pdf_itself_is_read_as_its_words_are(seed: int) -> None:
    drawn = papers.constancia(Given({REGISTRO: rows(70), OTHER: [replace(row, code="1", reason="CURP") for row in rows(90)[80:]]}))
    assert read(pages_of(drawn.pdf(seed), 9)) == read(drawn.words())
