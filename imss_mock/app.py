"""HTTP: every request becomes one operation, one transaction with its ledger row, one JSON answer sent after the commit."""

import json
import logging
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from imss_mock import web as pages
from imss_mock.people import register
from imss_mock.procedures import clinics, movements, papers, subdelegacion, umf, vigencia
from imss_mock.procedures.idse import documents, insured, reception
from imss_mock.procedures.mail import Postman
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse
from imss_mock.server import control, openapi, run_operation, wire
from imss_mock.state.stand_in import Operation, Source, StandIn
from imss_mock.state.store import StoreError

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
API = (
    register.ASK_NSS,
    subdelegacion.PRESENT,
    vigencia.ASK_VIGENCIA,
    clinics.ASK_AREA,
    umf.ENROL,
    papers.HAND_OUT,
    movements.RECEIVE,
    movements.LOOK_UP,
    reception.RECEIVE,
    documents.LOOK_UP,
    documents.HAND_OUT,
    insured.ASK,
)
DIGITS = re.compile("[0-9]{1,18}")


def build(stand_in: StandIn, *, with_control: bool, postman: Postman | None = None) -> web.Application:
    """The application, ready to be served; without a postman its letters stay in the outbox."""
    app = web.Application(middlewares=[_json_errors])
    pages.add(app, stand_in, postman, with_outbox=with_control)
    app.router.add_route("GET", "/health", _health(stand_in))
    app.router.add_route("GET", "/openapi.json", _document(with_control=with_control))
    for operation in API:
        app.router.add_route(operation.method, operation.path, _api(stand_in, operation))
    for operation in control.OPERATIONS if with_control else ():
        app.router.add_route(operation.method, operation.path, _control(stand_in, operation))
    return app


def _api(stand_in: StandIn, operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        with stand_in.counts.one():
            asked = await _asked(request, operation)
            refusal = await stand_in.moods.before()
            try:
                answer, text = run_operation.settle(stand_in, operation, asked, refusal)
                await stand_in.store.committed()
            except StoreError as error:
                return _unstored(error)
            stand_in.counts.answered(answer)
            return await wire.send(request, answer, text, stand_in.moods.mood.goteo_ms)

    return handle


def _control(stand_in: StandIn, operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        asked = await _asked(request, operation)
        try:
            answer = run_operation.work(stand_in, stand_in.clock.now(), operation, asked)
            await stand_in.store.committed()
        except StoreError as error:
            return _unstored(error)
        return _send(answer)

    return handle


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


def _send(answer: Answer) -> web.Response:
    return wire.whole(answer, json.dumps(answer.body, ensure_ascii=False))


def _unstored(error: StoreError) -> web.Response:
    log.error("The database refused a write (%s); the answer was withheld", error)
    return _send(refuse(Codigo.SERVICIO_NO_DISPONIBLE))


def _health(stand_in: StandIn) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        well = Answer(200, {"estado": "en línea", "fecha": stand_in.clock.now().date().isoformat()}, "EN_LINEA")
        answer = await stand_in.moods.before() or well
        return await wire.send(request, answer, json.dumps(answer.body, ensure_ascii=False), stand_in.moods.mood.goteo_ms)

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
