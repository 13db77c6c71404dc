"""Whose a document is: by what it says, or by how a person names the student."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from afiliacion.cases import consent
from afiliacion.cases.identity.known import by_curp
from afiliacion.cases.identity.repeated import goes_on
from afiliacion.cases.models import Case
from afiliacion.cases.queries import pursued, visible_cases
from afiliacion.papers_in import values
from afiliacion.papers_in.judgment import KnownStudent
from afiliacion.papers_in.models import BroughtPaper
from paper_reader.reading import Field, Reading
from students.curp import Curp, CurpError
from students.models import FormerValue, Student
from students.nss import Nss, NssError
from students.registros import Registros


def case_for(reading: Reading, planteles: frozenset[int] | None) -> Case | None:
    """The case of the student the document is of, at these planteles (ids; None: all): by its CURP, else by its NSS."""
    people = consent.visible(planteles)
    curps = _well_formed(Curp, CurpError, values.all_of(reading, Field.CURP))
    found = {person for curp in curps if (person := by_curp(curp, people))}
    if not found:
        found = set(people.filter(nss__in=_well_formed(Nss, NssError, values.all_of(reading, Field.NSS))))
    return _case_of(found.pop(), planteles) if len(found) == 1 else None


def case_named(text: str, planteles: frozenset[int] | None) -> Case | None:
    """The case that a person means by a CURP, a folio («E-0000123»), an NSS or a matrícula; None if none or several."""
    plain = "".join(text.split()).upper()
    number = plain.removeprefix("E-")
    if plain.startswith("E-") and number.isascii() and number.isdigit() and len(number) <= 18:
        case = _with_names(visible_cases(planteles)).filter(pk=int(number)).first()
        return goes_on(case) if case else None
    people = consent.visible(planteles)
    student = by_curp(plain, people) or people.filter(nss=plain).first()
    if student is None:
        enrolled = _with_names(visible_cases(planteles)).filter(enrolment__matricula__in={text.strip(), plain, plain.lower()})
        students = {case.student for case in enrolled[:20]}
        student = students.pop() if len(students) == 1 else None
    return _case_of(student, planteles) if student else None


def known(case: Case, reading: Reading, paper: BroughtPaper) -> KnownStudent:
    """What the office knows of the student of `case`, as far as the document says something of it."""
    student = case.student
    numbers = values.all_of(reading, Field.NSS)
    same_file = BroughtPaper.objects.filter(evidence=paper.evidence_id).exclude(pk=paper.pk)
    former = FormerValue.objects.filter(student=student, field=FormerValue.Field.CURP).values_list("search", flat=True)
    return KnownStudent(
        curp=student.curp or "", former_curps=tuple(former), first_names=student.nombre, first_surname=student.primer_apellido,
        second_surname=student.segundo_apellido, birth_date=student.birth_date, nss=student.nss or "",
        registros=tuple(sorted(Registros.of([case.plantel_id]).ever(case.plantel_id))), ciclo_starts=case.enrolment.ciclo.starts_on,
        state=case.state, nss_of_another=Student.objects.filter(nss__in=numbers).exclude(pk=student.pk).exists(),
        brought_by_another=same_file.filter(case__isnull=False).exclude(case__student=student).exists(),
    )  # fmt: skip


def _case_of(student: Student, planteles: frozenset[int] | None) -> Case | None:
    return pursued(_with_names(visible_cases(planteles)).filter(student=student))


def _with_names(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("student", "plantel", "enrolment__ciclo")


def _well_formed(kind: type[Curp | Nss], error: type[ValueError], texts: Iterable[str]) -> list[str]:
    good: list[str] = []
    for text in texts:
        try:
            good.append(kind.parse(text))
        except error:
            continue
    return good
