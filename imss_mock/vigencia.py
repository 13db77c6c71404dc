"""Vigencia de derechos (trámite IMSS-02-020): is this person covered today, and through whom."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from imss_mock import clinics, fields, movements, register
from imss_mock.answers import Answer, Codigo, refuse, said
from imss_mock.identifiers import Curp
from imss_mock.places import DELEGACIONES
from imss_mock.register import Person
from imss_mock.shapes import Values
from imss_mock.twin import Operation, Twin

JOB_AGE_DAYS = (60, 900)  # how long before we first saw a worker their job began
SEX_LETTERS = {"H": "M", "M": "F", "X": "X"}
UNKNOWN_UMF = (None, "000")


@dataclass(frozen=True, slots=True)
class Cover:
    """Through whom a person is or was last covered; `active` is the constancia's SI."""

    registro_patronal: str
    razon_social: str
    inicio: str
    umf: str | None
    suffix: str
    active: bool


def ask_vigencia(twin: Twin, now: datetime, asked: Values) -> Answer:
    """The constancia's facts; SIN_REGISTRO when CURP and NSS do not belong together."""
    today = now.date()
    curp = register.checked_curp(asked["curp"], today)
    person = register.holder(twin, today, curp.text, register.checked_nss(asked["nss"]))
    if person is None:
        return refuse(Codigo.SIN_REGISTRO)
    cover = cover_on(twin, today, person)
    insured = "SI" if cover and cover.active else "NO"
    head = {"folio": twin.folios.issue(now), "fecha_constancia": today.isoformat(), "con_derecho": insured}
    whose = {"curp": person.curp, "nss": person.nss, "nombre": person.full_name}
    return said(insured, head | whose | _cover_facts(twin, today, cover) | _clinic(twin, curp, cover))


def cover_on(twin: Twin, today: date, person: Person) -> Cover | None:
    """The cover that counts on this date: a job prevails over school; None when there never was any."""
    if twin.scenario.personas[person.persona].empleo:
        return _job(twin, person)
    return _school(twin, today, person)


def _job(twin: Twin, person: Person) -> Cover:
    chance, jobs = twin.chance, twin.scenario.empleos
    job = jobs[chance.number("empleo", person.curp) % len(jobs)]
    began = date.fromisoformat(person.visto_el) - timedelta(days=chance.within(JOB_AGE_DAYS, "inicio", person.curp))
    return Cover(job.registro_patronal, job.razon_social, began.isoformat(), None, "OR", active=True)


def _school(twin: Twin, today: date, person: Person) -> Cover | None:
    """Altas in force by registro patronal, in the order IMSS took them; the last one counts, else the last one ended."""
    in_force: dict[str, movements.Movement] = {}
    ended = None
    for row in movements.of_person(twin, person.curp):
        if row.tipo_movimiento == movements.ALTA and row.vigencia_desde and row.vigencia_desde <= today.isoformat():
            in_force[row.registro_patronal] = row
        elif row.tipo_movimiento == movements.BAJA and row.estado(today) == "OPERADO":
            ended = in_force.pop(row.registro_patronal, None) or ended
    last = next(reversed(in_force.values()), None)
    alta = last or ended
    if alta is None:
        return None
    school = twin.scenario.razon_social_escuela
    return Cover(alta.registro_patronal, school, alta.fecha_movimiento, alta.umf, "ES", active=last is not None)


def _cover_facts(twin: Twin, today: date, cover: Cover | None) -> dict[str, object]:
    if cover is None:
        return {"estado": "NO VIGENTE"} | dict.fromkeys(("registro_patronal", "razon_social", "inicio_vigencia", "vigente_hasta"))
    until = today + timedelta(days=twin.scenario.dias_validez_constancia)
    return {
        "estado": "VIGENTE" if cover.active else "BAJA",
        "registro_patronal": cover.registro_patronal,
        "razon_social": cover.razon_social,
        "inicio_vigencia": cover.inicio,
        "vigente_hasta": until.isoformat() if cover.active else None,
    }


def _clinic(twin: Twin, curp: Curp, cover: Cover | None) -> dict[str, object]:
    if cover is None or not cover.active:
        return dict.fromkeys(("delegacion", "umf", "turno", "consultorio", "agregado_medico"))
    agregado = f"1{SEX_LETTERS[curp.sex]}{curp.birth.year}{cover.suffix}"
    own = clinics.registered(twin, curp.text)
    if own is not None:
        place: dict[str, object] = {"delegacion": own.delegacion, "umf": own.umf, "turno": own.turno, "consultorio": own.consultorio}
        return place | {"agregado_medico": agregado}
    draw = twin.chance.number("clinica", curp.text)
    return {
        "delegacion": DELEGACIONES[curp.entity],
        "umf": f"{1 + draw % 90:03d}" if cover.umf in UNKNOWN_UMF else cover.umf,
        "turno": ("MATUTINO", "VESPERTINO")[draw % 2],
        "consultorio": str(1 + draw // 2 % 20),
        "agregado_medico": agregado,
    }


ASK_VIGENCIA = Operation("consultarVigencia", "POST", "/api/v1/vigencia", ask_vigencia, (fields.CURP, fields.NSS))
