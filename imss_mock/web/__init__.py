"""The trámites as pages a person clicks through, in Spanish, in the flow of the real ones and clearly marked as practice."""

from aiohttp import web

from imss_mock.mail import Postman
from imss_mock.twin import Twin
from imss_mock.web import desk_page, outbox, start, walk
from imss_mock.web.site import Site, asset


def add(app: web.Application, twin: Twin, postman: Postman | None, *, with_outbox: bool) -> None:
    """Put the pages into the application; the outbox, which shows everybody's mail, only when asked for."""
    site = Site(twin, postman, with_outbox=with_outbox)
    rooms = (start, walk, desk_page, *((outbox,) if with_outbox else ()))
    for method, path, handler in (route for room in rooms for route in room.ROUTES):
        app.router.add_route(method, path, site.page(handler))
    app.middlewares.append(site.lost())
    for path in ("/estilo.css", "/icono.svg"):
        app.router.add_route("GET", path, asset)
