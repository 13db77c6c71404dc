import gzip
import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.imss_mock.harness import StandIn

PATHS = (
    "/api/v1/nss", "/api/v1/vigencia", "/api/v1/movimientos", "/api/v1/subdelegacion", "/api/v1/clinica", "/api/v1/documentos",
    "/control/personas",
)  # fmt: skip
KEYS = st.sampled_from(
    ["curp", "nss", "correo", "nombre", "clave_idempotencia", "fecha_movimiento", "tipo_movimiento", "documentos", "codigo_postal"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("PUFE050315HNERCNA4")
JUNK = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner, max_size=5))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), body=JUNK)
def test_no_json_whatever_makes_it_stumble(stand_in: StandIn, path: str, body: object) -> None:
    status, answer = stand_in.ask("POST", path, body)
    assert status < 500
    assert status == 200 or answer["codigo"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_no_bytes_whatever_make_it_stumble(stand_in: StandIn, body: bytes) -> None:
    status, answer = stand_in.ask("POST", "/api/v1/nss", body)
    assert status in (400, 422)
    assert answer["codigo"] in ("JSON_INVALIDO", "SOLICITUD_INVALIDA")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"curp": NaN}', b'{"curp": ' + b"9" * 5000 + b"}", b"[" * 60_000, '{"curp": "ñ"}'.encode("cp1252")],
)
def test_what_is_not_json_is_told_so(stand_in: StandIn, body: bytes) -> None:
    status, answer = stand_in.ask("POST", "/api/v1/vigencia", body)
    assert (status, answer["codigo"]) == (400, "JSON_INVALIDO")


@pytest.mark.parametrize(
    "body", [b'{"curp": "\\ud800"}', b'{"\\ud800": 1}', b'{"curp": "\\u0000"}', b"[[[[]]]]", b"null", b'{"curp": 1e999}']
)
def test_json_of_another_shape_is_told_so_and_the_ledger_stays_readable(stand_in: StandIn, body: bytes) -> None:
    assert stand_in.ask("POST", "/api/v1/nss", body)[0] == 422
    assert stand_in.ledger()[-1]["estatus"] == 422


def test_a_huge_body_is_refused(stand_in: StandIn) -> None:
    with socket.create_connection(("127.0.0.1", stand_in.connection.port)) as line:
        line.sendall(b"POST /api/v1/nss HTTP/1.1\r\nHost: imss\r\nContent-Type: application/json\r\nContent-Length: 2000000000\r\n\r\n")
        line.sendall(b" " * 70_000)
        assert b" 413 " in line.recv(100)


def test_a_bomb_is_refused(stand_in: StandIn) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    stand_in.connection.request("POST", "/api/v1/nss", bomb, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
    with stand_in.connection.getresponse() as response:
        assert response.status == 413
        assert json.loads(response.read())["codigo"] == "SOLICITUD_DEMASIADO_GRANDE"


def test_another_content_type_is_refused(stand_in: StandIn) -> None:
    with stand_in.send("POST", "/api/v1/nss", b"curp=PUFE050315HNERCNA4", "application/x-www-form-urlencoded") as response:
        assert (response.status, json.loads(response.read())["codigo"]) == (415, "TIPO_DE_CONTENIDO_INVALIDO")


def test_unknown_paths_and_methods_answer_in_json(stand_in: StandIn) -> None:
    assert stand_in.ask("GET", "/nada")[1]["codigo"] == "RUTA_DESCONOCIDA"
    stand_in.connection.request("GET", "/nada", headers={"Accept": "text/html,*/*"})
    with stand_in.connection.getresponse() as page:
        assert (page.status, page.headers.get_content_type()) == (404, "text/html")
        assert "Ir a los trámites" in page.read().decode()
    with stand_in.send("DELETE", "/api/v1/nss") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        assert json.loads(response.read())["codigo"] == "METODO_NO_PERMITIDO"


@pytest.mark.parametrize("query", ["desde=-1", "desde=uno", f"desde={'9' * 5000}", "limite=0", "limite=5001", "pagina=1"])
def test_a_wrong_query_is_refused(stand_in: StandIn, query: str) -> None:
    status, answer = stand_in.ask("GET", f"/control/bitacora?{query}")
    assert (status, answer["codigo"]) == (422, "SOLICITUD_INVALIDA")
