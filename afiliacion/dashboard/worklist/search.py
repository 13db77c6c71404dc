"""Search: words of a name in any order, or the beginning of a CURP, NSS, matrícula or folio; also as they were before a correction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from afiliacion.cases.identity.writing import NAMES
from afiliacion.cases.models import Case
from afiliacion.dashboard.shared.sql import Sql, all_of, any_of, fetched, joined
from students.models import FormerValue
from students.names import search_key

_FIELD: Final = FormerValue.Field

#: A search expected to match more people than this is looked for along the list; one of fewer is found first.
RARE: Final = 5_000

#: The name of a case `c` from the copy its lists are ordered by, which an index holds: as `search_key` has it, but for the order of its
#: parts and what stands between them. `translate` would do both and cost ten times as much.
_NAME_OF_CASE: Final = "replace(c.name_order, '~', '')"

_FOLIO: Final = re.compile(r"E-?0*(\d{1,18})", re.ASCII)
#: How a CURP can begin; anything else need not be looked for among students.
_CURP: Final = re.compile(r"[A-ZÑ]{1,4}|[A-ZÑ]{4}\d{1,6}|[A-ZÑ]{4}\d{6}[A-Z][A-ZÑ0-9]{0,7}", re.ASCII)
_CODE: Final = re.compile(r"[0-9A-ZÑ./_-]{3,30}")


@dataclass(frozen=True)
class Search:
    """`name`: the words looked for in the name; `code`: the number something may begin with ("": what was typed is no number).

    `planteles`: where it is looked for (None: everywhere); a matrícula is looked for nowhere else, the rest narrows the list itself.
    """

    name: tuple[str, ...]
    code: str
    planteles: tuple[int, ...] | None = None

    @classmethod
    def of(cls, text: str, planteles: Iterable[int] | None = None) -> Self | None:
        """None: nothing was typed that could be looked for."""
        typed = text.strip().upper()
        code = typed if _CODE.fullmatch(typed) else ""
        name = () if any(c.isdigit() for c in code) else tuple(search_key(text).split())
        return cls(name, code, None if planteles is None else tuple(planteles)) if name or code else None

    @cached_property
    def cases(self) -> Sql:
        """The ids of the cases that match, found from the index of each thing."""
        named = [_BY_STUDENT + _words(self.name, "s.name_search")] if self.name else []
        return joined("UNION ALL", [*named, *self._by_code, *self._by_former])

    @cached_property
    def matches(self) -> Sql:
        """True of a case `c` that matches, for looking along a list. A name is read off the case: no other table is looked at."""
        # Former values are few: looked up once for the whole list, and by the case's id, which every index of the lists has.
        former = Sql("c.id IN (") + joined("UNION ALL", self._by_former) + Sql(")")
        if self.name:
            coded = [Sql("c.id IN (") + joined("UNION ALL", self._by_code) + Sql(")")] if self._by_code else []
            return any_of([_words_of_case(self.name), *coded, former])
        looks = [(_STUDENT_OF_CASE, self._of_student), (_ENROLMENT_OF_CASE, self._of_enrolment)]
        # OFFSET keeps it a look at each row: joined, it would be looked for among millions first.
        return any_of([*(source + any_of(ways) + Sql("OFFSET 0)") for source, ways in looks if ways), former])

    @cached_property
    def _by_code(self) -> list[Sql]:
        """The ids of the cases with something that begins as the number does."""
        found = [_BY_STUDENT + condition for condition in self._coded_student]
        found += [_BY_ENROLMENT + condition for condition in self._of_enrolment]
        folio = _FOLIO.fullmatch(self.code)
        return [*found, Sql("SELECT %s::bigint", (int(folio[1]),))] if folio else found

    @cached_property
    def _by_former(self) -> list[Sql]:
        """The ids of the cases of whom a former value matches: at least one question. A matrícula is one of the planteles looked in."""
        ways = [Sql("f.field = ANY(%s) AND", (sorted(NAMES),)) + _words(self.name, "f.search")] if self.name else []
        if _CURP.fullmatch(self.code):
            ways.append(_former_begins(_FIELD.CURP, self.code))
        if self.code:
            here = Sql("") if self.planteles is None else Sql("AND f.plantel_id = ANY(%s)", (list(self.planteles),))
            ways.append(_former_begins(_FIELD.MATRICULA, self.code) + here)
        return [_BY_FORMER + way for way in ways]

    @cached_property
    def without_curp(self) -> Sql:
        """True of a student `w` without CURP (WithoutCurp) who matches, by name or matrícula."""
        named = [_words(self.name, "w.name_search")] if self.name else []
        return any_of([*named, *([Sql("upper(w.matricula) LIKE %s", (_beginning(self.code),))] if self.code else [])])

    @property
    def is_rare(self) -> bool:
        """Whether so few are expected to match that they are best found first."""
        return self.expected <= RARE

    @cached_property
    def share(self) -> float:
        """Return the share of all students expected to match (0 to 1); 0 without statistics."""
        ((everybody,),) = fetched(Sql("SELECT reltuples FROM pg_class WHERE oid = 'students_student'::regclass"))
        return self.expected / everybody if everybody > 0 else 0.0

    @cached_property
    def expected(self) -> float:
        """How many people are expected to match: the database's own estimate, which reads no row."""
        people = [Sql("SELECT FROM students_student s WHERE") + condition for condition in self._of_student]
        people += [Sql("SELECT FROM students_enrolment e WHERE") + condition for condition in self._of_enrolment]
        ((plan,),) = fetched(Sql("EXPLAIN (FORMAT JSON)") + joined("UNION ALL", people))
        expected: float = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]
        return expected

    @cached_property
    def _of_student(self) -> list[Sql]:
        """Ways in which a student `s` matches."""
        return [*([_words(self.name, "s.name_search")] if self.name else []), *self._coded_student]

    @cached_property
    def _coded_student(self) -> list[Sql]:
        """Ways in which a student `s` has the number."""
        ways = []
        # The bounds let a plain index find what LIKE asks, whatever the collation.
        if _CURP.fullmatch(self.code):
            ways.append(Sql("s.curp BETWEEN %s AND %s AND s.curp LIKE %s", (self.code, self.code + "Z" * 18, _beginning(self.code))))
        if self.code.isdigit():
            ways.append(Sql("s.nss BETWEEN %s AND %s AND s.nss LIKE %s", (self.code, self.code + "9" * 11, _beginning(self.code))))
        return ways

    @cached_property
    def _of_enrolment(self) -> list[Sql]:
        """Ways in which an enrolment `e` matches."""
        if not self.code:
            return []
        begins = Sql("upper(e.matricula) LIKE %s", (_beginning(self.code),))
        return [begins if self.planteles is None else begins + Sql("AND e.plantel_id = ANY(%s)", (list(self.planteles),))]


_STUDENT_OF_CASE: Final = Sql("EXISTS (SELECT FROM students_student s WHERE s.id = c.student_id AND")
_ENROLMENT_OF_CASE: Final = Sql("EXISTS (SELECT FROM students_enrolment e WHERE e.id = c.enrolment_id AND")
_BY_FORMER: Final = Sql("SELECT k.id FROM cases_case k JOIN students_formervalue f ON f.student_id = k.student_id WHERE")
_BY_STUDENT: Final = Sql("SELECT k.id FROM cases_case k JOIN students_student s ON s.id = k.student_id WHERE")
_BY_ENROLMENT: Final = Sql("SELECT k.id FROM cases_case k JOIN students_enrolment e ON e.id = k.enrolment_id WHERE")


def _former_begins(field: str, code: str) -> Sql:
    return Sql("f.field = %s AND f.search <> '' AND f.search LIKE %s", (field, _beginning(code)))


def _words(words: Iterable[str], name: str) -> Sql:
    """True if every word is any part of `name`; one too short for an index of trigrams must begin one of its words."""
    return all_of(_word(word, name, " ") for word in words)


def _word(word: str, name: str, *gaps: str) -> Sql:
    """`gaps`: what stands before a word of the name that is not its first."""
    patterns = [f"%{_plain(word)}%"] if len(word) > 2 else [_beginning(word), *(f"%{gap}{_beginning(word)}" for gap in gaps)]
    return any_of(Sql(f"{name} LIKE %s", (pattern,)) for pattern in patterns)


def _words_of_case(words: Sequence[str]) -> Sql:
    """The same of the name of a case `c`. What it needs to have, ñ or not, is looked at first: hardly any name has it all, and it is cheap.

    CASE, because the planner would guess that hardly any name matches, and read five million rows instead of the first of a list.
    """
    needed = all_of(Sql("c.name_order LIKE %s", (f"%{'%'.join(map(_plain, re.split('(?<=n)', word)))}%",)) for word in words)
    exact = all_of(_word(word, _NAME_OF_CASE, " ", "\x1f") for word in words)
    return Sql("CASE WHEN") + needed + Sql("THEN") + exact + Sql("ELSE FALSE END")


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
