"""The differences between who is enrolled, what is proved of each, what was sent to IMSS and what it answered: each is a set of cases.

A case may be in two of them: a student whose alta was rejected when the lote was received has no alta, and a rejection to see to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce

from afiliacion.cases.models import ALTA_STANDS, Case
from afiliacion.cases.queries import BAJA_SENT, BAJA_TO_SEND, overdue
from afiliacion.cases.states import FOREIGN, OPEN_STATES, Coverage, State
from afiliacion.imss.models import Errand
from afiliacion.insurance.facts import CoverOwner, CoverStatus
from afiliacion.insurance.models import Cover
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import Movement
from afiliacion.movements.rejections.holding import last_of_their_case, without_later
from afiliacion.movements.rejections.listing import rejected
from afiliacion.movements.wanted import owing_baja, wanting_alta
from afiliacion.reconciliation.ground import Ground
from afiliacion.reconciliation.models import InsuredList, InsuredRow
from students.models import Enrolment


class Difference(TextChoices):
    """What does not agree. The last two are of persons who have no case: afiliacion/reconciliation/strangers.py."""

    WITHOUT_ALTA = "sin-alta", "Inscritos sin alta"
    UNANSWERED = "sin-respuesta", "Altas y bajas que el IMSS no ha contestado"
    WITHOUT_VIGENCIA = "sin-vigencia", "Con alta y sin vigencia pasado el plazo"
    TURNED_DOWN = "rechazados", "Rechazados que no se han vuelto a enviar"
    BAJA_TO_SEND = "bajas-por-enviar", "Bajas por enviar"
    NOT_ENROLLED = "ya-no-inscritos", "Asegurados que ya no están inscritos"
    TWICE = "dos-veces", "En dos planteles o dos registros a la vez"
    NOT_LISTED = "no-en-lista", "Asegurados aquí y no en la lista del IMSS"
    ONLY_LISTED = "solo-en-lista", "En la lista del IMSS y no asegurados aquí"
    STRANGE = "desconocidos", "Operados por el IMSS y desconocidos aquí"


_OPEN: Final = sorted(OPEN_STATES)
#: An alta that waits for vigencia: late once its clock has run out, or at once where IMSS said NO.
_SAID_NO: Final = (State.SIN_VIGENCIA, State.EN_SUBDELEGACION)
_LIVE: Final = Cover.objects.filter(whose=CoverOwner.OURS, ended_on=None)
_STANDING: Final = InsuredList.objects.filter(ended="")
_TYPES: Final = {Errand.Kind.SEND_ALTA: MovementType.ALTA, Errand.Kind.SEND_BAJA: MovementType.BAJA}
_CASE: Final = OuterRef("pk")


def find(what: Difference, cases: QuerySet[Case], ground: Ground) -> QuerySet[Any]:
    """Of these cases, those that are in a difference (one of cases), each with the registro patronal it is about as `under`; "" stands for
    the one its plantel has today."""
    return _FIND[what](cases, ground).annotate(under=_FORMER_FIRST if what is Difference.BAJA_TO_SEND else F("registro"))


def _without_alta(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """Enrolled, with no alta that IMSS has received. One it has rejected is another difference, and who has other cover needs none."""
    enrolled = cases.filter(state__in=_OPEN, alta_on=None, enrolment__status__in=Enrolment.ENTITLED).exclude(ground.terms.over())
    return enrolled.exclude(state=State.SIN_VIGENCIA).exclude(coverage__in=sorted(FOREIGN))


def _unanswered(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """By lotes, presented without their acuse, or received and neither operated nor rejected; by the service likewise.

    Of a baja that was noted by hand, its clock tells.
    """
    late = ground.waiting.late
    presented = Movement.objects.filter(late("lote__sent_on", "case__plantel"), status=Movement.Status.SENT)
    doubtful = Errand.objects.filter(
        late("requested_on", "case__plantel"), kind__in=Errand.MOVEMENTS, status__in=Errand.UNFINISHED, in_doubt=True
    )
    live = _received(ground, MovementType.BAJA).filter(cover__ended_on=None, cover__baja_sent_on__isnull=False)
    bajas = BAJA_SENT & (_of(live) | _of(_asked(ground, Errand.Kind.SEND_BAJA)))
    late_bajas = overdue(cases.filter(BAJA_SENT, state__in=[State.BAJA, State.RENUNCIA]), ground.today)
    return cases.filter(_of(presented) | _of(doubtful) | _alta_unanswered(ground) | bajas | Q(pk__in=late_bajas.values("pk")))


def _of(rows: QuerySet[Any]) -> Q:
    """The cases that some movements or errands are of: few rows, so that they are found before the cases."""
    return Q(pk__in=rows.values("case"))


def _alta_unanswered(ground: Ground) -> Q:
    """That IMSS has received the alta a case counts on, and has said nothing of it in time."""
    waits = Q(state=State.ALTA_ENVIADA) & ~Q(coverage=Coverage.OTHER)
    received = without_later(_received(ground, MovementType.ALTA))
    return waits & (_of(received) | _of(_asked(ground, Errand.Kind.SEND_ALTA)))


def _received(ground: Ground, kind: MovementType) -> QuerySet[Movement]:
    late = ground.waiting.late("lote__received_on", "case__plantel")
    return Movement.objects.filter(late, type=kind.value, status=Movement.Status.RECEIVED)


def _asked(ground: Ground, kind: Errand.Kind) -> QuerySet[Errand]:
    late = ground.waiting.late("received_on", "case__plantel")
    return Errand.objects.filter(late, kind=kind, status=Errand.Status.OPEN)


def _without_vigencia(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """By the clock of rule `vigencia`; one that IMSS has not answered yet is another difference."""
    sent = cases.filter(alta_on__isnull=False, state__in=[State.ALTA_ENVIADA, *_SAID_NO]).exclude(coverage=Coverage.OTHER)
    late = Q(state__in=_SAID_NO) | Q(state=State.ALTA_ENVIADA, due_on__lt=ground.today)
    return sent.filter(late).exclude(_alta_unanswered(ground))


def _turned_down(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """Still wanted or owed, and the last movement about it was turned down, or waits for a person."""
    rejections = last_of_their_case(rejected(cases))
    altas = wanting_alta(cases).filter(Q(state=State.SIN_VIGENCIA) | _was_turned_down(rejections, Errand.Kind.SEND_ALTA))
    bajas = owing_baja(cases).filter(BAJA_TO_SEND).filter(_was_turned_down(rejections, Errand.Kind.SEND_BAJA))
    return cases.filter(Q(pk__in=altas.values("pk")) | Q(pk__in=bajas.values("pk")))


def _was_turned_down(rejections: QuerySet[Movement], errand: Errand.Kind) -> Q:
    parked = Errand.objects.filter(kind=errand, status=Errand.Status.PARKED, in_doubt=False)
    return _of(rejections.filter(type=_TYPES[errand].value)) | _of(parked)


def _baja_to_send(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """As the work list and the reports count them."""
    return cases.filter(BAJA_TO_SEND)


def _left(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """Open cases with an alta of ours whose student is not enrolled at the plantel any more."""
    not_any_more = ground.terms.over() | ~Q(enrolment__status__in=Enrolment.ENTITLED)
    candidates = cases.filter(ALTA_STANDS, not_any_more, state__in=_OPEN)
    return candidates.exclude(Exists(_enrolled(ground).filter(plantel=OuterRef("plantel"))))


def _enrolled(ground: Ground) -> QuerySet[Enrolment]:
    """The enrolments by which the student of a case has the right to cover today."""
    return Enrolment.objects.filter(student=OuterRef("student"), status__in=Enrolment.ENTITLED).exclude(ground.terms.over())


def _elsewhere(ground: Ground) -> Exists:
    """Whether the student is enrolled at a plantel that has or had the registro patronal of the case's alta."""
    begun = Q(plantel__registros__valid_from=None) | Q(plantel__registros__valid_from__lte=ground.today)
    return Exists(_enrolled(ground).filter(begun, plantel__registros__registro=OuterRef("registro")))


def _not_enrolled(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """Insured under a registro patronal whose planteles do not have the student any more: registering the baja makes it owed to IMSS."""
    return _left(cases, ground).exclude(_elsewhere(ground))


def _twice(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """Two covers that cases count on; or a case of a plantel the student has left, on the cover that another plantel needs.

    Who is enrolled at two planteles under one registro patronal is insured once, as it should be.
    """
    another = _LIVE.filter(owed_by=None, baja_sent_on=None, student=OuterRef("student")).exclude(registro=OuterRef("registro"))
    doubled = cases.filter(ALTA_STANDS, Exists(another), state__in=_OPEN).exclude(registro="")
    stayed = _left(cases, ground).filter(_elsewhere(ground))
    return cases.filter(Q(pk__in=doubled.values("pk")) | Q(pk__in=stayed.values("pk")))


def _not_listed(cases: QuerySet[Case], ground: Ground) -> QuerySet[Case]:
    """Insured as far as is known here, and IMSS' list of a later day does not have the number. A baja on its way explains it."""
    named = InsuredRow.objects.filter(list__ended="", list__registro=OuterRef("registro"), nss=OuterRef("nss"))
    later = _STANDING.filter(registro=OuterRef("registro"), on__gte=OuterRef("status_on"))
    unnamed = _LIVE.filter(
        Exists(later), ~Exists(named), status__in=[CoverStatus.SENT, CoverStatus.PROVED], baja_sent_on=None, nss=F("student__nss")
    )
    # A case that does not know its registro patronal counts on any of the person's.
    of_case = ExpressionWrapper(OuterRef("registro"), CharField())
    own = unnamed.annotate(of_case=of_case).filter(Q(registro=F("of_case")) | Q(of_case=""), student=OuterRef("student"))
    return cases.filter(Exists(own), state__in=[State.ALTA_ENVIADA, State.VIGENTE])


#: Of a case that owes two bajas, the one whose turn it is.
_OWED: Final = Cover.objects.filter(owed_by=_CASE, ended_on=None, baja_sent_on=None).order_by("pk").values("registro")[:1]
_FORMER_FIRST: Final = Coalesce(Subquery(_OWED), F("registro"))
_FIND: Final[Mapping[Difference, Callable[[QuerySet[Case], Ground], QuerySet[Case]]]] = {
    Difference.WITHOUT_ALTA: _without_alta, Difference.UNANSWERED: _unanswered, Difference.WITHOUT_VIGENCIA: _without_vigencia,
    Difference.TURNED_DOWN: _turned_down, Difference.BAJA_TO_SEND: _baja_to_send, Difference.NOT_ENROLLED: _not_enrolled,
    Difference.TWICE: _twice, Difference.NOT_LISTED: _not_listed,
}  # fmt: skip
#: The differences that are sets of cases.
OF_CASES: Final = tuple(_FIND)
