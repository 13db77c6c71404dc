"""Links, sessions and moods of the pages, without a browser: what expires, what is whose, what a bad day looks like."""

import re
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from imss_mock.state.scenario import DEFAULT
from tests.imss_mock.harness import StandIn, new_curp

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """No captcha, no SMTP: letters stay in the outbox."""
    scenario = tmp_path_factory.mktemp("escenario") / "sin.toml"
    scenario.write_text(DEFAULT.read_text(encoding="utf-8").replace("captcha = true", "captcha = false"), encoding="utf-8")
    stand_in = StandIn(tmp_path_factory.mktemp("imss"), "--scenario", str(scenario))
    yield stand_in
    assert stand_in.stop() == (0, "")


def page(stand_in: StandIn, method: str, path: str, cookie: str = "", **form: str) -> tuple[HTTPResponse, str]:
    """A request of a browser without pictures; the answer, read."""
    headers = {"Content-Type": FORM, "Cookie": cookie}
    stand_in.connection.request(method, path, urlencode(form), headers)
    response = stand_in.connection.getresponse()
    return response, response.read().decode("utf-8", errors="replace")


def link(stand_in: StandIn, curp: str, correo: str) -> str:
    """Begin a trámite; the path of the link in its letter."""
    response, text = page(stand_in, "POST", "/tramites/nss", curp=curp, correo=correo, correo_otra_vez=correo)
    assert response.status == 200, text
    number = re.search(r"/correos/(\d+)", page(stand_in, "GET", "/correos")[1])
    assert number
    found = re.search(r"/confirmar/[\w-]+", page(stand_in, "GET", number.group())[1])
    assert found
    return found.group()


def confirm(stand_in: StandIn, path: str) -> str:
    """The cookie of the session that the link opens."""
    response, _ = page(stand_in, "POST", path)
    assert (response.status, response.headers["Location"]) == (303, "/sesion")
    cookie = str(response.headers["Set-Cookie"])
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    return cookie.partition(";")[0]


def located(stand_in: StandIn) -> str:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="localizado")
    return curp


def test_a_link_dies_after_a_day_and_opening_it_does_nothing(stand_in: StandIn) -> None:
    curp = located(stand_in)
    path = link(stand_in, curp, "liga@example.mx")
    before = len(stand_in.ledger())
    assert page(stand_in, "GET", path)[0].status == 200
    assert len(stand_in.ledger()) == before
    confirm(stand_in, path)
    assert stand_in.ledger()[-1]["curp"] == curp
    stand_in.days_later(1)
    assert page(stand_in, "GET", path)[0].status == 410
    assert page(stand_in, "POST", path)[0].status == 410


def test_a_link_opened_twice_goes_on_where_it_was(stand_in: StandIn) -> None:
    path = link(stand_in, located(stand_in), "doble@example.mx")
    first, second = confirm(stand_in, path), confirm(stand_in, path)
    assert page(stand_in, "GET", "/sesion", first)[0].status == 403
    response, text = page(stand_in, "GET", "/sesion", second)
    assert (response.status, "Tu NSS es" in text) == (200, True)
    letters = page(stand_in, "GET", "/correos")[1]
    assert letters.count("doble@example.mx") == 2  # the link and the documents, once


def test_a_session_ends_when_left_and_its_documents_are_nobody_elses(stand_in: StandIn) -> None:
    mine = confirm(stand_in, link(stand_in, located(stand_in), "mia@example.mx"))
    other = confirm(stand_in, link(stand_in, located(stand_in), "otra@example.mx"))
    found = re.search(r"/documentos/\d{22}\.pdf", page(stand_in, "GET", "/sesion", mine)[1])
    assert found
    paper = found.group()
    assert page(stand_in, "GET", paper, mine)[0].headers["Content-Type"] == "application/pdf"
    assert page(stand_in, "GET", paper, other)[0].status == 403
    assert page(stand_in, "POST", paper.replace(".pdf", "/correo"), other)[0].status == 403
    assert page(stand_in, "POST", "/sesion/salir", mine)[0].status == 303
    assert page(stand_in, "GET", paper, mine)[0].status == 403
    stand_in.days_later(1)
    assert page(stand_in, "GET", "/sesion", other)[0].status == 403


def test_a_form_left_open_in_another_window_does_nothing_to_the_tramite_of_this_one(stand_in: StandIn) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="nuevo")
    cookie = confirm(stand_in, link(stand_in, curp, "ventanas@example.mx"))
    number = re.search(r'name="tramite" value="(\d+)"', page(stand_in, "GET", "/sesion", cookie)[1])
    assert number
    other, own = str(int(number.group(1)) - 1), number.group(1)
    assert page(stand_in, "POST", "/sesion/codigo-postal", cookie, tramite=other, codigo_postal="40200")[0].status == 403
    assert "Taxco" not in page(stand_in, "GET", "/sesion", cookie)[1]
    assert page(stand_in, "POST", "/sesion/codigo-postal", cookie, tramite=own, codigo_postal="40200")[0].status == 303
    assert "Taxco" in page(stand_in, "GET", "/sesion", cookie)[1]


def test_a_form_too_large_or_cut_is_told_so(stand_in: StandIn) -> None:
    response, text = page(stand_in, "POST", "/tramites/nss", curp="A" * 2_000_000)
    assert (response.status, "demasiado grande" in text) == (400, True)
    with stand_in.send("POST", "/tramites/nss", b"--x", "multipart/form-data") as cut:
        assert (cut.status, "Llénalo otra vez" in cut.read().decode()) == (400, True)


def test_one_address_is_for_one_curp_even_when_two_began_at_once(stand_in: StandIn) -> None:
    one, other = located(stand_in), located(stand_in)
    paths = [link(stand_in, curp, "familia@example.mx") for curp in (one, other)]
    confirm(stand_in, paths[0])
    text = page(stand_in, "GET", "/sesion", confirm(stand_in, paths[1]))[1]
    assert "ya está registrado con otra CURP" in text
    response, text = page(stand_in, "POST", "/tramites/nss", curp=other, correo="FAMILIA@example.mx", correo_otra_vez="familia@example.mx")
    assert (response.status, "ya está registrado con otra CURP" in text) == (422, True)


def test_bad_days_show_in_the_pages_too(stand_in: StandIn) -> None:
    stand_in.mood(caido=True, retry_after_503="60")
    response, text = page(stand_in, "GET", "/tramites/nss")
    assert (response.status, response.headers["Retry-After"], "no está disponible" in text) == (503, "60", True)
    stand_in.mood(mantenimiento=True)
    response, text = page(stand_in, "GET", "/")
    assert (response.status, "mantenimiento" in text) == (200, True)
    stand_in.mood()
    assert page(stand_in, "GET", "/")[0].status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tramites/nada"), ("POST", "/tramites/nada"), ("GET", "/captcha/nada.svg"), ("GET", "/correos/999999999"),
        ("GET", f"/correos/1/{'1' * 22}.pdf"), ("GET", "/sesion"), ("POST", "/sesion/concluir"), ("POST", "/sesion/domicilio"),
        ("POST", "/sesion/codigo-postal"), ("GET", f"/documentos/{'1' * 22}.pdf"), ("GET", "/confirmar/nada"), ("POST", "/confirmar/nada"),
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_ones_own_is_a_page_that_says_so(stand_in: StandIn, method: str, path: str) -> None:
    response, text = page(stand_in, method, path, "imss_practica=nada")
    if response.status == 303:
        response, text = page(stand_in, "GET", str(response.headers["Location"]), "imss_practica=nada")
    assert response.status in (403, 404, 410)
    assert "<h1>Aviso</h1>" in text


def test_without_the_control_side_nobody_reads_others_letters(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path, "--no-control")
    assert page(stand_in, "GET", "/correos")[0].status == 404
    assert "/correos" not in page(stand_in, "GET", "/")[1]
    stand_in.stop()
