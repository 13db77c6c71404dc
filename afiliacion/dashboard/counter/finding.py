"""Find the student at the counter and what can be received of them; or say in one line why none can be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from afiliacion.cases.consent import visible
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.identity import known
from afiliacion.cases.models import Case, WithoutCurp
from afiliacion.cases.papers.required import Wanted, is_minor
from afiliacion.cases.queries import in_name_order, pursued
from afiliacion.cases.states import BEFORE_THE_SHEET, OPEN_STATES, State, Verb
from afiliacion.dashboard.counter.reading import Reading, read
from afiliacion.dashboard.shared.access import Scope
from afiliacion.dashboard.worklist import search, without_curp
from afiliacion.reminders.letters.links import BadLink, case_of
from students.models import Ciclo, FormerValue
from students.nss import Nss

#: As many as there are keys to choose with.
KEYS: Final = 9
NSS_ITEM: Final = "nss"


@dataclass(frozen=True, slots=True)
class CounterItem:
    """One thing that can be received, with the key that marks it ("" beyond the ninth) and whether it is marked already."""

    code: str
    label: str
    key: str
    marked: bool = False


@dataclass(slots=True)
class StudentAtCounter:
    """A student at the counter: what can be received now, what is in already, and what the officer should know."""

    case: Case
    items: list[CounterItem] = field(default_factory=list)
    in_already: list[str] = field(default_factory=list)
    nss: str = ""
    line: str = ""
    warning: str = ""
    #: Who has no CURP yet and matches what was typed: nothing can be received of them here.
    without: Sequence[WithoutCurp] = ()

    @property
    def needs_nss(self) -> bool:
        return self.case.state == State.SIN_NSS and not self.nss


@dataclass(frozen=True, slots=True)
class SeveralFound:
    """Several people it could be."""

    cases: Sequence[Case]
    more: bool
    without: Sequence[WithoutCurp] = ()


@dataclass(frozen=True, slots=True)
class NoneFound:
    """Why no student is shown, in Spanish, with what to do."""

    line: str
    without: Sequence[WithoutCurp] = ()


def find(text: str, scope: Scope, today: dt.date, *, shown: int | None = None) -> StudentAtCounter | SeveralFound | NoneFound:
    """Who `text` (scanned or typed) means. `shown`: the case on the screen, to which an unknown NSS belongs."""
    reading = read(text)
    if not reading.text:
        return NoneFound("Lea un código o escriba matrícula, CURP, NSS o nombre.")
    if reading.token:
        return _by_token(reading.token, scope, today)
    if reading.folio and reading.sure:
        return _by_folio(reading.folio, scope, today)
    if reading.curp or reading.nss:
        return _by_numbers(reading, scope, today, shown)
    return _by_words(reading, scope, today)


def _by_words(reading: Reading, scope: Scope, today: dt.date) -> StudentAtCounter | SeveralFound | NoneFound:
    if case := _by_matricula(reading.text, scope):
        return at_counter(case, today)
    return _by_folio(reading.folio, scope, today) if reading.folio else _by_name(reading.text, scope, today)


def _by_folio(case_id: int, scope: Scope, today: dt.date) -> StudentAtCounter | NoneFound:
    case = _shown(scope.cases().filter(pk=case_id)).first()
    if case is None:
        return NoneFound("Ese folio no existe. Revise el código.")
    # A receipt of last year still leads to the student.
    return at_counter(pursued(_shown(scope.cases().filter(student=case.student_id))) or case, today)


def _by_token(token: str, scope: Scope, today: dt.date) -> StudentAtCounter | NoneFound:
    try:
        return _by_folio(case_of(token, today), scope, today)
    except BadLink as bad:
        why = "El código de su página ya caducó" if bad.expired else "Ese código no se leyó bien o ya no vale"
        return NoneFound(f"{why}: lea su matrícula o su CURP.")


def _by_numbers(reading: Reading, scope: Scope, today: dt.date, shown: int | None) -> StudentAtCounter | NoneFound:
    # A student of other planteles alone gets the answer of an unknown student (consent.py).
    people = visible(scope.plantel_ids)
    by_nss = people.filter(nss=reading.nss).first() if reading.nss else None
    by_curp = known.by_curp(reading.curp, people) if reading.curp else None
    if by_nss and reading.curp and by_nss != by_curp:
        return NoneFound("La hoja trae el NSS de una persona y la CURP de otra: no la reciba. Compruebe de quién es cada una.")
    if reading.nss and not by_nss and not reading.curp:
        return _new_nss(reading.nss, scope, today, shown)
    student = by_curp or by_nss
    case = pursued(_shown(scope.cases().filter(student=student))) if student else None
    if student is None or case is None:
        return NoneFound("Esa CURP no está en sus listas. Si es alumno, cargue la lista en que viene.")
    sheet = reading.nss if reading.curp else ""
    if sheet and student.nss and student.nss != sheet:
        return StudentAtCounter(
            case, warning="El NSS de la hoja no es el que está registrado: no la reciba. Use «Corregir NSS» en su expediente."
        )
    return at_counter(case, today, nss=sheet)


def _new_nss(nss: str, scope: Scope, today: dt.date, shown: int | None) -> StudentAtCounter | NoneFound:
    """An unknown NSS: it is that of the student on the screen, if they lack one."""
    case = _shown(scope.cases().filter(pk=shown, state=State.SIN_NSS)).first() if shown else None
    if case is None:
        return NoneFound("Ese NSS aún no es de nadie en sus listas: lea primero la matrícula o la CURP, y después la hoja.")
    return at_counter(case, today, nss=nss)


def _by_matricula(text: str, scope: Scope) -> Case | None:
    """Exact; all three columns of the index are named, so that it costs the same with any number of cases."""
    cases = scope.cases().filter(
        enrolment__plantel__in=list(scope.planteles().values_list("pk", flat=True)),
        enrolment__ciclo__in=list(Ciclo.objects.values_list("pk", flat=True)),
        enrolment__matricula__in={text, text.upper(), text.lower()},
    )
    found = list(_shown(cases)[: KEYS + 1]) or list(_shown(_formerly(text, scope))[: KEYS + 1])
    return pursued(found) if len({case.student_id for case in found}) == 1 else None


def _formerly(text: str, scope: Scope) -> QuerySet[Case]:
    """The cases of whom had this matrícula before it was corrected."""
    theirs = FormerValue.objects.filter(
        field=FormerValue.Field.MATRICULA, search=text.upper(), plantel=OuterRef("plantel"), student=OuterRef("student")
    )
    return scope.cases().filter(Exists(theirs))


def _by_name(text: str, scope: Scope, today: dt.date) -> StudentAtCounter | SeveralFound | NoneFound:
    found = list(_shown(in_name_order(search.found(scope.cases(), text)))[: 2 * KEYS])
    people, without = [case for case in map(pursued, _by_student(found)) if case], without_curp.matching(scope, text)
    if not people:
        none = "Sin expediente todavía, porque falta su CURP: no hay nada que recibir. Si ya la trae, anótela en su página."
        unknown = f"Nadie de su plantel coincide con «{text[:60]}». Revise lo escrito o busque por nombre."
        return NoneFound(none if without else unknown, without)
    if len(people) > 1:
        return SeveralFound(people[:KEYS], len(people) > KEYS, without)
    person = at_counter(people[0], today)
    person.without = without
    return person


def _by_student(cases: Iterable[Case]) -> list[list[Case]]:
    parted: dict[int, list[Case]] = {}
    for case in cases:
        parted.setdefault(case.student_id, []).append(case)
    return list(parted.values())


def _shown(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("student", "plantel", "enrolment__ciclo")


def at_counter(case: Case, today: dt.date, *, nss: str = "") -> StudentAtCounter:
    """What can be received of the student of `case`; `nss`: one just read from their sheet."""
    if case.state not in OPEN_STATES:
        closed = f"Su expediente está cerrado ({case.get_state_display().lower()}): no reciba nada. Ábralo desde su página si procede."
        return StudentAtCounter(case, warning=closed)
    new_nss = nss if case.student.nss is None else ""
    suspicious = bool(new_nss) and Nss(new_nss).birth_year_digits != f"{case.student.birth_date:%y}"
    wanted = asked(case, today)
    lacking = {code: label for code, label in wanted.items() if code not in case.facts.papers_in}
    if case.acuse_on or (case.state == State.SIN_NSS and not new_nss):
        lacking.pop(ACUSE_PAPER, None)
    person = StudentAtCounter(case, in_already=[label for code, label in wanted.items() if code in case.facts.papers_in], nss=new_nss)
    codes = {**({NSS_ITEM: "NSS de la hoja"} if new_nss else {}), **lacking}
    # Who reads the sheet has it in hand; a number that may be a parent's is marked by a person.
    taken = set() if suspicious else {NSS_ITEM} | ({ACUSE_PAPER} if nss else set())
    person.items = [
        CounterItem(code, label, str(n) if n <= KEYS else "", marked=code in taken) for n, (code, label) in enumerate(codes.items(), 1)
    ]
    person.line, person.warning = _line(person), _doubt(case, new_nss) if suspicious else ""
    return person


def asked(case: Case, today: dt.date) -> dict[str, str]:
    """What the plantel asks of this student, the acuse first: key -> label."""
    minor = is_minor(case.student.birth_date, today)
    papers = Wanted(Verb.DELIVER_ACUSE, [case.plantel_id])
    wanted = papers.kinds(case.plantel_id, minor=minor)
    wanted.pop(ACUSE_PAPER, None)
    return {ACUSE_PAPER: papers.labels[ACUSE_PAPER], **dict(sorted(wanted.items(), key=lambda kind: kind[1]))}


def _line(person: StudentAtCounter) -> str:
    case = person.case
    if person.needs_nss:
        return "Sin NSS registrado: lea el código de su hoja del IMSS o escriba los 11 dígitos."
    if case.acuse_on and not person.items:
        return f"Ya entregó todo; el acuse, el {case.acuse_on:%d/%m/%Y}. No hay nada que recibir."
    if case.acuse_on:
        return f"Ya entregó el acuse el {case.acuse_on:%d/%m/%Y}."
    if case.state not in BEFORE_THE_SHEET:
        return f"Está en «{case.get_state_display()}»: lo que reciba se anota, y el expediente sigue ahí."
    return ""


def _doubt(case: Case, nss: str) -> str:
    says, born = Nss(nss).birth_year_digits, f"{case.student.birth_date:%y}"
    return (
        f"El NSS dice que la persona nació en «{says}» y su CURP, en «{born}»: puede ser de su mamá o su papá. "
        "Compárelo con la hoja; si es del alumno, márquelo con su tecla."
    )
