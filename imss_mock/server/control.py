"""The hand behind the curtain, for tests and demonstrations only: the clock, who people are, the mood. Never part of the real thing."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import cast

from imss_mock.people import fields, register
from imss_mock.people.identifiers import is_nss, read_curp
from imss_mock.procedures.idse import lotes
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Text, Values
from imss_mock.server import corrections, ledger, received
from imss_mock.state import moods
from imss_mock.state.stand_in import Operation, Source, StandIn

OFFSET = "desfase_dias"
MAX_PEOPLE_BYTES = 8 * 1024 * 1024


def read_clock(_twin: StandIn, now: datetime, _asked: Values) -> Answer:
    """The simulated date."""
    return said("RELOJ", {"fecha": now.date().isoformat()})


def move_clock(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """Move the simulated date forward, and keep it there across restarts."""
    try:
        offset = stand_in.clock.offset_to(date.fromisoformat(str(asked["fecha"])))
    except ValueError as error:
        raise RefusedError(Codigo.FECHA_INVALIDA, campo="fecha") from error
    if offset is None:
        return refuse(Codigo.RELOJ_SOLO_AVANZA)
    keep_offset(stand_in, offset)
    return said("RELOJ", {"fecha": asked["fecha"]})


def keep_offset(stand_in: StandIn, offset_days: int) -> None:
    """Put the clock at this offset and write it down."""
    stand_in.db.execute("INSERT OR REPLACE INTO ajustes VALUES (?, ?)", (OFFSET, str(offset_days)))
    stand_in.clock.offset_days = offset_days


def kept_offset(stand_in: StandIn) -> int | None:
    """The offset of an earlier run, if there was one."""
    row = stand_in.db.execute("SELECT valor FROM ajustes WHERE clave = ?", (OFFSET,)).fetchone()
    return int(row[0]) if row else None


def read_mood(stand_in: StandIn, _now: datetime, _asked: Values) -> Answer:
    """The mood of the moment."""
    return said("ANIMO", asdict(stand_in.moods.mood))


def change_mood(stand_in: StandIn, _now: datetime, asked: Values) -> Answer:
    """Replace the mood by one of the scenario, or by what is said; what is not said goes back to healthy."""
    name = asked.pop("nombre")
    if name is None:
        return said("ANIMO", stand_in.moods.change(moods.read_mood(asked)))
    if name not in stand_in.scenario.animos:
        raise RefusedError(Codigo.SOLICITUD_INVALIDA, campo="nombre")
    return said("ANIMO", stand_in.moods.change(stand_in.scenario.animos[str(name)]))


def read_counts(stand_in: StandIn, _now: datetime, _asked: Values) -> Answer:
    """How much was asked, refused and how fast, since the last reset."""
    return said("CUENTAS", stand_in.counts.told())


def reset_counts(stand_in: StandIn, _now: datetime, _asked: Values) -> Answer:
    """The same, and begin again from nothing."""
    told = stand_in.counts.told()
    stand_in.counts.reset()
    return said("CUENTAS", told)


def answer_lotes(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """Answer at once a lote that waits, or all that do."""
    chosen = [lote for lote in lotes.waiting(stand_in, now) if asked["id_lote"] in (None, lote.number)]
    for lote in chosen:
        lotes.answer_now(stand_in, now, lote)
    return said("LOTES_CONTESTADOS", {"contestados": [lote.number for lote in chosen]})


def tell_people(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """Make people known, with their name, story and NSS; a person known already is updated. One outcome a person."""
    outcomes = [_tell(stand_in, now.date(), person) for person in _people(asked)]
    refused = [{"indice": place, "codigo": word} for place, word in enumerate(outcomes) if word not in ("nueva", "actualizada")]
    counts = Counter(outcomes)
    return said("PERSONAS", {"nuevas": counts["nueva"], "actualizadas": counts["actualizada"], "rechazadas": refused})


def _people(asked: Values) -> list[Values]:
    return cast("list[Values]", asked["lista"])


def _tell(stand_in: StandIn, today: date, told: Values) -> str:
    """'nueva', 'actualizada', or the code of the refusal."""
    curp, nss = str(told["curp"]), told["nss"]
    if read_curp(curp, today) is None:
        return Codigo.CURP_INVALIDA.name
    if nss is not None and not is_nss(str(nss)):
        return Codigo.NSS_INVALIDO.name
    known = register.find(stand_in, curp)
    person = known or register.stranger(stand_in, today, curp)
    wrong = _clash(stand_in, person, told)
    if wrong is not None:
        return wrong.name
    register.save(stand_in, replace(person, **{name: value for name, value in told.items() if value is not None}))  # type: ignore[arg-type]
    return "actualizada" if known else "nueva"


def _clash(stand_in: StandIn, person: register.Person, told: Values) -> Codigo | None:
    if (told["nombre"] is None) != (told["primer_apellido"] is None) or told["persona"] not in (None, *stand_in.scenario.personas):
        return Codigo.SOLICITUD_INVALIDA
    nss = told["nss"]
    if nss is None or nss == person.nss:
        return None
    return Codigo.SIN_REGISTRO if person.nss or register.is_taken(stand_in, str(nss)) else None


_DAY = fields.iso_day("fecha", "Nueva fecha simulada, AAAA-MM-DD; solo avanza", "2026-08-31")
_MOOD_NAME = Text("nombre", "Un ánimo del escenario, entero; lo demás que se diga no cuenta", "mala_noche", required=False)
_PERSON = (
    fields.CURP,
    Text("nombre", "Nombre o nombres", "ENSAYO", min_length=1, required=False),
    Text("primer_apellido", "Primer apellido", "PRUEBA", min_length=1, required=False),
    Text("segundo_apellido", "Segundo apellido; vacío si no tiene", "FICTICIA", required=False),
    Text("persona", "Historia del escenario; si falta, la decide la semilla", "lento", required=False),
    Text("nss", "NSS que ya tiene", "03230500013", fields.NSS.pattern, max_length=11, required=False),
)
_LOTE = Text(
    "id_lote", "Número del lote; nulo son todos los que esperan respuesta", "900000001", "^[0-9]{9}$", max_length=9, required=False
)
OPERATIONS = (
    Operation("consultarReloj", "GET", "/control/reloj", read_clock, (), Source.QUERY),
    Operation("moverReloj", "PUT", "/control/reloj", move_clock, (_DAY,)),
    Operation("consultarAnimo", "GET", "/control/animo", read_mood, (), Source.QUERY),
    Operation("cambiarAnimo", "PUT", "/control/animo", change_mood, (_MOOD_NAME, *moods.FIELDS)),
    Operation("registrarPersonas", "POST", "/control/personas", tell_people, _PERSON, Source.BODY_LIST, MAX_PEOPLE_BYTES),
    Operation("consultarCuentas", "GET", "/control/cuentas", read_counts, (), Source.QUERY),
    Operation("reiniciarCuentas", "DELETE", "/control/cuentas", reset_counts, (), Source.QUERY),
    corrections.CORRECT,
    received.READ,
    Operation("contestarLotes", "POST", "/control/idse/respuestas", answer_lotes, (_LOTE,)),
    ledger.READ,
)
