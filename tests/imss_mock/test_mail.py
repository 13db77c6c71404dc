"""The stand-in's letters and a mail server that is away, comes back, and refuses one of them."""

import socket
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from aiosmtpd.controller import Controller

from imss_mock.state.scenario import DEFAULT
from tests.imss_mock.harness import StandIn, new_curp
from tests.imss_mock.test_sessions import page


class Picky:
    """Takes every letter but those to `nadie@…`."""

    def __init__(self) -> None:
        self.taken: SimpleQueue[str] = SimpleQueue()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if address.startswith("nadie"):
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.put(envelope.rcpt_tos[0])
        return "250 OK"


def test_letters_wait_for_the_server_and_one_refusal_holds_up_nobody(tmp_path: Path) -> None:
    scenario = tmp_path / "sin.toml"
    scenario.write_text(DEFAULT.read_text(encoding="utf-8").replace("captcha = true", "captcha = false"), encoding="utf-8")
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    stand_in = StandIn(tmp_path / "datos", "--scenario", str(scenario), "--smtp", f"127.0.0.1:{port}")
    for correo in ("nadie@example.mx", "alguien@example.mx"):
        assert page(stand_in, "POST", "/tramites/nss", curp=new_curp(), correo=correo, correo_otra_vez=correo)[0].status == 200
    assert page(stand_in, "GET", "/correos")[1].count("por enviar") == 2

    picky = Picky()
    server = Controller(picky, hostname="127.0.0.1", port=port, server_hostname="localhost")
    server.start()
    page(stand_in, "GET", "/")  # a visit wakes the postman, who would come by himself in some seconds
    assert picky.taken.get(timeout=20) == "alguien@example.mx"
    code, complaints = stand_in.stop()
    server.stop()
    assert code == 0
    assert "trying again" in complaints

    again = StandIn(tmp_path / "datos", "--scenario", str(scenario))
    letters = page(again, "GET", "/correos")[1]
    assert "rechazado: 550 No such user" in letters
    again.stop()
