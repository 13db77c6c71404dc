"""The employer's side: altas (08) and bajas (02) of a registro patronal modalidad 32.

What will become of a movement is decided when it is received and kept in its row together with the day it is told; asking before
that day says RECIBIDO. So moving the clock changes nothing stored, and every answer is a function of the rows and the date.
The rejection codes are invented ("F-…"): IMSS' own catalogue is not public. Their families are those known from practice.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from dataclasses import fields as columns
from datetime import date, datetime, timedelta
from hashlib import sha256
from json import dumps
from typing import Any

from imss_mock.people import fields, register
from imss_mock.people.register import Person
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Text, Values
from imss_mock.state.scenario import Persona
from imss_mock.state.stand_in import Operation, Source, StandIn

ALTA, BAJA = "08", "02"
FIRST_LOTE = 100_000_000  # lote numbers have nine digits


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of `movimientos`; dates are ISO text. `codigo_error` None means it is operated on `resuelve_el`."""

    id: int | None
    clave_idempotencia: str
    huella: bytes
    tipo_movimiento: str
    registro_patronal: str
    nss: str
    curp: str
    fecha_movimiento: str
    umf: str | None
    clave_trabajador: str
    causa_baja: str | None
    recibo: str
    fecha_trans: str
    resuelve_el: str
    codigo_error: str | None
    vigencia_desde: str | None

    def estado(self, today: date) -> str:
        """RECIBIDO, OPERADO or RECHAZADO, as known on this date."""
        if today.isoformat() < self.resuelve_el:
            return "RECIBIDO"
        return "RECHAZADO" if self.codigo_error else "OPERADO"


_COLUMNS = [column.name for column in columns(Movement)]
_INSERT = f"INSERT INTO movimientos ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 own names
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM movimientos"  # noqa: S608 own names


def of_person(stand_in: StandIn, curp: str) -> list[Movement]:
    """Every movement received about the person with this CURP, oldest first, each with the number under which it counts by now."""
    theirs = "curp = ? OR curp IN (SELECT anterior FROM curps_anteriores WHERE curp = ?)"
    return _counted(stand_in, stand_in.db.execute(f"{_SELECT} WHERE {theirs} ORDER BY id", (curp, curp)))


def after(stand_in: StandIn, last: object, most: object) -> list[Movement]:
    """So many movements received after the one with this id, oldest first, each with the number under which it counts by now."""
    return _counted(stand_in, stand_in.db.execute(f"{_SELECT} WHERE id > ? ORDER BY id LIMIT ?", (last, most)))


def _counted(stand_in: StandIn, rows: Iterable[Any]) -> list[Movement]:
    found = [Movement(*row) for row in rows]
    return [replace(row, nss=register.counts_under(stand_in, row.nss)) for row in found]


def by_key(stand_in: StandIn, clave: object) -> Movement | None:
    """The movement sent under this key."""
    row = stand_in.db.execute(f"{_SELECT} WHERE clave_idempotencia = ?", (clave,)).fetchone()
    return Movement(*row) if row else None


def receive(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """Take a movement in; the same key again gets the same answer again, and other data under it is refused."""
    _check(asked, now.date())
    digest = sha256(dumps(asked, sort_keys=True).encode()).digest()
    known = by_key(stand_in, asked["clave_idempotencia"])
    if known is None:
        return _receipt(_store(stand_in, now, asked, digest))
    return _receipt(known) if known.huella == digest else refuse(Codigo.CLAVE_REUTILIZADA)


def look_up(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """What became of a movement so far."""
    movement = by_key(stand_in, asked["clave_idempotencia"])
    if movement is None:
        return refuse(Codigo.MOVIMIENTO_DESCONOCIDO)
    estado = movement.estado(now.date())
    return said(estado, _receipt_body(movement) | _details(movement) | _outcome(stand_in, movement, estado) | {"estado": estado})


def _check(asked: Values, today: date) -> None:
    register.checked_curp(asked["curp"], today)
    register.checked_nss(asked["nss"])
    try:
        date.fromisoformat(str(asked["fecha_movimiento"]))
    except ValueError as error:
        raise RefusedError(Codigo.FECHA_INVALIDA, campo="fecha_movimiento") from error
    if (asked["tipo_movimiento"] == BAJA) != (asked["causa_baja"] is not None):
        raise RefusedError(Codigo.CAUSA_BAJA_INVALIDA, campo="causa_baja")
    if any(str(asked[secret]) in str(asked["clave_idempotencia"]) for secret in ("curp", "nss")):
        raise RefusedError(Codigo.CLAVE_CON_DATOS_PERSONALES, campo="clave_idempotencia")


def _store(stand_in: StandIn, now: datetime, asked: Values, digest: bytes) -> Movement:
    today = now.date()
    person = register.holder(stand_in, today, str(asked["curp"]), str(asked["nss"]))
    earlier = of_person(stand_in, str(asked["curp"]))
    error = fault(stand_in, today, asked, person, earlier)
    resolved = _resolved_on(stand_in, today, asked, person, earlier)
    covered = None if error else covered_from(stand_in, today, asked, person, resolved)
    return insert(stand_in, now, asked, huella=digest, resuelve_el=resolved, codigo_error=error, vigencia_desde=covered)


def insert(stand_in: StandIn, now: datetime, asked: Values, **fate: object) -> Movement:
    """A new row: what was asked, when, and what will become of it (`huella`, `resuelve_el`, `codigo_error`, `vigencia_desde`)."""
    sent = {name: asked[name] for name in _COLUMNS if name in asked}
    row = {"id": None, "recibo": receipt_number(stand_in, now), "fecha_trans": now.isoformat(timespec="seconds")} | sent | fate
    new_id = stand_in.db.execute(_INSERT, [row[name] for name in _COLUMNS]).lastrowid
    return Movement(**(row | {"id": new_id}))  # type: ignore[arg-type]  # the fields' shapes were read from the request


def receipt_number(stand_in: StandIn, now: datetime) -> str:
    """A new receipt's 19 digits: a folio without the first of its running number."""
    folio = stand_in.folios.issue(now)
    return folio[:13] + folio[-6:]


def fault(stand_in: StandIn, today: date, asked: Values, person: Person | None, earlier: list[Movement], days_ahead: int = 0) -> str | None:
    """Code for which the register will reject a movement dated at most `days_ahead` days after today; None: it will operate it."""
    if person is None:
        return "F-NSS"
    if _names_differ(person, asked):
        return "F-NOMBRE"
    if _out_of_range(stand_in, today, str(asked["fecha_movimiento"]), days_ahead):
        return "F-FECHA"
    open_alta = _open_alta(earlier, register.counts_under(stand_in, str(asked["nss"])), asked["registro_patronal"])
    if asked["tipo_movimiento"] == BAJA:
        return _baja_fault(open_alta, str(asked["fecha_movimiento"]))
    return "F-DUPLICADO" if open_alta else _story_fault(stand_in, person, earlier)


def _baja_fault(open_alta: Movement | None, day: str) -> str | None:
    if open_alta is None:
        return "F-BAJA-SIN-ALTA"
    return "F-FECHA" if day < open_alta.fecha_movimiento else None


def _story_fault(stand_in: StandIn, person: Person, earlier: list[Movement]) -> str | None:
    story = stand_in.scenario.personas[person.persona]
    refused = sum(movement.codigo_error == story.rechazo for movement in earlier)
    return story.rechazo if story.rechazo and refused < story.veces_rechazo else None


def _open_alta(earlier: list[Movement], nss: object, registro_patronal: object) -> Movement | None:
    good = [row for row in earlier if row.codigo_error is None and (row.nss, row.registro_patronal) == (nss, registro_patronal)]
    return good[-1] if good and good[-1].tipo_movimiento == ALTA else None


def _out_of_range(stand_in: StandIn, today: date, day: str, days_ahead: int) -> bool:
    oldest = today - timedelta(days=stand_in.scenario.dias_atras_maximos)
    return not oldest.isoformat() <= day <= (today + timedelta(days=days_ahead)).isoformat()


def _names_differ(person: Person, asked: Values) -> bool:
    """Compared as the batch file carries names: capitals, without accents, Ñ as N. Unknown names differ from nothing."""
    if person.full_name is None:
        return False
    ours = (person.nombre, person.primer_apellido, person.segundo_apellido)
    theirs = (asked["nombre"], asked["primer_apellido"], asked["segundo_apellido"])
    return [plain(name) for name in ours] != [plain(name) for name in theirs]


def plain(name: object) -> str:
    """A name as names are compared: capitals, no accents, Ñ as N, single blanks."""
    letters = unicodedata.normalize("NFKD", str(name or "")).upper()
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _resolved_on(stand_in: StandIn, today: date, asked: Values, person: Person | None, earlier: list[Movement]) -> str:
    """ISO day on which a movement sent alone is resolved. IMSS answers about a person in order."""
    days = stand_in.chance.within(_story(stand_in, person).opera_dias, "opera", asked["tipo_movimiento"], asked["curp"])
    return max((today + timedelta(days=days)).isoformat(), *(row.resuelve_el for row in earlier), "")


def covered_from(stand_in: StandIn, today: date, asked: Values, person: Person | None, resolved: str) -> str | None:
    """ISO day from which the vigencia says SI for an alta that is operated on `resolved`; None: never, or it is a baja."""
    span = _story(stand_in, person).vigencia_dias
    if asked["tipo_movimiento"] == BAJA or span is None:
        return None
    covered = today + timedelta(days=stand_in.chance.within(span, "vigencia", asked["curp"]))
    return max(resolved, covered.isoformat())


def _story(stand_in: StandIn, person: Person | None) -> Persona:
    return stand_in.scenario.personas[person.persona if person else stand_in.scenario.al_adoptar]


def _receipt(movement: Movement) -> Answer:
    return said("RECIBIDO", _receipt_body(movement))


def _receipt_body(movement: Movement) -> dict[str, object]:
    return {
        "clave_idempotencia": movement.clave_idempotencia,
        "id_lote": str(FIRST_LOTE + (movement.id or 0)),
        "recibo": movement.recibo,
        "fecha_trans": movement.fecha_trans,
        "estado": "RECIBIDO",
    }


def _details(movement: Movement) -> dict[str, object]:
    names = ("tipo_movimiento", "registro_patronal", "nss", "curp", "fecha_movimiento", "umf", "clave_trabajador", "causa_baja")
    return {name: getattr(movement, name) for name in names}


def _outcome(stand_in: StandIn, movement: Movement, estado: str) -> dict[str, object]:
    """The answer's second step. Code "0" is accepted; `nombre_sindo` is the register's name, never another person's."""
    if estado == "RECIBIDO":
        return dict.fromkeys(("fecha_resolucion", "codigo_error_movimiento", "mensaje_error_movimiento", "nombre_sindo"))
    person = register.find(stand_in, movement.curp)
    own = person is not None and person.nss == movement.nss
    return {
        "fecha_resolucion": movement.resuelve_el,
        "codigo_error_movimiento": movement.codigo_error or "0",
        "mensaje_error_movimiento": stand_in.scenario.rechazos[movement.codigo_error] if movement.codigo_error else None,
        "nombre_sindo": person.full_name if person and own else None,
    }


_SENT = (
    fields.CLAVE,
    Text("tipo_movimiento", "08 alta (reingreso), 02 baja", ALTA, choices=(ALTA, BAJA)),
    Text(
        "registro_patronal",
        "11 posiciones, modalidad 32 en la 9 y la 10",
        "A0112345321",
        "^[A-Z0-9]{3}[0-9]{5}32[0-9]$",
        max_length=11,
        codigo=Codigo.REGISTRO_PATRONAL_INVALIDO,
    ),
    fields.NSS,
    fields.CURP,
    Text("nombre", "Nombre o nombres, como los tiene RENAPO", "ENSAYO", min_length=1),
    Text("primer_apellido", "Primer apellido", "PRUEBA", min_length=1),
    Text("segundo_apellido", "Segundo apellido; nulo o vacío si no tiene", "FICTICIA", required=False),
    fields.iso_day("fecha_movimiento", "Fecha del alta o de la baja, AAAA-MM-DD", "2026-08-03"),
    Text("umf", "Unidad de medicina familiar, tres dígitos; 000 o nulo si no se conoce", "005", "^[0-9]{3}$", max_length=3, required=False),
    Text("clave_trabajador", "Matrícula del estudiante", "A210204", min_length=1, max_length=20),
    Text(
        "causa_baja",
        "Solo en las bajas: 1 a 9 o A",
        None,
        "^[1-9A]$",
        max_length=1,
        required=False,
        codigo=Codigo.CAUSA_BAJA_INVALIDA,
    ),
)
RECEIVE = Operation("enviarMovimiento", "POST", "/api/v1/movimientos", receive, _SENT)
_KEY = replace(fields.CLAVE, about="Clave con que se envió el movimiento", codigo=Codigo.MOVIMIENTO_DESCONOCIDO)
LOOK_UP = Operation("consultarMovimiento", "GET", "/api/v1/movimientos/{clave_idempotencia}", look_up, (_KEY,), Source.PATH)
