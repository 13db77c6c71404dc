"""Answers that are mistaken or arrive spoilt: what a client may meet, with the ledger saying which were."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from http.client import IncompleteRead
from time import monotonic

import pytest

from tests.imss_mock.harness import Twin, new_curp, new_nss

HOUR_S = 3600


@pytest.fixture(autouse=True)
def _well_again(twin: Twin) -> Iterator[None]:
    yield
    twin.mood()


@pytest.fixture
def people(twin: Twin) -> list[tuple[str, str]]:
    return [(new_curp(), new_nss()) for _ in range(3)]


def raw(twin: Twin, curp: str, nss: str) -> tuple[int, str, bytes]:
    with twin.send("POST", "/api/v1/vigencia", {"curp": curp, "nss": nss}) as response:
        return response.status, str(response.headers["Content-Type"]), response.read()


def last(twin: Twin, rows: int = 1) -> list[dict[str, object]]:
    return twin.ledger()[-rows:]


def test_answers_about_somebody_else_are_told_apart_only_by_the_ledger(twin: Twin, people: list[tuple[str, str]]) -> None:
    (one, nss), (other, other_nss), _ = people
    twin.vigencia(one, nss)
    twin.mood(ajenas=1)
    status, answer = twin.vigencia(other, other_nss)
    assert (status, answer["curp"]) == (200, one)
    row = last(twin)[0]
    assert (row["curp"], row["animo"], row["resultado"], row["respuesta"]) == (other, "ajenas", "NO", answer)


def test_one_in_a_hundred_is_about_one_in_a_hundred_and_the_rest_are_honest(twin: Twin) -> None:
    twin.mood(ajenas=0.05)
    before = twin.ledger()[-1]["id"] if twin.ledger() else 0
    for _ in range(400):
        twin.vigencia(new_curp(), new_nss())
    rows = twin.ledger(before)
    foreign = [row for row in rows if row["animo"] == "ajenas"]
    assert 5 <= len(foreign) <= 45
    assert all((row["respuesta"]["curp"] != row["curp"]) == (row["animo"] == "ajenas") for row in rows)


def test_an_answer_is_given_twice_and_an_old_one_after_a_new_one(twin: Twin, people: list[tuple[str, str]]) -> None:
    curp, nss = people[0]
    first, second = twin.vigencia(curp, nss), twin.vigencia(curp, nss)
    assert first[1]["folio"] != second[1]["folio"]
    twin.mood(repetidas=1)
    assert twin.vigencia(curp, nss) == second
    twin.mood(atrasadas=1)
    assert twin.vigencia(curp, nss) in (first, second)
    assert [row["animo"] for row in last(twin, 2)] == ["repetidas", "atrasadas"]
    twin.mood(atrasadas=1)
    assert twin.vigencia(*people[1])[1]["curp"] == people[1][0]  # nothing older to say: the truth


def test_half_a_document_a_cut_line_and_a_wrong_type(twin: Twin, people: list[tuple[str, str]]) -> None:
    twin.mood(json_a_medias=1)
    _, _, body = raw(twin, *people[0])
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    twin.mood(tipo_equivocado=1)
    status, kind, body = raw(twin, *people[0])
    assert (status, kind.split(";")[0]) == (200, "text/html")
    assert json.loads(body)["curp"] == people[0][0]
    twin.mood(conexion_cortada=1)
    with pytest.raises(IncompleteRead):
        raw(twin, *people[0])
    twin.connection.close()
    assert [row["animo"] for row in last(twin, 3)] == ["json_a_medias", "tipo_equivocado", "conexion_cortada"]


def test_in_maintenance_everything_is_a_page_with_200(twin: Twin, people: list[tuple[str, str]]) -> None:
    twin.mood(mantenimiento=True)
    status, kind, body = raw(twin, *people[0])
    assert (status, kind.split(";")[0]) == (200, "text/html")
    assert b"mantenimiento" in body
    assert (last(twin)[0]["resultado"], last(twin)[0]["animo"]) == ("MANTENIMIENTO", "mantenimiento")


def test_a_slow_loris_sends_a_byte_at_a_time_and_does_not_hold_up_the_others(twin: Twin, people: list[tuple[str, str]]) -> None:
    twin.mood(goteo=1, goteo_ms=600_000)
    body = json.dumps({"curp": people[0][0], "nss": people[0][1]}).encode()
    with socket.create_connection(("127.0.0.1", twin.connection.port)) as line:
        line.sendall(b"POST /api/v1/vigencia HTTP/1.1\r\nHost: imss\r\nContent-Type: application/json\r\n")
        line.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        arrived = b""
        while not arrived.partition(b"\r\n\r\n")[2]:
            arrived += line.recv(4096)
        assert arrived.partition(b"\r\n\r\n")[2] == b"{"
        twin.mood()
        assert twin.vigencia(*people[1])[0] == 200


def test_windows_of_503_begin_with_the_mood_and_say_when_to_come_back(twin: Twin, people: list[tuple[str, str]]) -> None:
    twin.mood(ventana_503_cada_s=HOUR_S, ventana_503_dura_s=HOUR_S - 1, retry_after_503="30")
    with twin.send("POST", "/api/v1/vigencia", {"curp": people[0][0], "nss": people[0][1]}) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "30")
        response.read()
    assert last(twin)[0]["animo"] == "ventana_503"
    twin.mood(ventana_503_cada_s=HOUR_S, ventana_503_dura_s=0)
    assert twin.vigencia(*people[0])[0] == 200


@pytest.mark.parametrize("wait", ["0", "-5", "1000000000", "pronto", "Fri, 31 Dec 1999 23:59:59 GMT", ""])
def test_retry_after_can_say_anything(twin: Twin, wait: str) -> None:
    twin.mood(tope_por_segundo=1, retry_after=wait)
    told = set()
    for _ in range(3):
        with twin.send("POST", "/api/v1/nss", {"curp": new_curp()}) as response:
            told |= {response.headers["Retry-After"]} if response.status == 429 else set()
            response.read()
    assert told == {wait or None}


@pytest.mark.parametrize("shape", ["fija", "uniforme", "exponencial", "lognormal"])
def test_latency_has_a_shape(twin: Twin, people: list[tuple[str, str]], shape: str) -> None:
    twin.mood(latencia_ms=10, latencia_forma=shape)
    started = monotonic()
    assert all(twin.vigencia(*people[0])[0] == 200 for _ in range(8))
    assert monotonic() - started > 0.005


def test_the_counts_prove_who_kept_to_the_rate(twin: Twin) -> None:
    twin.ask("DELETE", "/control/cuentas")
    twin.mood(tope_por_segundo=10)
    said = Counter(twin.nss(new_curp())[0] for _ in range(40))
    counts = twin.get("/control/cuentas")
    assert counts["solicitudes"] == 40
    assert counts["rechazadas_por_tope"] == said[429] == counts["por_animo"]["tope_por_segundo"]
    assert counts["por_estatus"] == {str(status): count for status, count in said.items()}
    assert counts["pico_atendido_por_segundo"] <= 11 < counts["pico_por_segundo"] <= 40
    assert counts["pico_simultaneas"] >= 1
    assert twin.ask("DELETE", "/control/cuentas")[1] == counts
    assert twin.get("/control/cuentas")["solicitudes"] == 0
