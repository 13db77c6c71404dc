"""The stand-in's own outbox, so that a demonstration needs no mailbox. It shows everybody's letters: only with /control."""

import re

from aiohttp import web

from imss_mock.procedures import mail, papers
from imss_mock.protocol.answers import Codigo
from imss_mock.web.site import Visit

LINK = re.compile(r"https?://\S+")


def outbox(visit: Visit) -> web.Response:
    """The last letters."""
    return visit.show("correos.html", titulo="Correos enviados", cartas=mail.letters(visit.stand_in))


def letter(visit: Visit) -> web.Response:
    """One letter, its link ready to be clicked."""
    number = visit.request.match_info["numero"]
    found = mail.letters(visit.stand_in, "WHERE id = ?", number)
    if not found:
        return visit.fault(Codigo.RUTA_DESCONOCIDA)
    link = LINK.search(found[0].texto)
    attached = [paper for folio in found[0].documentos if (paper := papers.find(visit.stand_in, folio))]
    liga = link.group() if link else None
    return visit.show("correo.html", titulo=found[0].asunto, carta=found[0], liga=liga, anexos=attached)


def attachment(visit: Visit) -> web.Response:
    """A document of a letter."""
    letters = mail.letters(visit.stand_in, "WHERE id = ?", visit.request.match_info["numero"])
    folio = visit.request.match_info["folio"]
    paper = papers.find(visit.stand_in, folio) if letters and folio in letters[0].documentos else None
    if paper is None:
        return visit.fault(Codigo.RUTA_DESCONOCIDA)
    return web.Response(body=paper.pdf(), content_type="application/pdf", headers={"Cache-Control": "no-store"})


ROUTES = (
    ("GET", "/correos", outbox),
    ("GET", "/correos/{numero:[0-9]{1,18}}", letter),
    ("GET", "/correos/{numero:[0-9]{1,18}}/{folio}.pdf", attachment),
)
