"""What is known about some persons: their covers, cases and registros, read in one statement and kept up by what is written of covers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from afiliacion.cases.clock import RuleKey
from afiliacion.cases.engine import Move
from afiliacion.cases.models import FACT_COLUMNS, Case, ConsentRequest, facts_of
from afiliacion.cases.schedule import Schedule
from afiliacion.database.batch_queries import Batch, Parameter, together
from afiliacion.insurance.carried_and_owed import CaseView, CoverView, InsuredPerson
from afiliacion.insurance.facts import CoverFacts, CoverOwner, CoverStatus
from afiliacion.insurance.models import Cover
from students.models import RegistroPatronal, Student
from students.registros import Registros


@dataclass(slots=True)
class KnownCover:
    """A cover as its row has it, or one that begins (id 0 until it is written). No instance of the model: a set has thousands."""

    id: int
    student_id: int
    nss: str
    registro: str
    whose: str
    scope: list[int] | None = None
    owed_by: int | None = None
    version: int = 0
    head_hash: str = ""
    facts: CoverFacts = field(default_factory=CoverFacts)

    @property
    def view(self) -> CoverView:
        """The cover as `what_to_tell` sees it."""
        facts, scope = self.facts, None if self.scope is None else frozenset(self.scope)
        return CoverView(
            self.id, self.nss, self.registro, facts.status, facts.status_on, facts.since, facts.evidence, facts.baja_sent_on,
            facts.ended_by, scope, self.owed_by,
        )  # fmt: skip


class _Rows(NamedTuple):
    covers: list[tuple[Any, ...]]
    cases: list[tuple[Any, ...]]
    persons: list[tuple[Any, ...]]
    pending: list[tuple[Any, ...]]
    registros: list[tuple[Any, ...]]


_THEIRS: Final = Parameter("students")
_OWN: Final = ("pk", "student_id", "nss", "registro", "whose", "scope", "owed_by_id", "version", "head_hash")
_ASKED: Final = ConsentRequest.objects.filter(kind=ConsentRequest.Kind.ENROL, status=ConsentRequest.Status.PENDING)
_QUERIES: Final = Batch(
    _Rows,
    covers=Cover.objects.filter(student__pk__among=_THEIRS).order_by("pk").values_list(*_OWN, *CoverFacts._fields),
    # The cases that moved are known from their step.
    cases=Case.objects.filter(student__pk__among=_THEIRS).exclude(pk__among=Parameter("moved")).order_by("pk")
    .values_list("pk", "student_id", "plantel_id", *FACT_COLUMNS.values()),
    persons=Student.objects.filter(pk__among=_THEIRS).values_list("pk", "nss"),
    pending=_ASKED.filter(student__pk__among=_THEIRS).values_list("student_id", "plantel_id"),
    registros=RegistroPatronal.objects.filter(plantel__pk__among=Parameter("planteles")).order_by()
    .values_list("plantel_id", "registro", "valid_from"),
)  # fmt: skip


class Known:
    """What is known about some persons (ids), who are locked; `moves`: the step of a verb that was just made of their cases."""

    def __init__(self, students: Collection[int], moves: Sequence[Move] = ()) -> None:
        moved = {move.case.id: move for move in moves}
        planteles = {move.case.plantel_id for move in moves}
        rows = together(_QUERIES, students=list(students), moved=list(moved), planteles=list(planteles))
        self._numbers: dict[int, str | None] = dict(rows.persons)
        self._cases: dict[int, list[CaseView]] = defaultdict(list)
        for pk, student_id, plantel_id, *facts in rows.cases:
            self._cases[student_id].append(CaseView(pk, plantel_id, facts_of(facts)))
        for move in moves:
            self._cases[move.case.student_id].append(CaseView(move.case.id, move.case.plantel_id, move.facts))
        self._pending: dict[int, set[int]] = defaultdict(set)
        for student_id, plantel_id in rows.pending:
            self._pending[student_id].add(plantel_id)
        others = {case.plantel_id for cases in self._cases.values() for case in cases}.union(*self._pending.values()) - planteles
        self._registros = [*rows.registros, *(_registros_of(others) if others else ())]
        self._ever = Registros(self._registros)
        self._covers: dict[int, list[KnownCover]] = defaultdict(list)
        for row in rows.covers:
            self._covers[row[1]].append(_cover(row))
        self._live = {pk: [cover for cover in covers if cover.facts.ended_on is None] for pk, covers in self._covers.items()}

    def live(self, student_id: int) -> Sequence[KnownCover]:
        """The covers of a person, ours or not, that had not ended, and those that began since."""
        return self._live.get(student_id, ())

    def begin(self, student_id: int, nss: str, registro: str, whose: CoverOwner) -> KnownCover:
        """A new cover, not yet written."""
        cover = KnownCover(0, student_id, nss, registro, whose.value)
        self._covers[student_id].append(cover)
        self._live.setdefault(student_id, []).append(cover)
        return cover

    def end(self, cover: KnownCover) -> None:
        """Another step of the same set is not about this cover any more."""
        self._live[cover.student_id].remove(cover)

    def registros_ever(self, plantel_id: int) -> frozenset[str]:
        """All registros of a plantel, those too that are to come."""
        return self._ever.ever(plantel_id)

    def persons(self, today: dt.date) -> Iterator[tuple[int, InsuredPerson]]:
        """The persons today, by id, one after another; those without a cover or a case that counts on an alta are left out."""
        concerned = sorted(pk for pk, cases in self._cases.items() if self._is_insured(pk) or any(map(_counts_on_alta, cases)))
        if not concerned:
            return
        begun = Registros(row for row in self._registros if row[2] is None or row[2] <= today)
        planteles = {case.plantel_id for pk in concerned for case in self._cases[pk]}.union(*self._pending.values())
        ever = {plantel_id: begun.ever(plantel_id) or frozenset({""}) for plantel_id in planteles}
        awaited = _awaited(case for pk in concerned for case in self._cases[pk])
        for pk in concerned:
            ours = [cover.view for cover in self._covers.get(pk, ()) if cover.whose == _OURS]
            live = [cover for cover in ours if cover.status is not CoverStatus.ENDED]
            ended = [cover for cover in ours if cover.status is CoverStatus.ENDED]
            yield (
                pk,
                InsuredPerson(self._numbers[pk], sorted(self._cases[pk]), live, ended, ever, self._pending.get(pk, ()), awaited, today),
            )

    def _is_insured(self, student_id: int) -> bool:
        return any(cover.whose == _OURS for cover in self._covers.get(student_id, ()))


_OURS: Final = CoverOwner.OURS.value


def _counts_on_alta(case: CaseView) -> bool:
    return bool(case.facts.alta_on or case.facts.former_owed_on)


def covers(found: QuerySet[Cover]) -> list[KnownCover]:
    """These covers, by id."""
    return [_cover(row) for row in found.order_by("pk").values_list(*_OWN, *CoverFacts._fields)]


def _cover(row: Sequence[Any]) -> KnownCover:
    status, *rest = row[len(_OWN) :]
    values = (*row[: len(_OWN)], CoverFacts(CoverStatus(status), *rest))
    return KnownCover(*values)


def _registros_of(planteles: Collection[int]) -> Iterable[tuple[Any, ...]]:
    return RegistroPatronal.objects.filter(plantel__pk__among=planteles).order_by().values_list("plantel_id", "registro", "valid_from")


def _awaited(cases: Iterable[CaseView]) -> Mapping[int, dt.date]:
    """Until which day the new plantel's list is awaited, by case, of those closed by a change that keeps the cover."""
    moved = [case for case in cases if case.facts.keeps_cover]
    schedule = Schedule() if moved else None
    return {case.id: schedule.deadline(RuleKey.TRASLADO, case.facts.state_since, case.plantel_id) for case in moved} if schedule else {}
