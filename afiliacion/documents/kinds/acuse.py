"""The receipt a student takes home: we have your acuse, this is how your deadline was counted, this comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from afiliacion.cases.clock import DAY, Deadline, long_date
from afiliacion.cases.history.chain import fold
from afiliacion.cases.models import Case, Event
from afiliacion.cases.states import State, Verb
from afiliacion.documents.context import NotPrintable, PrintContext, events_of
from afiliacion.documents.layout.blocks import Fields, Heading, Paper, Points, Signers, Title, counted, lines
from afiliacion.documents.models import DocumentKind
from students.nss import masked


@dataclass(frozen=True, slots=True)
class Delivery:
    """The acuse as it was handed in: when, by when it was due (None: the clock was on hold) and how many working days late."""

    on: dt.date
    due: Deadline | None
    days_late: int

    @property
    def late(self) -> bool:
        return self.due is not None and self.on > self.due.on

    @property
    def verdict(self) -> str:
        """On time or late, as the student reads it."""
        if self.due is None:
            return "Tu plazo estaba en pausa."
        if not self.late:
            return "Lo entregaste a tiempo."
        if not self.days_late:
            return "Lo entregaste después de la fecha límite, antes del siguiente día hábil."
        return f"Lo entregaste {counted(self.days_late, 'día hábil', 'días hábiles')} después de la fecha límite."


def delivery_of(case: Case, events: Sequence[Event], context: PrintContext) -> Delivery:
    """How the acuse of `case` was delivered, by its history (`events`, oldest first) and the rules that ran then.

    Raises:
        NotPrintable: no acuse is on record.
    """
    handed_in = next((event for event in reversed(events) if event.verb == Verb.DELIVER_ACUSE), None)
    if case.acuse_on is None or handed_in is None:
        raise NotPrintable(f"El expediente {case.folio} no tiene un acuse entregado: anótelo antes de imprimir el recibo.")
    due = context.schedule.explain(fold(event for event in events if event.seq < handed_in.seq), case.plantel_id)
    return Delivery(handed_in.on, due, _working_days(due.on, handed_in.on, case.plantel_id, context) if due else 0)


def acuse(case: Case, context: PrintContext) -> Paper:
    """The receipt of the acuse of `case`.

    Raises:
        NotPrintable: no acuse is on record.
    """
    delivery = delivery_of(case, events_of(case), context)
    counted = delivery.due.steps if delivery.due else ("El plazo estaba en pausa cuando lo entregaste.",)
    return context.paper(DocumentKind.ACUSE, case, [
        Title("Acuse de recibo", "Afiliación al seguro de salud para estudiantes del IMSS"),
        _facts(case, delivery, context),
        Heading("Cómo se contó tu plazo"),
        Points(counted),
        Heading("Qué sigue"),
        Points(_next_steps(case, context), numbered=True),
        Signers((
            (case.student.full_name, "Nombre y firma de quien entrega"),
            lines(case.plantel.contact_name, "Nombre y firma de quien recibe, y sello"),
        )),
    ])  # fmt: skip


def _facts(case: Case, delivery: Delivery, context: PrintContext) -> Fields:
    return Fields((
        ("Nombre", (case.student.full_name,)),
        ("Matrícula", (case.enrolment.matricula,)),
        ("Grupo", lines(case.enrolment.grupo)),
        ("NSS (cuatro últimos dígitos)", lines(masked(case.student.nss))),
        ("Entregaste el acuse", (long_date(delivery.on).capitalize(),)),
        ("Fecha límite", (long_date(delivery.due.on).capitalize(),) if delivery.due else ()),
        ("Resultado", lines(delivery.verdict, "Tu trámite sigue igual." if delivery.late else "")),
        ("Documentos recibidos", context.papers_in(case)),
        ("Folio de tu expediente", (case.folio,)),
    ))  # fmt: skip


def _next_steps(case: Case, context: PrintContext) -> tuple[str, ...]:
    values = context.values(case)
    if case.state != State.ACUSE_ENTREGADO:
        # The date is of another step by now.
        values["vence"] = ""
    return context.words.part(DocumentKind.ACUSE, "pasos", case.plantel_id, values)


def _working_days(after: dt.date, until: dt.date, plantel_id: int, context: PrintContext) -> int:
    why_idle = context.calendars.why_idle(plantel_id)
    return sum(not why_idle(after + n * DAY) for n in range(1, (until - after).days + 1))
