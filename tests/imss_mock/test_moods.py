from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from imss_mock.state.scenario import DEFAULT
from tests.imss_mock.harness import StandIn, alta, new_curp, new_nss


@pytest.fixture(autouse=True)
def _well_again(stand_in: StandIn) -> Iterator[None]:
    yield
    stand_in.mood()


def test_down_everything_says_503_but_the_control_side(stand_in: StandIn) -> None:
    stand_in.mood(caido=True)
    assert stand_in.ask("GET", "/health")[0] == 503
    status, answer = stand_in.vigencia(new_curp(), new_nss())
    assert (status, answer["codigo"]) == (503, "SERVICIO_NO_DISPONIBLE")
    assert stand_in.get("/control/animo")["caido"] is True
    stand_in.mood()
    assert stand_in.ask("GET", "/health")[0] == 200


def test_a_mood_of_the_scenario_is_put_on_by_its_name(stand_in: StandIn) -> None:
    assert stand_in.ask("PUT", "/control/animo", {"nombre": "caido"})[1]["retry_after_503"] == "120"
    assert stand_in.ask("GET", "/health")[0] == 503
    status, answer = stand_in.ask("PUT", "/control/animo", {"nombre": "alegre"})
    assert (status, answer["campo"]) == (422, "nombre")
    assert stand_in.ask("PUT", "/control/animo", {"nombre": "con_tope"})[1]["tope_por_segundo"] == 20
    assert stand_in.ask("GET", "/health")[0] == 200


def test_a_scenario_may_begin_in_a_mood(tmp_path: Path) -> None:
    scenario = tmp_path / "caido.toml"
    text = DEFAULT.read_text(encoding="utf-8").replace('animo_inicial = ""', 'animo_inicial = "caido"')
    scenario.write_text(text, encoding="utf-8")
    stand_in = StandIn(tmp_path / "datos", "--scenario", str(scenario))
    assert stand_in.ask("GET", "/health")[0] == 503
    stand_in.mood()
    assert stand_in.ask("GET", "/health")[0] == 200
    assert stand_in.stop() == (0, "")


def test_over_the_cap_it_is_429_with_retry_after(stand_in: StandIn) -> None:
    stand_in.mood(tope_por_segundo=5)
    started = monotonic()
    answers = []
    for _ in range(40):
        with stand_in.send("POST", "/api/v1/nss", {"curp": new_curp()}) as response:
            answers.append((response.status, response.headers["Retry-After"]))
            response.read()
    allowed = sum(status != 429 for status, _ in answers)
    assert 1 <= allowed <= 2 + 5 * (monotonic() - started)
    assert {retry for status, retry in answers if status == 429} == {"1"}


def test_it_takes_its_time(stand_in: StandIn) -> None:
    stand_in.mood(latencia_ms=120)
    started = monotonic()
    stand_in.vigencia(new_curp(), new_nss())
    assert monotonic() - started >= 0.12


def test_a_failure_before_the_work_leaves_nothing_done(stand_in: StandIn) -> None:
    movement = alta(new_curp(), new_nss(), stand_in.today().isoformat())
    stand_in.mood(falla_503=1)
    assert stand_in.move(movement)[0] == 503
    stand_in.mood()
    assert stand_in.ask("GET", f"/api/v1/movimientos/{movement['clave_idempotencia']}")[0] == 404


def test_a_failure_after_the_work_leaves_it_done(stand_in: StandIn) -> None:
    movement = alta(new_curp(), new_nss(), stand_in.today().isoformat())
    stand_in.mood(falla_503_despues=1)
    assert stand_in.move(movement)[0] == 503
    stand_in.mood()
    assert stand_in.fate(movement["clave_idempotencia"])["estado"] == "RECIBIDO"
    assert stand_in.move(movement)[0] == 200


def test_some_fail_by_their_share_and_the_ledger_knows(stand_in: StandIn) -> None:
    before = len(stand_in.ledger())
    stand_in.mood(falla_503=0.3)
    told = Counter(stand_in.vigencia(new_curp(), new_nss())[0] for _ in range(200))
    assert 30 <= told[503] <= 90
    assert Counter(row["estatus"] for row in stand_in.ledger(before)) == told


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
def test_an_impossible_mood_is_refused(stand_in: StandIn, mood: object) -> None:
    status, answer = stand_in.ask("PUT", "/control/animo", mood)
    assert (status, answer["codigo"]) == (422, "SOLICITUD_INVALIDA")
