"""What is on record of persons, written anew: the value, its former one, and the record of the change, for many persons at once.

Called in the transaction that decides it; the persons are locked before their cases, if any, as the verbs do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from afiliacion.cases.history import record_changes
from afiliacion.cases.models import RecordChange
from afiliacion.cases.outcome import Act
from students.models import Enrolment, FormerValue, Student
from students.names import search_key, sort_key

Field = FormerValue.Field

#: What is said of a person, by the name a list's column has, and where it stands on record.
OF_PERSON: Final[Mapping[str, str]] = {
    Field.CURP: "curp", Field.NOMBRE: "nombre", Field.PRIMER_APELLIDO: "primer_apellido", Field.SEGUNDO_APELLIDO: "segundo_apellido",
    Field.FECHA_NACIMIENTO: "birth_date", Field.SEXO: "sex", Field.ENTIDAD_NACIMIENTO: "entity", Field.CORREO: "email",
    Field.TELEFONO: "phone",
}  # fmt: skip
#: The parts of a name.
NAMES: Final = frozenset({Field.NOMBRE, Field.PRIMER_APELLIDO, Field.SEGUNDO_APELLIDO})
_CONTACT: Final = frozenset({Field.CORREO, Field.TELEFONO})


@dataclass(frozen=True, slots=True)
class Correction:
    """The right values of one person (id), by field; dates in ISO. `enrolment`: the one whose matrícula is corrected."""

    student: int
    values: Mapping[str, str]
    enrolment: int | None = None


def on_record(student: Student, enrolment: Enrolment | None = None) -> dict[str, str]:
    """What is on record of a person, and the matrícula of an enrolment, by field; dates in ISO."""
    known = {field: str(getattr(student, attribute)) for field, attribute in OF_PERSON.items()}
    return known | ({Field.MATRICULA: enrolment.matricula} if enrolment else {})


def locked(corrections: Iterable[Correction]) -> tuple[dict[int, Student], dict[int, Enrolment]]:
    """The persons and enrolments of these corrections by id, locked in order until the transaction ends."""
    wanted = list(corrections)
    people = Student.objects.filter(pk__among={each.student for each in wanted}).order_by("pk").select_for_update(no_key=True)
    theirs = Enrolment.objects.filter(pk__among={each.enrolment for each in wanted if each.enrolment}).order_by("pk").select_for_update()
    return {student.pk: student for student in people}, {enrolment.pk: enrolment for enrolment in theirs}


def write(corrections: Sequence[Correction], act: Act, *, keep: bool = True) -> None:
    """Write these values over those on record. `keep`: what they replace was on record rightly or not, and stays to be found."""
    students, enrolments = locked(corrections)
    former: list[FormerValue] = []
    changes: list[RecordChange] = []
    for each in corrections:
        student, enrolment = students[each.student], enrolments.get(each.enrolment or 0)
        before = on_record(student, enrolment)
        after = {field: value for field, value in each.values.items() if before.get(field, value) != value}
        plantel = enrolment.plantel_id if enrolment else None
        former += [former_value(student, field, before[field], value, act.now, plantel) for field, value in after.items()]
        changes += _recorded(each.student, before, after, act)
        _set(student, enrolment, after)
    _save(students.values(), enrolments.values())
    FormerValue.objects.bulk_create(former if keep else ())
    RecordChange.objects.bulk_create(changes)


def former_value(student: Student, field: str, old: str, new: str, now: dt.datetime, plantel: int | None = None) -> FormerValue:
    """The unsaved row that keeps what was on record of a person as it was before; `plantel` (id): whose matrícula it was."""
    at = plantel if field == Field.MATRICULA else None
    return FormerValue(
        student_id=student.pk, plantel_id=at, field=field, value=old, became=new, search=_search(student, field, old), at=now
    )


def _search(student: Student, field: str, old: str) -> str:
    if field in NAMES:
        return search_key(student.nombre, student.primer_apellido, student.segundo_apellido)
    return old.upper() if field in (Field.CURP, Field.MATRICULA) else ""


def _recorded(student_id: int, before: Mapping[str, str], after: Mapping[str, str], act: Act) -> list[RecordChange]:
    parts = {
        RecordChange.What.IDENTITY: [field for field in after if field not in _CONTACT],
        RecordChange.What.CONTACT: [field for field in after if field in _CONTACT],
    }
    told = [record_changes.change(student_id, what, _named(before, fields), _named(after, fields), act) for what, fields in parts.items()]
    return [each for each in told if each]


def _named(values: Mapping[str, str], fields: Iterable[str]) -> dict[str, str]:
    return {Field(field).label: values[field] for field in fields}


def _set(student: Student, enrolment: Enrolment | None, values: Mapping[str, str]) -> None:
    for field, value in values.items():
        if field == Field.MATRICULA and enrolment:
            enrolment.matricula = value
        elif field in OF_PERSON:
            setattr(student, OF_PERSON[field], dt.date.fromisoformat(value) if field == Field.FECHA_NACIMIENTO else value)
    student.name_order = sort_key(student.primer_apellido, student.segundo_apellido, student.nombre)
    student.name_search = search_key(student.nombre, student.primer_apellido, student.segundo_apellido)


def _save(students: Iterable[Student], enrolments: Iterable[Enrolment]) -> None:
    Student.objects.bulk_update(students, [*OF_PERSON.values(), "name_order", "name_search"])
    Enrolment.objects.bulk_update(enrolments, ["matricula"])
