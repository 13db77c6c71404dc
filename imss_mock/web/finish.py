"""What comes after the confirmation of each trámite, and how each ends: an answer of the register, documents, a letter."""

from collections.abc import Mapping, Sequence
from typing import Any

from imss_mock.people import register
from imss_mock.procedures import mail, papers, sessions, umf, vigencia
from imss_mock.procedures.papers import Paper
from imss_mock.procedures.postal import ADDRESS
from imss_mock.procedures.sessions import AT_ADDRESS, DONE, Procedure
from imss_mock.protocol.answers import Answer, Codigo, refuse
from imss_mock.server import run_operation
from imss_mock.web.site import Visit

CLINIC_KINDS = {"alta-clinica": umf.ALTA, "cambio-clinica": umf.CAMBIO}


def after_confirmation(visit: Visit, procedure: Procedure) -> None:
    """On to the address, or to the end when no address is needed."""
    if not register.keep_email(visit.stand_in, procedure.curp, procedure.correo):
        _end(visit, procedure, refuse(Codigo.CORREO_DE_OTRA_CURP).body, ())
    elif procedure.tipo == "vigencia":
        finish_vigencia(visit, procedure)
    elif procedure.tipo in CLINIC_KINDS or _will_be_new(visit, procedure.curp):
        sessions.advance(visit.stand_in, procedure, AT_ADDRESS)
    else:
        finish_nss(visit, procedure)


def _will_be_new(visit: Visit, curp: str) -> bool:
    today = visit.stand_in.clock.now().date()
    person = register.find(visit.stand_in, curp) or register.stranger(visit.stand_in, today, curp)
    return register.outlook(visit.stand_in, today, person) == "nuevo"


def finish(visit: Visit, procedure: Procedure) -> None:
    """The end of a trámite whose address is known."""
    if procedure.tipo == "nss":
        finish_nss(visit, procedure)
    else:
        finish_clinic(visit, procedure)


def finish_nss(visit: Visit, procedure: Procedure) -> None:
    """Found or assigned, with sheet and card; or sent away."""
    answer = run_operation.ask(visit.stand_in, register.ASK_NSS, {"curp": procedure.curp, "correo": procedure.correo})
    give_nss(visit, procedure, answer)


def give_nss(visit: Visit, procedure: Procedure, answer: Answer) -> None:
    """Sheet and card of an answer that has a number; of another, what it says."""
    if answer.status != 200:
        return _end(visit, procedure, answer.body, ())
    facts = {"resultado": str(answer.body["resultado"])}
    sheet = _issue(visit, papers.NSS_SHEET, procedure, str(answer.body["folio"]), **facts)
    return _end(visit, procedure, answer.body, (sheet, _issue(visit, papers.CARD, procedure)))


def finish_vigencia(visit: Visit, procedure: Procedure) -> None:
    """The constancia."""
    answer = run_operation.ask(visit.stand_in, vigencia.ASK_VIGENCIA, {"curp": procedure.curp, "nss": procedure.nss})
    made = (_issue(visit, papers.VIGENCIA, procedure, str(answer.body["folio"])),) if answer.status == 200 else ()
    _end(visit, procedure, answer.body, made)


def finish_clinic(visit: Visit, procedure: Procedure) -> None:
    """Registered at the clinic chosen, with acuse and carnet."""
    tramite = CLINIC_KINDS[procedure.tipo]
    address = {field.name: procedure.datos["domicilio"].get(field.name) for field in ADDRESS}
    asked = {"tramite": tramite, "curp": procedure.curp, "nss": procedure.nss, **address, "umf": procedure.datos["umf"]}
    answer = run_operation.ask(visit.stand_in, umf.ENROL, asked)
    if answer.status != 200:
        return _end(visit, procedure, answer.body, ())
    acuse = _issue(visit, papers.CLINIC, procedure, str(answer.body["folio"]), tramite=tramite, correo=procedure.correo)
    return _end(visit, procedure, answer.body, (acuse, _issue(visit, papers.CARNET, procedure)))


def _issue(visit: Visit, tipo: str, procedure: Procedure, folio: str | None = None, **more: str) -> Paper:
    return papers.issue(visit.stand_in, visit.stand_in.clock.now(), tipo, procedure.curp, folio, **more)


def _end(visit: Visit, procedure: Procedure, body: Mapping[str, Any], made: Sequence[Paper]) -> None:
    folios = [paper.folio for paper in made]
    sessions.advance(visit.stand_in, procedure, DONE, respuesta=dict(body), documentos=folios)
    if made and procedure.correo:
        send(visit, procedure, made)


def send(visit: Visit, procedure: Procedure, made: Sequence[Paper]) -> None:
    """A letter with these documents."""
    titles = ", ".join(paper.title for paper in made)
    text = f"Anexo encontrarás: {titles}.\n\nEs un documento de práctica, sin validez oficial.\n"
    folios = [paper.folio for paper in made]
    mail.write(visit.stand_in, visit.stand_in.clock.now(), procedure.correo, f"IMSS de práctica: {made[0].title}", text, folios)
