"""HTTP: every request becomes one operation, one transaction with its ledger row, one JSON answer sent after the commit."""

import json
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from imss_mock import control, ledger, movements, openapi, register, vigencia
from imss_mock.answers import Answer, Codigo, RefusedError, refuse
from imss_mock.shapes import Values, read_fields
from imss_mock.store import StoreError
from imss_mock.twin import Operation, Source, Twin

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
API = (register.ASK_NSS, vigencia.ASK_VIGENCIA, movements.RECEIVE, movements.LOOK_UP)
DIGITS = re.compile("[0-9]{1,18}")
FIRST_BUSINESS_STATUS, LAST_BUSINESS_STATUS = 202, 422  # the refusals that say whose CURP they are about


def build(twin: Twin, *, with_control: bool) -> web.Application:
    """The application, ready to be served."""
    app = web.Application(middlewares=[_json_errors])
    app.router.add_route("GET", "/health", _health(twin))
    app.router.add_route("GET", "/openapi.json", _document(with_control=with_control))
    for operation in API:
        app.router.add_route(operation.method, operation.path, _api(twin, operation))
    for operation in control.OPERATIONS if with_control else ():
        app.router.add_route(operation.method, operation.path, _control(twin, operation))
    return app


def _api(twin: Twin, operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        asked = await _asked(request, operation)
        refusal = await twin.moods.before()
        try:
            answer, text = _settle(twin, operation, asked, refusal)
            await twin.store.committed()
        except StoreError as error:
            return _unstored(error)
        return _send(answer, text)

    return handle


def _settle(twin: Twin, operation: Operation, asked: object, refusal: Answer | None) -> tuple[Answer, str]:
    """Work and ledger row in one go, without a pause in between: both are in the same transaction."""
    now = twin.clock.now()
    answer = refusal or twin.moods.after(_work(twin, now, operation, asked))
    given = None if isinstance(asked, RefusedError) else asked
    with twin.store.change():
        return answer, ledger.write(twin, now, operation, given, answer)


def _control(twin: Twin, operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        asked = await _asked(request, operation)
        try:
            answer = _work(twin, twin.clock.now(), operation, asked)
            await twin.store.committed()
        except StoreError as error:
            return _unstored(error)
        return _send(answer)

    return handle


def _work(twin: Twin, now: datetime, operation: Operation, asked: object) -> Answer:
    try:
        values = _values(operation, asked)
        with twin.store.change():
            answer = operation.run(twin, now, values)
    except RefusedError as refused:
        answer = refused.answer
    return _about(operation, asked, answer)


def _values(operation: Operation, asked: object) -> Values:
    if isinstance(asked, RefusedError):
        raise asked
    if operation.source is not Source.BODY_LIST:
        return read_fields(operation.fields, asked)
    if not isinstance(asked, list):
        raise RefusedError(Codigo.SOLICITUD_INVALIDA)
    return {"lista": [read_fields(operation.fields, item) for item in asked]}


def _about(operation: Operation, asked: object, answer: Answer) -> Answer:
    """A refusal repeats the CURP it is about, when the request had one that can be repeated."""
    is_refusal = FIRST_BUSINESS_STATUS <= answer.status <= LAST_BUSINESS_STATUS
    if not is_refusal or not isinstance(asked, dict) or not any(field.name == "curp" for field in operation.fields):
        return answer
    curp = asked.get("curp")
    readable = isinstance(curp, str) and curp.isprintable() and len(curp) <= len("PUFE050315HNERCNA4")
    return Answer(answer.status, {**answer.body, "curp": curp if readable else None}, answer.result, answer.headers)


async def _asked(request: web.Request, operation: Operation) -> object:
    """What was sent, unread; a RefusedError (not raised) when it cannot be read at all."""
    if operation.source is Source.PATH:
        return dict(request.match_info)
    if operation.source is Source.QUERY:
        return {name: int(value) if DIGITS.fullmatch(value) else value for name, value in request.query.items()}
    try:
        return await _json(request, operation.max_bytes)
    except RefusedError as refused:
        return refused


async def _json(request: web.Request, max_bytes: int) -> object:
    if request.content_type != "application/json":
        raise RefusedError(Codigo.TIPO_DE_CONTENIDO_INVALIDO)
    try:
        body = await _body(request, max_bytes)
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError, web.RequestPayloadError, ConnectionError) as error:
        raise RefusedError(Codigo.JSON_INVALIDO) from error


async def _body(request: web.Request, max_bytes: int) -> bytearray:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            raise RefusedError(Codigo.SOLICITUD_DEMASIADO_GRANDE)
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _send(answer: Answer, text: str | None = None) -> web.Response:
    body = json.dumps(answer.body, ensure_ascii=False) if text is None else text
    return web.Response(body=body.encode(), status=answer.status, headers=answer.headers, content_type="application/json")


def _unstored(error: StoreError) -> web.Response:
    log.error("The database refused a write (%s); the answer was withheld", error)
    return _send(refuse(Codigo.SERVICIO_NO_DISPONIBLE))


def _health(twin: Twin) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        well = Answer(200, {"estado": "en línea", "fecha": twin.clock.now().date().isoformat()}, "EN_LINEA")
        return _send(await twin.moods.before() or well)

    return handle


def _document(*, with_control: bool) -> Handler:
    text = json.dumps(openapi.document(API, control.OPERATIONS if with_control else ()), ensure_ascii=False)

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json")

    return handle


@web.middleware
async def _json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Unknown paths and methods in JSON; a fault of ours is logged and answered as such."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        return _send(refuse(Codigo.METODO_NO_PERMITIDO, {"Allow": error.headers["Allow"]}))
    except web.HTTPNotFound:
        return _send(refuse(Codigo.RUTA_DESCONOCIDA))
    except Exception:
        log.exception("Unexpected fault")
        return _send(refuse(Codigo.ERROR_INTERNO))
