"""Alta en clínica y cambio de clínica (trámite IMSS-02-066): the insured person chooses a UMF by their address."""

import json
from datetime import datetime

from imss_mock.people import fields, register
from imss_mock.procedures import clinics, vigencia
from imss_mock.procedures.clinics import Clinic, Registered
from imss_mock.procedures.postal import ADDRESS, Area, checked_area
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Text, Values
from imss_mock.state.stand_in import Operation, StandIn

ALTA, CAMBIO = "alta", "cambio"
TURNOS = ("MATUTINO", "VESPERTINO")


def enrol(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """The clinic, turno and consultorio from now on; who is not covered today is not let in."""
    refused = refusal(stand_in, now, asked)
    if refused is not None:
        return refused
    area = checked_area(asked["codigo_postal"], asked["colonia"])
    clinic = _chosen(stand_in, area, asked["umf"])
    address = json.dumps({field.name: asked[field.name] for field in ADDRESS} | {"municipio": area.municipio, "estado": area.estado})
    draw = stand_in.chance.number("clinica", asked["curp"], clinic.umf)
    consultorio = str(1 + draw // 2 % clinics.CONSULTORIOS)
    row = Registered(
        str(asked["curp"]), clinic.delegacion, clinic.subdelegacion, clinic.umf, clinic.direccion, TURNOS[draw % 2], consultorio, address,
        now.date().isoformat(),
    )  # fmt: skip
    clinics.register(stand_in, row)
    return said(str(asked["tramite"]).upper(), _told(stand_in, now, asked, clinic))


def refusal(stand_in: StandIn, now: datetime, asked: Values) -> Answer | None:
    """Why this person cannot do this trámite today, or None; raises RefusedError for a wrong CURP or NSS."""
    curp = register.checked_curp(asked["curp"], now.date())
    person = register.holder(stand_in, now.date(), curp.text, register.checked_nss(asked["nss"]))
    if person is None:
        return refuse(Codigo.SIN_REGISTRO)
    cover = vigencia.cover_on(stand_in, now.date(), person)
    if cover is None or not cover.active:
        return refuse(Codigo.SIN_VIGENCIA)
    has_clinic = clinics.registered(stand_in, curp.text) is not None
    if has_clinic and asked["tramite"] == ALTA:
        return refuse(Codigo.CLINICA_YA_REGISTRADA)
    return refuse(Codigo.SIN_CLINICA) if not has_clinic and asked["tramite"] == CAMBIO else None


def _chosen(stand_in: StandIn, area: Area, umf: object) -> Clinic:
    near = clinics.near(stand_in, area)
    chosen = next((clinic for clinic in near if clinic.umf == umf), near[0] if umf is None else None)
    if chosen is None:
        raise RefusedError(Codigo.UMF_FUERA_DE_ZONA, campo="umf")
    return chosen


def _told(stand_in: StandIn, now: datetime, asked: Values, clinic: Clinic) -> dict[str, object]:
    facts = vigencia.ask_vigencia(stand_in, now, asked).body
    kept = ("folio", "curp", "nss", "nombre", "turno", "consultorio", "agregado_medico")
    return {"tramite": asked["tramite"], "fecha": now.date().isoformat(), **{name: facts[name] for name in kept}, **clinic.told()}


_UMF = Text("umf", "Una de las clínicas del código postal; nula: la más cercana", None, "^[0-9]{3}$", max_length=3, required=False)
_KIND = Text("tramite", "alta la primera vez, cambio después", ALTA, choices=(ALTA, CAMBIO))
ENROL = Operation("registrarClinica", "POST", "/api/v1/clinica", enrol, (_KIND, fields.CURP, fields.NSS, *ADDRESS, _UMF))
