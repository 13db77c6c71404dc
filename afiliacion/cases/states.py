"""The states, verbs and transition table of cases.

The database holds the same table (cases_transition) and its trigger refuses any other move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


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
    """What can happen to a case. The label is the title of the event in the history."""

    OPEN = "open", "Expediente abierto"
    CONTINUE = "continue", "Reinscripción"
    OBTAIN_NSS = "obtain_nss", "NSS obtenido"
    CORRECT_NSS = "correct_nss", "NSS corregido"
    UNIFY_NSS = "unify_nss", "NSS unificado por el IMSS"
    DISOWN_NSS = "disown_nss", "El NSS no es del alumno"
    DELIVER_ACUSE = "deliver_acuse", "Acuse entregado"
    RETRACT_ACUSE = "retract_acuse", "Entrega del acuse deshecha"
    SEND_ALTA = "send_alta", "Alta enviada al IMSS"
    CONFIRM_VIGENCIA = "confirm_vigencia", "Vigencia confirmada por el IMSS"
    MISS_VIGENCIA = "miss_vigencia", "El IMSS no reporta vigencia"
    REJECT_ALTA = "reject_alta", "Alta rechazada por el IMSS"
    DECLARE_COVER = "declare_cover", "Seguro que ya existía, declarado"
    RETRACT_COVER = "retract_cover", "Declaración del seguro deshecha"
    ESCALATE = "escalate", "Enviado a la subdelegación"
    FILE_AT_DESK = "file_at_desk", "Presentado en la subdelegación"
    RETRACT_FILING = "retract_filing", "Presentación en la subdelegación deshecha"
    WANT_MORE = "want_more", "La subdelegación pidió algo más"
    RETRACT_WANT_MORE = "retract_want_more", "Se deshizo «faltó algo»"
    RETURN = "return", "Regresó de la subdelegación"
    RENOUNCE = "renounce", "Renuncia firmada"
    WITHDRAW_RENUNCIA = "withdraw_renuncia", "Renuncia retirada"
    LEAVE = "leave", "Baja escolar"
    UNDO_LEAVE = "undo_leave", "Baja escolar deshecha"
    SEND_BAJA = "send_baja", "Baja enviada al IMSS"
    OPERATE_BAJA = "operate_baja", "Baja operada por el IMSS"
    REJECT_BAJA = "reject_baja", "Baja rechazada por el IMSS"
    OWE_BAJA = "owe_baja", "Falta enviar una baja al IMSS"
    DROP_BAJA = "drop_baja", "La baja ya no procede"
    LOSE_ALTA = "lose_alta", "El alta dejó de valer"
    RETRACT_MOVE = "retract_move", "Cambio de registro patronal deshecho"
    REJOIN = "rejoin", "Reingreso"
    REOPEN = "reopen", "Expediente abierto de nuevo"
    NOTE_COVERAGE = "note_coverage", "Cobertura anotada"
    NOTE_CLINIC = "note_clinic", "Clínica anotada"
    RECEIVE_PAPERS = "receive_papers", "Documentos recibidos"
    VERIFY_PAPERS = "verify_papers", "Documentos verificados"
    REJECT_PAPERS = "reject_papers", "Documentos rechazados"
    RETRACT_PAPERS = "retract_papers", "Recepción de documentos deshecha"
    HOLD = "hold", "Plazo en pausa"
    RELEASE = "release", "Plazo reanudado"
    CORRECT_PERSON = "correct_person", "Datos corregidos"
    RETRACT_CORRECTION = "retract_correction", "Corrección de datos deshecha"
    CORRECT_ENROLMENT = "correct_enrolment", "Fecha de inscripción corregida"
    MERGE = "merge", "Unido con otro registro de la misma persona"
    RETRACT_MERGE = "retract_merge", "Unión de registros deshecha"
    RETRACT_ANSWER = "retract_answer", "Respuesta del IMSS deshecha"
    UNDO_LOAD = "undo_load", "Carga de lista deshecha"
    RESCHEDULE = "reschedule", "Plazo recalculado"
    ALERT = "alert", "Atraso avisado a coordinación"


class Turn(models.TextChoices):
    ALUMNO = "alumno", "Alumno"
    ESCUELA = "escuela", "Escuela"
    IMSS = "imss", "IMSS"
    NADIE = "nadie", "Nadie"


class Coverage(models.TextChoices):
    """Who covers the student, as last proved; independent of the state (docs/domain.md, 4.1)."""

    NONE = "none", "Sin cobertura comprobada"
    OURS = "ours", "Seguro de estudiante por esta escuela"
    OTHER_SCHOOL = "other_school", "Seguro de estudiante por otra escuela"
    OTHER = "other", "Otra cobertura (trabajo, familia u otro instituto)"


#: Cover by another than this school, as last proved.
FOREIGN: Final = frozenset({Coverage.OTHER.value, Coverage.OTHER_SCHOOL.value})


class Proof(models.TextChoices):
    """How a school knows of a cover that it declares."""

    CONSTANCIA = "constancia", "Constancia de vigencia"
    LIST = "lista", "Lista del SUA o de IDSE"
    WORD = "palabra", "Palabra de la escuela"


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
    DEFUNCION = "defuncion", "Defunción"
    TRASLADO = "traslado", "Cambio de plantel"
    #: Not counted: what opened the case was taken back, or the person had another case and goes on with that one.
    DESHECHA = "deshecha", "No cuenta: carga deshecha o expediente repetido"


S, V = State, Verb

#: States in which the affiliation is being pursued: at most one such case per student and plantel.
OPEN_STATES: Final = frozenset(State) - {S.RENUNCIA, S.BAJA}
#: States in which the sheet IMSS gives is still asked of the student.
BEFORE_THE_SHEET: Final = (S.SIN_NSS, S.NSS_OBTENIDO)
_CLOSED: Final = frozenset(State) - OPEN_STATES
PROGRESS: Final = frozenset({S.SIN_NSS, S.NSS_OBTENIDO, S.ACUSE_ENTREGADO, S.ALTA_ENVIADA})
_BEFORE_VIGENTE: Final = PROGRESS | {S.SIN_VIGENCIA, S.EN_SUBDELEGACION}


#: With a cover that prevails (Coverage.OTHER), a case rests in these.
RESTING: Final = frozenset({S.ALTA_ENVIADA, S.SIN_VIGENCIA, S.EN_SUBDELEGACION, S.VIGENTE})


def rests(state: str, coverage: str) -> bool:
    """Whether a case waits, without a due step, until the cover by a job, the family or another institute ends (docs/domain.md, 4.2)."""
    return coverage == Coverage.OTHER and state in RESTING


def awaits_cover(state: str, coverage: str) -> bool:
    """Whether the clock of a case is when the cover by another is asked about again: at rest, or without vigencia by another school's."""
    return rests(state, coverage) or (state == S.SIN_VIGENCIA and coverage == Coverage.OTHER_SCHOOL)


def _all_to(sources: frozenset[State], *targets: State, also_stays: bool = False) -> dict[State, frozenset[State]]:
    return {source: frozenset({*targets, source} if also_stays else targets) for source in sources}


def _stays(sources: frozenset[State]) -> dict[State, frozenset[State]]:
    return {source: frozenset({source}) for source in sources}


#: What the office itself notes of a case: an earlier step can be taken back though it follows, and it goes with that step.
NOTED_BY_OFFICE: Final = frozenset({V.RESCHEDULE, V.ALERT, V.OWE_BAJA, V.DROP_BAJA})
#: The last event of these verbs gives the reason why a case is for the subdelegación: the officer's, or the message of IMSS.
DESK_REASONS: Final = (V.ESCALATE, V.REJECT_ALTA, V.MISS_VIGENCIA)

#: verb -> from -> where it may go. Where several targets stand, the facts decide (facts.destination).
TRANSITIONS: Final[Mapping[Verb, Mapping[State, frozenset[State]]]] = {
    V.CONTINUE: _stays(OPEN_STATES),
    V.OBTAIN_NSS: _all_to(frozenset({S.SIN_NSS}), S.NSS_OBTENIDO),
    # A closed case stays closed, but must not come back with a number that was not the student's.
    V.CORRECT_NSS: _all_to(_BEFORE_VIGENTE - {S.SIN_NSS} | {S.VIGENTE}, S.NSS_OBTENIDO) | _stays(_CLOSED),
    # Nothing begins anew: IMSS carries the cover over to the number it keeps.
    V.UNIFY_NSS: _stays(frozenset(State) - {S.SIN_NSS}),
    V.DISOWN_NSS: _all_to(_BEFORE_VIGENTE - {S.SIN_NSS} | {S.VIGENTE}, S.SIN_NSS) | _stays(_CLOSED),
    V.DELIVER_ACUSE: _all_to(frozenset({S.NSS_OBTENIDO}), S.ACUSE_ENTREGADO),
    V.RETRACT_ACUSE: _all_to(frozenset({S.ACUSE_ENTREGADO}), S.NSS_OBTENIDO),
    V.SEND_ALTA: _all_to(frozenset({S.ACUSE_ENTREGADO, S.SIN_VIGENCIA}), S.ALTA_ENVIADA),
    # IMSS is right about the register: a late or unexpected yes counts from wherever we are still pursuing it.
    V.CONFIRM_VIGENCIA: _all_to(_BEFORE_VIGENTE - {S.SIN_NSS}, S.VIGENTE) | _stays(frozenset({S.VIGENTE})),
    V.MISS_VIGENCIA: _all_to(frozenset({S.ALTA_ENVIADA, S.VIGENTE}), S.SIN_VIGENCIA),
    # Of a closed case: the student left before IMSS said so, and no baja is owed.
    V.REJECT_ALTA: _all_to(frozenset({S.ALTA_ENVIADA}), S.SIN_VIGENCIA) | _stays(_CLOSED),
    # Insured already when the school began with us: on its word, so not VIGENTE.
    V.DECLARE_COVER: _all_to(frozenset({S.NSS_OBTENIDO, S.ACUSE_ENTREGADO}), S.ALTA_ENVIADA),
    # To where the list found the case, and those that had the NSS or the cover from it.
    V.RETRACT_COVER: _all_to(frozenset({S.NSS_OBTENIDO}), S.SIN_NSS)
    | _all_to(frozenset({S.ALTA_ENVIADA}), S.SIN_NSS, S.NSS_OBTENIDO, S.ACUSE_ENTREGADO, S.SIN_VIGENCIA),
    V.ESCALATE: _all_to(PROGRESS | {S.SIN_VIGENCIA}, S.EN_SUBDELEGACION),
    V.FILE_AT_DESK: _stays(frozenset({S.EN_SUBDELEGACION})),
    V.RETRACT_FILING: _stays(frozenset({S.EN_SUBDELEGACION})),
    V.WANT_MORE: _stays(frozenset({S.EN_SUBDELEGACION})),
    V.RETRACT_WANT_MORE: _stays(frozenset({S.EN_SUBDELEGACION})),
    V.RETURN: _all_to(frozenset({S.EN_SUBDELEGACION}), *PROGRESS),
    V.RENOUNCE: _all_to(_BEFORE_VIGENTE | {S.VIGENTE}, S.RENUNCIA),
    V.WITHDRAW_RENUNCIA: _all_to(frozenset({S.RENUNCIA}), *PROGRESS),
    V.LEAVE: _all_to(frozenset(State) - {S.BAJA}, S.BAJA),
    # To where it stood before the baja, whatever that was.
    V.UNDO_LEAVE: _all_to(frozenset({S.BAJA}), *(frozenset(State) - {S.BAJA})),
    # Of an open case: the baja of a number that was not the student's, or one that IMSS received before the student came back.
    V.SEND_BAJA: _stays(frozenset(State)),
    V.OPERATE_BAJA: _stays(frozenset(State)),
    V.REJECT_BAJA: _stays(frozenset(State)),
    # What the room of covers tells a case (afiliacion/insurance).
    V.OWE_BAJA: _stays(frozenset(State)),
    V.DROP_BAJA: _stays(frozenset(State)),
    V.LOSE_ALTA: _all_to(frozenset({S.ALTA_ENVIADA, S.VIGENTE}), S.NSS_OBTENIDO, S.ACUSE_ENTREGADO),
    V.RETRACT_MOVE: _all_to(frozenset({S.NSS_OBTENIDO, S.ACUSE_ENTREGADO}), S.ALTA_ENVIADA, S.VIGENTE),
    V.REJOIN: _all_to(frozenset({S.BAJA}), S.SIN_NSS, S.NSS_OBTENIDO, S.ACUSE_ENTREGADO, S.ALTA_ENVIADA),
    # What a list had opened before it was undone is opened by the list that brings the student again.
    V.REOPEN: _all_to(frozenset({S.BAJA}), S.SIN_NSS, S.NSS_OBTENIDO),
    # Back to where a list found it, whatever the night did since (facts say which): closed, without the NSS, or as it stands.
    V.UNDO_LOAD: {
        **{state: frozenset({state, S.SIN_NSS, S.BAJA}) for state in OPEN_STATES},
        S.BAJA: frozenset(State) - {S.BAJA},
    },
    # Another cover that prevails ends the vigencia through us; the alta stays sent.
    V.NOTE_COVERAGE: _stays(frozenset(State)) | {S.VIGENTE: frozenset({S.VIGENTE, S.ALTA_ENVIADA})},
    V.NOTE_CLINIC: _stays(frozenset({S.VIGENTE})),
    V.RECEIVE_PAPERS: _stays(OPEN_STATES),
    V.VERIFY_PAPERS: _stays(OPEN_STATES),
    V.REJECT_PAPERS: _stays(OPEN_STATES),
    V.RETRACT_PAPERS: _stays(OPEN_STATES),
    V.HOLD: _stays(OPEN_STATES),
    V.RELEASE: _stays(frozenset(State)),
    V.CORRECT_PERSON: _stays(frozenset(State)),
    V.RETRACT_CORRECTION: _stays(frozenset(State)),
    # One of two open cases at a plantel is closed; a case without NSS has that of the other record.
    V.MERGE: _all_to(OPEN_STATES, S.BAJA, also_stays=True) | {S.SIN_NSS: frozenset({S.SIN_NSS, S.NSS_OBTENIDO, S.BAJA})} | _stays(_CLOSED),
    # To where it stood before, whatever it was told of the other record's cover.
    V.RETRACT_MERGE: _all_to(frozenset(State), *State),
    # To where it stood before the answer of a lote was applied.
    V.RETRACT_ANSWER: _all_to(frozenset(State), *State),
    V.CORRECT_ENROLMENT: _stays(OPEN_STATES),
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


def load_transitions(registry: Apps, _editor: BaseDatabaseSchemaEditor | None = None) -> None:
    """Make the database's transition table equal to this one; the migration of every new verb or move runs it (RunPython)."""
    table = registry.get_model("cases", "Transition")
    table._default_manager.all().delete()
    table._default_manager.bulk_create([table(verb=verb, from_state=source, to_state=target) for verb, source, target in rows()])
