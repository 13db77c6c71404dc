"""What will become of the records of a lote, decided when it is received: by the register's rules, the person's story and the mood."""

from dataclasses import dataclass, replace

from imss_mock.people.register import Person
from imss_mock.procedures.idse.lines import Record
from imss_mock.procedures.idse.lotes import was_sent_before
from imss_mock.procedures.movements import ALTA
from imss_mock.state.idse_moods import FAMILIES
from imss_mock.state.stand_in import StandIn

FIRST, LATER, NEVER = 1, 2, 0
AT_ENTRY, NAME = "F-NSS", "F-NOMBRE"
_DRAWN_AT_ENTRY = (AT_ENTRY, "F-UMF")
_ALL = 2**64


@dataclass(frozen=True, slots=True)
class Oddity:
    """What befalls a movement besides the rules: `entry`, `code` of a rejection (None: none); `reply`: FIRST, LATER or NEVER."""

    entry: str | None = None
    code: str | None = None
    reply: int = FIRST


def oddity(stand_in: StandIn, lote: int, record: Record, person: Person | None) -> Oddity:
    """What story and mood do to a record. They strike a movement only the first time that it comes in a lote."""
    if was_sent_before(stand_in, record["tipo_movimiento"], record["nss"]):
        return Oddity()
    mood, told = stand_in.moods.mood, _story(stand_in, record, person)
    if told == "entrada":
        return Oddity(entry=AT_ENTRY)
    if _struck(stand_in, mood.idse_rechazos_de_entrada, "entrada", lote, record):
        return Oddity(entry=_pick(stand_in, _DRAWN_AT_ENTRY, lote, record))
    code = NAME if told == "nombre" else None
    if _struck(stand_in, mood.idse_rechazos, "rechazo", lote, record):
        code = mood.idse_familia or _pick(stand_in, FAMILIES, lote, record)
    return Oddity(code=code, reply=_reply(stand_in, told, lote, record))


def misspelt(person: Person) -> Person:
    """The same person, whose primer apellido the register has with another last letter."""
    surname = person.primer_apellido or ""
    return replace(person, primer_apellido=f"{surname[:-1]}S" if surname.upper().endswith("Z") else f"{surname}S")


def _reply(stand_in: StandIn, told: str, lote: int, record: Record) -> int:
    mood = stand_in.moods.mood
    if told == "nunca":
        return NEVER
    if told == "tarde" or _struck(stand_in, mood.idse_tarde, "tarde", lote, record):
        return LATER if mood.idse_tarde_dias else NEVER
    return FIRST


def _story(stand_in: StandIn, record: Record, person: Person | None) -> str:
    """What the person's story does to an alta in a lote; bajas have none."""
    return stand_in.scenario.personas[person.persona].en_lote if person and record["tipo_movimiento"] == ALTA else ""


def _struck(stand_in: StandIn, share: float, how: str, lote: int, record: Record) -> bool:
    return stand_in.chance.number("idse", how, lote, record["nss"]) < share * _ALL


def _pick(stand_in: StandIn, codes: tuple[str, ...], lote: int, record: Record) -> str:
    return codes[stand_in.chance.number("idse", "motivo", lote, record["nss"]) % len(codes)]
