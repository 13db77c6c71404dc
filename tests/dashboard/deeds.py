"""The actions of the registry as an officer does them through their pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.operations.simulation.invented_people import People
from students.models import Student
from tests.paper_reader.pdfs import pdf

DAY = "2026-08-12"
SERVICE = "http://127.0.0.1:9"
PDF = pdf()


@dataclass(frozen=True)
class Deed:
    """An action as an officer does it: from which state, after which others, what is typed, and where the case is then."""

    state: State
    then: State
    typed: dict[str, Any] = field(default_factory=dict)
    paper: bool = False
    service: str = ""
    before: tuple[tuple[str, dict[str, Any]], ...] = ()


S = State
WHY = {"on": DAY, "reason": "Porque sí"}
SENT = {"on": DAY, "lote": "118274", "recibo": "R-9"}
FILED = ("presentado", {"on": DAY, "folio": "OF-7/2026"})
WANTED = ("falto-algo", {"on": DAY, "reason": "Falta el acta"})
CORRECTED = {
    "nombre": "Ana Ñ.",
    "primer_apellido": "Uc",
    "fecha_nacimiento": "<born>",
    "sexo": "<sex>",
    "matricula": "C-1",
    "correo": "c@b.mx",
}
GOT_CURP = ("recibir-documentos", {"on": DAY, "papers": ["curp"]})
DEEDS = {
    "registrar-nss": Deed(S.SIN_NSS, S.NSS_OBTENIDO, {"on": DAY, "nss": "<own>"}),
    "acuse": Deed(S.NSS_OBTENIDO, S.ACUSE_ENTREGADO, {"on": DAY}),
    "deshacer-acuse": Deed(S.ACUSE_ENTREGADO, S.NSS_OBTENIDO, WHY),
    "enviar-alta": Deed(S.ACUSE_ENTREGADO, S.ACUSE_ENTREGADO, service=SERVICE),
    "alta-idse": Deed(S.ACUSE_ENTREGADO, S.ALTA_ENVIADA, SENT),
    "rechazo-idse": Deed(S.ALTA_ENVIADA, S.SIN_VIGENCIA, {"on": DAY, "code": "F-1", "message": "El nombre no coincide"}),
    "enviar-baja": Deed(S.BAJA, S.BAJA, service=SERVICE),
    "baja-idse": Deed(S.BAJA, S.BAJA, SENT),
    "baja-operada": Deed(S.BAJA, S.BAJA, {"on": DAY}, before=(("baja-idse", SENT),)),
    "baja-rechazada": Deed(S.BAJA, S.BAJA, {"on": DAY, "code": "F-1", "message": "No hay alta"}, before=(("baja-idse", SENT),)),
    "sin-baja": Deed(S.BAJA, S.BAJA, WHY),
    "constancia": Deed(S.ALTA_ENVIADA, S.VIGENTE, {"on": DAY, "umf": "UMF 5", "ours": "on"}, paper=True),
    "sin-constancia": Deed(S.VIGENTE, S.SIN_VIGENCIA, {"on": DAY}, paper=True),
    "presentado": Deed(S.EN_SUBDELEGACION, S.EN_SUBDELEGACION, FILED[1]),
    "falto-algo": Deed(S.EN_SUBDELEGACION, S.EN_SUBDELEGACION, WANTED[1], before=(FILED,)),
    "deshacer-presentado": Deed(S.EN_SUBDELEGACION, S.EN_SUBDELEGACION, WHY, before=(FILED,)),
    "deshacer-falto-algo": Deed(S.EN_SUBDELEGACION, S.EN_SUBDELEGACION, WHY, before=(FILED, WANTED)),
    "regreso": Deed(S.EN_SUBDELEGACION, S.NSS_OBTENIDO, {"on": DAY, "nss": "<own>"}),
    "clinica": Deed(S.VIGENTE, S.VIGENTE, {"on": DAY, "umf": "UMF 5", "turno": "Matutino", "postal_code": "40000"}),
    "retirar-renuncia": Deed(S.RENUNCIA, S.SIN_NSS, WHY),
    "reingreso": Deed(S.BAJA, S.ALTA_ENVIADA, WHY),
    "subdelegacion": Deed(S.SIN_NSS, S.EN_SUBDELEGACION, WHY),
    "corregir-nss": Deed(S.ALTA_ENVIADA, S.NSS_OBTENIDO, {**WHY, "nss": "<own>"}, paper=True),
    "corregir-datos": Deed(S.VIGENTE, S.VIGENTE, {**WHY, **CORRECTED}),
    "unir": Deed(S.NSS_OBTENIDO, S.NSS_OBTENIDO, {**WHY, "otro": "<other record>", "datos": "este", "looked_twice": "on"}, paper=True),
    "unificar-nss": Deed(S.VIGENTE, S.VIGENTE, {**WHY, "nss": "<own>"}, paper=True),
    "nss-ajeno": Deed(S.ACUSE_ENTREGADO, S.SIN_NSS, WHY),
    "renuncia": Deed(S.SIN_NSS, S.RENUNCIA, {"on": DAY, "tutor": "Ángela Núñez"}),
    "deshacer-baja": Deed(S.BAJA, S.ALTA_ENVIADA, WHY),
    "baja": Deed(S.VIGENTE, S.BAJA, {"on": DAY, "kind": "temporal"}),
    "traslado": Deed(S.VIGENTE, S.BAJA, {"on": DAY, "to": "<other plantel>"}),
    "recibir-documentos": Deed(S.SIN_NSS, S.SIN_NSS, GOT_CURP[1]),
    "verificar-documentos": Deed(S.SIN_NSS, S.SIN_NSS, GOT_CURP[1], before=(GOT_CURP,)),
    "rechazar-documentos": Deed(S.SIN_NSS, S.SIN_NSS, {**GOT_CURP[1], "reason": "Ilegible"}, before=(GOT_CURP,)),
    "cobertura": Deed(S.SIN_NSS, S.SIN_NSS, {**WHY, "coverage": "other"}),
    "pausa": Deed(S.SIN_NSS, S.SIN_NSS, WHY),
    "reanudar": Deed(S.SIN_NSS, S.SIN_NSS, {}, before=(("pausa", WHY),)),
}


def own_nss(case: Case, people: People) -> str:
    """A free NSS whose year of birth is the student's."""
    while True:
        nss = people.one(born_from=case.student.birth_date.year, born_to=case.student.birth_date.year).nss
        if not Student.objects.filter(nss=nss).exists():
            return nss


def of_person(case: Case) -> dict[str, str]:
    """What the form that corrects a person says of what is not corrected."""
    return {"<born>": case.student.birth_date.isoformat(), "<sex>": case.student.sex}


def do(browser: Client, case: Case, slug: str, typed: dict[str, Any], **extra: Any) -> Any:
    case.refresh_from_db()
    return browser.post(f"/expedientes/{case.pk}/acciones/{slug}/", {"version": case.version, **typed, **extra})
