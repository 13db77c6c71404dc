"""The subdelegación's desk as a page: the papers are put on it, and it says when, or gives the number."""

from aiohttp import web

from imss_mock.procedures import sessions, subdelegacion
from imss_mock.server import run_operation
from imss_mock.web.finish import give_nss
from imss_mock.web.site import COOKIE, Visit


def look(visit: Visit) -> web.Response:
    """The empty desk."""
    return _desk(visit, {}, [])


def put(visit: Visit) -> web.Response:
    """The papers of one person, on the desk."""
    papers = visit.stand_in.scenario.documentos_subdelegacion
    brought = [paper for place, paper in enumerate(papers) if visit.form.get(f"documento_{place}")]
    curp = visit.form.get("curp", "").upper()
    answer = run_operation.ask(visit.stand_in, subdelegacion.PRESENT, {"curp": curp, "documentos": brought})
    if answer.status != 200:
        return _desk(visit, {"curp": curp, "respuesta": answer.body}, brought, 200 if answer.status == 202 else answer.status)
    now = visit.stand_in.clock.now()
    procedure = sessions.by_link(visit.stand_in, now, sessions.begin(visit.stand_in, now, "ventanilla", curp, None, ""))
    assert procedure is not None  # noqa: S101 begun this moment
    give_nss(visit, procedure, answer)
    response = visit.go("/sesion")
    response.set_cookie(COOKIE, sessions.open_session(visit.stand_in, now, procedure), httponly=True, samesite="Lax")
    return response


def _desk(visit: Visit, dado: dict[str, object], brought: list[str], status: int = 200) -> web.Response:
    scenario = visit.stand_in.scenario
    what = {"documentos": scenario.documentos_subdelegacion, "obligatorios": scenario.documentos_obligatorios, "traidos": brought}
    given = {"curp": "", "respuesta": None} | dado
    return visit.show("ventanilla.html", status, titulo="Ventanilla de la subdelegación", **what, **given)


ROUTES = (("GET", "/ventanilla", look), ("POST", "/ventanilla", put))
