"""The register of people: who holds which NSS, and the trámite IMSS-02-008 (asignación o localización de NSS)."""

from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count

from imss_mock.people import fields
from imss_mock.people.identifiers import Curp, is_nss, nss_digit, read_curp
from imss_mock.people.places import ALL_PREFIXES, nss_prefixes
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Text, Values
from imss_mock.state.stand_in import Operation, StandIn

EMAIL = "^$|^[!-?A-~]+@[!-?A-~]+\\.[!-?A-~]+$"
OWN_SERIES_TRIES = 4  # draws within the birth entity's own prefixes before any prefix will do
FIRST_ORDINARY_YEAR = 2015  # since then students get an ordinary NSS for life
USUAL_AGE = 15  # age at which most students are first registered


@dataclass(frozen=True, slots=True)
class Person:
    """A row of `personas`: names are None when the stand-in was never told; visto_el and solicitado_el are ISO dates."""

    curp: str
    nss: str | None
    nombre: str | None
    primer_apellido: str | None
    segundo_apellido: str | None
    persona: str
    visto_el: str
    solicitado_el: str | None

    @property
    def full_name(self) -> str | None:
        """Nombre(s), primer apellido y segundo apellido in one string, as constancias print it."""
        return " ".join(filter(None, (self.nombre, self.primer_apellido, self.segundo_apellido))) or None


def find(stand_in: StandIn, curp: str) -> Person | None:
    """The person with this CURP, if the stand-in has met them."""
    row = stand_in.db.execute("SELECT * FROM personas WHERE curp = ?", (curp,)).fetchone()
    return Person(*row) if row else None


def save(stand_in: StandIn, person: Person) -> Person:
    """Insert or replace the person's row."""
    stand_in.db.execute("INSERT OR REPLACE INTO personas VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(person))
    return person


def is_taken(stand_in: StandIn, nss: str) -> bool:
    """Whether a person holds this NSS, or held it before."""
    held = "SELECT 1 FROM personas WHERE nss = ? UNION SELECT 1 FROM numeros_anteriores WHERE nss = ?"
    return stand_in.db.execute(held, (nss, nss)).fetchone() is not None


def counts_under(stand_in: StandIn, nss: str) -> str:
    """The number under which what was sent with this one counts: another one only where IMSS unified the two."""
    row = stand_in.db.execute("SELECT cuenta_con FROM numeros_anteriores WHERE nss = ?", (nss,)).fetchone()
    return str(row[0]) if row else nss


def _held_before(stand_in: StandIn, person: Person, nss: str) -> bool:
    held = "SELECT 1 FROM numeros_anteriores WHERE nss = ? AND curp = ?"
    return stand_in.db.execute(held, (nss, person.curp)).fetchone() is not None


def stranger(stand_in: StandIn, today: date, curp: str) -> Person:
    """A person met for the first time, not yet saved; the seed and the CURP decide their story."""
    return Person(curp, None, None, None, None, stand_in.scenario.pick(stand_in.chance.number("persona", curp)), today.isoformat(), None)


def holder(stand_in: StandIn, today: date, curp: str, nss: str) -> Person | None:
    """The person this CURP and NSS belong to, or None when they do not belong together.

    A right NSS never seen before is adopted for a CURP that has none: schools' rolls carry numbers issued long ago. A person drawn
    by chance then follows the scenario's `al_adoptar`; a person told through the control side keeps their story. By a number of before,
    the person as known under it.
    """
    person = find(stand_in, curp)
    if person is not None and person.nss is not None:
        if person.nss == nss:
            return person
        return replace(person, nss=nss) if _held_before(stand_in, person, nss) else None
    if is_taken(stand_in, nss):
        return None
    if person is None:
        person = replace(stranger(stand_in, today, curp), persona=stand_in.scenario.al_adoptar)
    return save(stand_in, replace(person, nss=nss))


def checked_curp(text: object, today: date) -> Curp:
    """The CURP read; raises RefusedError with CURP_INVALIDA."""
    curp = read_curp(str(text), today)
    if curp is None:
        raise RefusedError(Codigo.CURP_INVALIDA, campo="curp")
    return curp


def checked_nss(text: object) -> str:
    """The NSS; raises RefusedError with NSS_INVALIDO."""
    if not is_nss(str(text)):
        raise RefusedError(Codigo.NSS_INVALIDO, campo="nss")
    return str(text)


def ask_nss(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """LOCALIZADO or ASIGNADO with the NSS, or why not. The same CURP always gets the same NSS."""
    today = now.date()
    curp = checked_curp(asked["curp"], today)
    if not keep_email(stand_in, curp.text, str(asked["correo"] or "")):
        return refuse(Codigo.CORREO_DE_OTRA_CURP)
    person = find(stand_in, curp.text) or stranger(stand_in, today, curp.text)
    if person.nss:
        return _nss_answer(stand_in, now, person, "LOCALIZADO")
    person = save(stand_in, replace(person, solicitado_el=person.solicitado_el or today.isoformat()))
    return _first_answer(stand_in, now, curp, person)


def outlook(stand_in: StandIn, today: date, person: Person) -> str:
    """What the trámite will say to this person today: localizado, nuevo, en_proceso or subdelegacion. Changes nothing."""
    if person.nss:
        return "localizado"
    story = stand_in.scenario.personas[person.persona]
    waits = story.tramite in ("en_proceso", "subdelegacion")
    if waits and (person.solicitado_el is None or today < resolves_on(stand_in, person)):
        return story.tramite
    return story.al_resolver if waits else story.tramite


def resolves_on(stand_in: StandIn, person: Person) -> date:
    """The day on which the wait of a person who has already asked is over."""
    first_asked = date.fromisoformat(str(person.solicitado_el))
    story = stand_in.scenario.personas[person.persona]
    return first_asked + timedelta(days=stand_in.chance.within(story.espera_dias, "espera", person.curp))


def _first_answer(stand_in: StandIn, now: datetime, curp: Curp, person: Person) -> Answer:
    way = outlook(stand_in, now.date(), person)
    if way == "en_proceso":
        return refuse(Codigo.EN_PROCESO)
    if way == "subdelegacion":
        story = stand_in.scenario.personas[person.persona]
        return refuse(Codigo.ACUDIR_SUBDELEGACION, motivo=story.motivo, documentos=list(stand_in.scenario.documentos_subdelegacion))
    found = way == "localizado"
    person = save(stand_in, replace(person, nss=_free_nss(stand_in, curp, now.date(), found=found)))
    return _nss_answer(stand_in, now, person, "LOCALIZADO" if found else "ASIGNADO")


def _nss_answer(stand_in: StandIn, now: datetime, person: Person, result: str) -> Answer:
    body = {
        "resultado": result,
        "folio": stand_in.folios.issue(now),
        "fecha": now.date().isoformat(),
        "curp": person.curp,
        "nss": person.nss,
        "nombre": person.nombre,
        "primer_apellido": person.primer_apellido,
        "segundo_apellido": person.segundo_apellido,
    }
    return said(result, body)


def is_of_another(stand_in: StandIn, curp: str, email: str) -> bool:
    """Whether the address is tied to another CURP. IMSS takes one address for one CURP only."""
    row = stand_in.db.execute("SELECT curp FROM correos WHERE correo = ?", (email.casefold(),)).fetchone()
    return row is not None and row[0] != curp


def keep_email(stand_in: StandIn, curp: str, email: str) -> bool:
    """Tie the address to the CURP; False when it is another's. An empty one is tied to no CURP."""
    if email and is_of_another(stand_in, curp, email):
        return False
    if email:
        stand_in.db.execute("INSERT OR IGNORE INTO correos VALUES (?, ?)", (email.casefold(), curp))
    return True


def _free_nss(stand_in: StandIn, curp: Curp, today: date, *, found: bool) -> str:
    """A free number: prefix of the region, year of registration, year of birth, serial, check digit.

    A found number was registered in the past, a new one this year. Redrawing (not counting up) keeps the cost flat in a full series.
    """
    year = today.year
    if found:
        earliest = min(max(curp.birth.year + USUAL_AGE, FIRST_ORDINARY_YEAR), year)
        year = stand_in.chance.within((earliest, year), "registro", curp.text)
    for attempt in count():
        draw = stand_in.chance.number("nss", curp.text, attempt)
        prefixes = nss_prefixes(curp.entity) if attempt < OWN_SERIES_TRIES else ALL_PREFIXES
        serial, pick = draw % 10_000, draw // 10_000
        first10 = f"{prefixes[pick % len(prefixes)]}{year % 100:02d}{curp.birth.year % 100:02d}{serial:04d}"
        nss = first10 + nss_digit(first10)
        if not is_taken(stand_in, nss):
            return nss
    raise AssertionError("count() does not end")


CORREO = Text(
    "correo",
    "Correo de la persona; nulo o vacío cuando quien pregunta no lo tiene. Un correo sirve para una sola CURP",
    "estudiante@example.mx",
    EMAIL,
    max_length=254,
    required=False,
    codigo=Codigo.CORREO_INVALIDO,
)
ASK_NSS = Operation("solicitarNss", "POST", "/api/v1/nss", ask_nss, (fields.CURP, CORREO))
