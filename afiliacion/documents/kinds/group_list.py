"""A group on one sheet, with squares to tick by hand: who has handed in what. It bears no CURP nor NSS: it goes from hand to hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.documents.context import PrintContext
from afiliacion.documents.layout.blocks import BOX, Grid, Paper, Signers, Text, Title, lines
from afiliacion.documents.models import DocumentKind

_HEADS: Final = ("Núm.", "Nombre", "Matrícula", "Va en", "NSS", "Acuse", "Renuncia", "Firma")
_SHARES: Final = (7, 35, 15, 18, 7, 8, 12, 17)
#: States in which the number, and the sheet, are in already: their square needs no tick.
_HAVE_NSS: Final = frozenset(State) - {State.SIN_NSS, State.RENUNCIA, State.BAJA}


def lista(cases: Sequence[Case], context: PrintContext) -> Paper:
    """The list of one group: `cases` of one plantel, ciclo and grupo, in the order of names."""
    first = cases[0]
    plantel, grupo, ciclo = first.plantel, first.enrolment.grupo or "sin grupo", first.enrolment.ciclo.clave
    values = context.plantel_values(plantel) | {"grupo": grupo, "ciclo": ciclo, "cuantos": str(len(cases))}
    rows = tuple(_row(number, case) for number, case in enumerate(cases, 1))
    return Paper(DocumentKind.LISTA.value, plantel.pk, None, context.head(plantel), f"Lista {grupo} {ciclo}", (
        Title(f"Lista del grupo {grupo}", f"Ciclo {ciclo} · {len(cases)} en la lista · al {context.on:%d/%m/%Y}"),
        *(Text(line) for line in context.words.part(DocumentKind.LISTA, "entrada", plantel.pk, values)),
        Grid(_HEADS, _SHARES, rows),
        Signers((("Entregó: nombre y firma",), lines(plantel.contact_name, "Recibió: nombre y firma"))),
        *(Text(line, "small") for line in context.words.part(DocumentKind.LISTA, "aviso", plantel.pk, values)),
    ))  # fmt: skip


def _row(number: int, case: Case) -> tuple[str, ...]:
    state = State(case.state)
    return (
        str(number), case.student.list_name, case.enrolment.matricula, state.label, _mark(done=state in _HAVE_NSS),
        _mark(done=case.acuse_on is not None), _mark(done=state is State.RENUNCIA), "",
    )  # fmt: skip


def _mark(*, done: bool) -> str:
    return "Sí" if done else BOX
