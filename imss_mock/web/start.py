"""How a trámite begins: the front page, the form with its captcha, the letter with the link, the link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from imss_mock.people import register
from imss_mock.procedures import mail, sessions, umf
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse
from imss_mock.state.stand_in import StandIn
from imss_mock.web.finish import after_confirmation
from imss_mock.web.site import COOKIE, Visit

Asked = dict[str, str]


@dataclass(frozen=True)
class ProcedureKind:
    """A trámite that begins with a form: what it is called, whether it asks for the NSS, and why it may refuse at once."""

    titulo: str
    resumen: str
    pasos: tuple[str, ...]
    con_nss: bool
    check: Callable[[StandIn, datetime, Asked], Answer | None]


def _anybody(_twin: StandIn, _now: datetime, _asked: Asked) -> Answer | None:
    return None


def _own_nss(stand_in: StandIn, now: datetime, asked: Asked) -> Answer | None:
    return None if register.holder(stand_in, now.date(), asked["curp"], asked["nss"]) else refuse(Codigo.SIN_REGISTRO)


def _may_choose(tramite: str) -> Callable[[StandIn, datetime, Asked], Answer | None]:
    return lambda stand_in, now, asked: umf.refusal(stand_in, now, {**asked, "tramite": tramite})


_CLINIC_STEPS = ("Iniciar", "Capturar dirección", "Seleccionar clínica", "Trámite finalizado")
KINDS = {
    "nss": ProcedureKind(
        "Asignación o localización de NSS",
        "Obtén o localiza tu Número de Seguridad Social.",
        ("Iniciar trámite", "Ingresar domicilio", "Finalizar trámite"),
        con_nss=False,
        check=_anybody,
    ),
    "vigencia": ProcedureKind(
        "Solicitud de constancia de vigencia de derechos",
        "Verifica que tu escuela te haya inscrito al IMSS.",
        ("Iniciar trámite", "Finalizar trámite"),
        con_nss=True,
        check=_own_nss,
    ),
    "alta-clinica": ProcedureKind(
        "Alta en clínica o UMF con CURP",
        "Regístrate en la clínica que te corresponde.",
        _CLINIC_STEPS,
        con_nss=True,
        check=_may_choose(umf.ALTA),
    ),
    "cambio-clinica": ProcedureKind(
        "Cambio de clínica o UMF con CURP",
        "Si te mudaste, elige otra clínica cerca de tu nuevo domicilio.",
        _CLINIC_STEPS,
        con_nss=True,
        check=_may_choose(umf.CAMBIO),
    ),
}


def front(visit: Visit) -> web.Response:
    """The trámites, and invented people to try them with."""
    people = [(example, register.find(visit.stand_in, example["curp"])) for example in visit.stand_in.scenario.ejemplos]
    return visit.show("portada.html", tramites=KINDS, personas=people)


def form(visit: Visit) -> web.Response:
    """An empty form."""
    kind = _kind(visit)
    return _form(visit, {}, {}) if kind else visit.fault(Codigo.RUTA_DESCONOCIDA)


def begin(visit: Visit) -> web.Response:
    """The form, read: the letter with the link is written, or the form comes back with what is wrong."""
    kind = _kind(visit)
    if kind is None:
        return visit.fault(Codigo.RUTA_DESCONOCIDA)
    asked = {name: visit.form.get(name, "") for name in ("curp", "nss", "correo", "correo_otra_vez")}
    asked["curp"] = asked["curp"].upper()
    faults = _faults(visit, kind, asked)
    if faults:
        return _form(visit, asked, faults)
    secret = sessions.begin(
        visit.stand_in, _now(visit), visit.request.match_info["tramite"], asked["curp"], asked["nss"] or None, asked["correo"]
    )
    text = LETTER.format(titulo=kind.titulo, liga=visit.address(f"/confirmar/{secret}"))
    mail.write(visit.stand_in, _now(visit), asked["correo"], f"Confirma tu trámite: {kind.titulo}", text)
    return visit.show("enviado.html", titulo=kind.titulo, pasos=kind.pasos, paso=1, correo=asked["correo"])


LETTER = """Para continuar con tu trámite «{titulo}», abre esta liga:

{liga}

La liga vence en 24 horas. Si no pediste este trámite, ignora este mensaje.

Este correo es de un simulador del IMSS: nadie en él es real y nada de él tiene validez oficial.
"""


def _faults(visit: Visit, kind: ProcedureKind, asked: Asked) -> dict[str, str]:
    """Field by field, what to put right. The captcha is looked at always: it can be answered only once."""
    faults = {} if _is_human(visit) else {"captcha": "Los caracteres no coinciden con los de la imagen. Escribe los de la imagen nueva."}
    for read in (_curp, _nss, _email) if kind.con_nss else (_curp, _email):
        try:
            read(visit, asked)
        except RefusedError as error:
            faults[str(error.answer.body["campo"])] = str(error.answer.body["mensaje"])
    if asked["correo"].casefold() != asked["correo_otra_vez"].casefold():
        faults["correo_otra_vez"] = "Los dos correos deben ser iguales."
    return faults or _refusal(visit, kind, asked)


def _curp(visit: Visit, asked: Asked) -> None:
    register.checked_curp(asked["curp"], _now(visit).date())


def _nss(_visit: Visit, asked: Asked) -> None:
    register.checked_nss(asked["nss"])


def _email(_visit: Visit, asked: Asked) -> None:
    if not register.CORREO.read(asked["correo"]):
        raise RefusedError(Codigo.CORREO_INVALIDO, campo="correo")


def _refusal(visit: Visit, kind: ProcedureKind, asked: Asked) -> dict[str, str]:
    """What the register says against it, once the form itself is right."""
    answer = kind.check(visit.stand_in, _now(visit), asked)
    if answer is None and register.is_of_another(visit.stand_in, asked["curp"], asked["correo"]):
        answer = refuse(Codigo.CORREO_DE_OTRA_CURP, campo="correo")
    return {str(answer.body.get("campo", "tramite")): str(answer.body["mensaje"])} if answer else {}


def _is_human(visit: Visit) -> bool:
    form = visit.form
    return not visit.stand_in.scenario.captcha or visit.site.captchas.solve(form.get("captcha_id", ""), form.get("captcha", ""))


def _form(visit: Visit, asked: Asked, faults: dict[str, str]) -> web.Response:
    kind = _kind(visit)
    captcha = visit.site.captchas.new() if visit.stand_in.scenario.captcha else None
    what = {"kind": kind, "captcha": captcha, "dado": asked, "fallas": faults}
    return visit.show(
        "inicio.html", 422 if faults else 200, titulo=kind.titulo if kind else "", pasos=kind.pasos if kind else (), paso=1, **what
    )


def picture(visit: Visit) -> web.Response:
    """The picture of a captcha that waits."""
    captcha = visit.site.captchas.look(visit.request.match_info["captcha"])
    if captcha is None:
        return visit.fault(Codigo.RUTA_DESCONOCIDA)
    return web.Response(text=captcha.picture(), content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def link(visit: Visit) -> web.Response:
    """What the link of the letter opens. Opening it changes nothing: mail scanners open links too."""
    procedure = sessions.by_link(visit.stand_in, _now(visit), visit.request.match_info["liga"])
    if procedure is None:
        return visit.show("falla.html", 410, mensaje="La liga venció o no existe. Inicia el trámite otra vez.")
    kind = KINDS[procedure.tipo]
    return visit.show("confirmar.html", titulo=kind.titulo, pasos=kind.pasos, paso=1, curp=procedure.curp)


def confirm(visit: Visit) -> web.Response:
    """The link, confirmed: a session begins."""
    now = _now(visit)
    procedure = sessions.by_link(visit.stand_in, now, visit.request.match_info["liga"])
    if procedure is None:
        return link(visit)
    secret = sessions.open_session(visit.stand_in, now, procedure)
    if procedure.paso == sessions.WAITING:
        after_confirmation(visit, procedure)
    response = visit.go("/sesion")
    response.set_cookie(COOKIE, secret, httponly=True, samesite="Lax")
    return response


def _kind(visit: Visit) -> ProcedureKind | None:
    return KINDS.get(visit.request.match_info["tramite"])


def _now(visit: Visit) -> datetime:
    return visit.stand_in.clock.now()


ROUTES = (
    ("GET", "/", front),
    ("GET", "/tramites/{tramite}", form),
    ("POST", "/tramites/{tramite}", begin),
    ("GET", "/captcha/{captcha}.svg", picture),
    ("GET", "/confirmar/{liga}", link),
    ("POST", "/confirmar/{liga}", confirm),
)
