"""The steps of a trámite once its link was confirmed: address, clinic, end; and its documents."""

from aiohttp import web

from imss_mock.people import register
from imss_mock.procedures import clinics, papers, sessions
from imss_mock.procedures.postal import ADDRESS, Area, area, checked_area
from imss_mock.procedures.sessions import AT_ADDRESS, DONE, REVIEW, Procedure
from imss_mock.protocol.answers import Codigo, RefusedError
from imss_mock.protocol.shapes import read_fields
from imss_mock.web.finish import CLINIC_KINDS, finish, send
from imss_mock.web.site import COOKIE, Visit
from imss_mock.web.start import KINDS

ENDED = "La sesión venció, ya terminó o sigue con otro trámite en otra ventana. Abre de nuevo la liga de tu correo, o inicia otra vez."
TEMPLATES = {AT_ADDRESS: "domicilio.html", REVIEW: "revisar.html", DONE: "fin.html"}


def step(visit: Visit, fault: str = "") -> web.Response:
    """The step this trámite is at."""
    procedure = visit.session()
    return _step(visit, procedure, fault) if procedure else _ended(visit)


def _step(visit: Visit, procedure: Procedure, fault: str = "") -> web.Response:
    person = register.find(visit.stand_in, procedure.curp)
    names = (person.full_name if person else None) or papers.NO_NAME
    found = [papers.find(visit.stand_in, folio) for folio in procedure.datos.get("documentos", ())]
    steps, place = _place(procedure)
    what = {"tramite": procedure, "nombre": names, "titulo": _title(procedure), "pasos": steps, "paso": place}
    where = {"zona": _area(procedure), "clinicas": _near(visit, procedure), "elige_clinica": procedure.tipo in CLINIC_KINDS}
    said = {"falla": fault, "dado": visit.form, "documentos": found}
    return visit.show(TEMPLATES[procedure.paso], 422 if fault else 200, **what, **where, **said)


def _title(procedure: Procedure) -> str:
    return KINDS[procedure.tipo].titulo if procedure.tipo in KINDS else "Ventanilla de la subdelegación"


def _place(procedure: Procedure) -> tuple[tuple[str, ...], int]:
    """Names of the steps, and which one this is. A person who is found never sees the step of the address."""
    steps = KINDS[procedure.tipo].pasos if procedure.tipo in KINDS else ()
    if procedure.paso == DONE and "domicilio" not in procedure.datos and steps:
        steps = (steps[0], steps[-1])
    if procedure.paso == DONE:
        return steps, len(steps)
    return steps, 3 if procedure.paso == REVIEW and procedure.tipo in CLINIC_KINDS else 2


def _area(procedure: Procedure) -> Area | None:
    code = procedure.datos.get("codigo_postal")
    return area(code) if code else None


def _near(visit: Visit, procedure: Procedure) -> tuple[clinics.Clinic, ...]:
    found = _area(procedure)
    return clinics.near(visit.stand_in, found) if found else ()


def find_area(visit: Visit) -> web.Response:
    """The postal code, looked up."""
    procedure = visit.session()
    if procedure is None or procedure.paso != AT_ADDRESS:
        return step(visit)
    code = visit.form.get("codigo_postal", "")
    if not code.isdecimal() or len(code) != 5 or area(code) is None:
        return _step(visit, procedure, Codigo.CODIGO_POSTAL_DESCONOCIDO.mensaje)
    sessions.advance(visit.stand_in, procedure, AT_ADDRESS, codigo_postal=code)
    return visit.go("/sesion")


def keep_address(visit: Visit) -> web.Response:
    """The whole address, read."""
    procedure = visit.session()
    if procedure is None or procedure.paso != AT_ADDRESS or "codigo_postal" not in procedure.datos:
        return step(visit)
    given = {field.name: visit.form.get(field.name) or None for field in ADDRESS} | {"codigo_postal": procedure.datos["codigo_postal"]}
    try:
        address = read_fields(ADDRESS, given)
        checked_area(address["codigo_postal"], address["colonia"])
    except RefusedError:
        return _step(visit, procedure, "Completa colonia, calle y número exterior.")
    sessions.advance(visit.stand_in, procedure, REVIEW, domicilio=address)
    return visit.go("/sesion")


def back(visit: Visit) -> web.Response:
    """Back to the address."""
    procedure = visit.session()
    if procedure is not None and procedure.paso == REVIEW:
        sessions.advance(visit.stand_in, procedure, AT_ADDRESS)
    return visit.go("/sesion")


def conclude(visit: Visit) -> web.Response:
    """The end; a second click finds it ended already."""
    procedure = visit.session()
    if procedure is not None and procedure.paso == REVIEW:
        umf = visit.form.get("umf") or None
        if umf not in (None, *(clinic.umf for clinic in _near(visit, procedure))):
            return _step(visit, procedure, Codigo.UMF_FUERA_DE_ZONA.mensaje)
        procedure.datos["umf"] = umf
        finish(visit, procedure)
    return visit.go("/sesion")


def leave(visit: Visit) -> web.Response:
    """Out, and home."""
    procedure = visit.session()
    if procedure is not None:
        sessions.close_session(visit.stand_in, procedure)
    response = visit.go("/")
    response.del_cookie(COOKIE)
    return response


def document(visit: Visit) -> web.Response:
    """One of this trámite's documents, to look at and print or (`?descargar`) to keep."""
    paper = _own_paper(visit)
    if paper is None:
        return _ended(visit)
    way = "attachment" if "descargar" in visit.request.query else "inline"
    disposition = {"Content-Disposition": f'{way}; filename="{paper.tipo}-{paper.folio}.pdf"', "Cache-Control": "no-store"}
    return web.Response(body=paper.pdf(), content_type="application/pdf", headers=disposition)


def resend(visit: Visit) -> web.Response:
    """One of this trámite's documents, by mail once more."""
    procedure, paper = visit.session(), _own_paper(visit)
    if procedure is None or paper is None or not procedure.correo:
        return _ended(visit)
    send(visit, procedure, [paper])
    return visit.show("reenviado.html", titulo=_title(procedure), documento=paper, correo=procedure.correo)


def _own_paper(visit: Visit) -> papers.Paper | None:
    procedure, folio = visit.session(), visit.request.match_info["folio"]
    return papers.find(visit.stand_in, folio) if procedure and folio in procedure.datos.get("documentos", ()) else None


def _ended(visit: Visit) -> web.Response:
    return visit.show("falla.html", 403, mensaje=ENDED)


ROUTES = (
    ("GET", "/sesion", step),
    ("POST", "/sesion/codigo-postal", find_area),
    ("POST", "/sesion/domicilio", keep_address),
    ("POST", "/sesion/regresar", back),
    ("POST", "/sesion/concluir", conclude),
    ("POST", "/sesion/salir", leave),
    ("GET", "/documentos/{folio}.pdf", document),
    ("POST", "/documentos/{folio}/correo", resend),
)
