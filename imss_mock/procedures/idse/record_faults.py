"""What is seen of a record when its lote is received: why it is refused at once, and what it asks for otherwise."""

from collections.abc import Container
from datetime import date, timedelta

from imss_mock.people.identifiers import is_nss, read_curp
from imss_mock.people.register import Person, find, holder
from imss_mock.procedures.idse.lines import Record, is_well_formed
from imss_mock.procedures.movements import ALTA, plain
from imss_mock.protocol.shapes import Values
from imss_mock.state.stand_in import StandIn

SATURDAY = 5
NAME_LENGTH = 27
NO_SURNAME = "X"  # some systems write it for a segundo apellido that is missing


def fault(record: Record, today: date, seen: Container[str]) -> str | None:
    """Code with which a record is thrown out at once; None: it is received. `seen`: the NSS of those received before it."""
    if not is_well_formed(record):
        return "F-FORMATO"
    if not is_nss(record["nss"]):
        return "F-NSS-DIGITO"
    if record["nss"] in seen:
        return "F-REPETIDO"
    if "curp" in record and read_curp(record["curp"], today) is None:
        return "F-CURP-INVALIDA"
    return None if day_of(record) else "F-FECHA"


def day_of(record: Record) -> date | None:
    """The date of the movement; None if the calendar has no such day."""
    written = record["fecha"]
    try:
        return date(int(written[4:]), int(written[2:4]), int(written[:2]))
    except ValueError:
        return None


def person_of(stand_in: StandIn, today: date, record: Record) -> Person | None:
    """Whom the register knows under the record's numbers: an alta carries CURP and NSS, a baja only the NSS."""
    if record["tipo_movimiento"] == ALTA:
        return holder(stand_in, today, record["curp"], record["nss"])
    row = stand_in.db.execute("SELECT curp FROM personas WHERE nss = ?", (record["nss"],)).fetchone()
    return find(stand_in, row[0]) if row else None


def asked(record: Record, person: Person | None) -> Values:
    """The movement that a record asks for, as `movements` takes it. A name cut at its 27 positions is the register's name."""
    day = day_of(record)
    own = person or Person("", None, None, None, None, "", "", None)
    names = {name: _name(record[name], getattr(own, name)) for name in ("nombre", "primer_apellido", "segundo_apellido")}
    if names["segundo_apellido"] == NO_SURNAME and not own.segundo_apellido:
        names["segundo_apellido"] = ""
    return {
        "tipo_movimiento": record["tipo_movimiento"],
        "registro_patronal": record["registro_patronal"],
        "nss": record["nss"],
        "curp": record.get("curp") or own.curp,
        "fecha_movimiento": day.isoformat() if day else "",
        "umf": record.get("umf") or None,
        "clave_trabajador": record["clave_trabajador"],
        "causa_baja": record.get("causa_baja"),
        **names,
    }


def _name(written: str, own: str | None) -> str:
    return own if own and plain(own)[:NAME_LENGTH].rstrip() == plain(written) else written


def is_late(record: Record, received: date, most: int) -> bool:
    """Whether more than `most` days from Monday to Friday lie between the movement and its reception."""
    day, worked = day_of(record), 0
    while day and day < received and worked <= most:
        day += timedelta(days=1)
        worked += day.weekday() < SATURDAY
    return worked > most
