"""IDSE as an officer walks it in a real Chromium, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from afiliacion.lotes.answers.papers import read_paper
from afiliacion.lotes.answers.values import Acuse, Constancia
from paper_reader.text import pages_of
from tests.browser import DESK, PHONE, whole
from tests.imss_mock.harness import StandIn
from tests.imss_mock.idse.made import REGISTRO, altas, people, written


@pytest.fixture
def visit(chromium: Browser, stand_in: StandIn) -> Iterator[Callable[..., Page]]:
    contexts = []

    def visit(path: str, size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(viewport=size, locale="es-MX")  # type: ignore[arg-type]  # a literal
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{stand_in.connection.port}{path}")
        return page

    yield visit
    for context in contexts:
        context.close()


def send(page: Page, file: Path, firma: str) -> None:
    page.set_input_files("#archivo", file)
    page.fill("#firma", firma)
    page.click("text=Firmar y enviar")


def downloaded(page: Page, label: str) -> bytes:
    with page.expect_download() as download:
        page.click(f"tr:has-text('{label}') >> text=Descargar")
    return Path(download.value.path()).read_bytes()


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_lote_is_signed_sent_and_answered(visit: Callable[..., Page], stand_in: StandIn, tmp_path: Path, size: dict[str, int]) -> None:
    everybody = [*people(stand_in, 2), *people(stand_in, 1, "otro_nombre"), *people(stand_in, 1, "rechazado_de_entrada")]
    file = tmp_path / "lote_altas.txt"
    file.write_bytes(written(stand_in, altas(stand_in, everybody)))
    page = visit("/", size)
    page.click("text=Ir a IDSE")
    whole(page)
    send(page, file, "mala")
    expect(page.get_by_role("alert")).to_contain_text("La contraseña de la e.firma no es correcta")
    whole(page)
    send(page, file, "practica")
    expect(page.get_by_role("status")).to_contain_text("Recibido no es operado")
    whole(page)
    acuse = read_paper(pages_of(downloaded(page, "Acuse de recibo"), 9))
    assert isinstance(acuse, Acuse)
    assert [row.nss for row in acuse.refused] == [everybody[3].nss]
    page.click("text=Que conteste ahora")
    expect(page.get_by_role("status")).to_contain_text("Lote procesado")
    whole(page)
    assert page.locator("text=Que conteste ahora").count() == 0
    constancia = read_paper(pages_of(downloaded(page, "Constancia de presentación"), 9))
    assert isinstance(constancia, Constancia)
    assert (constancia.operated.total, constancia.rejected.total) == (2, 1)
    assert b"nombreSINDO" in downloaded(page, "Detalle de la respuesta")
    expect(page.locator(f"tr:has-text('{everybody[2].nss}')")).to_contain_text("902")
    page.click("text=Ir a los lotes")
    expect(page.locator("tbody tr").first).to_contain_text("Procesado")
    stand_in.days_later(25)
    page.click("text=Asegurados por registro patronal")
    page.select_option("#registro_patronal", REGISTRO)
    page.click("text=Consultar")
    expect(page.locator("main")).to_contain_text(everybody[0].curp)
    whole(page)


@pytest.mark.browser
def test_a_file_that_is_no_lote_is_refused_with_its_line(visit: Callable[..., Page], stand_in: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "lote.txt"
    file.write_bytes(written(stand_in, altas(stand_in, people(stand_in, 2))).replace(b"08000", b"0800", 1))
    page = visit("/idse")
    send(page, file, "practica")
    expect(page.get_by_role("alert")).to_contain_text("no tiene 168 posiciones")
    expect(page.get_by_role("alert")).to_contain_text("Renglón 1 del archivo")
    expect(page.locator("main")).not_to_contain_text("Enviado")


def get(stand_in: StandIn, path: str) -> tuple[int, str, bytes]:
    with stand_in.send("GET", path) as response:
        return response.status, response.headers["Content-Type"], response.read()


def test_an_empty_form_and_unknown_lotes_are_told_so(stand_in: StandIn) -> None:
    body = urlencode({"firma": "practica"}).encode()
    with stand_in.send("POST", "/idse/lotes", body, "application/x-www-form-urlencoded") as response:
        assert (response.status, "El archivo no es un lote" in response.read().decode()) == (422, True)
    for path in ("/idse/lotes/999999999", "/idse/lotes/999999999/acuse"):
        status, _, text = get(stand_in, path)
        assert (status, "No se ha recibido ningún lote" in text.decode()) == (404, True)
    assert get(stand_in, "/idse/asegurados.csv?registro_patronal=Z")[0] == 404


def test_without_control_nobody_sees_the_others_lotes(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path, "--no-control")
    assert [get(stand_in, path)[0] for path in ("/idse", "/idse/asegurados")] == [404, 404]
    assert b"/idse" not in get(stand_in, "/")[2]
    assert stand_in.stop() == (0, "")
