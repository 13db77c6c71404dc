"""The subdelegación's desk: takes the papers of who could not finish online, and says the day on which it resolves.

The days count from the first attempt online (`register.resolves_on`): in this
simulation the register is put right on that day whether or not the papers are presented.
"""

from datetime import datetime

from imss_mock.people import fields, register
from imss_mock.protocol.answers import Answer, Codigo, refuse
from imss_mock.protocol.shapes import Texts, Values
from imss_mock.state.stand_in import Operation, StandIn

PAPERS = Texts(
    "documentos", "Los documentos que se presentan, con los nombres que dio ACUDIR_SUBDELEGACION", ("Acta de nacimiento", "CURP")
)


def present(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """The NSS once the case is resolved; before, the day on which it will be; refused without all the papers or without a case."""
    today = now.date()
    curp = register.checked_curp(asked["curp"], today)
    person = register.find(stand_in, curp.text)
    if person is None or person.solicitado_el is None or stand_in.scenario.personas[person.persona].tramite != "subdelegacion":
        return refuse(Codigo.SIN_CASO_EN_SUBDELEGACION)
    missing = [paper for paper in stand_in.scenario.documentos_obligatorios if paper not in asked["documentos"]]  # type: ignore[operator]
    if missing:
        return refuse(Codigo.FALTAN_DOCUMENTOS, documentos=missing)
    resolved = register.resolves_on(stand_in, person)
    if today < resolved:
        return refuse(Codigo.EN_PROCESO, resuelve_el=resolved.isoformat())
    return register.ask_nss(stand_in, now, {"curp": curp.text, "correo": None})


PRESENT = Operation("presentarDocumentos", "POST", "/api/v1/subdelegacion", present, (fields.CURP, PAPERS))
