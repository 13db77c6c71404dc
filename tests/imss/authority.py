"""A small HTTP server in a thread that answers what a test tells it to: the moods a healthy stand-in does not have."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from stdnum import luhn

Behaviour = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


class Authority:
    """`behave` answers every request; `asked` is what was asked, `at` when (monotonic seconds)."""

    def __init__(self) -> None:
        self.behave: Behaviour = well
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.at: list[float] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else {}
        self.asked.append((request.path, body))
        self.at.append(time.monotonic())
        return await self.behave(request, body)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


def says(body: Any = None, *, status: int = 200, raw: bytes | None = None, kind: str = "application/json", **headers: str) -> Behaviour:
    """Always this answer."""

    async def behave(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps(body).encode() if raw is None else raw
        return web.Response(status=status, body=content, content_type=kind, headers=told)

    return behave


def refuses(code: str, status: int = 422, **more: Any) -> Behaviour:
    """A refusal about the person that was asked about."""

    async def behave(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"codigo": code, "mensaje": "Texto del IMSS.", "curp": asked.get("curp"), **more}, status=status)

    return behave


def then(*behaviours: Behaviour) -> Behaviour:
    """One after the other, the last one for good."""
    left = list(behaviours)

    async def behave(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        return await (left.pop(0) if len(left) > 1 else left[0])(request, asked)

    return behave


async def well(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
    """A healthy authority: an NSS for everybody, vigencia NO, movements received."""
    return web.json_response(GOOD[request.path.removeprefix("/api/v1/").split("/")[0]](asked))


def nss_of(curp: str) -> str:
    """Everybody's own NSS, right in its check digit."""
    body = f"0205{sum(ord(c) * 31**i for i, c in enumerate(curp)) % 1_000_000:06d}"
    return body + luhn.calc_check_digit(body)


GOOD: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "nss": lambda asked: {
        "resultado": "LOCALIZADO", "folio": "1787000000000000000001", "fecha": "2026-08-20", "curp": asked["curp"],
        "nss": nss_of(asked["curp"]), "nombre": None, "primer_apellido": None, "segundo_apellido": None,
    },
    "vigencia": lambda asked: {
        "folio": "1787000000000000000002", "fecha_constancia": "2026-08-20", "curp": asked["curp"], "nss": asked["nss"],
        "con_derecho": "NO", "registro_patronal": None, "umf": None,
    },
    "movimientos": lambda asked: {
        "clave_idempotencia": asked["clave_idempotencia"], "id_lote": "100000001", "recibo": "R-1",
        "fecha_trans": "2026-08-20T10:00:00-06:00", "estado": "RECIBIDO",
    },
}  # fmt: skip
