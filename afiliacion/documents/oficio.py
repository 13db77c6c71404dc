"""The oficio to the subdelegación: who, with which papers and why, in one list; one oficio a plantel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from afiliacion.cases.models import Case
from afiliacion.cases.states import DESK_REASONS
from afiliacion.documents.blocks import Block, Grid, Paper, Signers, Text, counted, lines
from afiliacion.documents.desk import Desk, told
from afiliacion.documents.models import Kind

_HEADS: Final = ("Núm.", "Nombre", "CURP", "NSS", "Documentos que se adjuntan", "Motivo")
_SHARES: Final = (7, 21, 26, 15, 17, 24)


def oficio(cases: Sequence[Case], desk: Desk) -> Paper:
    """The oficio about these cases, all of one plantel, in the order given."""
    plantel = cases[0].plantel
    own, values = desk.letterhead(plantel.pk), desk.plantel_values(plantel) | {"cuantos": counted(len(cases), "estudiante", "estudiantes")}

    def part(name: str) -> tuple[str, ...]:
        return desk.words.part(Kind.OFICIO, name, plantel.pk, values)

    blocks: list[Block] = [
        Text(f"Oficio núm.: {desk.number or '_' * 22}", "right"),
        *(Text(line, "right") for line in (*part("asunto"), *part("fecha"))),
        *(Text(line, "strong") for line in lines(own.addressee, own.addressee_post or " ".join(part("destinatario")), "Presente.")),
        *(Text(line) for line in part("entrada")),
        Grid(_HEADS, _SHARES, tuple(_row(number, case, desk) for number, case in enumerate(cases, 1))),
        *(Text(line) for line in part("cierre")),
        Signers((lines(own.signatory or plantel.contact_name, own.signatory_post or "Responsable de afiliación", plantel.name),)),
        *(Text(f"C. c. p. {copy}", "tiny") for copy in own.copies.splitlines() if copy.strip()),
    ]
    title = f"Oficio {desk.number} {plantel.clave}".replace("  ", " ")
    return Paper(Kind.OFICIO.value, plantel.pk, None, desk.head(plantel), title, tuple(blocks))


def _row(number: int, case: Case, desk: Desk) -> tuple[str, ...]:
    papers = "; ".join(desk.papers_in(case)) or "Ninguno"
    return (str(number), case.student.list_name, case.student.curp, case.student.nss or "Sin NSS", papers, _reason(case))


def _reason(case: Case) -> str:
    event = next((event for event in reversed(told(case)) if event.verb in DESK_REASONS), None)
    if event is None:
        return "Por aclarar"
    return event.reason or event.data.get("message") or event.get_verb_display()
