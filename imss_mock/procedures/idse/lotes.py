"""Lotes as they are kept: the lote, its records with what will be said of each, and when its answers come."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imss_mock.procedures.idse.lines import Record, cut
from imss_mock.state.clock import MEXICO_CITY
from imss_mock.state.stand_in import StandIn

FIRST_NUMBER = 900_000_000  # lote numbers have nine digits; those of movements sent alone begin at 100,000,000
ENVIADO, PROCESADO = "ENVIADO", "PROCESADO"
_LOTE = "SELECT id, recibo, tipo, registro_patronal, archivo, huella, fecha_trans, rarezas, recibidos FROM lotes WHERE recibidos > 0"
_ROW = "SELECT renglon, linea, entrada, codigo, extemporaneo, respuesta FROM renglones WHERE lote = ?"


@dataclass(frozen=True, slots=True)
class Lote:
    """A row of `lotes`. `rarezas`: what the mood of its reception makes odd in its documents. `received`: how many records were taken."""

    id: int
    recibo: str
    tipo: str
    registro_patronal: str
    archivo: str
    huella: str
    fecha_trans: str
    rarezas: dict[str, Any]
    received: int = 0

    @property
    def number(self) -> str:
        """The nine digits people know it by."""
        return str(FIRST_NUMBER + self.id)

    @property
    def moment(self) -> str:
        """Its reception as papers print it: AAAA-MM-DD HH:MM."""
        return self.fecha_trans[:16].replace("T", " ")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `renglones`. `entrada`: code with which it was refused at once; `codigo`: with which it is rejected; None: it was not.

    `respuesta`: number of the answer that tells of it; 0 is none, ever.
    """

    number: int
    record: Record
    entrada: str | None
    codigo: str | None
    late: bool
    respuesta: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A row of `respuestas`: an answer that comes at `available` (epoch). `tells`: the number of the answer whose rows it has."""

    number: int
    folio: str
    available: float
    tells: int

    @property
    def moment(self) -> str:
        """When it comes, as papers print it."""
        return datetime.fromtimestamp(self.available, MEXICO_CITY).strftime("%Y-%m-%d %H:%M")


def insert(stand_in: StandIn, values: tuple[str, str, str, str, str, str], rarezas: dict[str, Any]) -> Lote:
    """A new lote, which has no records yet; `values` in the order of `Lote`, from its receipt to its moment."""
    query = "INSERT INTO lotes (recibo, tipo, registro_patronal, archivo, huella, fecha_trans, rarezas) VALUES (?, ?, ?, ?, ?, ?, ?)"
    new_id = stand_in.db.execute(query, (*values, json.dumps(rarezas, ensure_ascii=False))).lastrowid
    return Lote(new_id or 0, *values, rarezas)


def by_receipt(stand_in: StandIn, recibo: object) -> Lote | None:
    """The lote with this receipt."""
    return _one(stand_in, "recibo = ?", recibo)


def by_number(stand_in: StandIn, number: str) -> Lote | None:
    """The lote with these nine digits."""
    return _one(stand_in, "id = ?", int(number) - FIRST_NUMBER)


def newest(stand_in: StandIn, most: int) -> list[Lote]:
    """The last lotes, newest first."""
    return [_lote(row) for row in stand_in.db.execute(f"{_LOTE} ORDER BY id DESC LIMIT ?", (most,))]


def _one(stand_in: StandIn, where: str, value: object) -> Lote | None:
    row = stand_in.db.execute(f"{_LOTE} AND {where}", (value,)).fetchone()
    return _lote(row) if row else None


def _lote(row: tuple[Any, ...]) -> Lote:
    return Lote(*(*row[:-2], json.loads(row[-2]), row[-1]))


def rows(stand_in: StandIn, lote: Lote) -> list[Row]:
    """Every record of a lote, in the order of its file."""
    found = stand_in.db.execute(f"{_ROW} ORDER BY renglon", (lote.id,))
    return [Row(number, cut(line), entry, code, bool(late), reply) for number, line, entry, code, late, reply in found]


def replies(stand_in: StandIn, lote: Lote, now: datetime) -> list[Reply]:
    """The answers that have come by now, in their order."""
    query = "SELECT numero, folio, disponible_a, repite FROM respuestas WHERE lote = ? AND disponible_a <= ? ORDER BY numero"
    return [Reply(*row) for row in stand_in.db.execute(query, (lote.id, now.timestamp()))]


def was_sent_before(stand_in: StandIn, kind: str, nss: str) -> bool:
    """Whether a movement of this type of this NSS has come in a lote already."""
    return stand_in.db.execute("SELECT 1 FROM renglones WHERE nss = ? AND tipo = ? LIMIT 1", (nss, kind)).fetchone() is not None


def answer_now(stand_in: StandIn, now: datetime, lote: Lote) -> None:
    """Bring every answer of a lote that is still to come to this moment, and what the register does with them to today."""
    stand_in.db.execute("UPDATE respuestas SET disponible_a = min(disponible_a, ?) WHERE lote = ?", (now.timestamp(), lote.id))
    own = "clave_idempotencia IN (SELECT clave_idempotencia FROM renglones WHERE lote = ?)"
    stand_in.db.execute(f"UPDATE movimientos SET resuelve_el = min(resuelve_el, ?) WHERE {own}", (now.date().isoformat(), lote.id))  # noqa: S608 own words


def waiting(stand_in: StandIn, now: datetime) -> Iterable[Lote]:
    """The lotes that have an answer still to come."""
    query = f"{_LOTE} AND id IN (SELECT lote FROM respuestas WHERE disponible_a > ?)"  # noqa: S608 own words
    return [_lote(row) for row in stand_in.db.execute(query, (now.timestamp(),))]


def summary(stand_in: StandIn, lote: Lote, now: datetime) -> dict[str, int]:
    """How many records were received, refused at once, and, as far as the answers of now tell, operated, rejected, without answer."""
    told = {reply.tells for reply in replies(stand_in, lote, now)}
    every = rows(stand_in, lote)
    received = [row for row in every if row.entrada is None]
    answered = [row for row in received if row.respuesta in told]
    rejected = sum(row.codigo is not None for row in answered)
    return {
        "recibidos": len(received),
        "rechazados_de_entrada": len(every) - len(received),
        "operados": len(answered) - rejected,
        "rechazados": rejected,
        "sin_respuesta": len(received) - len(answered),
    }


def state(stand_in: StandIn, lote: Lote, now: datetime) -> str:
    """ENVIADO until its first answer comes, then PROCESADO."""
    return PROCESADO if replies(stand_in, lote, now) else ENVIADO
