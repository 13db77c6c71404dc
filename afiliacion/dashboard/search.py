"""What an officer types to find somebody: words of a name in any order, or the beginning of a CURP, NSS, matrícula or folio."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from afiliacion.cases.models import Case
from afiliacion.dashboard.sql import Sql, all_of, any_of, joined
from students.names import search_key

#: A search expected to match more people than this is looked for along the list; one of fewer is found first.
RARE: Final = 10_000

_FOLIO: Final = re.compile(r"E-?0*(\d{1,18})", re.ASCII)
_CODE: Final = re.compile(r"[0-9A-ZÑ./_-]{3,30}")


@dataclass(frozen=True)
class Search:
    """`name`: the words looked for in the name; `code`: the number something may begin with ("": what was typed is no number)."""

    name: tuple[str, ...]
    code: str

    @classmethod
    def of(cls, text: str) -> Self | None:
        """None: nothing was typed that could be looked for."""
        typed = text.strip().upper()
        code = typed if _CODE.fullmatch(typed) else ""
        name = () if any(c.isdigit() for c in code) else tuple(search_key(text).split())
        return cls(name, code) if name or code else None

    @cached_property
    def cases(self) -> Sql:
        """The ids of the cases that match, found from the index of each thing."""
        by_student = Sql("SELECT k.id FROM cases_case k JOIN students_student s ON s.id = k.student_id WHERE")
        by_enrolment = Sql("SELECT k.id FROM cases_case k JOIN students_enrolment e ON e.id = k.enrolment_id WHERE")
        found = [by_student + condition for condition in self._of_student]
        found += [by_enrolment + condition for condition in self._of_enrolment]
        if folio := _FOLIO.fullmatch(self.code):
            found.append(Sql("SELECT %s::bigint", (int(folio[1]),)))
        return joined("UNION ALL", found)

    @cached_property
    def matches(self) -> Sql:
        """True of a case `c` that matches, for looking along a list."""
        source = Sql("EXISTS (SELECT FROM students_student s, students_enrolment e WHERE s.id = c.student_id AND e.id = c.enrolment_id AND")
        # OFFSET keeps it a look at each row: joined, it would be looked for among millions first.
        return source + any_of([*self._of_student, *self._of_enrolment]) + Sql("OFFSET 0)")

    @cached_property
    def is_rare(self) -> bool:
        """Whether so few are expected to match that they are best found first: the database's own estimate, which reads no row."""
        people = [Sql("SELECT FROM students_student s WHERE") + condition for condition in self._of_student]
        people += [Sql("SELECT FROM students_enrolment e WHERE") + condition for condition in self._of_enrolment]
        with connection.cursor() as cursor:
            (Sql("EXPLAIN (FORMAT JSON)") + joined("UNION ALL", people)).run(cursor)
            plan = cursor.fetchone()[0]
        expected: float = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]
        return expected <= RARE

    @cached_property
    def _of_student(self) -> list[Sql]:
        """Ways in which a student `s` matches."""
        ways = [all_of(_word(word) for word in self.name)] if self.name else []
        # The bounds let a plain index find what LIKE asks, whatever the collation.
        if self.code[:1].isalpha():
            ways.append(Sql("s.curp BETWEEN %s AND %s AND s.curp LIKE %s", (self.code, self.code + "Z" * 18, _beginning(self.code))))
        if self.code.isdigit():
            ways.append(Sql("s.nss BETWEEN %s AND %s AND s.nss LIKE %s", (self.code, self.code + "9" * 11, _beginning(self.code))))
        return ways

    @cached_property
    def _of_enrolment(self) -> list[Sql]:
        """Ways in which an enrolment `e` matches."""
        return [Sql("upper(e.matricula) LIKE %s", (_beginning(self.code),))] if self.code else []


def _word(word: str) -> Sql:
    """Any part of a name of `s`; what is too short for an index of trigrams must begin one of its words."""
    if len(word) > 2:
        return Sql("s.name_search LIKE %s", (f"%{_plain(word)}%",))
    return Sql("(s.name_search LIKE %s OR s.name_search LIKE %s)", (_beginning(word), f"% {_beginning(word)}"))


def _beginning(text: str) -> str:
    return f"{_plain(text)}%"


def _plain(text: str) -> str:
    """`text` without what LIKE would take for a wildcard."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def found(cases: QuerySet[Case], text: str) -> QuerySet[Case]:
    """Those of `cases` that match what was typed; all of them if nothing was."""
    search = Search.of(text)
    if search is None:
        return cases
    ids = search.cases if search.is_rare else Sql("SELECT c.id FROM cases_case c WHERE") + search.matches
    return cases.filter(pk__in=RawSQL(ids.text, ids.params))  # noqa: S611 - values are parameters
