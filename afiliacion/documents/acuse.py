"""The receipt a student takes home: we have your acuse, this is how your deadline was counted, this comes next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from afiliacion.cases.calendars import Calendars
from afiliacion.cases.clock import DAY, Due, long_date
from afiliacion.cases.history import fold
from afiliacion.cases.models import Case, PaperKind
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import State, Verb
from afiliacion.documents.paper import Story, facts, letterhead, print_paper, printed, section, signatures, titles
from students.nss import masked

TITLE = "Acuse de recibo"


class NotPrintable(ValueError):
    """The case lacks what the paper says; str() is the reason in Spanish."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The acuse as it was handed in: when, by when it was due (None: the clock was on hold) and how many working days late."""

    on: dt.date
    due: Due | None
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
        return f"Lo entregaste {_days(self.days_late)} después de la fecha límite."


def delivery_of(case: Case) -> Delivery:
    """How the acuse of `case` was delivered, by its history and the rules that ran then.

    Raises:
        NotPrintable: no acuse is on record.
    """
    events = list(case.events.order_by("seq"))
    handed_in = next((event for event in reversed(events) if event.verb == Verb.DELIVER_ACUSE), None)
    if case.acuse_on is None or handed_in is None:
        raise NotPrintable(f"El expediente {case.folio} no tiene un acuse entregado: anótelo antes de imprimir el recibo.")
    due = Schedule().explain(fold(event for event in events if event.seq < handed_in.seq), case.plantel_id)
    return Delivery(handed_in.on, due, _working_days(due.on, handed_in.on, case.plantel_id) if due else 0)


def acuse_receipt(case: Case, *, printed_at: dt.datetime, printed_by: str) -> bytes:
    """The receipt of the acuse of `case`, a PDF; the same case printed at the same time gives the same bytes.

    Raises:
        NotPrintable: no acuse is on record.
    """
    delivery = delivery_of(case)
    return print_paper(
        lambda: _story(case, delivery), title=f"{TITLE} {case.folio}", footer=f"Folio {case.folio}. {printed(printed_at, printed_by)}."
    )


def _story(case: Case, delivery: Delivery) -> Story:
    counted = delivery.due.steps if delivery.due else ("El plazo estaba en pausa cuando lo entregaste.",)
    return [
        letterhead(case.plantel, case.folio),
        *titles(TITLE, "Afiliación al seguro de salud para estudiantes del IMSS"),
        facts(_rows(case, delivery)),
        *section("Cómo se contó tu plazo", counted),
        *section("Qué sigue", _next_steps(case), numbered=True),
        signatures(
            (case.student.full_name, "Nombre y firma de quien entrega"),
            (case.plantel.contact_name, "Nombre y firma de quien recibe, y sello"),
        ),
    ]


def _rows(case: Case, delivery: Delivery) -> list[tuple[str, str | list[str]]]:
    return [
        ("Nombre", case.student.full_name),
        ("Matrícula", case.enrolment.matricula),
        ("Grupo", case.enrolment.grupo),
        ("NSS (cuatro últimos dígitos)", masked(case.student.nss)),
        ("Entregaste el acuse", long_date(delivery.on).capitalize()),
        ("Fecha límite", long_date(delivery.due.on).capitalize() if delivery.due else ""),
        ("Resultado", [delivery.verdict, "Tu trámite sigue igual."] if delivery.late else delivery.verdict),
        ("Documentos recibidos", _papers(case)),
        ("Folio de tu expediente", case.folio),
    ]


def _papers(case: Case) -> list[str]:
    """The papers on record, as the office calls them."""
    received = case.facts.papers_in
    return list(PaperKind.objects.filter(key__in=received).order_by("label").values_list("label", flat=True)) if received else []


def _next_steps(case: Case) -> list[str]:
    by_when = f", a más tardar el {long_date(case.due_on)}" if case.state == State.ACUSE_ENTREGADO and case.due_on else ""
    clinic = case.umf or case.plantel.umf
    return [
        f"La escuela envía tu alta al IMSS{by_when}. Tú no tienes que hacer nada.",
        "El IMSS tarda unas semanas en darte vigencia. Tener NSS no es lo mismo que tener seguro: espera nuestro aviso por correo.",
        "Cuando tengas vigencia, regístrate en la clínica (UMF) que te toca por tu domicilio"
        + (f"; en este plantel suele ser {clinic}." if clinic else "."),
        "Si el IMSS te pide ir a la subdelegación, no vayas: avisa en tu plantel y di tu folio.",
    ]


def _working_days(after: dt.date, until: dt.date, plantel_id: int) -> int:
    why_idle = Calendars().why_idle(plantel_id)
    return sum(not why_idle(after + n * DAY) for n in range(1, (until - after).days + 1))


def _days(n: int) -> str:
    return f"{n} día hábil" if n == 1 else f"{n} días hábiles"
