"""The records of a lote, taken one after the other: thrown out, or kept with the movement that the register makes of them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from imss_mock.people import register
from imss_mock.people.register import Person
from imss_mock.procedures import movements
from imss_mock.procedures.idse import fates, record_faults
from imss_mock.procedures.idse.fates import FIRST, LATER, NEVER, Oddity
from imss_mock.procedures.idse.lines import Record, cut
from imss_mock.procedures.idse.lotes import Lote
from imss_mock.procedures.movements import Movement
from imss_mock.state.stand_in import StandIn

DAYS_AHEAD = 1  # a movement may be presented from the day before it begins (RACERF, art. 45)
AGAIN = 3  # number of the answer that says the first one again
_INSERT = "INSERT INTO renglones VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_REPLY = "INSERT INTO respuestas VALUES (?, ?, ?, ?, ?)"


class Refused(NamedTuple):
    """A record that was thrown out at once."""

    number: int
    record: Record
    code: str


class Taking:
    """Takes the records of one lote; `refused` are those thrown out so far."""

    def __init__(self, stand_in: StandIn, now: datetime, lote: Lote) -> None:
        self._stand_in, self._now, self._lote = stand_in, now, lote
        self._seen: set[str] = set()
        self._told: set[int] = set()
        self._moments = _moments(stand_in, now, lote)
        self.refused: list[Refused] = []

    def take(self, number: int, line: str) -> None:
        """Decide what becomes of a record, and keep it."""
        record = cut(line)
        person, odd = self._judged(record)
        movement = self._movement(number, record, person, odd) if odd.entry is None and odd.reply != NEVER else None
        if odd.entry:
            self.refused.append(Refused(number, record, odd.entry))
        else:
            self._seen.add(record["nss"])
            self._told.add(odd.reply)
        self._keep(number, line, record, odd, movement)

    def close(self, count: int) -> None:
        """Every record was taken, `count` of them: the answers are promised."""
        received = count - len(self.refused)
        self._stand_in.db.execute("UPDATE lotes SET recibidos = ? WHERE id = ?", (received, self._lote.id))
        promised = [(reply, reply) for reply in (FIRST, LATER) if reply in self._told]
        if FIRST in self._told and self._stand_in.moods.mood.idse_repetida:
            promised.append((AGAIN, FIRST))
        for number, tells in promised:
            folio = movements.receipt_number(self._stand_in, self._now)
            row = (self._lote.id, number, folio, self._moments[tells].timestamp(), tells)
            self._stand_in.db.execute(_INSERT_REPLY, row)

    def _judged(self, record: Record) -> tuple[Person | None, Oddity]:
        today = self._now.date()
        code = record_faults.fault(record, today, self._seen)
        if code:
            return None, Oddity(entry=code)
        person = record_faults.person_of(self._stand_in, today, record)
        odd = fates.oddity(self._stand_in, self._lote.id, record, person)
        if person and person.full_name and odd.code == fates.NAME:
            # The register really has another name: its nombreSINDO says which, and a movement with that one goes through.
            return register.save(self._stand_in, fates.misspelt(person)), odd
        return person, odd

    def _movement(self, number: int, record: Record, person: Person | None, odd: Oddity) -> Movement:
        stand_in, today = self._stand_in, self._now.date()
        # A key that no asker can choose, nor look up.
        asked = record_faults.asked(record, person) | {"clave_idempotencia": f"lote:{self._lote.number}:{number}"}
        earlier = movements.of_person(stand_in, str(asked["curp"])) if asked["curp"] else []
        code = movements.fault(stand_in, today, asked, person, earlier, DAYS_AHEAD) or odd.code
        resolved = self._moments[odd.reply].date().isoformat()
        covered = None if code else movements.covered_from(stand_in, today, asked, person, resolved)
        fate = {"huella": b"", "resuelve_el": resolved, "codigo_error": code, "vigencia_desde": covered}
        return movements.insert(stand_in, self._now, asked, **fate)

    def _keep(self, number: int, line: str, record: Record, odd: Oddity, movement: Movement | None) -> None:
        most = self._stand_in.scenario.idse.dias_extemporaneo
        late = odd.entry is None and record_faults.is_late(record, self._now.date(), most)
        code, key = (movement.codigo_error, movement.clave_idempotencia) if movement else (None, None)
        row = (self._lote.id, number, self._lote.tipo, record["nss"], line, odd.entry, code, late, odd.reply, key)
        self._stand_in.db.execute(_INSERT, row)


def _moments(stand_in: StandIn, now: datetime, lote: Lote) -> dict[int, datetime]:
    """When the first and the later answer come, by the clock of the stand-in."""
    mood = stand_in.moods.mood
    hours = mood.idse_horas
    if hours < 0:
        hours = stand_in.chance.within(stand_in.scenario.idse.horas_respuesta, "idse", "horas", lote.id)
    first = now + timedelta(hours=hours)
    return {FIRST: first, LATER: first + timedelta(days=mood.idse_tarde_dias)}
