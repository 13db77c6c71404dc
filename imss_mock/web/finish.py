"""What comes after the confirmation of each trámite, and how each ends: an answer of the register, documents, a letter."""

from collections.abc import Mapping, Sequence
from typing import Any

from imss_mock import mail, papers, procedures, register, umf, vigencia, work
from imss_mock.answers import Answer, Codigo, refuse
from imss_mock.papers import Paper
from imss_mock.postal import ADDRESS
from imss_mock.procedures import AT_ADDRESS, DONE, Procedure
from imss_mock.web.site import Visit

CLINIC_KINDS = {"alta-clinica": umf.ALTA, "cambio-clinica": umf.CAMBIO}


def after_confirmation(visit: Visit, procedure: Procedure) -> None:
    """On to the address, or to the end when no address is needed."""
    if not register.keep_email(visit.twin, procedure.curp, procedure.correo):
        _end(visit, procedure, refuse(Codigo.CORREO_DE_OTRA_CURP).body, ())
    elif procedure.tipo == "vigencia":
        finish_vigencia(visit, procedure)
    elif procedure.tipo in CLINIC_KINDS or _will_be_new(visit, procedure.curp):
        procedures.advance(visit.twin, procedure, AT_ADDRESS)
    else:
        finish_nss(visit, procedure)


def _will_be_new(visit: Visit, curp: str) -> bool:
    today = visit.twin.clock.now().date()
    person = register.find(visit.twin, curp) or register.stranger(visit.twin, today, curp)
    return register.outlook(visit.twin, today, person) == "nuevo"


def finish(visit: Visit, procedure: Procedure) -> None:
    """The end of a trámite whose address is known."""
    if procedure.tipo == "nss":
        finish_nss(visit, procedure)
    else:
        finish_clinic(visit, procedure)


def finish_nss(visit: Visit, procedure: Procedure) -> None:
    """Found or assigned, with sheet and card; or sent away."""
    answer = work.ask(visit.twin, register.ASK_NSS, {"curp": procedure.curp, "correo": procedure.correo})
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
    answer = work.ask(visit.twin, vigencia.ASK_VIGENCIA, {"curp": procedure.curp, "nss": procedure.nss})
    made = (_issue(visit, papers.VIGENCIA, procedure, str(answer.body["folio"])),) if answer.status == 200 else ()
    _end(visit, procedure, answer.body, made)


def finish_clinic(visit: Visit, procedure: Procedure) -> None:
    """Registered at the clinic chosen, with acuse and carnet."""
    tramite = CLINIC_KINDS[procedure.tipo]
    address = {field.name: procedure.datos["domicilio"].get(field.name) for field in ADDRESS}
    asked = {"tramite": tramite, "curp": procedure.curp, "nss": procedure.nss, **address, "umf": procedure.datos["umf"]}
    answer = work.ask(visit.twin, umf.ENROL, asked)
    if answer.status != 200:
        return _end(visit, procedure, answer.body, ())
    acuse = _issue(visit, papers.CLINIC, procedure, str(answer.body["folio"]), tramite=tramite, correo=procedure.correo)
    return _end(visit, procedure, answer.body, (acuse, _issue(visit, papers.CARNET, procedure)))


def _issue(visit: Visit, tipo: str, procedure: Procedure, folio: str | None = None, **more: str) -> Paper:
    return papers.issue(visit.twin, visit.twin.clock.now(), tipo, procedure.curp, folio, **more)


def _end(visit: Visit, procedure: Procedure, body: Mapping[str, Any], made: Sequence[Paper]) -> None:
    folios = [paper.folio for paper in made]
    procedures.advance(visit.twin, procedure, DONE, respuesta=dict(body), documentos=folios)
    if made and procedure.correo:
        send(visit, procedure, made)


def send(visit: Visit, procedure: Procedure, made: Sequence[Paper]) -> None:
    """A letter with these documents."""
    titles = ", ".join(paper.title for paper in made)
    text = f"Anexo encontrarás: {titles}.\n\nEs un documento de práctica, sin validez oficial.\n"
    folios = [paper.folio for paper in made]
    mail.write(visit.twin, visit.twin.clock.now(), procedure.correo, f"IMSS de práctica: {made[0].title}", text, folios)
