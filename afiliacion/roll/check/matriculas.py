"""Matrículas that the students of a list leave to each other, in a chain (A's to B, B's to C) or in a circle (A's to B, B's to A).

A matrícula is free for a row if no enrolment of the plantel and ciclo has it, or if the student who has it gets another one by the same
list, in a row that is loaded. Such rows are loaded in one transaction (chunks.py), so that each matrícula has one student at any moment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from afiliacion.database.statements import rows_of
from afiliacion.roll.findings import RowFinding


class MatriculaMove(NamedTuple):
    """A row that gives its student another matrícula than on record. Enrolments are ids, of the list's plantel and ciclo.

    `gives`: the student's enrolment, if there is one, whose matrícula becomes free; `holder`: the enrolment of another student who has the
    row's matrícula now. `bad`: the row has an error. `asked`: whose it is must be answered first. `closes`: the status by which the
    row closes a case, and whether IMSS is then owed a baja (`owes`).
    """

    line: int
    matricula: str
    gives: int | None
    holder: int | None
    bad: bool = False
    asked: bool = False
    closes: str | None = None
    owes: bool = False


# Each row is looked up, as in matching.match; not those that bring what is on record as their own.
_MOVES: Final = """
SELECT m.line, m.matricula, CASE WHEN m.old_matricula <> m.matricula THEN m.enrolment_id END, e.id, m.bad, m.twin_id IS NOT NULL,
       CASE WHEN NOT m.bad AND m.leaves THEN m.estatus END, m.case_owes
FROM roll_matched m
LEFT JOIN LATERAL (
  SELECT e.id, e.student_id FROM students_enrolment e
  WHERE e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s AND e.matricula = m.matricula OFFSET 0
) e ON m.matricula IS DISTINCT FROM m.old_matricula AND e.student_id IS DISTINCT FROM m.student_id
WHERE m.matricula IS DISTINCT FROM m.old_matricula AND (e.id IS NOT NULL OR m.old_matricula <> m.matricula)
"""
_TAKEN: Final = "Esta matrícula ya es de otro alumno en el plantel y ciclo: corrija la matrícula o la CURP."
_NOT_LEFT: Final = (
    "Esta matrícula la tiene el alumno de la fila {}, que la dejaría, pero esa fila no se carga: corríjala o aclárela y suba la lista "
    "otra vez."
)
_IF_ANSWERED: Final = (
    "Esta matrícula la tiene el alumno de la fila {}: queda libre solo si esa fila se carga, lo que depende de su respuesta en «¿Es la "
    "misma persona?». Si no, esta tampoco se carga."
)


def moves(parameters: dict[str, Any]) -> list[MatriculaMove]:
    """Of the matched rows, those that change a matrícula or take one that another student has; `parameters`: those of the target."""
    return [MatriculaMove(*row) for row in rows_of(_MOVES, parameters)]


def refused(moves: Iterable[MatriculaMove]) -> dict[int, int | None]:
    """The lines whose matrícula is not free, each with the line that would have left it; None if no row of the list does."""
    takers, leaving = defaultdict(list), Counter[int]()
    staying: list[tuple[int, int | None]] = []
    for move in moves:
        if move.holder:
            takers[move.holder].append(move)
        if move.gives:
            leaving[move.gives] += 1
        if move.gives and move.bad:
            staying.append((move.gives, move.line))
    # Where two rows are about one enrolment it is not known which matrícula it will have.
    staying += ((holder, None) for holder in takers if leaving[holder] != 1)
    found: dict[int, int | None] = {}
    while staying:
        enrolment, line = staying.pop()
        for taker in takers.pop(enrolment, ()):
            found[taker.line] = line
            if taker.gives:
                staying.append((taker.gives, taker.line))
    return found


def errors(moves: Sequence[MatriculaMove]) -> list[RowFinding]:
    """Why the rows are refused whose matrícula is not free."""
    why = refused(moves)
    return [
        RowFinding(move.line, "matricula", move.matricula, _TAKEN if why[move.line] is None else _NOT_LEFT.format(why[move.line]))
        for move in moves
        if move.line in why
    ]


def warnings(moves: Sequence[MatriculaMove]) -> Iterator[RowFinding]:
    """What is said of rows whose matrícula becomes free only if it is answered whose another row is."""
    certain = refused(moves)
    why = refused(move._replace(bad=move.bad or move.asked) for move in moves)
    for move in moves:
        if not move.bad and move.line in why and move.line not in certain:
            yield RowFinding(move.line, "matricula", move.matricula, _IF_ANSWERED.format(why[move.line]))


def together(moves: Sequence[MatriculaMove]) -> list[tuple[int, int]]:
    """(first line, last line) of the stretches of a list within which matrículas are left to each other, apart from one another."""
    lines = {move.gives: move.line for move in moves if move.gives}
    pairs = ((move.line, lines[move.holder]) for move in moves if move.holder in lines)
    stretches: list[tuple[int, int]] = []
    for first, last in sorted((min(pair), max(pair)) for pair in pairs):
        if stretches and first <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(last, stretches[-1][1]))
        else:
            stretches.append((first, last))
    return stretches
