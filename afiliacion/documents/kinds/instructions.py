"""What the student has to do next, on one sheet to take home, with a code that opens their own page."""

from __future__ import annotations

from typing import Final

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.documents.context import PrintContext
from afiliacion.documents.layout.blocks import Block, Code, Fields, Heading, Paper, Points, Text, Title, lines
from afiliacion.documents.models import DocumentKind

#: The part of the texts with the steps of each state; a closed case has none.
STEPS: Final = {
    State.SIN_NSS: "pasos_sin_nss",
    State.NSS_OBTENIDO: "pasos_nss_obtenido",
    State.ACUSE_ENTREGADO: "pasos_espera",
    State.ALTA_ENVIADA: "pasos_espera",
    State.VIGENTE: "pasos_vigente",
    State.SIN_VIGENCIA: "pasos_escuela",
    State.EN_SUBDELEGACION: "pasos_escuela",
}


def instrucciones(case: Case, context: PrintContext) -> Paper:
    values = context.values(case)

    def part(name: str) -> tuple[str, ...]:
        return context.words.part(DocumentKind.INSTRUCCIONES, name, case.plantel_id, values)

    blocks: list[Block] = [
        Title(" ".join(part("titulo")), " ".join(part("subtitulo"))),
        Fields((
            ("Para", (case.student.full_name,)),
            ("Matrícula", (case.enrolment.matricula,)),
            ("Grupo", lines(case.enrolment.grupo)),
            ("Tu folio", (case.folio,)),
            ("Vas en", (State(case.state).label,)),
            ("Fecha límite", lines(values["vence"].capitalize() if case.turn == "alumno" else "")),
        )),
        Heading("Qué tienes que hacer"),
        Points(part(STEPS[State(case.state)]), numbered=True),
        Heading("Ten en cuenta"),
        Points(part("notas")),
        *(Text(line) for line in part("ayuda")),
        Code(context.page(case), " ".join(part("tu_pagina"))),
    ]  # fmt: skip
    return context.paper(DocumentKind.INSTRUCCIONES, case, blocks)
