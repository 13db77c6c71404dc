"""What a case can be, what can happen to it, and THE transition table: the one place where a move is legal or not.

The database holds the same table (cases_transition) and refuses any other move, whatever code tries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.db import models


class State(models.TextChoices):
    SIN_NSS = "SIN_NSS", "Sin NSS"
    NSS_OBTENIDO = "NSS_OBTENIDO", "NSS obtenido"
    ACUSE_ENTREGADO = "ACUSE_ENTREGADO", "Acuse entregado"
    ALTA_ENVIADA = "ALTA_ENVIADA", "Alta enviada"
    VIGENTE = "VIGENTE", "Vigente"
    SIN_VIGENCIA = "SIN_VIGENCIA", "Sin vigencia"
    EN_SUBDELEGACION = "EN_SUBDELEGACION", "En subdelegación"
    RENUNCIA = "RENUNCIA", "Renuncia"
    BAJA = "BAJA", "Baja"


class Verb(models.TextChoices):
    """The closed vocabulary of the history. A label reads as what happened."""

    OPEN = "open", "Expediente abierto"
    CONTINUE = "continue", "Reinscripción"
    OBTAIN_NSS = "obtain_nss", "NSS obtenido"
    CORRECT_NSS = "correct_nss", "NSS corregido"
    DISOWN_NSS = "disown_nss", "El NSS no es del alumno"
    DELIVER_ACUSE = "deliver_acuse", "Acuse entregado"
    RETRACT_ACUSE = "retract_acuse", "Entrega del acuse deshecha"
    SEND_ALTA = "send_alta", "Alta enviada al IMSS"
    CONFIRM_VIGENCIA = "confirm_vigencia", "Vigencia confirmada por el IMSS"
    MISS_VIGENCIA = "miss_vigencia", "El IMSS no reporta vigencia"
    REJECT_ALTA = "reject_alta", "Alta rechazada por el IMSS"
    ESCALATE = "escalate", "Enviado a la subdelegación"
    FILE_AT_DESK = "file_at_desk", "Presentado en la subdelegación"
    RETURN = "return", "Regresó de la subdelegación"
    RENOUNCE = "renounce", "Renuncia firmada"
    WITHDRAW_RENUNCIA = "withdraw_renuncia", "Renuncia retirada"
    LEAVE = "leave", "Baja escolar"
    SEND_BAJA = "send_baja", "Baja enviada al IMSS"
    OPERATE_BAJA = "operate_baja", "Baja operada por el IMSS"
    REJOIN = "rejoin", "Reingreso"
    NOTE_COVERAGE = "note_coverage", "Cobertura anotada"
    NOTE_CLINIC = "note_clinic", "Clínica anotada"
    RECEIVE_PAPERS = "receive_papers", "Documentos recibidos"
    VERIFY_PAPERS = "verify_papers", "Documentos verificados"
    REJECT_PAPERS = "reject_papers", "Documentos rechazados"
    RETRACT_PAPERS = "retract_papers", "Recepción de documentos deshecha"
    HOLD = "hold", "Plazo en pausa"
    RELEASE = "release", "Plazo reanudado"
    UNDO_LOAD = "undo_load", "Carga de lista deshecha"
    RESCHEDULE = "reschedule", "Plazo recalculado"
    ALERT = "alert", "Atraso avisado a coordinación"


class Turn(models.TextChoices):
    ALUMNO = "alumno", "Alumno"
    ESCUELA = "escuela", "Escuela"
    IMSS = "imss", "IMSS"
    NADIE = "nadie", "Nadie"


class Coverage(models.TextChoices):
    """A fact apart from the state: who covers the student, as last proved (domain notes, 3.5)."""

    NONE = "none", "Sin cobertura comprobada"
    OURS = "ours", "Seguro de estudiante por esta escuela"
    OTHER_SCHOOL = "other_school", "Seguro de estudiante por otra escuela"
    OTHER = "other", "Otra cobertura (trabajo, familia u otro instituto)"


class PaperStatus(models.TextChoices):
    RECEIVED = "received", "Recibido"
    VERIFIED = "verified", "Verificado"
    REJECTED = "rejected", "Rechazado"


class Milestone(models.IntegerChoices):
    """How far an affiliation has come, by what is proved today; each includes those before it."""

    INSCRITO = 0, "Inscritos"
    NSS = 1, "Con NSS"
    ACUSE = 2, "Con acuse"
    ALTA = 3, "Con alta"
    VIGENCIA = 4, "Vigentes"
    CLINICA = 5, "Con clínica"


class BajaKind(models.TextChoices):
    TEMPORAL = "temporal", "Baja temporal"
    DEFINITIVA = "definitiva", "Baja definitiva"
    EGRESO = "egreso", "Egreso"
    DESERCION = "desercion", "Deserción"
    TRASLADO = "traslado", "Cambio de plantel"
    DESHECHA = "deshecha", "Abierto por una carga que se deshizo"


S, V = State, Verb

#: States in which the affiliation is being pursued: at most one such case per student and plantel.
OPEN_STATES: Final = frozenset(State) - {S.RENUNCIA, S.BAJA}
#: States in which the sheet IMSS gives is still asked of the student.
BEFORE_THE_SHEET: Final = (S.SIN_NSS, S.NSS_OBTENIDO)
_CLOSED: Final = frozenset(State) - OPEN_STATES
PROGRESS: Final = frozenset({S.SIN_NSS, S.NSS_OBTENIDO, S.ACUSE_ENTREGADO, S.ALTA_ENVIADA})
_BEFORE_VIGENTE: Final = PROGRESS | {S.SIN_VIGENCIA, S.EN_SUBDELEGACION}


def _all_to(sources: frozenset[State], *targets: State) -> dict[State, frozenset[State]]:
    return {source: frozenset(targets) for source in sources}


def _stays(sources: frozenset[State]) -> dict[State, frozenset[State]]:
    return {source: frozenset({source}) for source in sources}


#: What says why a case is for the subdelegación: its last such event, in its own words or in IMSS'.
DESK_REASONS: Final = (V.ESCALATE, V.REJECT_ALTA, V.MISS_VIGENCIA)

#: verb -> from -> where it may go. Where several targets stand, the facts decide (facts.destination).
TRANSITIONS: Final[Mapping[Verb, Mapping[State, frozenset[State]]]] = {
    V.CONTINUE: _stays(OPEN_STATES),
    V.OBTAIN_NSS: _all_to(frozenset({S.SIN_NSS}), S.NSS_OBTENIDO),
    # A closed case stays closed, but must not come back with a number that was not the student's.
    V.CORRECT_NSS: _all_to(_BEFORE_VIGENTE - {S.SIN_NSS} | {S.VIGENTE}, S.NSS_OBTENIDO) | _stays(_CLOSED),
    V.DISOWN_NSS: _all_to(_BEFORE_VIGENTE - {S.SIN_NSS} | {S.VIGENTE}, S.SIN_NSS) | _stays(_CLOSED),
    V.DELIVER_ACUSE: _all_to(frozenset({S.NSS_OBTENIDO}), S.ACUSE_ENTREGADO),
    V.RETRACT_ACUSE: _all_to(frozenset({S.ACUSE_ENTREGADO}), S.NSS_OBTENIDO),
    V.SEND_ALTA: _all_to(frozenset({S.ACUSE_ENTREGADO, S.SIN_VIGENCIA}), S.ALTA_ENVIADA),
    # IMSS is right about the register: a late or unexpected yes counts from wherever we are still pursuing it.
    V.CONFIRM_VIGENCIA: _all_to(_BEFORE_VIGENTE - {S.SIN_NSS}, S.VIGENTE) | _stays(frozenset({S.VIGENTE})),
    V.MISS_VIGENCIA: _all_to(frozenset({S.ALTA_ENVIADA, S.VIGENTE}), S.SIN_VIGENCIA),
    V.REJECT_ALTA: _all_to(frozenset({S.ALTA_ENVIADA}), S.SIN_VIGENCIA),
    V.ESCALATE: _all_to(PROGRESS | {S.SIN_VIGENCIA}, S.EN_SUBDELEGACION),
    V.FILE_AT_DESK: _stays(frozenset({S.EN_SUBDELEGACION})),
    V.RETURN: _all_to(frozenset({S.EN_SUBDELEGACION}), *PROGRESS),
    V.RENOUNCE: _all_to(_BEFORE_VIGENTE | {S.VIGENTE}, S.RENUNCIA),
    V.WITHDRAW_RENUNCIA: _all_to(frozenset({S.RENUNCIA}), *PROGRESS),
    V.LEAVE: _all_to(frozenset(State) - {S.BAJA}, S.BAJA),
    V.SEND_BAJA: _stays(frozenset({S.BAJA, S.RENUNCIA})),
    V.OPERATE_BAJA: _stays(frozenset({S.BAJA, S.RENUNCIA})),
    V.REJOIN: _all_to(frozenset({S.BAJA}), S.SIN_NSS, S.NSS_OBTENIDO, S.ACUSE_ENTREGADO, S.ALTA_ENVIADA),
    # Back to where a list found it: closed if the list opened it (facts say which).
    V.UNDO_LOAD: {
        **{state: frozenset({state, S.BAJA}) for state in PROGRESS},
        **_stays(OPEN_STATES - PROGRESS),
        S.NSS_OBTENIDO: frozenset({S.NSS_OBTENIDO, S.SIN_NSS, S.BAJA}),
        S.BAJA: frozenset(State) - {S.BAJA},
    },
    V.NOTE_COVERAGE: _stays(frozenset(State)),
    V.NOTE_CLINIC: _stays(frozenset({S.VIGENTE})),
    V.RECEIVE_PAPERS: _stays(OPEN_STATES),
    V.VERIFY_PAPERS: _stays(OPEN_STATES),
    V.REJECT_PAPERS: _stays(OPEN_STATES),
    V.RETRACT_PAPERS: _stays(OPEN_STATES),
    V.HOLD: _stays(OPEN_STATES),
    V.RELEASE: _stays(frozenset(State)),
    V.RESCHEDULE: _stays(frozenset(State)),
    V.ALERT: _stays(frozenset(State)),
}

#: A case is born here: with an NSS the roll brought (and whose digits hold), or without one.
BIRTH_STATES: Final = frozenset({S.SIN_NSS, S.NSS_OBTENIDO})


def rows() -> Iterator[tuple[str, str, str]]:
    """The transition table as (verb, from, to) rows, births with an empty from: what the database holds."""
    yield from ((V.OPEN.value, "", state.value) for state in sorted(BIRTH_STATES))
    for verb, moves in TRANSITIONS.items():
        for source, targets in moves.items():
            yield from ((verb.value, source.value, target.value) for target in sorted(targets))


def verbs_from(state: State) -> list[Verb]:
    """The verbs a case in `state` allows, in the order of the table."""
    return [verb for verb, moves in TRANSITIONS.items() if state in moves]
