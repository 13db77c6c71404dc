"""The subdelegación's desk: takes the papers of who could not finish online, and says the day on which it resolves.

The days count from the first attempt online (`register.resolves_on`): whoever presents the papers, the plantel's officer or nobody in this
simulation, the register is put right on that day.
"""

from datetime import datetime

from imss_mock import fields, register
from imss_mock.answers import Answer, Codigo, refuse
from imss_mock.shapes import Texts, Values
from imss_mock.twin import Operation, Twin

PAPERS = Texts(
    "documentos", "Los documentos que se presentan, con los nombres que dio ACUDIR_SUBDELEGACION", ("Acta de nacimiento", "CURP")
)


def present(twin: Twin, now: datetime, asked: Values) -> Answer:
    """The NSS once the case is resolved; before, the day on which it will be; refused without all the papers or without a case."""
    today = now.date()
    curp = register.checked_curp(asked["curp"], today)
    person = register.find(twin, curp.text)
    if person is None or person.solicitado_el is None or twin.scenario.personas[person.persona].tramite != "subdelegacion":
        return refuse(Codigo.SIN_CASO_EN_SUBDELEGACION)
    missing = [paper for paper in twin.scenario.documentos_obligatorios if paper not in asked["documentos"]]  # type: ignore[operator]
    if missing:
        return refuse(Codigo.FALTAN_DOCUMENTOS, documentos=missing)
    resolved = register.resolves_on(twin, person)
    if today < resolved:
        return refuse(Codigo.EN_PROCESO, resuelve_el=resolved.isoformat())
    return register.ask_nss(twin, now, {"curp": curp.text, "correo": None})


PRESENT = Operation("presentarDocumentos", "POST", "/api/v1/subdelegacion", present, (fields.CURP, PAPERS))
