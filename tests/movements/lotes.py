"""Lotes for tests of screens."""

from __future__ import annotations

from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import bringing
from afiliacion.movements.models import AnswerDocument, Lote
from students.registros import Registros
from tests.movements import answers


def a_lote(case: Case, act: Act, *, kind: MovementType = MovementType.ALTA) -> Lote:
    """A lote of one case's movement, not sent yet."""
    registro = Registros.of([case.plantel_id]).on(case.plantel_id, case.plantel.day(act.now))
    return sending.make(Case.objects.filter(pk=case.pk), registro, kind, act=act)


def an_answer(case: Case, act: Act, number: str = "118274", *, strange: bool = False) -> AnswerDocument:
    """The constancia of a lote of one case, brought and not applied. `strange`: rows under headings that are not known."""
    made = a_lote(case, act)
    lote = sending.mark_sent(made.pk, number=number, signed_by="Ángela Núñez", on=timezone.localdate(act.now), act=act)
    body, name = (_strange(lote), "respuesta.csv") if strange else (answers.constancia(lote), "constancia.pdf")
    return bringing.bring(body, name, act=act, scope_planteles=act.planteles)


def _strange(lote: Lote) -> bytes:
    (row,) = answers.rows(lote)
    return answers.as_csv([{f"Columna {letter}": value for letter, value in zip("ABCDEFG", row.values(), strict=True)}])
