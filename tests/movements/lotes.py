"""Lotes for tests of screens."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import ready, sending
from afiliacion.movements.answers import bringing, noting
from afiliacion.movements.models import AnswerDocument, Lote, Movement
from afiliacion.movements.ready import Group
from students.registros import Registros
from tests.movements import answers

ALTA: Final = MovementType.ALTA
BAJA: Final = MovementType.BAJA


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
    """Each under headings of its own: what was said of the columns of one is remembered."""
    (row,) = answers.rows(lote)
    own = str(lote.pk).translate(str.maketrans("0123456789", "ABCDEFGHIJ"))
    return answers.as_csv([{f"Columna {letter} {own}": value for letter, value in zip("ABCDEFG", row.values(), strict=True)}])


def groups(cases: QuerySet[Case], today: dt.date) -> list[Group]:
    """The groups of these cases that have candidates: per registro patronal and type, altas first."""
    registros = sorted({"", *Registros.of().every()})
    found = [ready.group(cases, registro, kind, today) for registro in registros for kind in MovementType]
    return sorted((each for each in found if each.candidates), key=lambda each: (each.registro, each.type is BAJA))


def turn_down(cases: QuerySet[Case], act: Act, *, kind: MovementType = ALTA, refused: bool = False, **said: str) -> list[Movement]:
    """The movements that these cases want, sent in one lote and turned down by IMSS (`code`, `message`, `register_name`), all of them.

    `refused`: in its acuse de recibo already; else received first and rejected in its answer, as the cases are told.
    """
    day = timezone.localdate(act.now)
    registro = Registros.of().on(cases.order_by("pk")[0].plantel_id, day)
    lote = sending.make(cases, registro, kind, act=act)
    sending.mark_sent(lote.pk, number=f"11827{lote.pk}", signed_by="Ángela Núñez", on=day, act=act)
    about = {row.case_id: row.clave for row in lote.movements.all()}
    noting.receive(lote.pk, on=day, refused=dict.fromkeys(about.values(), "Sin explicación") if refused else {}, act=act)
    status = Movement.Status.REFUSED
    if not refused:
        status, reject = Movement.Status.REJECTED, verbs.reject_alta if kind is ALTA else verbs.reject_baja
        answer = Happening(day, {"code": said.get("code", ""), "message": said.get("message", "")}, "f" * 64)
        assert reject(dict.fromkeys(about, answer), act=act).done
    lote.movements.update(status=status, answered_on=day, **{"message": "", **said})
    return list(lote.movements.order_by("position"))
