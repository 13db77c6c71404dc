"""How a student is reached, when two records of one person are merged or taken apart again (afiliacion/cases/identity)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from afiliacion.cases import engine
from afiliacion.cases.engine import Move
from afiliacion.cases.history import erasure
from afiliacion.cases.models import Merge, RecordChange
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Verb
from afiliacion.reminders import tutors
from afiliacion.reminders.models import OptOut, Tutor


def register() -> None:
    """Have the cases' engine call us. Called once, when the app is ready."""
    engine.FOLLOWERS.append(follow)
    erasure.FOLLOWERS.append(forget)


def follow(verb: Verb, moves: Sequence[Move], act: Act) -> None:
    """The record that goes on has the tutor of the other one, if it had none, and wants no optional mail if one of the two wants none."""
    if verb is Verb.MERGE:
        _join(_merge_of(moves), act)
    elif verb is Verb.RETRACT_MERGE:
        _part(_merge_of(moves), act)


def forget(merged: Collection[int]) -> None:
    """Delete what is kept of these records (ids) for the day on which they are taken apart again: their persons were erased."""
    Tutor.objects.filter(pk__in=merged).delete()
    OptOut.objects.filter(pk__in=merged).delete()


def _merge_of(moves: Sequence[Move]) -> Merge:
    return Merge.objects.get(pk=moves[0].happening.data["merge"])


def _join(merge: Merge, act: Act) -> None:
    tutor = Tutor.objects.filter(pk=merge.merged_id).first()
    if tutor and not Tutor.objects.filter(pk=merge.kept_id).exists():
        tutors.write(merge.kept_id, tutor.name, tutor.email, act)
    if opted_out := OptOut.objects.filter(pk=merge.merged_id).first():
        OptOut.objects.get_or_create(student_id=merge.kept_id, defaults={"at": opted_out.at})


def _part(merge: Merge, act: Act) -> None:
    came = RecordChange.objects.filter(student=merge.kept_id, what=RecordChange.What.TUTOR, at=merge.at)
    if came.exists():
        tutors.forget(merge.kept_id, act)
    theirs = OptOut.objects.filter(pk=merge.merged_id).values("at")
    OptOut.objects.filter(pk=merge.kept_id, at__in=theirs).delete()
