"""Tell the cases of some persons what became of their covers (carried_and_owed.py); prove that nothing is left to tell, by person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils import timezone

from afiliacion.cases.engine import perform
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Verb
from afiliacion.database.bulk_writes import update_rows
from afiliacion.database.retry import retry_on_conflict
from afiliacion.insurance.carried_and_owed import InsuredPerson, Tell, what_to_tell
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.known import Known
from afiliacion.insurance.models import Cover
from students.models import Student

#: Persons looked at in one transaction.
CHUNK: Final = 2000
#: Cases that count on an alta, or owe a baja of another one than their own.
_COUNTING: Final = Case.objects.filter(Q(alta_on__isnull=False) | Q(former_owed_on__isnull=False))


def settle(students: Collection[int], act: Act) -> int:
    """Tell the cases of these persons (ids), who are locked, what they have not been told; return how many steps that took.

    Cases outside the actor's planteles are left to the night: what an officer does leaves those of others as they were.
    """
    return settle_known(Known(students), act) if students else 0


def settle_known(known: Known, act: Act, *, first: Collection[int] = ()) -> int:
    """The same of persons of whom everything was read. `first`: cases (ids) that owe a baja rather than others."""
    tells: list[Tell] = []
    owing: list[tuple[int, int | None]] = []
    # One after another, and nothing of a person is kept that is not told.
    for _, person in known.persons(timezone.localdate(act.now)):
        told = what_to_tell(person, first=first)
        if told.tells or told.owed_by:
            mine = {case.id for case in person.cases if act.planteles is None or case.plantel_id in act.planteles}
            tells += [tell for tell in told.tells if tell.case_id in mine]
            owing += [(pk, case) for pk, case in told.owed_by.items() if case is None or case in mine]
    update_rows(Cover, ["owed_by_id"], owing)
    _tell(tells, act)
    return len(tells)


def _tell(tells: Sequence[Tell], act: Act) -> None:
    sets: dict[Verb, dict[int, Happening]] = defaultdict(dict)
    again: list[Tell] = []
    for tell in tells:
        if tell.case_id in sets[tell.verb]:
            again.append(tell)
        else:
            sets[tell.verb][tell.case_id] = tell.happening
    for verb, happenings in sets.items():
        perform(verb, happenings, act=act, followed=False)
    if again:
        _tell(again, act)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that a case has not been told of a cover of its person."""

    student_id: int
    tell: Tell

    def __str__(self) -> str:
        return f"E-{self.tell.case_id:07d}: falta «{self.tell.verb.label}» ({self.tell.happening.data})"


def disagreements(today: dt.date) -> Iterator[Disagreement]:
    """What the cases of all persons have not been told. Memory does not grow with their number."""
    for chunk in _everyone():
        for student_id, person in read(chunk, today).items():
            yield from (Disagreement(student_id, tell) for tell in what_to_tell(person).tells)


def settle_all(act: Act) -> int:
    """Tell all cases what they have not been told, whichever plantel they are of; return how many steps that took. For the night."""
    done = 0
    for chunk in _everyone():
        done += retry_on_conflict(lambda chunk=chunk: _settle_locked(chunk, act))  # type: ignore[misc]
    return done


def _settle_locked(students: list[int], act: Act) -> int:
    people = Student.objects.filter(pk__among=students).order_by("pk").select_for_update(no_key=True)
    return settle(list(people.values_list("pk", flat=True)), act)


def _everyone() -> Iterator[list[int]]:
    """The persons (ids) who have or had cover of ours, or a case that counts on an alta, in chunks."""
    live = Cover.objects.filter(whose=CoverOwner.OURS, ended_on=None)
    known = Student.objects.filter(Q(pk__in=_COUNTING.values("student_id")) | Q(pk__in=live.values("student_id")))
    last = 0
    while chunk := list(known.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        last = chunk[-1]
        yield chunk


def read(students: Collection[int], today: dt.date) -> dict[int, InsuredPerson]:
    """What is known about these persons (ids) today; those without a cover or a case that counts on an alta are left out."""
    return dict(Known(students).persons(today)) if students else {}
