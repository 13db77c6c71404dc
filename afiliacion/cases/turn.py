"""Pure: whose turn a case is, what is the next thing to do, and which clock runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.clock import RuleKey
from afiliacion.cases.facts import Facts
from afiliacion.cases.states import BajaKind, Coverage, State, Turn


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose turn, the next action as the office reads it, and the rule that says by when (None: no clock runs)."""

    turn: Turn
    next_action: str
    rule: RuleKey | None


_BY_STATE: Final[Mapping[State, Whose]] = {
    State.SIN_NSS: Whose(Turn.ALUMNO, "El alumno obtiene su NSS en el portal del IMSS y entrega el acuse", RuleKey.ACUSE),
    State.NSS_OBTENIDO: Whose(Turn.ALUMNO, "El alumno entrega el acuse impreso con su NSS", RuleKey.ACUSE),
    State.ACUSE_ENTREGADO: Whose(Turn.ESCUELA, "Enviar el alta al IMSS", RuleKey.ALTA),
    State.ALTA_ENVIADA: Whose(Turn.IMSS, "Esperar a que el IMSS reporte la vigencia", RuleKey.VIGENCIA),
    State.VIGENTE: Whose(Turn.NADIE, "Nada pendiente; la vigencia se vuelve a consultar", RuleKey.REVISION),
    State.SIN_VIGENCIA: Whose(Turn.ESCUELA, "Revisar la causa y volver a enviar el alta o acudir a la subdelegación", RuleKey.ATENCION),
    State.EN_SUBDELEGACION: Whose(
        Turn.ESCUELA, "Llevar el caso a la subdelegación (va el responsable, no el alumno)", RuleKey.SUBDELEGACION
    ),
    State.RENUNCIA: Whose(Turn.NADIE, "Cerrado por renuncia del alumno", None),
    State.BAJA: Whose(Turn.NADIE, "Cerrado por baja", None),
}
_AT_DESK: Final = Whose(Turn.IMSS, "Esperar la respuesta de la subdelegación", RuleKey.SUBDELEGACION)
_SEND_BAJA: Final = Whose(Turn.ESCUELA, "Enviar la baja al IMSS", RuleKey.BAJA)
_WAIT_BAJA: Final = Whose(Turn.IMSS, "Esperar a que el IMSS opere la baja", RuleKey.VIGENCIA)


def whose(facts: Facts) -> Whose:
    """Derive the turn, the next action and the clock that runs from the facts alone."""
    if facts.state in (State.BAJA, State.RENUNCIA) and facts.baja_owed:
        return _WAIT_BAJA if facts.baja_sent_on else _SEND_BAJA
    if facts.state is State.EN_SUBDELEGACION and facts.filed_on:
        return _AT_DESK
    return _BY_STATE[facts.state]


def notices(facts: Facts) -> list[str]:
    """What an officer should know besides the turn, in Spanish, one sentence each."""
    said = []
    if facts.coverage == Coverage.OTHER and facts.state not in (State.RENUNCIA, State.BAJA):
        said.append("Tiene otra cobertura (trabajo, familia u otro instituto), que prevalece mientras dure.")
    if facts.coverage == Coverage.OTHER_SCHOOL:
        said.append("El IMSS lo reporta asegurado por otra escuela.")
    if facts.state is State.VIGENTE and not facts.clinic_on:
        said.append("Falta que el alumno se registre en su clínica (UMF).")
    if facts.state is State.BAJA and facts.baja_kind == BajaKind.TEMPORAL:
        said.append("Es una baja temporal: puede reingresar.")
    return said
