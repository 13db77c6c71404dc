"""Links, sessions and moods of the pages, without a browser: what expires, what is whose, what a bad day looks like."""

import re
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from imss_mock.scenario import DEFAULT
from tests.imss_mock.harness import Twin, new_curp

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """No captcha, no SMTP: letters stay in the outbox."""
    scenario = tmp_path_factory.mktemp("escenario") / "sin.toml"
    scenario.write_text(DEFAULT.read_text(encoding="utf-8").replace("captcha = true", "captcha = false"), encoding="utf-8")
    twin = Twin(tmp_path_factory.mktemp("imss"), "--scenario", str(scenario))
    yield twin
    assert twin.stop() == (0, "")


def page(twin: Twin, method: str, path: str, cookie: str = "", **form: str) -> tuple[HTTPResponse, str]:
    """A request of a browser without pictures; the answer, read."""
    headers = {"Content-Type": FORM, "Cookie": cookie}
    twin.connection.request(method, path, urlencode(form), headers)
    response = twin.connection.getresponse()
    return response, response.read().decode("utf-8", errors="replace")


def link(twin: Twin, curp: str, correo: str) -> str:
    """Begin a trámite; the path of the link in its letter."""
    response, text = page(twin, "POST", "/tramites/nss", curp=curp, correo=correo, correo_otra_vez=correo)
    assert response.status == 200, text
    number = re.search(r"/correos/(\d+)", page(twin, "GET", "/correos")[1])
    assert number
    found = re.search(r"/confirmar/[\w-]+", page(twin, "GET", number.group())[1])
    assert found
    return found.group()


def confirm(twin: Twin, path: str) -> str:
    """The cookie of the session that the link opens."""
    response, _ = page(twin, "POST", path)
    assert (response.status, response.headers["Location"]) == (303, "/sesion")
    cookie = str(response.headers["Set-Cookie"])
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    return cookie.partition(";")[0]


def located(twin: Twin) -> str:
    curp = new_curp()
    twin.tell(curp=curp, persona="localizado")
    return curp


def test_a_link_dies_after_a_day_and_opening_it_does_nothing(twin: Twin) -> None:
    curp = located(twin)
    path = link(twin, curp, "liga@example.mx")
    before = len(twin.ledger())
    assert page(twin, "GET", path)[0].status == 200
    assert len(twin.ledger()) == before
    confirm(twin, path)
    assert twin.ledger()[-1]["curp"] == curp
    twin.days_later(1)
    assert page(twin, "GET", path)[0].status == 410
    assert page(twin, "POST", path)[0].status == 410


def test_a_link_opened_twice_goes_on_where_it_was(twin: Twin) -> None:
    path = link(twin, located(twin), "doble@example.mx")
    first, second = confirm(twin, path), confirm(twin, path)
    assert page(twin, "GET", "/sesion", first)[0].status == 403
    response, text = page(twin, "GET", "/sesion", second)
    assert (response.status, "Tu NSS es" in text) == (200, True)
    letters = page(twin, "GET", "/correos")[1]
    assert letters.count("doble@example.mx") == 2  # the link and the documents, once


def test_a_session_ends_when_left_and_its_documents_are_nobody_elses(twin: Twin) -> None:
    mine = confirm(twin, link(twin, located(twin), "mia@example.mx"))
    other = confirm(twin, link(twin, located(twin), "otra@example.mx"))
    found = re.search(r"/documentos/\d{22}\.pdf", page(twin, "GET", "/sesion", mine)[1])
    assert found
    paper = found.group()
    assert page(twin, "GET", paper, mine)[0].headers["Content-Type"] == "application/pdf"
    assert page(twin, "GET", paper, other)[0].status == 403
    assert page(twin, "POST", paper.replace(".pdf", "/correo"), other)[0].status == 403
    assert page(twin, "POST", "/sesion/salir", mine)[0].status == 303
    assert page(twin, "GET", paper, mine)[0].status == 403
    twin.days_later(1)
    assert page(twin, "GET", "/sesion", other)[0].status == 403


def test_a_form_left_open_in_another_window_does_nothing_to_the_tramite_of_this_one(twin: Twin) -> None:
    curp = new_curp()
    twin.tell(curp=curp, persona="nuevo")
    cookie = confirm(twin, link(twin, curp, "ventanas@example.mx"))
    number = re.search(r'name="tramite" value="(\d+)"', page(twin, "GET", "/sesion", cookie)[1])
    assert number
    other, own = str(int(number.group(1)) - 1), number.group(1)
    assert page(twin, "POST", "/sesion/codigo-postal", cookie, tramite=other, codigo_postal="40200")[0].status == 403
    assert "Taxco" not in page(twin, "GET", "/sesion", cookie)[1]
    assert page(twin, "POST", "/sesion/codigo-postal", cookie, tramite=own, codigo_postal="40200")[0].status == 303
    assert "Taxco" in page(twin, "GET", "/sesion", cookie)[1]


def test_a_form_too_large_or_cut_is_told_so(twin: Twin) -> None:
    response, text = page(twin, "POST", "/tramites/nss", curp="A" * 2_000_000)
    assert (response.status, "demasiado grande" in text) == (400, True)
    with twin.send("POST", "/tramites/nss", b"--x", "multipart/form-data") as cut:
        assert (cut.status, "Llénalo otra vez" in cut.read().decode()) == (400, True)


def test_one_address_is_for_one_curp_even_when_two_began_at_once(twin: Twin) -> None:
    one, other = located(twin), located(twin)
    paths = [link(twin, curp, "familia@example.mx") for curp in (one, other)]
    confirm(twin, paths[0])
    text = page(twin, "GET", "/sesion", confirm(twin, paths[1]))[1]
    assert "ya está registrado con otra CURP" in text
    response, text = page(twin, "POST", "/tramites/nss", curp=other, correo="FAMILIA@example.mx", correo_otra_vez="familia@example.mx")
    assert (response.status, "ya está registrado con otra CURP" in text) == (422, True)


def test_bad_days_show_in_the_pages_too(twin: Twin) -> None:
    twin.mood(caido=True, retry_after_503="60")
    response, text = page(twin, "GET", "/tramites/nss")
    assert (response.status, response.headers["Retry-After"], "no está disponible" in text) == (503, "60", True)
    twin.mood(mantenimiento=True)
    response, text = page(twin, "GET", "/")
    assert (response.status, "mantenimiento" in text) == (200, True)
    twin.mood()
    assert page(twin, "GET", "/")[0].status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tramites/nada"), ("POST", "/tramites/nada"), ("GET", "/captcha/nada.svg"), ("GET", "/correos/999999999"),
        ("GET", f"/correos/1/{'1' * 22}.pdf"), ("GET", "/sesion"), ("POST", "/sesion/concluir"), ("POST", "/sesion/domicilio"),
        ("POST", "/sesion/codigo-postal"), ("GET", f"/documentos/{'1' * 22}.pdf"), ("GET", "/confirmar/nada"), ("POST", "/confirmar/nada"),
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_ones_own_is_a_page_that_says_so(twin: Twin, method: str, path: str) -> None:
    response, text = page(twin, method, path, "imss_practica=nada")
    if response.status == 303:
        response, text = page(twin, "GET", str(response.headers["Location"]), "imss_practica=nada")
    assert response.status in (403, 404, 410)
    assert "<h1>Aviso</h1>" in text


def test_without_the_control_side_nobody_reads_others_letters(tmp_path: Path) -> None:
    twin = Twin(tmp_path, "--no-control")
    assert page(twin, "GET", "/correos")[0].status == 404
    assert "/correos" not in page(twin, "GET", "/")[1]
    twin.stop()
