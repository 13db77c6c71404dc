"""The trámites as pages a person clicks through, in Spanish, in the flow of the real ones and clearly marked as practice."""

from aiohttp import web

from imss_mock.procedures.idse.reception import MAX_BYTES
from imss_mock.procedures.mail import Postman
from imss_mock.state.stand_in import StandIn
from imss_mock.web import desk_page, idse_page, outbox, start, walk
from imss_mock.web.site import FORM_BYTES, Site, asset


def add(app: web.Application, stand_in: StandIn, postman: Postman | None, *, with_outbox: bool) -> None:
    """Put the pages into the application; the outbox and IDSE, which show everybody's, only when asked for."""
    site = Site(stand_in, postman, with_outbox=with_outbox)
    rooms = (start, walk, desk_page, *((outbox, idse_page) if with_outbox else ()))
    for method, path, handler in (route for room in rooms for route in room.ROUTES):
        app.router.add_route(method, path, site.page(handler, MAX_BYTES if path == idse_page.UPLOAD else FORM_BYTES))
    app.middlewares.append(site.lost())
    for path in ("/estilo.css", "/icono.svg"):
        app.router.add_route("GET", path, asset)
