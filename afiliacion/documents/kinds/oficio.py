"""The oficio to the subdelegación: who, with which papers and why, in one list; one oficio a plantel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from afiliacion.cases.models import Case, Event
from afiliacion.cases.states import DESK_REASONS, Verb
from afiliacion.documents.context import PrintContext, events_of
from afiliacion.documents.layout.blocks import Block, Grid, Paper, Signers, Text, counted, lines
from afiliacion.documents.models import DocumentKind

_HEADS: Final = ("Núm.", "Nombre", "CURP", "NSS", "Documentos que se adjuntan", "Motivo")
_SHARES: Final = (7, 21, 26, 15, 17, 24)


def oficio(cases: Sequence[Case], context: PrintContext) -> Paper:
    """The oficio about these cases, all of one plantel, in the order given."""
    plantel = cases[0].plantel
    own, values = (
        context.letterhead(plantel.pk),
        context.plantel_values(plantel) | {"cuantos": counted(len(cases), "estudiante", "estudiantes")},
    )

    def part(name: str) -> tuple[str, ...]:
        return context.words.part(DocumentKind.OFICIO, name, plantel.pk, values)

    blocks: list[Block] = [
        Text(f"Oficio núm.: {context.number or '_' * 22}", "right"),
        *(Text(line, "right") for line in (*part("asunto"), *part("fecha"))),
        *(Text(line, "strong") for line in lines(own.addressee, own.addressee_post or " ".join(part("destinatario")), "Presente.")),
        *(Text(line) for line in part("entrada")),
        Grid(_HEADS, _SHARES, tuple(_row(number, case, context) for number, case in enumerate(cases, 1))),
        *(Text(line) for line in part("cierre")),
        Signers((lines(own.signatory or plantel.contact_name, own.signatory_post or "Responsable de afiliación", plantel.name),)),
        *(Text(f"C. c. p. {copy}", "tiny") for copy in own.copies.splitlines() if copy.strip()),
    ]
    title = f"Oficio {context.number} {plantel.clave}".replace("  ", " ")
    return Paper(DocumentKind.OFICIO.value, plantel.pk, None, context.head(plantel), title, tuple(blocks))


def _row(number: int, case: Case, context: PrintContext) -> tuple[str, ...]:
    papers = "; ".join(context.papers_in(case)) or "Ninguno"
    return (str(number), case.student.list_name, case.student.curp, case.student.nss or "Sin NSS", papers, _reason(case))


def _reason(case: Case) -> str:
    """Why the case is for the subdelegación and, if it is taken there again, what was missing the last time."""
    event = _last(case, DESK_REASONS)
    why = event.reason or event.details.get("message") or event.get_verb_display() if event else "Por aclarar"
    wanted = _last(case, [Verb.WANT_MORE]) if case.wanted_on else None
    return f"{why}. Pidieron el {wanted.on:%d/%m/%Y}: {wanted.reason}" if wanted else why


def _last(case: Case, verbs: Collection[str]) -> Event | None:
    return next((event for event in reversed(events_of(case)) if event.verb in verbs), None)
