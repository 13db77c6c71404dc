"""What IMSS itself corrects of a person it knows, for tests: the CURP, the number, or that two numbers were one person's.

What was received stays as it was sent; it counts for the person under the new CURP, and under the number it was sent with unless the two
were unified. A number of before stays the person's: IMSS may have two of a person until it unifies them.
"""

from dataclasses import replace
from datetime import datetime

from imss_mock.people import fields, register
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Flag, Text, Values
from imss_mock.state.stand_in import Operation, StandIn


def correct(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """The person as they are known from now on."""
    person = register.find(stand_in, register.checked_curp(asked["curp"], now.date()).text)
    if person is None:
        return refuse(Codigo.SIN_REGISTRO)
    if asked["nss_nuevo"] is not None:
        person = _renumber(stand_in, person, register.checked_nss(asked["nss_nuevo"]), unified=bool(asked["unifica"]))
    if asked["curp_nueva"] is not None:
        person = _rename(stand_in, person, register.checked_curp(asked["curp_nueva"], now.date()).text)
    return said("CORREGIDA", {"curp": person.curp, "nss": person.nss})


def _renumber(stand_in: StandIn, person: register.Person, nss: str, *, unified: bool) -> register.Person:
    if register.is_taken(stand_in, nss):
        raise RefusedError(Codigo.NSS_INVALIDO, campo="nss_nuevo")
    if person.nss and unified:
        stand_in.db.execute("UPDATE numeros_anteriores SET cuenta_con = ? WHERE cuenta_con = ?", (nss, person.nss))
    if person.nss:
        stand_in.db.execute("INSERT INTO numeros_anteriores VALUES (?, ?, ?)", (person.nss, person.curp, nss if unified else person.nss))
    return register.save(stand_in, replace(person, nss=nss))


def _rename(stand_in: StandIn, person: register.Person, curp: str) -> register.Person:
    if register.find(stand_in, curp):
        raise RefusedError(Codigo.CURP_INVALIDA, campo="curp_nueva")
    stand_in.db.execute("DELETE FROM personas WHERE curp = ?", (person.curp,))
    for table in ("numeros_anteriores", "curps_anteriores", "correos", "clinicas"):
        stand_in.db.execute(f"UPDATE {table} SET curp = ? WHERE curp = ?", (curp, person.curp))  # noqa: S608 own names
    stand_in.db.execute("INSERT OR REPLACE INTO curps_anteriores VALUES (?, ?)", (person.curp, curp))
    return register.save(stand_in, replace(person, curp=curp))


_NEW_CURP = Text("curp_nueva", "CURP corregida por RENAPO", None, fields.CURP.pattern, max_length=18, required=False)
_NEW_NSS = Text("nss_nuevo", "NSS con que se le conoce desde ahora", None, fields.NSS.pattern, max_length=11, required=False)
_UNIFIED = Flag("unifica", "Los dos números eran suyos: lo recibido con el anterior cuenta con el nuevo")
CORRECT = Operation("corregirPersona", "PUT", "/control/personas", correct, (fields.CURP, _NEW_CURP, _NEW_NSS, _UNIFIED))
