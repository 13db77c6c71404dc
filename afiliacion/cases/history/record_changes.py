"""Record changes of a person's data that are no step of a case. Called in the transaction that makes the change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from afiliacion.cases.models import RecordChange
from afiliacion.cases.outcome import Act

_SHOWN: Final = 2
_DETAIL: Final = 400


def masked(value: str) -> str:
    """Return `value` (an address, a phone, a name) as the record may keep it: two people are told apart, nothing can be used."""
    if not value:
        return "—"
    name, at, domain = value.partition("@")
    return f"{name[:_SHOWN]}…{at}{domain}" if at else f"{name[:_SHOWN]}…{name[-_SHOWN:]}"


def change(student_id: int, what: RecordChange.What, before: Mapping[str, str], after: Mapping[str, str], act: Act) -> RecordChange | None:
    """The unsaved record of who changed what, field by field, masked; None if the fields are equal.

    `before` and `after`: field label (Spanish) -> value.
    """
    names = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
    if not names:
        return None
    detail = "; ".join(f"{name}: {masked(before.get(name, ''))} → {masked(after.get(name, ''))}" for name in names)
    return RecordChange(
        student_id=student_id, what=what, detail=detail[:_DETAIL], at=act.now,
        actor_kind=act.actor.kind, actor_id=act.actor.user_id, actor_name=act.actor.name,
    )  # fmt: skip


def note(student_id: int, what: RecordChange.What, before: Mapping[str, str], after: Mapping[str, str], act: Act) -> None:
    """Write down who changed what, as `change` has it. Nothing if the fields are equal."""
    if row := change(student_id, what, before, after, act):
        row.save()
