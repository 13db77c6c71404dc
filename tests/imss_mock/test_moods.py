from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from imss_mock.scenario import DEFAULT
from tests.imss_mock.harness import Twin, alta, new_curp, new_nss


@pytest.fixture(autouse=True)
def _well_again(twin: Twin) -> Iterator[None]:
    yield
    twin.mood()


def test_down_everything_says_503_but_the_control_side(twin: Twin) -> None:
    twin.mood(caido=True)
    assert twin.ask("GET", "/health")[0] == 503
    status, answer = twin.vigencia(new_curp(), new_nss())
    assert (status, answer["codigo"]) == (503, "SERVICIO_NO_DISPONIBLE")
    assert twin.get("/control/animo")["caido"] is True
    twin.mood()
    assert twin.ask("GET", "/health")[0] == 200


def test_a_mood_of_the_scenario_is_put_on_by_its_name(twin: Twin) -> None:
    assert twin.ask("PUT", "/control/animo", {"nombre": "caido"})[1]["retry_after_503"] == "120"
    assert twin.ask("GET", "/health")[0] == 503
    status, answer = twin.ask("PUT", "/control/animo", {"nombre": "alegre"})
    assert (status, answer["campo"]) == (422, "nombre")
    assert twin.ask("PUT", "/control/animo", {"nombre": "con_tope"})[1]["tope_por_segundo"] == 20
    assert twin.ask("GET", "/health")[0] == 200


def test_a_scenario_may_begin_in_a_mood(tmp_path: Path) -> None:
    scenario = tmp_path / "caido.toml"
    text = DEFAULT.read_text(encoding="utf-8").replace('animo_inicial = ""', 'animo_inicial = "caido"')
    scenario.write_text(text, encoding="utf-8")
    twin = Twin(tmp_path / "datos", "--scenario", str(scenario))
    assert twin.ask("GET", "/health")[0] == 503
    twin.mood()
    assert twin.ask("GET", "/health")[0] == 200
    assert twin.stop() == (0, "")


def test_over_the_cap_it_is_429_with_retry_after(twin: Twin) -> None:
    twin.mood(tope_por_segundo=5)
    started = monotonic()
    answers = []
    for _ in range(40):
        with twin.send("POST", "/api/v1/nss", {"curp": new_curp()}) as response:
            answers.append((response.status, response.headers["Retry-After"]))
            response.read()
    allowed = sum(status != 429 for status, _ in answers)
    assert 1 <= allowed <= 2 + 5 * (monotonic() - started)
    assert {retry for status, retry in answers if status == 429} == {"1"}


def test_it_takes_its_time(twin: Twin) -> None:
    twin.mood(latencia_ms=120)
    started = monotonic()
    twin.vigencia(new_curp(), new_nss())
    assert monotonic() - started >= 0.12


def test_a_failure_before_the_work_leaves_nothing_done(twin: Twin) -> None:
    movement = alta(new_curp(), new_nss(), twin.today().isoformat())
    twin.mood(falla_503=1)
    assert twin.move(movement)[0] == 503
    twin.mood()
    assert twin.ask("GET", f"/api/v1/movimientos/{movement['clave_idempotencia']}")[0] == 404


def test_a_failure_after_the_work_leaves_it_done(twin: Twin) -> None:
    movement = alta(new_curp(), new_nss(), twin.today().isoformat())
    twin.mood(falla_503_despues=1)
    assert twin.move(movement)[0] == 503
    twin.mood()
    assert twin.fate(movement["clave_idempotencia"])["estado"] == "RECIBIDO"
    assert twin.move(movement)[0] == 200


def test_some_fail_by_their_share_and_the_ledger_knows(twin: Twin) -> None:
    before = len(twin.ledger())
    twin.mood(falla_503=0.3)
    told = Counter(twin.vigencia(new_curp(), new_nss())[0] for _ in range(200))
    assert 30 <= told[503] <= 90
    assert Counter(row["estatus"] for row in twin.ledger(before)) == told


@pytest.mark.parametrize(
    "mood",
    [
        {"falla_503": 1.5},
        {"latencia_ms": -1},
        {"latencia_ms": 0.5},
        {"latencia_ms": True},
        {"caido": "sí"},
        {"caido": None},
        {"humor": 1},
        [],
    ],
)
def test_an_impossible_mood_is_refused(twin: Twin, mood: object) -> None:
    status, answer = twin.ask("PUT", "/control/animo", mood)
    assert (status, answer["codigo"]) == (422, "SOLICITUD_INVALIDA")
