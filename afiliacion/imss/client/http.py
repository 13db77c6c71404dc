"""Bounded HTTP: one request, limited in seconds and bytes, no redirection followed, JSON or nothing.

Whatever goes wrong becomes one of the port's recoverable errors. Nothing of a request or an answer is logged here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from afiliacion.imss.client.port import Busy, Failed, RawAnswer, Recoverable, TimedOut, Unavailable, Unreachable, Unreadable
from afiliacion.imss.client.retry_after import retry_after

CONNECT_SECONDS: Final = 5.0
MOST_BYTES: Final = 1024 * 1024
_JSON: Final = "application/json"


class HttpClient:
    """One session with a server: `async with HttpClient(url, seconds=…, connections=…) as http`."""

    def __init__(self, base: str, *, seconds: float, connections: int) -> None:
        """`seconds`: the most one request may take, from asking for a connection to the last byte."""
        self._base = base.rstrip("/")
        self._seconds = seconds
        self._connections = connections

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            timeout=aiohttp.ClientTimeout(total=self._seconds, sock_connect=CONNECT_SECONDS),
            headers={"Accept": _JSON, "Accept-Encoding": "identity", "Content-Type": _JSON},
            cookie_jar=aiohttp.DummyCookieJar(),
            # A compressed answer can be a bomb; we ask for none and read none.
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._session.close()

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[RawAnswer, dict[str, Any]]:
        """Send a request; return the answer, raw and as a JSON object, whatever its status below 500.

        Raises:
            Recoverable: no answer, no JSON object, too many bytes, or a status that speaks of the service and not of the question.
        """
        sent = json.dumps(body).encode() if body is not None else None
        try:
            async with self._session.request(method, self._base + path, data=sent, allow_redirects=False) as response:
                raw = RawAnswer(response.status, response.content_type, await _read(response))
                _judge(raw, response)
        except TimeoutError as error:
            raise TimedOut(f"El IMSS no respondió en {self._seconds:g} segundos.") from error
        except aiohttp.ClientConnectorError as error:
            raise Unreachable("No se pudo establecer conexión con el IMSS.") from error
        except aiohttp.ClientError as error:
            raise Failed("Se cortó la conexión con el IMSS.") from error
        return raw, _object(raw)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            response.close()
            raise Unreadable("La respuesta del IMSS es demasiado grande.", RawAnswer(response.status, response.content_type, bytes(body)))
    return bytes(body)


def _judge(raw: RawAnswer, response: aiohttp.ClientResponse) -> None:
    """Raise Recoverable for everything that is no answer to the question."""
    wait = response.headers.get("Retry-After")
    pause = retry_after(wait, response.headers.get("Date")) if wait or raw.status == 429 else 0.0
    if trouble := _trouble(raw.status):
        kind, sentence = trouble
        raise kind(sentence, raw, pause_seconds=pause)
    if raw.media_type != _JSON or "Content-Encoding" in response.headers:
        raise Unreadable(f"El IMSS respondió algo que no es una respuesta del servicio ({raw.media_type}).", raw)


def _trouble(status: int) -> tuple[type[Recoverable], str] | None:
    if 300 <= status < 400:
        return Unreadable, "El IMSS redirige a otra dirección; no se siguió."
    if status == 429:
        return Busy, "El IMSS pide que se le pregunte más despacio."
    if status in (401, 403):
        return Unavailable, "El IMSS no acepta las credenciales de la oficina."
    if status in (502, 503, 504):
        return Unavailable, "El servicio del IMSS no está disponible."
    return (Failed, f"El servicio del IMSS falló (error {status}).") if status >= 500 else None


def _object(raw: RawAnswer) -> dict[str, Any]:
    try:
        found = json.loads(raw.body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unreadable("La respuesta del IMSS está incompleta o mal escrita.", raw) from error
    if not isinstance(found, dict):
        raise Unreadable("La respuesta del IMSS no tiene la forma esperada.", raw)
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raise ValueError for a key that stands twice: such an answer has no meaning."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found
