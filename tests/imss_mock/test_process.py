import signal
import socket
import sqlite3
from contextlib import suppress
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from zoneinfo import ZoneInfo

from imss_mock.state.scenario import DEFAULT
from imss_mock.state.store import FILE
from tests.imss_mock.harness import FIRST_DAY, READY, Line, StandIn, alta, new_curp, new_nss


def test_it_says_where_it_is_and_stops_cleanly_with_a_line_open_and_a_request_waiting(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path)
    assert stand_in.line.startswith(READY)
    assert stand_in.get("/health") == {"estado": "en línea", "fecha": FIRST_DAY}
    stand_in.mood(latencia_ms=60_000)
    with socket.create_connection(("127.0.0.1", stand_in.connection.port)) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: imss\r\n\r\n")
        assert stand_in.get("/control/animo")["latencia_ms"] == 60_000  # answered after the waiting one was read
        assert stand_in.stop(signal.SIGINT) == (0, "")


def hammer(line: Line, told: SimpleQueue[object], stop: Event) -> None:
    """Ask until the line is cut; every answer that came through whole is told."""
    with suppress(OSError, HTTPException, ValueError):
        while True:
            told.put(line.nss(new_curp())[1])
            if told.qsize() >= 300:
                stop.set()


def test_every_answer_given_under_load_survives_a_kill(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path)
    told: SimpleQueue[object] = SimpleQueue()
    stop = Event()
    lines = [stand_in.another_line() for _ in range(8)]
    threads = [Thread(target=hammer, args=(line, told, stop)) for line in lines]
    for thread in threads:
        thread.start()
    assert stop.wait(10)
    stand_in.kill()
    for thread, line in zip(threads, lines, strict=True):
        thread.join()
        line.close()

    again = StandIn(tmp_path)
    kept = [row["respuesta"] for row in again.ledger()]
    assert all(told.get() in kept for _ in range(told.qsize()))
    assert again.stop() == (0, "")


def test_what_was_received_and_the_date_survive_a_kill(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path)
    movement = alta(new_curp(), new_nss())
    receipt = stand_in.move(movement)
    stand_in.days_later(5)
    stand_in.kill()

    again = StandIn(tmp_path)
    assert again.today().isoformat() == "2026-08-08"  # the flag's earlier date does not put the clock back
    assert again.move(movement) == receipt
    assert again.fate(str(movement["clave_idempotencia"]))["estado"] == "OPERADO"
    assert again.stop() == (0, "")


def test_a_later_date_at_the_start_moves_the_clock_forward(tmp_path: Path) -> None:
    assert StandIn(tmp_path).stop() == (0, "")
    stand_in = StandIn(tmp_path, day="2026-09-01")
    assert stand_in.today().isoformat() == "2026-09-01"
    stand_in.stop()


def test_without_a_date_it_is_today_in_mexico_city(tmp_path: Path) -> None:
    before = datetime.now(ZoneInfo("America/Mexico_City")).date()
    stand_in = StandIn(tmp_path, day=None)
    assert before <= stand_in.today() <= datetime.now(ZoneInfo("America/Mexico_City")).date()
    stand_in.stop()


def test_settings_come_from_the_environment_too(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path, day=None, IMSS_MOCK_DATE="2027-01-15", IMSS_MOCK_CONTROL="0")
    assert stand_in.get("/health")["fecha"] == "2027-01-15"
    assert stand_in.ask("GET", "/control/reloj")[0] == 404
    assert not any(path.startswith("/control") for path in stand_in.get("/openapi.json")["paths"])
    stand_in.stop()


def test_the_same_seed_tells_the_same_stories_with_the_same_numbers(tmp_path: Path) -> None:
    people = [new_curp() for _ in range(40)]
    told = []
    for name, seed in (("a", "7"), ("b", "7")):
        stand_in = StandIn(tmp_path / name, "--seed", seed)
        told.append([{key: value for key, value in stand_in.nss(curp)[1].items() if key != "folio"} for curp in people])
        stand_in.stop()
    assert told[0] == told[1]


def complaint(data: Path, *flags: str, day: str | None = FIRST_DAY) -> str:
    """The one line of a stand-in that cannot start."""
    code, lines = StandIn(data, *flags, day=day).stop()
    assert (code, lines.count("\n")) == (1, 1)
    return lines


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "puerto" in complaint(tmp_path, "--port", str(taken.getsockname()[1]))


def test_a_second_twin_in_the_same_folder_is_one_line(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path)
    assert "otra copia" in complaint(tmp_path)
    assert stand_in.stop() == (0, "")


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "datos").write_text("ocupado")
    assert "carpeta de datos" in complaint(tmp_path / "datos")


def test_a_database_of_another_version_is_one_line(tmp_path: Path) -> None:
    StandIn(tmp_path).stop()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert "otra versión" in complaint(tmp_path)


def test_a_date_outside_the_calendar_is_one_line(tmp_path: Path) -> None:
    assert "2002 y 2099" in complaint(tmp_path, day="1999-12-31")


def test_a_wrong_scenario_is_one_line(tmp_path: Path) -> None:
    assert "escenario" in complaint(tmp_path, "--scenario", str(tmp_path / "no-existe.toml"))


def test_another_scenario_tells_other_stories(tmp_path: Path) -> None:
    scenario = tmp_path / "todos.toml"
    text = DEFAULT.read_text(encoding="utf-8").replace("parte = 52", "parte = 0").replace("parte = 26", "parte = 1000000")
    scenario.write_text(text, encoding="utf-8")
    stand_in = StandIn(tmp_path / "datos", "--scenario", str(scenario))
    assert [stand_in.nss(new_curp())[1]["resultado"] for _ in range(20)] == ["ASIGNADO"] * 20
    stand_in.stop()
