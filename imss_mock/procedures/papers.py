"""The documents the stand-in hands out: their facts are kept under their folio, so that the same folio always prints the same sheet."""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime

from imss_mock.people import fields, register
from imss_mock.people.places import ENTITY_NAMES
from imss_mock.procedures import clinics, pdf, vigencia
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Text, Values
from imss_mock.state.stand_in import Operation, StandIn

SEXES = {"H": "Hombre", "M": "Mujer", "X": "No binario"}
NO_NAME = "(SIN NOMBRE EN EL SIMULADOR)"
NSS_SHEET, CARD, VIGENCIA, CLINIC, CARNET = "nss", "tarjeta", "vigencia", "acuse_clinica", "carnet"
SAV_002 = "sav_002"
TITLES = {
    NSS_SHEET: "Número de Seguridad Social",
    CARD: "Tarjeta de Número de Seguridad Social",
    VIGENCIA: "Constancia de vigencia de derechos",
    CLINIC: "Acuse de registro en clínica",
    CARNET: "Carnet de citas",
    SAV_002: "Solicitud de registro de beneficiario",
    "semanas_cotizadas": "Constancia de semanas cotizadas",
    "no_derechohabiencia": "Constancia de no derechohabiencia",
    "curp": "Constancia de la CURP",
}
LAYOUTS = ("anterior", "nuevo")


@dataclass(frozen=True, slots=True)
class Paper:
    """A row of `documentos`: its facts as text, in the words they are printed in."""

    folio: str
    tipo: str
    curp: str
    emitido: str
    datos: dict[str, str]

    @property
    def title(self) -> str:
        """What people call it."""
        return TITLES[self.tipo]

    @property
    def day(self) -> str:
        """Date of issue as people write it."""
        return spoken(self.emitido[:10])

    def pdf(self) -> bytes:
        """The printed sheet."""
        return pdf.render(self.tipo, {**self.datos, "folio": self.folio, "fecha": self.day})


def spoken(day: object) -> str:
    """DD/MM/AAAA of an ISO date; empty for none."""
    return f"{date.fromisoformat(str(day)):%d/%m/%Y}" if day else ""


def find(stand_in: StandIn, folio: str) -> Paper | None:
    """The document issued under this folio."""
    row = stand_in.db.execute("SELECT folio, tipo, curp, emitido, datos FROM documentos WHERE folio = ?", (folio,)).fetchone()
    return Paper(*(*row[:-1], json.loads(row[-1]))) if row else None


def issue(stand_in: StandIn, now: datetime, tipo: str, curp: str, folio: str | None = None, **more: str) -> Paper:
    """A new document about a person with an NSS, under this folio or a new one; raises RefusedError when there is nothing to print."""
    person = register.find(stand_in, curp)
    if person is None or person.nss is None:
        raise RefusedError(Codigo.SIN_REGISTRO)
    facts = _about(person, now.date()) | (FACTS[tipo](stand_in, now, person) if tipo in FACTS else {}) | more
    paper = Paper(folio or stand_in.folios.issue(now), tipo, curp, now.isoformat(timespec="seconds"), facts)
    row = (paper.folio, tipo, curp, paper.emitido, json.dumps(facts, ensure_ascii=False))
    stand_in.db.execute("INSERT INTO documentos VALUES (?, ?, ?, ?, ?)", row)
    return paper


def _about(person: register.Person, today: date) -> dict[str, str]:
    curp = register.checked_curp(person.curp, today)
    names = (person.nombre, person.primer_apellido, person.segundo_apellido)
    return {
        "nss": str(person.nss),
        "curp": person.curp,
        "nombre": names[0] or NO_NAME,
        "primer_apellido": names[1] or "",
        "segundo_apellido": names[2] or "",
        "nombre_completo": person.full_name or NO_NAME,
        "sexo": SEXES[curp.sex],
        "nacimiento": f"{curp.birth:%d/%m/%Y}",
        "edad": str(today.year - curp.birth.year - ((today.month, today.day) < (curp.birth.month, curp.birth.day))),
        "lugar": ENTITY_NAMES[curp.entity],
    }


def _vigencia(stand_in: StandIn, now: datetime, person: register.Person) -> dict[str, str]:
    body = vigencia.ask_vigencia(stand_in, now, {"curp": person.curp, "nss": person.nss}).body
    names = ("con_derecho", "estado", "registro_patronal", "razon_social", "umf", "turno", "consultorio", "agregado_medico")
    facts = {name: str(body[name] or "") for name in names}
    covered = body["con_derecho"] == "SI"
    where = str(body["delegacion"] or "").partition(" ")[2]
    dates = {"inicio": spoken(body["inicio_vigencia"]), "vigente": spoken(now.date()) if covered else ""}
    layout = LAYOUTS[stand_in.chance.number("formato", person.curp) % len(LAYOUTS)]
    return facts | dates | {"delegacion": where, "formato": layout}


def _clinic(stand_in: StandIn, now: datetime, person: register.Person) -> dict[str, str]:
    row = clinics.registered(stand_in, person.curp)
    if row is None:
        raise RefusedError(Codigo.SIN_CLINICA)
    body = vigencia.ask_vigencia(stand_in, now, {"curp": person.curp, "nss": person.nss}).body
    home = {name: value or "" for name, value in json.loads(row.domicilio).items()}
    own = {"delegacion": row.delegacion, "subdelegacion": row.subdelegacion, "umf": row.umf, "direccion": row.direccion}
    return own | home | {"turno": row.turno, "consultorio": row.consultorio, "agregado_medico": str(body["agregado_medico"] or "")}


FACTS = {VIGENCIA: _vigencia, CLINIC: _clinic, CARNET: _clinic, SAV_002: _clinic}


def hand_out(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """A document as PDF in base64."""
    curp = register.checked_curp(asked["curp"], now.date())
    if register.holder(stand_in, now.date(), curp.text, register.checked_nss(asked["nss"])) is None:
        return refuse(Codigo.SIN_REGISTRO)
    paper = issue(stand_in, now, str(asked["tipo"]), curp.text)
    body = {"folio": paper.folio, "fecha": paper.emitido[:10], "tipo": paper.tipo, "titulo": paper.title, "curp": paper.curp}
    return said("DOCUMENTO", body | {"pdf": base64.b64encode(paper.pdf()).decode()})


_KIND = Text("tipo", "Qué documento", NSS_SHEET, choices=tuple(TITLES))
HAND_OUT = Operation("emitirDocumento", "POST", "/api/v1/documentos", hand_out, (_KIND, fields.CURP, fields.NSS))
