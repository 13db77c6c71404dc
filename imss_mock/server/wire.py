"""How an answer leaves: whole, or spoilt on its way by one of the moods of `moods.WIRE`."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from imss_mock.protocol.answers import Answer

LOOK_AGAIN_S = 0.2
JSON, HTML = "application/json", "text/html"
MAINTENANCE = """<!doctype html><html lang="es-MX"><meta charset="utf-8"><title>Mantenimiento</title>
<h1>Sitio en mantenimiento</h1><p>Estamos mejorando nuestros servicios. Intenta más tarde.</p></html>"""


def whole(answer: Answer, text: str, kind: str = JSON) -> web.Response:
    """The answer as it should be."""
    return web.Response(body=text.encode(), status=answer.status, headers=answer.headers, content_type=kind)


async def send(request: web.Request, answer: Answer, text: str, drip_ms: int) -> web.StreamResponse:
    """The answer as the mood it carries lets it through; `drip_ms` is the pause between two bytes of a slow one."""
    if answer.animo == "goteo":
        return await _drip(request, answer, text, drip_ms / 1000)
    spoil = SPOILT.get(answer.animo or "")
    return await spoil(request, answer, text) if spoil else whole(answer, text)


async def _maintenance(_request: web.Request, answer: Answer, _text: str) -> web.StreamResponse:
    return whole(answer, MAINTENANCE, HTML)


async def _another_kind(_request: web.Request, answer: Answer, text: str) -> web.StreamResponse:
    return whole(answer, text, HTML)


async def _half(_request: web.Request, answer: Answer, text: str) -> web.StreamResponse:
    return whole(answer, text[: len(text) // 2])


async def _cut(request: web.Request, answer: Answer, text: str) -> web.StreamResponse:
    body = text.encode()
    response = await _open(request, answer, body)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()  # after what was written; the rest that Content-Length promised never comes
    return response


async def _drip(request: web.Request, answer: Answer, text: str, pause: float) -> web.StreamResponse:
    body = text.encode()
    response = await _open(request, answer, body)
    with suppress(ConnectionError):  # the client went away: nothing is left to do
        for place in range(len(body)):
            await response.write(body[place : place + 1])
            await _pause(request, pause)
    return response


async def _pause(request: web.Request, seconds: float) -> None:
    """Wait; raises ConnectionResetError when the client has gone."""
    for _ in range(math.ceil(seconds / LOOK_AGAIN_S)):
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError
        await asyncio.sleep(min(seconds, LOOK_AGAIN_S))


async def _open(request: web.Request, answer: Answer, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_type, response.content_length = JSON, len(body)
    await response.prepare(request)
    return response


SPOILT: dict[str, Callable[[web.Request, Answer, str], Awaitable[web.StreamResponse]]] = {
    "mantenimiento": _maintenance,
    "tipo_equivocado": _another_kind,
    "json_a_medias": _half,
    "conexion_cortada": _cut,
}
