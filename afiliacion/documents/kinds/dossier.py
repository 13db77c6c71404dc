"""The whole case file: who, where it stands, what was handed in and everything that happened, with the seal of its history."""

from __future__ import annotations

from django.utils import timezone

from afiliacion.cases.history.text import history_lines
from afiliacion.cases.models import Case, Event
from afiliacion.cases.states import Coverage, PaperStatus, State
from afiliacion.cases.turn import notices
from afiliacion.documents.context import PrintContext, events_of
from afiliacion.documents.layout.blocks import Block, Fields, Grid, Heading, Paper, Points, Text, Title, lines, short_date
from afiliacion.documents.models import DocumentKind


def expediente(case: Case, context: PrintContext) -> Paper:
    events = events_of(case)
    blocks: list[Block] = [
        Title("Expediente de afiliación", f"{case.folio} · {State(case.state).label} desde el {case.state_since:%d/%m/%Y}"),
        _person(case, context),
        Heading("Dónde está"),
        _standing(case),
        *_noted(case),
        Heading("Documentos"),
        *_papers(case, context),
        Heading("Historia"),
        _history(events, context),
        Text(f"La historia tiene {case.version} hechos, sellados uno con otro. Sello del último: {case.head_hash}", "small"),
    ]
    return context.paper(DocumentKind.EXPEDIENTE, case, blocks)


def _person(case: Case, context: PrintContext) -> Fields:
    student, enrolment = case.student, case.enrolment
    return Fields((
        ("Nombre", (student.full_name,)),
        ("CURP", (student.curp,)),
        ("NSS", (student.nss or "Sin NSS",)),
        ("Nacimiento", (f"{short_date(student.birth_date)}, {student.get_entity_display()}",)),
        ("Sexo", (student.get_sex_display(),)),
        ("Correo y teléfono", lines(student.email, student.phone)),
        ("Matrícula", (enrolment.matricula,)),
        ("Grupo y ciclo", (" · ".join(lines(enrolment.grupo, enrolment.ciclo.clave)),)),
        ("Plantel", (case.plantel.name,)),
        ("Registro patronal", lines(context.registro(case.plantel_id))),
    ))  # fmt: skip


def _standing(case: Case) -> Fields:
    dated = (
        ("Inscripción", case.enrolled_on), ("NSS obtenido", case.nss_on), ("Acuse entregado", case.acuse_on),
        ("Alta enviada", case.alta_on), ("Vigente desde", case.vigencia_on), ("Presentado en subdelegación", case.filed_on),
        ("Baja enviada", case.baja_sent_on), ("Baja operada", case.baja_operada_on),
    )  # fmt: skip
    rows = [(label, lines(short_date(day))) for label, day in dated]
    clinic = f"{case.umf}, registrado el {case.clinic_on:%d/%m/%Y}" if case.clinic_on else case.umf
    whose = case.whose_turn
    return Fields((
        ("Siguiente paso", (whose.next_action,)),
        ("Vence", lines(short_date(case.due_on))),
        *rows,
        ("Cobertura", (Coverage(case.coverage).label,)),
        ("Clínica", lines(clinic)),
    ))  # fmt: skip


def _noted(case: Case) -> list[Block]:
    sentences = notices(case.facts)
    return [Points(tuple(sentences))] if sentences else []


def _papers(case: Case, context: PrintContext) -> list[Block]:
    rows = tuple((context.labels.get(kind, kind), PaperStatus(status).label) for kind, status in case.facts.papers)
    return [Grid(("Documento", "Situación"), (3, 1), rows)] if rows else [Text("No ha entregado ninguno.")]


def _history(events: list[Event], context: PrintContext) -> Grid:
    newest_first = history_lines(events[::-1], context.labels)
    rows = tuple(
        (
            short_date(line.event.on),
            " ".join(lines(f"{line.title}.", f"Pasa a «{line.moved_to}»." if line.moved_to else "", line.event.reason, *line.details)),
            f"{line.event.actor_name}, {timezone.localtime(line.event.at):%d/%m/%Y %H:%M}",
            line.event.evidence[:12],
        )
        for line in reversed(newest_first)
    )
    return Grid(("Fecha", "Qué pasó", "Quién lo anotó", "Prueba"), (11, 50, 26, 13), rows)
