"""The registry of what a person can do to cases: verb -> form -> call. A new verb on the screens is one more entry here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from afiliacion.cases.facts import Facts, Happening
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.states import TRANSITIONS, State, Verb, rests
from afiliacion.cases.steps.refusals import refusal
from afiliacion.dashboard.case import commands, correction, forms, merging, paper_forms
from afiliacion.dashboard.case.channels import Automatic
from afiliacion.dashboard.case.commands import CaseOrder


class Channel(Enum):
    """By which channel a case's movements go decides which actions make sense: ask for one, or note what was done in IDSE."""

    BOTH = "both"
    AUTOMATIC = "automatic"
    BY_HAND = "by hand"

    def suits(self, *, automatic: bool) -> bool:
        """Whether it makes sense of a movement that goes by the service, or of one that does not."""
        return self is Channel.BOTH or automatic == (self is Channel.AUTOMATIC)


@dataclass(frozen=True, slots=True)
class FitTest:
    """Whether an action makes sense for a case, and what is said of those for which it does not."""

    holds: Callable[[Facts], bool]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. `slug` names it in addresses, `label` on its button, `help` says what it means.

    `when`: for which cases it makes sense, beyond what the verb refuses; its sentence says so of the others.
    """

    slug: str
    verb: Verb
    label: str
    form: type[forms.ActionForm]
    call: Callable[[CaseOrder], Outcome]
    icon: str
    help: str = ""
    grave: bool = False
    channel: Channel = Channel.BOTH
    when: FitTest | None = None

    @property
    def sources(self) -> frozenset[State]:
        return frozenset(TRANSITIONS[self.verb])

    def allowed(self, facts: Facts, *, automatic: bool) -> bool:
        """Whether the step could be taken if the form were filled in well. `automatic`: its movement goes by the service."""
        filled_in = Happening(dt.date.max, evidence="given", reason="given")
        return self.channel.suits(automatic=automatic) and not self.unfit(facts) and not refusal(facts, self.verb, filled_in)

    def unfit(self, facts: Facts) -> str:
        """Why it makes no sense for a case with these facts, in Spanish; empty if it does."""
        return self.when.otherwise if self.when and not self.when.holds(facts) else ""


def _has_sent_baja(facts: Facts) -> bool:
    return (facts.own_baja_owed and facts.baja_sent_on is not None) or facts.former_sent_on is not None


_HAS_PAPERS: Final = FitTest(lambda facts: bool(facts.papers_in), "No ha entregado documentos.")
_PRESENTED: Final = FitTest(lambda facts: facts.filed_on is not None, "El caso no está anotado como presentado en ventanilla.")
_BAJA_NOT_SENT: Final = FitTest(lambda facts: facts.baja_unsent or not facts.baja_owed, "La baja ya se envió al IMSS.")
_BAJA_SENT: Final = FitTest(_has_sent_baja, "La baja todavía no se ha enviado al IMSS.")
_NOT_AT_REST: Final = FitTest(lambda facts: not rests(facts.state, facts.coverage), "Tiene otra cobertura, que prevalece mientras dure.")

_F, _V, _AUTOMATIC, _BY_HAND = forms, Verb, Channel.AUTOMATIC, Channel.BY_HAND
#: In the order the screens offer them: the path first, then what interrupts it, then what is noted beside it.
ACTIONS: Final = (
    Action("registrar-nss", _V.OBTAIN_NSS, "Registrar NSS", _F.ObtainNss, commands.obtain, "key"),
    Action("acuse", _V.DELIVER_ACUSE, "Registrar acuse entregado", _F.DeliverAcuse, commands.acuse, "file-check"),
    Action("deshacer-acuse", _V.RETRACT_ACUSE, "Deshacer la entrega del acuse", _F.WithReason, commands.retract_acuse, "arrow-back-up",
           "Se anotó por error: el alumno no lo ha entregado. También se quitan los documentos que se anotaron con él.", grave=True),
    Action("enviar-alta", _V.SEND_ALTA, "Enviar alta al IMSS", _F.NoFields, commands.request_alta, "send",
           "El alta queda en camino y se envía en unos minutos; cuando el IMSS la recibe, el expediente avanza.", channel=_AUTOMATIC,
           when=_NOT_AT_REST),
    Action("alta-idse", _V.SEND_ALTA, "Anotar alta presentada en IDSE", _F.SentByHand, commands.alta_by_hand, "send", channel=_BY_HAND,
           when=_NOT_AT_REST),
    Action("rechazo-idse", _V.REJECT_ALTA, "Anotar alta rechazada", _F.RejectedByHand, commands.rejected_by_hand, "circle-x",
           channel=_BY_HAND),
    Action("enviar-baja", _V.SEND_BAJA, "Enviar baja al IMSS", _F.NoFields, commands.request_baja, "send",
           "La baja queda en camino y se envía en unos minutos.", channel=_AUTOMATIC, when=_BAJA_NOT_SENT),
    Action("baja-idse", _V.SEND_BAJA, "Anotar baja presentada en IDSE", _F.SentByHand, commands.baja_by_hand, "send", channel=_BY_HAND,
           when=_BAJA_NOT_SENT),
    Action("baja-operada", _V.OPERATE_BAJA, "Anotar baja operada", _F.OperatedByHand, commands.operated_by_hand, "circle-check",
           channel=_BY_HAND, when=_BAJA_SENT),
    Action("baja-rechazada", _V.REJECT_BAJA, "Anotar baja rechazada", _F.RejectedByHand, commands.baja_rejected_by_hand, "circle-x",
           "El IMSS no operó la baja: sigue pendiente de enviarse.", channel=_BY_HAND, when=_BAJA_SENT),
    Action("sin-baja", _V.DROP_BAJA, "La baja ya no procede", _F.WithReason, commands.drop_baja, "x",
           "El IMSS no tiene esa alta, o ya la dio de baja: por ejemplo, rechazó la baja por eso.", when=_BAJA_NOT_SENT, grave=True),
    Action("constancia", _V.CONFIRM_VIGENCIA, "Anotar constancia de vigencia", _F.Constancia, commands.constancia, "shield-heart",
           "Para una constancia que trajo el alumno o que usted obtuvo del portal. Queda guardada como prueba."),
    Action("sin-constancia", _V.MISS_VIGENCIA, "Anotar constancia sin derecho", _F.NoConstancia, commands.no_constancia, "alert-triangle",
           "La constancia dice «Con derecho al servicio médico: NO»."),
    Action("presentado", _V.FILE_AT_DESK, "Presentado en ventanilla", _F.FileAtDesk, commands.file_at_desk, "building-bank",
           "Usted ya llevó el caso a la subdelegación; desde ese día le toca al IMSS."),
    Action("regreso", _V.RETURN, "Regresó de la subdelegación", _F.ReturnFromDesk, commands.return_from_desk, "arrow-back-up"),
    Action("falto-algo", _V.WANT_MORE, "Faltó algo", _F.WantMore, commands.want_more, "alert-triangle",
           "La subdelegación pidió algo más: el caso vuelve a estar por llevarse.", when=_PRESENTED),
    Action("deshacer-presentado", _V.RETRACT_FILING, "Deshacer la presentación", _F.WithReason, commands.retract_filing, "arrow-back-up",
           "Se anotó por error: el caso todavía no se ha presentado.", grave=True),
    Action("deshacer-falto-algo", _V.RETRACT_WANT_MORE, "Deshacer «Faltó algo»", _F.WithReason, commands.retract_want_more,
           "arrow-back-up", "Se anotó por error: el caso sigue esperando la respuesta de la subdelegación.", grave=True),
    Action("clinica", _V.NOTE_CLINIC, "Anotar clínica", _F.NoteClinic, commands.clinic, "stethoscope"),
    Action("retirar-renuncia", _V.WITHDRAW_RENUNCIA, "Retirar la renuncia", _F.WithReason, commands.withdraw, "refresh",
           "El alumno sí quiere el seguro: el expediente sigue donde se quedó."),
    Action("reingreso", _V.REJOIN, "Reingreso", _F.WithReason, commands.rejoin, "refresh",
           "El alumno regresó después de su baja: el expediente sigue donde se quedó."),
    Action("deshacer-baja", _V.UNDO_LEAVE, "Deshacer la baja", _F.WithReason, commands.take_back_leave, "arrow-back-up",
           "La baja se anotó por error: el expediente vuelve a donde estaba.", grave=True, when=_BAJA_NOT_SENT),
    Action("subdelegacion", _V.ESCALATE, "Enviar a subdelegación", _F.WithReason, commands.escalate, "building-bank",
           "El caso se arregla en la subdelegación del IMSS. Va usted, no el alumno."),
    Action("corregir-nss", _V.CORRECT_NSS, "Corregir NSS", _F.CorrectNss, commands.correct, "key",
           "El NSS registrado estaba mal. El acuse y el alta empiezan de nuevo.", grave=True),
    Action("corregir-datos", _V.CORRECT_PERSON, "Corregir datos", correction.CorrectPerson, correction.correct, "id",
           "CURP, nombre, fecha de nacimiento, sexo, matrícula, correo o teléfono: escriba encima lo correcto. Lo anterior se guarda."),
    Action("unir", _V.MERGE, "Unir con otro registro", merging.MergeRecords, merging.merge_records, "users",
           "El alumno está dos veces: los expedientes, el NSS y el seguro de los dos quedan en un solo registro. Se puede deshacer.",
           grave=True),
    Action("unificar-nss", _V.UNIFY_NSS, "El IMSS unificó sus NSS", _F.CorrectNss, commands.unify, "key",
           "Tenía dos números y el IMSS dejó uno: escriba el que queda. El acuse, el alta y el seguro siguen como están.", grave=True),
    Action("nss-ajeno", _V.DISOWN_NSS, "El NSS no es del alumno", _F.DisownNss, commands.disown, "user-x",
           "Por ejemplo, entregó el de su mamá o su papá. El expediente vuelve a «Sin NSS».", grave=True),
    Action("renuncia", _V.RENOUNCE, "Registrar renuncia", _F.Renounce, commands.renounce, "writing-sign",
           "El alumno firmó que no quiere o no necesita el seguro. Se puede retirar después.", grave=True),
    Action("baja", _V.LEAVE, "Registrar baja escolar", _F.Leave, commands.leave, "door-exit",
           "El alumno dejó el plantel. Si el IMSS tiene un alta de la escuela, también habrá que enviarle la baja.", grave=True),
    Action("traslado", _V.LEAVE, "Cambio de plantel", _F.Transfer, commands.transfer, "school",
           "Cierra este expediente; el otro plantel abre el suyo al cargar su lista.", grave=True),
    Action("recibir-documentos", _V.RECEIVE_PAPERS, "Recibir documentos", paper_forms.ReceivePapers, commands.receive, "paperclip"),
    Action("verificar-documentos", _V.VERIFY_PAPERS, "Verificar documentos", paper_forms.VerifyPapers, commands.verify, "circle-check",
           when=_HAS_PAPERS),
    Action("rechazar-documentos", _V.REJECT_PAPERS, "Rechazar documentos", paper_forms.RejectPapers, commands.reject, "circle-x",
           "Los documentos no sirven y se vuelven a pedir.", when=_HAS_PAPERS),
    Action("cobertura", _V.NOTE_COVERAGE, "Anotar cobertura", _F.NoteCoverage, commands.coverage, "shield-heart",
           "Quién cubre al alumno, según un documento o el propio IMSS. Con otra cobertura (trabajo, familia, otro instituto) el "
           "expediente queda en reposo; si ya la perdió, elija «Sin cobertura comprobada» y sigue desde hoy."),
    Action("pausa", _V.HOLD, "Pausar el plazo", _F.WithReason, commands.hold, "player-pause", "Los días en pausa no cuentan."),
    Action("reanudar", _V.RELEASE, "Reanudar el plazo", _F.NoFields, commands.release, "player-play"),
)  # fmt: skip
BY_SLUG: Final = {action.slug: action for action in ACTIONS}

#: The steps a person of the office may be the one to take next, the first that is allowed; in other states none is.
_NEXT: Final[Mapping[State, Sequence[str]]] = {
    State.SIN_NSS: ["registrar-nss"],
    State.NSS_OBTENIDO: ["acuse"],
    State.ACUSE_ENTREGADO: ["enviar-alta", "alta-idse"],
    State.SIN_VIGENCIA: ["enviar-alta", "alta-idse"],
    State.RENUNCIA: ["enviar-baja", "baja-idse"],
    State.BAJA: ["enviar-baja", "baja-idse"],
}


def allowed(facts: Facts, automatic: Automatic) -> list[Action]:
    """Everything that can be done to a case with these facts, in the order of the registry. `automatic`: which movements IMSS is sent."""
    return [action for action in ACTIONS if action.allowed(facts, automatic=automatic.of(action.verb))]


def next_one(facts: Facts, possible: Sequence[Action]) -> Action | None:
    """Return the next action of the office among `possible`; None when the turn is IMSS' or no one's."""
    if rests(facts.state, facts.coverage):
        return None
    slugs = _NEXT.get(facts.state, [])
    if facts.state is State.EN_SUBDELEGACION:
        slugs = ["regreso" if facts.filed_on else "presentado"]
    if facts.state is State.VIGENTE and not facts.clinic_on:
        slugs = ["clinica"]
    return next((BY_SLUG[slug] for slug in slugs if BY_SLUG[slug] in possible), None)
