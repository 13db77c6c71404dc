"""A movement that IMSS rejected as the screens show it: what IMSS said, how its name differs, what can be done, where it stands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.case.remedies import Problem, Way, Ways
from afiliacion.dashboard.shared.access import Scope
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import ready
from afiliacion.movements.models import Movement
from afiliacion.movements.ready import Candidate
from afiliacion.movements.rejections.families import Again
from afiliacion.movements.rejections.holding import TurnedDown, explained
from afiliacion.movements.wanted import owing_baja, wanting_alta
from students.names import search_key

#: States of a case that comes back to the alta after what was wrong is put right.
_ON_THE_WAY: Final = frozenset({State.SIN_NSS, State.NSS_OBTENIDO, State.EN_SUBDELEGACION})


@dataclass(frozen=True, slots=True)
class Rejection:
    """`names`: ours and that of IMSS, if they differ. `waits`: it can be let go; `cleared`: it was, and that can be taken back."""

    case: Case
    told: TurnedDown
    names: tuple[str, str] | None
    remedies: Sequence[Way]
    drops: Sequence[Way]
    standing: str
    waits: bool
    cleared: bool


def of_case(case: Case, last: Sequence[Movement], scope: Scope, today: dt.date) -> list[Rejection]:
    """What IMSS rejected of this case and is not settled. `last`: of each type the last movement."""
    told = explained([row for row in last if row.status in Movement.TURNED_DOWN])
    problems = problems_of([(case, each) for each in told if each.counts], today)
    return shown([each for each in problems if each.candidate or _on_the_way(each)], {}, scope)


def _on_the_way(problem: Problem) -> bool:
    return problem.kind is MovementType.ALTA and problem.case.state in _ON_THE_WAY


def problems_of(told: Sequence[tuple[Case, TurnedDown]], today: dt.date) -> list[Problem]:
    """These rejected movements of cases, each with what could be sent of it now, if it is the last of its case."""
    cases = Case.objects.filter(pk__among={case.pk for case, _ in told})
    most = len(told)
    found: list[Candidate] = []
    if told:
        found = [*ready.altas(wanting_alta(cases), today, most), *ready.owed(owing_baja(cases), today, most)]
    of_movement = {each.turned_down.movement.pk: each for each in found if each.turned_down}
    return [Problem(case, each, of_movement.get(each.movement.pk)) for case, each in told]


def shown(problems: Sequence[Problem], again: Mapping[int, Movement], scope: Scope) -> list[Rejection]:
    """The rejections as the screens show them. `again`: by rejected movement (id), the one that was sent for it."""
    ways = Ways(scope, {each.told.movement.registro for each in problems})
    return [_shown(each, again.get(each.told.movement.pk), ways) for each in problems]


def _shown(problem: Problem, again: Movement | None, ways: Ways) -> Rejection:
    candidate, by_lote = None if again else problem.candidate, ways.by_lote(problem)
    cleared = bool(by_lote and candidate and problem.told.movement.cleared_at)
    return Rejection(
        problem.case, problem.told, _names(problem), ways.remedies(problem) if candidate else (), ways.drops(problem) if candidate else (),
        _standing(problem, candidate, again, by_lote=by_lote), bool(by_lote and candidate and candidate.waits), cleared,
    )  # fmt: skip


def _names(problem: Problem) -> tuple[str, str] | None:
    """Ours and that of IMSS, if they differ by more than accents, signs or order."""
    theirs = problem.told.movement.register_name
    student = problem.case.student
    ours = " ".join(filter(None, (student.primer_apellido, student.segundo_apellido, student.nombre)))
    return (ours, theirs) if theirs and _words(ours) != _words(theirs) else None


def _words(name: str) -> list[str]:
    return sorted(re.findall(r"\w+", search_key(name)))


def _standing(problem: Problem, candidate: Candidate | None, again: Movement | None, *, by_lote: bool) -> str:
    movement = problem.told.movement
    if again:
        where = f"en {str(again.lote).lower()}" if again.lote else "por el servicio del IMSS"
        return f"Enviado otra vez {where}: {again.get_status_display().lower()}"
    if candidate is None:
        return f"Ya no espera su envío: el expediente está en «{problem.case.get_state_display()}»"
    if not by_lote:
        return "Por arreglar y enviar otra vez por el servicio del IMSS"
    if movement.cleared_at:
        return f"Irá en el próximo lote: {movement.cleared_name} dijo que ya se arregló"
    if candidate.waits:
        return "Por arreglar"
    return "Irá en el próximo lote" if problem.told.family.again is Again.AS_IT_IS else "Ya se corrigió: irá en el próximo lote"
