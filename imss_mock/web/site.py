"""What every page stands on: templates, headers, moods, the session's cookie."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from imss_mock.procedures import sessions
from imss_mock.procedures.captcha import Captchas
from imss_mock.procedures.mail import Postman
from imss_mock.procedures.papers import spoken
from imss_mock.procedures.sessions import Procedure
from imss_mock.protocol.answers import Codigo
from imss_mock.server import wire
from imss_mock.state.stand_in import StandIn
from imss_mock.state.store import StoreError

FORM_BYTES = 1024**2
FOLDER = Path(__file__).parent
COOKIE = "imss_practica"
POLICY = ("default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'")
HEADERS = {
    "Content-Security-Policy": "; ".join(POLICY),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class Visit:
    """One request to one page; `form` is what was posted, blanks trimmed; `files`, by field: the name and the bytes."""

    site: "Site"
    request: web.Request
    form: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes]]

    @property
    def now(self) -> datetime:
        """This moment of the simulated clock."""
        return self.stand_in.clock.now()

    @property
    def stand_in(self) -> StandIn:
        """The stand-in behind the page."""
        return self.site.stand_in

    def session(self) -> Procedure | None:
        """The trámite this browser is in; None for a form of another one, left open in another window."""
        found = sessions.by_session(self.stand_in, self.stand_in.clock.now(), self.request.cookies.get(COOKIE, ""))
        return found if found and self.form.get("tramite") in (None, str(found.id)) else None

    def show(self, template: str, status: int = 200, **what: Any) -> web.Response:
        """A page."""
        return self.site.render(template, status, **what)

    def fault(self, codigo: Codigo, status: int | None = None) -> web.Response:
        """A page that only says what is wrong."""
        return self.show("falla.html", status or codigo.status, mensaje=codigo.mensaje)

    def go(self, path: str) -> web.Response:
        """On to another page, by GET."""
        return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})

    def address(self, path: str) -> str:
        """The whole address of a page, as this visitor reached us."""
        return f"{self.request.scheme}://{self.request.host}{path}"


Page = Callable[[Visit], web.Response]


class Site:
    """The pages' shared parts."""

    def __init__(self, stand_in: StandIn, postman: Postman | None, *, with_outbox: bool) -> None:
        self.stand_in, self.postman = stand_in, postman
        self.captchas = Captchas()
        self._templates = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
        self._templates.globals.update(
            con_buzon=with_outbox, sale_correo=postman is not None, hoy=lambda: spoken(stand_in.clock.now().date())
        )
        self._templates.filters["dia"] = spoken

    def render(self, template: str, status: int = 200, **what: Any) -> web.Response:
        """A template as a page."""
        text = self._templates.get_template(template).render(what)
        return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)

    def page(self, handler: Page, max_bytes: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler within its moods and its transaction: what it wrote is on disk before its answer leaves.

        A form may have at most so many bytes.
        """

        async def handle(request: web.Request) -> web.StreamResponse:
            refusal = await self.stand_in.moods.before()
            if refusal is not None:
                return self._moody(refusal.status, refusal.headers)
            try:
                form = await request.clone(client_max_size=max_bytes).post()
            except (ValueError, web.HTTPException):
                return self.render("falla.html", 400, mensaje="El formulario llegó incompleto o es demasiado grande. Llénalo otra vez.")
            texts = {name: value.strip() for name, value in form.items() if isinstance(value, str) and value.isprintable()}
            files = {name: (value.filename, value.file.read()) for name, value in form.items() if isinstance(value, web.FileField)}
            visit = Visit(self, request, texts, files)
            try:
                with self.stand_in.store.change():
                    response = handler(visit)
                await self.stand_in.store.committed()
            except StoreError:
                return visit.fault(Codigo.SERVICIO_NO_DISPONIBLE)
            if self.postman is not None:
                self.postman.wake()
            return response

        return handle

    def lost(self) -> Middleware:
        """Who comes with a browser to an address that does not exist is told so on a page; a program, in JSON."""

        @web.middleware
        async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPNotFound:
                if wire.HTML not in request.headers.get("Accept", ""):
                    raise
                return self.render("falla.html", 404, mensaje=Codigo.RUTA_DESCONOCIDA.mensaje)

        return tell

    def _moody(self, status: int, headers: Mapping[str, str]) -> web.Response:
        if status == web.HTTPOk.status_code:
            return web.Response(text=wire.MAINTENANCE, content_type=wire.HTML)
        response = self.render("falla.html", status, mensaje="El servicio no está disponible por el momento. Inténtalo más tarde.")
        response.headers.update(headers)
        return response


async def asset(request: web.Request) -> web.StreamResponse:
    """The style sheet and the icon."""
    return web.FileResponse(FOLDER / request.path.lstrip("/"), headers={"Cache-Control": "max-age=300"})
