"""Derive whose turn a case is, its next action and the rule of its clock from the facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.baja_kinds import SILENT
from afiliacion.cases.clock import RuleKey
from afiliacion.cases.facts import Facts
from afiliacion.cases.states import BajaKind, Coverage, State, Turn, rests


@dataclass(frozen=True, slots=True)
class WhoseTurn:
    """Whose turn, the next action in Spanish, and the rule that sets the due date (None: no clock runs)."""

    turn: Turn
    next_action: str
    rule: RuleKey | None


_BY_STATE: Final[Mapping[State, WhoseTurn]] = {
    State.SIN_NSS: WhoseTurn(Turn.ALUMNO, "El alumno obtiene su NSS en el portal del IMSS y entrega el acuse", RuleKey.ACUSE),
    State.NSS_OBTENIDO: WhoseTurn(Turn.ALUMNO, "El alumno entrega el acuse impreso con su NSS", RuleKey.ACUSE),
    State.ACUSE_ENTREGADO: WhoseTurn(Turn.ESCUELA, "Enviar el alta al IMSS", RuleKey.ALTA),
    State.ALTA_ENVIADA: WhoseTurn(Turn.IMSS, "Esperar a que el IMSS reporte la vigencia", RuleKey.VIGENCIA),
    State.VIGENTE: WhoseTurn(Turn.NADIE, "Nada pendiente; la vigencia se vuelve a consultar", RuleKey.REVISION),
    State.SIN_VIGENCIA: WhoseTurn(Turn.ESCUELA, "Revisar la causa y volver a enviar el alta o acudir a la subdelegación", RuleKey.ATENCION),
    State.EN_SUBDELEGACION: WhoseTurn(
        Turn.ESCUELA, "Llevar el caso a la subdelegación (va el responsable, no el alumno)", RuleKey.SUBDELEGACION
    ),
    State.RENUNCIA: WhoseTurn(Turn.NADIE, "Cerrado por renuncia del alumno", None),
    State.BAJA: WhoseTurn(Turn.NADIE, "Cerrado por baja", None),
}
_FORMER_OWED: Final = "El IMSS aún tiene un alta anterior, con otro NSS o registro patronal: envíe esa baja."
_FORMER_SENT: Final = "La baja de un alta anterior está enviada; falta que el IMSS la opere."
_KEPT_ELSEWHERE: Final = (
    "Su seguro sigue en el otro plantel, que tiene el mismo registro patronal: la baja se pide si allá no se inscribe o cuando lo deje."
)
_AGAIN: Final = WhoseTurn(Turn.ESCUELA, "Llevar otra vez el caso a la subdelegación: faltó algo", RuleKey.SUBDELEGACION)
_AT_DESK: Final = WhoseTurn(Turn.IMSS, "Esperar la respuesta de la subdelegación", RuleKey.SUBDELEGACION)
_SEND_BAJA: Final = WhoseTurn(Turn.ESCUELA, "Enviar la baja al IMSS", RuleKey.BAJA)
_RESTS: Final = WhoseTurn(Turn.NADIE, "Nada pendiente mientras dure su otra cobertura; se le vuelve a preguntar al IMSS", RuleKey.COBERTURA)
#: No one is late because of another school's cover: its clock says when it is looked at again.
_OTHER_SCHOOL: Final = WhoseTurn(Turn.ESCUELA, "Acordar con la otra escuela cuál de las dos lo conserva", RuleKey.COBERTURA)
_WAIT_BAJA: Final = WhoseTurn(Turn.IMSS, "Esperar a que el IMSS opere la baja", RuleKey.VIGENCIA)


def whose_turn(facts: Facts) -> WhoseTurn:
    """Derive the turn, the next action and the clock that runs from the facts alone."""
    if not facts.is_open and facts.baja_owed:
        return _SEND_BAJA if facts.baja_unsent else _WAIT_BAJA
    if rests(facts.state, facts.coverage):
        return _RESTS
    if facts.state is State.SIN_VIGENCIA and facts.coverage == Coverage.OTHER_SCHOOL:
        return _OTHER_SCHOOL
    if facts.state is State.EN_SUBDELEGACION and facts.filed_on:
        return _AT_DESK
    if facts.state is State.EN_SUBDELEGACION and facts.wanted_on:
        return _AGAIN
    return _BY_STATE[facts.state]


def notices(facts: Facts) -> list[str]:
    """What an officer should know besides the turn: sentences in Spanish."""
    said = []
    if facts.coverage == Coverage.OTHER and facts.state not in (State.RENUNCIA, State.BAJA):
        said.append("Tiene otra cobertura (trabajo, familia u otro instituto), que prevalece mientras dure.")
    if facts.coverage == Coverage.OTHER_SCHOOL:
        said.append("El IMSS lo reporta asegurado por otra escuela.")
    if facts.former_owed_on:
        said.append(_FORMER_SENT if facts.former_sent_on else _FORMER_OWED)
    if facts.keeps_cover:
        said.append(_KEPT_ELSEWHERE)
    if facts.state is State.VIGENTE and not facts.clinic_on:
        said.append("Falta que el alumno se registre en su clínica (UMF).")
    return said + _about_baja(facts) if facts.state is State.BAJA else said


def _about_baja(facts: Facts) -> list[str]:
    if facts.baja_kind == BajaKind.TEMPORAL:
        return ["Es una baja temporal: puede reingresar."]
    if facts.baja_kind in SILENT:
        return ["Baja por defunción: no se le escribe más, ni a él ni a su familia."]
    if facts.baja_kind == BajaKind.DESHECHA:
        return ["No cuenta en listas ni informes: lo abrió una lista que se deshizo, o era repetido. Aquí queda su historia."]
    return [f"Tipo de baja: {BajaKind(facts.baja_kind).label}."] if facts.baja_kind else []
