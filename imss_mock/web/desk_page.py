"""The subdelegación's desk as a page: the papers are put on it, and it says when, or gives the number."""

from aiohttp import web

from imss_mock import desk, procedures, work
from imss_mock.web.finish import give_nss
from imss_mock.web.site import COOKIE, Visit


def look(visit: Visit) -> web.Response:
    """The empty desk."""
    return _desk(visit, {}, [])


def put(visit: Visit) -> web.Response:
    """The papers of one person, on the desk."""
    papers = visit.twin.scenario.documentos_subdelegacion
    brought = [paper for place, paper in enumerate(papers) if visit.form.get(f"documento_{place}")]
    curp = visit.form.get("curp", "").upper()
    answer = work.ask(visit.twin, desk.PRESENT, {"curp": curp, "documentos": brought})
    if answer.status != 200:
        return _desk(visit, {"curp": curp, "respuesta": answer.body}, brought, 200 if answer.status == 202 else answer.status)
    now = visit.twin.clock.now()
    procedure = procedures.by_link(visit.twin, now, procedures.begin(visit.twin, now, "ventanilla", curp, None, ""))
    assert procedure is not None  # noqa: S101 begun this moment
    give_nss(visit, procedure, answer)
    response = visit.go("/sesion")
    response.set_cookie(COOKIE, procedures.open_session(visit.twin, now, procedure), httponly=True, samesite="Lax")
    return response


def _desk(visit: Visit, dado: dict[str, object], brought: list[str], status: int = 200) -> web.Response:
    scenario = visit.twin.scenario
    what = {"documentos": scenario.documentos_subdelegacion, "obligatorios": scenario.documentos_obligatorios, "traidos": brought}
    given = {"curp": "", "respuesta": None} | dado
    return visit.show("ventanilla.html", status, titulo="Ventanilla de la subdelegación", **what, **given)


ROUTES = (("GET", "/ventanilla", look), ("POST", "/ventanilla", put))
