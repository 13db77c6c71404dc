"""Who the register says is insured under a registro patronal."""

from dataclasses import replace
from datetime import date, datetime

from imss_mock.people import register
from imss_mock.procedures import vigencia
from imss_mock.procedures.idse.reception import FIRMA, REGISTRO_PATRONAL, check_signature
from imss_mock.protocol.answers import Answer, said
from imss_mock.protocol.shapes import Number, Text, Values
from imss_mock.state.stand_in import Operation, StandIn

_PEOPLE = "SELECT DISTINCT curp FROM movimientos WHERE registro_patronal = ? AND curp > ? ORDER BY curp LIMIT ?"
ALL = -1  # no limit, as SQLite has it
NAMES = ("nss", "curp", "nombre", "fecha_alta", "vigente_desde")
Insured = dict[str, str | None]


def ask_insured(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """A page of them by CURP; `siguiente` is the `desde` of the next, null on the last. A page may have fewer than asked for."""
    check_signature(stand_in, asked["firma"])
    found, after = page(stand_in, now.date(), str(asked["registro_patronal"]), str(asked["desde"] or ""), int(str(asked["limite"])))
    return said("ASEGURADOS", {"asegurados": found, "siguiente": after})


def page(stand_in: StandIn, today: date, registro: str, after: str, most: int) -> tuple[list[Insured], str | None]:
    """Those insured today of the next `most` people ever moved under a registro patronal, and the last CURP looked at."""
    curps = [row[0] for row in stand_in.db.execute(_PEOPLE, (registro, after, most))]
    found = [one for curp in curps if (one := _insured(stand_in, today, registro, curp))]
    return found, curps[-1] if len(curps) == most else None


def every(stand_in: StandIn, today: date, registro: str) -> list[Insured]:
    """All those insured today under a registro patronal, by CURP."""
    return page(stand_in, today, registro, "", ALL)[0]


def registros(stand_in: StandIn) -> list[str]:
    """Every registro patronal that a movement came from."""
    return [row[0] for row in stand_in.db.execute("SELECT DISTINCT registro_patronal FROM movimientos ORDER BY 1")]


def _insured(stand_in: StandIn, today: date, registro: str, curp: str) -> Insured | None:
    person = register.find(stand_in, curp)
    alta = vigencia.school_altas(stand_in, today, curp, person.nss if person else None)[0].get(registro)
    if alta is None:
        return None
    name = person.full_name if person else None
    return dict(zip(NAMES, (alta.nss, curp, name, alta.fecha_movimiento, alta.vigencia_desde), strict=True))


_REGISTRO = replace(REGISTRO_PATRONAL, about="Registro patronal de quienes se pregunta", required=True)
_AFTER = Text("desde", "Última CURP ya leída; vacío desde el principio", "", "^[A-Z0-9]*$", max_length=18, required=False, default="")
_MOST = Number("limite", "De cuántas personas a lo sumo", 1000, 1, 5000, 1000)
ASK = Operation("consultarAsegurados", "POST", "/api/v1/idse/asegurados", ask_insured, (_REGISTRO, FIRMA, _AFTER, _MOST))
