"""SQL conditions on whom a list may know: a person of other planteles alone is to it a stranger (docs/roll.md).

`%(everywhere)s`: the importer answers for all planteles; `%(own)s`: ids of those they answer for (target.Target.parameters).
OFFSET 0 keeps each a look at the rows of one person: joined, it would be looked for among all of them.
"""

from __future__ import annotations


def taken_back(enrolment: str) -> str:
    """An enrolment (SQL name of its row) is of a list that was undone, and no list has brought it since; as undoing.py leaves it."""
    return f"({enrolment}.status = 'baja_definitiva' AND strpos({enrolment}.matricula, '·' || {enrolment}.id) > 0)"


def mine(student: str) -> str:
    """A person (SQL of an id) belongs to one of the importer's planteles."""
    return (
        f"EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = {student} AND o.plantel_id = ANY(%(own)s)"
        f" AND NOT {taken_back('o')} OFFSET 0)"
    )


def foreign(student: str) -> str:
    """A person (SQL of an id) belongs to a plantel that is not the importer's; as consent.foreign has it, for whole lists."""
    return (
        f"(NOT %(everywhere)s AND EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = {student} AND o.plantel_id <> ALL(%(own)s)"  # noqa: S608
        " AND coalesce((SELECT bool_or(c.baja_kind <> 'deshecha') FROM cases_case c WHERE c.enrolment_id = o.id), true) OFFSET 0))"
    )


def hidden(student: str) -> str:
    """A person (SQL of an id) belongs to other planteles alone."""
    return f"(NOT {mine(student)} AND {foreign(student)})"
