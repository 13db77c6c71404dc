"""Answers that are mistaken or arrive spoilt: what a client may meet, with the ledger saying which were."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from http.client import IncompleteRead
from time import monotonic

import pytest

from tests.imss_mock.harness import StandIn, new_curp, new_nss

HOUR_S = 3600


@pytest.fixture(autouse=True)
def _well_again(stand_in: StandIn) -> Iterator[None]:
    yield
    stand_in.mood()


@pytest.fixture
def people(stand_in: StandIn) -> list[tuple[str, str]]:
    return [(new_curp(), new_nss()) for _ in range(3)]


def raw(stand_in: StandIn, curp: str, nss: str) -> tuple[int, str, bytes]:
    with stand_in.send("POST", "/api/v1/vigencia", {"curp": curp, "nss": nss}) as response:
        return response.status, str(response.headers["Content-Type"]), response.read()


def last(stand_in: StandIn, rows: int = 1) -> list[dict[str, object]]:
    return stand_in.ledger()[-rows:]


def test_answers_about_somebody_else_are_told_apart_only_by_the_ledger(stand_in: StandIn, people: list[tuple[str, str]]) -> None:
    (one, nss), (other, other_nss), _ = people
    stand_in.vigencia(one, nss)
    stand_in.mood(ajenas=1)
    status, answer = stand_in.vigencia(other, other_nss)
    assert (status, answer["curp"]) == (200, one)
    row = last(stand_in)[0]
    assert (row["curp"], row["animo"], row["resultado"], row["respuesta"]) == (other, "ajenas", "NO", answer)


def test_one_in_a_hundred_is_about_one_in_a_hundred_and_the_rest_are_honest(stand_in: StandIn) -> None:
    stand_in.mood(ajenas=0.05)
    before = stand_in.ledger()[-1]["id"] if stand_in.ledger() else 0
    for _ in range(400):
        stand_in.vigencia(new_curp(), new_nss())
    rows = stand_in.ledger(before)
    foreign = [row for row in rows if row["animo"] == "ajenas"]
    assert 5 <= len(foreign) <= 45
    assert all((row["respuesta"]["curp"] != row["curp"]) == (row["animo"] == "ajenas") for row in rows)


def test_an_answer_is_given_twice_and_an_old_one_after_a_new_one(stand_in: StandIn, people: list[tuple[str, str]]) -> None:
    curp, nss = people[0]
    first, second = stand_in.vigencia(curp, nss), stand_in.vigencia(curp, nss)
    assert first[1]["folio"] != second[1]["folio"]
    stand_in.mood(repetidas=1)
    assert stand_in.vigencia(curp, nss) == second
    stand_in.mood(atrasadas=1)
    assert stand_in.vigencia(curp, nss) in (first, second)
    assert [row["animo"] for row in last(stand_in, 2)] == ["repetidas", "atrasadas"]
    stand_in.mood(atrasadas=1)
    assert stand_in.vigencia(*people[1])[1]["curp"] == people[1][0]  # nothing older to say: the truth


def test_half_a_document_a_cut_line_and_a_wrong_type(stand_in: StandIn, people: list[tuple[str, str]]) -> None:
    stand_in.mood(json_a_medias=1)
    _, _, body = raw(stand_in, *people[0])
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    stand_in.mood(tipo_equivocado=1)
    status, kind, body = raw(stand_in, *people[0])
    assert (status, kind.split(";")[0]) == (200, "text/html")
    assert json.loads(body)["curp"] == people[0][0]
    stand_in.mood(conexion_cortada=1)
    with pytest.raises(IncompleteRead):
        raw(stand_in, *people[0])
    stand_in.connection.close()
    assert [row["animo"] for row in last(stand_in, 3)] == ["json_a_medias", "tipo_equivocado", "conexion_cortada"]


def test_in_maintenance_everything_is_a_page_with_200(stand_in: StandIn, people: list[tuple[str, str]]) -> None:
    stand_in.mood(mantenimiento=True)
    status, kind, body = raw(stand_in, *people[0])
    assert (status, kind.split(";")[0]) == (200, "text/html")
    assert b"mantenimiento" in body
    assert (last(stand_in)[0]["resultado"], last(stand_in)[0]["animo"]) == ("MANTENIMIENTO", "mantenimiento")


def test_a_slow_loris_sends_a_byte_at_a_time_and_does_not_hold_up_the_others(stand_in: StandIn, people: list[tuple[str, str]]) -> None:
    stand_in.mood(goteo=1, goteo_ms=600_000)
    body = json.dumps({"curp": people[0][0], "nss": people[0][1]}).encode()
    with socket.create_connection(("127.0.0.1", stand_in.connection.port)) as line:
        line.sendall(b"POST /api/v1/vigencia HTTP/1.1\r\nHost: imss\r\nContent-Type: application/json\r\n")
        line.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        arrived = b""
        while not arrived.partition(b"\r\n\r\n")[2]:
            arrived += line.recv(4096)
        assert arrived.partition(b"\r\n\r\n")[2] == b"{"
        stand_in.mood()
        assert stand_in.vigencia(*people[1])[0] == 200


def test_windows_of_503_begin_with_the_mood_and_say_when_to_come_back(stand_in: StandIn, people: list[tuple[str, str]]) -> None:
    stand_in.mood(ventana_503_cada_s=HOUR_S, ventana_503_dura_s=HOUR_S - 1, retry_after_503="30")
    with stand_in.send("POST", "/api/v1/vigencia", {"curp": people[0][0], "nss": people[0][1]}) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "30")
        response.read()
    assert last(stand_in)[0]["animo"] == "ventana_503"
    stand_in.mood(ventana_503_cada_s=HOUR_S, ventana_503_dura_s=0)
    assert stand_in.vigencia(*people[0])[0] == 200


@pytest.mark.parametrize("wait", ["0", "-5", "1000000000", "pronto", "Fri, 31 Dec 1999 23:59:59 GMT", ""])
def test_retry_after_can_say_anything(stand_in: StandIn, wait: str) -> None:
    stand_in.mood(tope_por_segundo=1, retry_after=wait)
    told = set()
    for _ in range(3):
        with stand_in.send("POST", "/api/v1/nss", {"curp": new_curp()}) as response:
            told |= {response.headers["Retry-After"]} if response.status == 429 else set()
            response.read()
    assert told == {wait or None}


@pytest.mark.parametrize("shape", ["fija", "uniforme", "exponencial", "lognormal"])
def test_latency_has_a_shape(stand_in: StandIn, people: list[tuple[str, str]], shape: str) -> None:
    stand_in.mood(latencia_ms=10, latencia_forma=shape)
    started = monotonic()
    assert all(stand_in.vigencia(*people[0])[0] == 200 for _ in range(8))
    assert monotonic() - started > 0.005


def test_the_counts_prove_who_kept_to_the_rate(stand_in: StandIn) -> None:
    stand_in.ask("DELETE", "/control/cuentas")
    stand_in.mood(tope_por_segundo=10)
    said = Counter(stand_in.nss(new_curp())[0] for _ in range(40))
    counts = stand_in.get("/control/cuentas")
    assert counts["solicitudes"] == 40
    assert counts["rechazadas_por_tope"] == said[429] == counts["por_animo"]["tope_por_segundo"]
    assert counts["por_estatus"] == {str(status): count for status, count in said.items()}
    assert counts["pico_atendido_por_segundo"] <= 11 < counts["pico_por_segundo"] <= 40
    assert counts["pico_simultaneas"] >= 1
    assert stand_in.ask("DELETE", "/control/cuentas")[1] == counts
    assert stand_in.get("/control/cuentas")["solicitudes"] == 0
