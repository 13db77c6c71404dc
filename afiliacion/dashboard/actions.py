"""The registry of what a person can do to cases: verb -> form -> call. A new verb on the screens is one more entry here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from afiliacion.cases.facts import Facts, Happening, refusal
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.states import TRANSITIONS, State, Verb
from afiliacion.dashboard import calls, forms
from afiliacion.dashboard.calls import Order


class Channel(Enum):
    """How the office speaks to IMSS decides which actions make sense: ask for a movement, or note what was done in IDSE."""

    BOTH = "both"
    AUTOMATIC = "automatic"
    BY_HAND = "by hand"

    def suits(self, *, automatic: bool) -> bool:
        """Whether it makes sense in an office that asks IMSS by itself, or in one that does not."""
        return self is Channel.BOTH or automatic == (self is Channel.AUTOMATIC)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. `slug` names it in addresses, `label` on its button, `help` says what it means."""

    slug: str
    verb: Verb
    label: str
    form: type[forms.ActionForm]
    call: Callable[[Order], Outcome]
    icon: str
    help: str = ""
    grave: bool = False
    channel: Channel = Channel.BOTH
    when: Callable[[Facts], bool] = lambda facts: True

    @property
    def sources(self) -> frozenset[State]:
        return frozenset(TRANSITIONS[self.verb])

    def allowed(self, facts: Facts, *, automatic: bool) -> bool:
        """Whether the step could be taken if the form were filled in well. `automatic`: the office asks IMSS by itself."""
        filled_in = Happening(dt.date.max, evidence="given", reason="given")
        return self.channel.suits(automatic=automatic) and self.when(facts) and not refusal(facts, self.verb, filled_in)


def _has_papers(facts: Facts) -> bool:
    return bool(facts.papers_in)


def _baja_not_sent(facts: Facts) -> bool:
    return facts.baja_sent_on is None


def _baja_sent(facts: Facts) -> bool:
    return facts.baja_sent_on is not None


_F, _V, _AUTOMATIC, _BY_HAND = forms, Verb, Channel.AUTOMATIC, Channel.BY_HAND
#: In the order the screens offer them: the path first, then what interrupts it, then what is noted beside it.
ACTIONS: Final = (
    Action("registrar-nss", _V.OBTAIN_NSS, "Registrar NSS", _F.ObtainNss, calls.obtain, "key"),
    Action("acuse", _V.DELIVER_ACUSE, "Registrar acuse entregado", _F.DeliverAcuse, calls.acuse, "file-check"),
    Action("deshacer-acuse", _V.RETRACT_ACUSE, "Deshacer la entrega del acuse", _F.WithReason, calls.retract_acuse, "arrow-back-up",
           "Se anotó por error: el alumno no lo ha entregado. También se quitan los documentos que se anotaron con él.", grave=True),
    Action("enviar-alta", _V.SEND_ALTA, "Enviar alta al IMSS", _F.NoFields, calls.request_alta, "send",
           "El alta queda en camino y se envía en unos minutos; cuando el IMSS la recibe, el expediente avanza.", channel=_AUTOMATIC),
    Action("alta-idse", _V.SEND_ALTA, "Anotar alta presentada en IDSE", _F.SentByHand, calls.alta_by_hand, "send", channel=_BY_HAND),
    Action("rechazo-idse", _V.REJECT_ALTA, "Anotar alta rechazada", _F.RejectedByHand, calls.rejected_by_hand, "circle-x",
           channel=_BY_HAND),
    Action("enviar-baja", _V.SEND_BAJA, "Enviar baja al IMSS", _F.NoFields, calls.request_baja, "send",
           "La baja queda en camino y se envía en unos minutos.", channel=_AUTOMATIC, when=_baja_not_sent),
    Action("baja-idse", _V.SEND_BAJA, "Anotar baja presentada en IDSE", _F.SentByHand, calls.baja_by_hand, "send", channel=_BY_HAND,
           when=_baja_not_sent),
    Action("baja-operada", _V.OPERATE_BAJA, "Anotar baja operada", _F.OperatedByHand, calls.operated_by_hand, "circle-check",
           channel=_BY_HAND, when=_baja_sent),
    Action("constancia", _V.CONFIRM_VIGENCIA, "Anotar constancia de vigencia", _F.Constancia, calls.constancia, "shield-heart",
           "Para una constancia que trajo el alumno o que usted obtuvo del portal. Queda guardada como prueba."),
    Action("sin-constancia", _V.MISS_VIGENCIA, "Anotar constancia sin derecho", _F.NoConstancia, calls.no_constancia, "alert-triangle",
           "La constancia dice «Con derecho al servicio médico: NO»."),
    Action("presentado", _V.FILE_AT_DESK, "Presentado en ventanilla", _F.FileAtDesk, calls.file_at_desk, "building-bank",
           "Usted ya llevó el caso a la subdelegación; desde hoy le toca al IMSS."),
    Action("regreso", _V.RETURN, "Regresó de la subdelegación", _F.ReturnFromDesk, calls.return_from_desk, "arrow-back-up"),
    Action("clinica", _V.NOTE_CLINIC, "Anotar clínica", _F.NoteClinic, calls.clinic, "stethoscope"),
    Action("retirar-renuncia", _V.WITHDRAW_RENUNCIA, "Retirar la renuncia", _F.WithReason, calls.withdraw, "refresh",
           "El alumno sí quiere el seguro: el expediente sigue donde se quedó."),
    Action("reingreso", _V.REJOIN, "Reingreso", _F.WithReason, calls.rejoin, "refresh", "El alumno regresó de una baja temporal."),
    Action("subdelegacion", _V.ESCALATE, "Enviar a subdelegación", _F.WithReason, calls.escalate, "building-bank",
           "El caso se arregla en la subdelegación del IMSS. Va usted, no el alumno."),
    Action("corregir-nss", _V.CORRECT_NSS, "Corregir NSS", _F.CorrectNss, calls.correct, "key",
           "El NSS registrado estaba mal. El acuse y el alta empiezan de nuevo.", grave=True),
    Action("nss-ajeno", _V.DISOWN_NSS, "El NSS no es del alumno", _F.DisownNss, calls.disown, "user-x",
           "Por ejemplo, entregó el de su mamá o su papá. El expediente vuelve a «Sin NSS».", grave=True),
    Action("renuncia", _V.RENOUNCE, "Registrar renuncia", _F.Renounce, calls.renounce, "writing-sign",
           "El alumno firmó que no quiere o no necesita el seguro. Se puede retirar después.", grave=True),
    Action("baja", _V.LEAVE, "Registrar baja escolar", _F.Leave, calls.leave, "door-exit",
           "El alumno dejó el plantel. Si el IMSS tiene un alta de la escuela, también habrá que enviarle la baja.", grave=True),
    Action("traslado", _V.LEAVE, "Cambio de plantel", _F.Transfer, calls.transfer, "school",
           "Cierra este expediente; el otro plantel abre el suyo al cargar su lista.", grave=True),
    Action("recibir-documentos", _V.RECEIVE_PAPERS, "Recibir documentos", _F.ReceivePapers, calls.receive, "paperclip"),
    Action("verificar-documentos", _V.VERIFY_PAPERS, "Verificar documentos", _F.VerifyPapers, calls.verify, "circle-check",
           when=_has_papers),
    Action("rechazar-documentos", _V.REJECT_PAPERS, "Rechazar documentos", _F.RejectPapers, calls.reject, "circle-x",
           "Los documentos no sirven y se vuelven a pedir.", when=_has_papers),
    Action("cobertura", _V.NOTE_COVERAGE, "Anotar cobertura", _F.NoteCoverage, calls.coverage, "shield-heart",
           "Quién cubre al alumno, según un documento o el propio IMSS. No mueve el expediente."),
    Action("pausa", _V.HOLD, "Pausar el plazo", _F.WithReason, calls.hold, "player-pause", "Los días en pausa no cuentan."),
    Action("reanudar", _V.RELEASE, "Reanudar el plazo", _F.NoFields, calls.release, "player-play"),
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


def allowed(facts: Facts, *, automatic: bool) -> list[Action]:
    """Everything that can be done to a case with these facts, in the order of the registry. `automatic`: the office asks IMSS by itself."""
    return [action for action in ACTIONS if action.allowed(facts, automatic=automatic)]


def next_one(facts: Facts, possible: Sequence[Action]) -> Action | None:
    """The one next thing a person of the office can do, of what is `possible`; None when the turn is IMSS' or nobody's."""
    slugs = _NEXT.get(facts.state, [])
    if facts.state is State.EN_SUBDELEGACION:
        slugs = ["regreso" if facts.filed_on else "presentado"]
    if facts.state is State.VIGENTE and not facts.clinic_on:
        slugs = ["clinica"]
    return next((BY_SLUG[slug] for slug in slugs if BY_SLUG[slug] in possible), None)
