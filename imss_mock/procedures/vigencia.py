"""Vigencia de derechos (trámite IMSS-02-020): is this person covered today, and by which cover."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from imss_mock.people import fields, register
from imss_mock.people.identifiers import Curp
from imss_mock.people.places import DELEGACIONES
from imss_mock.people.register import Person
from imss_mock.procedures import clinics, movements
from imss_mock.protocol.answers import Answer, Codigo, refuse, said
from imss_mock.protocol.shapes import Values
from imss_mock.state.stand_in import Operation, StandIn

JOB_AGE_DAYS = (60, 900)  # how long before we first saw a worker their job began
SEX_LETTERS = {"H": "M", "M": "F", "X": "X"}
UNKNOWN_UMF = (None, "000")


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover a person has or last had; `active` is the constancia's SI."""

    registro_patronal: str
    razon_social: str
    inicio: str
    umf: str | None
    suffix: str
    active: bool


def ask_vigencia(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """The constancia's facts; SIN_REGISTRO when CURP and NSS do not belong together."""
    today = now.date()
    curp = register.checked_curp(asked["curp"], today)
    person = register.holder(stand_in, today, curp.text, register.checked_nss(asked["nss"]))
    if person is None:
        return refuse(Codigo.SIN_REGISTRO)
    cover = cover_on(stand_in, today, person)
    insured = "SI" if cover and cover.active else "NO"
    head = {"folio": stand_in.folios.issue(now), "fecha_constancia": today.isoformat(), "con_derecho": insured}
    whose = {"curp": person.curp, "nss": person.nss, "nombre": person.full_name}
    return said(insured, head | whose | _cover_facts(stand_in, today, cover) | _clinic(stand_in, curp, cover))


def cover_on(stand_in: StandIn, today: date, person: Person) -> Cover | None:
    """The cover that counts on this date: a job prevails over school; None when there never was any."""
    if stand_in.scenario.personas[person.persona].empleo:
        return _job(stand_in, person)
    return _school(stand_in, today, person)


def _job(stand_in: StandIn, person: Person) -> Cover:
    chance, jobs = stand_in.chance, stand_in.scenario.empleos
    job = jobs[chance.number("empleo", person.curp) % len(jobs)]
    began = date.fromisoformat(person.visto_el) - timedelta(days=chance.within(JOB_AGE_DAYS, "inicio", person.curp))
    return Cover(job.registro_patronal, job.razon_social, began.isoformat(), None, "OR", active=True)


def _school(stand_in: StandIn, today: date, person: Person) -> Cover | None:
    """The alta in force that IMSS took last counts, else the last one ended."""
    in_force, ended = school_altas(stand_in, today, person.curp, person.nss)
    last = next(reversed(in_force.values()), None)
    alta = last or ended
    if alta is None:
        return None
    school = stand_in.scenario.razon_social_escuela
    return Cover(alta.registro_patronal, school, alta.fecha_movimiento, alta.umf, "ES", active=last is not None)


def school_altas(
    stand_in: StandIn, today: date, curp: str, nss: str | None
) -> tuple[dict[str, movements.Movement], movements.Movement | None]:  # fmt: skip
    """Altas in force under the person's number by registro patronal, in the order IMSS took them, and the last one that a baja ended."""
    in_force: dict[str, movements.Movement] = {}
    ended = None
    for row in (row for row in movements.of_person(stand_in, curp) if row.nss == nss):
        if row.tipo_movimiento == movements.ALTA and row.vigencia_desde and row.vigencia_desde <= today.isoformat():
            in_force[row.registro_patronal] = row
        elif row.tipo_movimiento == movements.BAJA and row.estado(today) == "OPERADO":
            ended = in_force.pop(row.registro_patronal, None) or ended
    return in_force, ended


def _cover_facts(stand_in: StandIn, today: date, cover: Cover | None) -> dict[str, object]:
    if cover is None:
        return {"estado": "NO VIGENTE"} | dict.fromkeys(("registro_patronal", "razon_social", "inicio_vigencia", "vigente_hasta"))
    until = today + timedelta(days=stand_in.scenario.dias_validez_constancia)
    return {
        "estado": "VIGENTE" if cover.active else "BAJA",
        "registro_patronal": cover.registro_patronal,
        "razon_social": cover.razon_social,
        "inicio_vigencia": cover.inicio,
        "vigente_hasta": until.isoformat() if cover.active else None,
    }


def _clinic(stand_in: StandIn, curp: Curp, cover: Cover | None) -> dict[str, object]:
    if cover is None or not cover.active:
        return dict.fromkeys(("delegacion", "umf", "turno", "consultorio", "agregado_medico"))
    agregado = f"1{SEX_LETTERS[curp.sex]}{curp.birth.year}{cover.suffix}"
    own = clinics.registered(stand_in, curp.text)
    if own is not None:
        place: dict[str, object] = {"delegacion": own.delegacion, "umf": own.umf, "turno": own.turno, "consultorio": own.consultorio}
        return place | {"agregado_medico": agregado}
    draw = stand_in.chance.number("clinica", curp.text)
    return {
        "delegacion": DELEGACIONES[curp.entity],
        "umf": f"{1 + draw % 90:03d}" if cover.umf in UNKNOWN_UMF else cover.umf,
        "turno": ("MATUTINO", "VESPERTINO")[draw % 2],
        "consultorio": str(1 + draw // 2 % 20),
        "agregado_medico": agregado,
    }


ASK_VIGENCIA = Operation("consultarVigencia", "POST", "/api/v1/vigencia", ask_vigencia, (fields.CURP, fields.NSS))
