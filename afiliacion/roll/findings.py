"""What the import says about a list: each remark with its line, column, value, reason and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field


class UnreadableFile(ValueError):
    """The whole file is refused; str() is one Spanish sentence that says why and what to do. Nothing was changed."""


class ReaderDied(UnreadableFile):
    """The reader's process ended without an answer. Nothing says that the file is to blame: it can be tried again."""


class WrongColumns(UnreadableFile):
    """The file is a table, but not a list of students: columns are missing or doubled."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on one row: an error (the row is not taken) or a warning (it is). `column` is a name of COLUMNS, or empty."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a known student or enrolment that the list brings otherwise."""

    line: int
    matricula: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody enrolled in the plantel and ciclo whom the list does not name."""

    matricula: str
    name: str


@dataclass(slots=True)
class Counts:
    """Rows of a list by what they mean. `known`: of the new enrolments, those of people already in the registry."""

    new: int = 0
    known: int = 0
    changed: int = 0
    unchanged: int = 0
    invalid: int = 0
    repeated: int = 0
    missing: int = 0


@dataclass(slots=True)
class Done:
    """What an import did. `skipped`: (matrícula, reason) of each step a case did not allow."""

    students_new: int = 0
    students_changed: int = 0
    enrolments_new: int = 0
    enrolments_changed: int = 0
    opened: int = 0
    continued: int = 0
    nss_obtained: int = 0
    left: int = 0
    rejoined: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return self == Done(skipped=self.skipped)
