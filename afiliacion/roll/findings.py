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
class RowFinding:
    """One remark on one row: an error (the row is not taken) or a warning (it is). `column` is a name of COLUMNS, or empty."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a known student or enrolment that the list brings otherwise."""

    line: int
    matricula: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class MissingStudent:
    """A student of the plantel whom the list does not name: enrolled in its ciclo, or in one `before` (clave) that is over."""

    matricula: str
    name: str
    before: str = ""


@dataclass(slots=True)
class RowCounts:
    """Rows of a list by what they mean. `known`: of the new enrolments, those of people already in the registry; `asked`: those that wait
    for an answer whose they are; `no_curp`: those without CURP, `noting`: of them, those not noted yet or with other data.

    `missing`: students the list does not name; `not_returned`: of them, those with an open case of a ciclo before. `leaving`: rows that
    close a case, by status; `owing`: of them, those after which IMSS is owed a baja.
    """

    new: int = 0
    known: int = 0
    changed: int = 0
    unchanged: int = 0
    invalid: int = 0
    asked: int = 0
    repeated: int = 0
    no_curp: int = 0
    noting: int = 0
    missing: int = 0
    not_returned: int = 0
    leaving: dict[str, int] = field(default_factory=dict)
    owing: int = 0

    @property
    def absent(self) -> int:
        """Students enrolled in the ciclo itself whom the list does not name."""
        return self.missing - self.not_returned


@dataclass(slots=True)
class ImportDone:
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
    #: Rows without CURP that were noted, or noted otherwise; and those noted before whose CURP came.
    no_curp: int = 0
    promoted: int = 0
    #: Requests to other planteles about rows that name a person of theirs.
    asked: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return self == ImportDone(skipped=self.skipped)
