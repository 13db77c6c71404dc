"""What the office made of a dirty list, against the truth. An officer who knows it answers what is asked, and retypes nothing."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Import, ImportState, Row, RowKind, Severity
from afiliacion.roll.parse import school_words
from afiliacion.roll.parse.columns import BY_NAME
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Plantel
from tests.roll.dirty.lists import TODAY, DirtyList, Student

FIELDS: Final = (
    "matricula", "nombre", "primer_apellido", "segundo_apellido", "fecha_nacimiento", "sexo", "entidad_nacimiento", "correo", "telefono",
    "nss", "grupo", "fecha_inscripcion", "estatus",
)  # fmt: skip
#: What the CURP says where the list does not.
_BY_CURP: Final = {"fecha_nacimiento": "curp_nacimiento", "sexo": "curp_sexo", "entidad_nacimiento": "curp_entidad"}


@dataclass(slots=True)
class Verdict:
    """`silent`: values that differ from the truth and are not told of; `good` rows, and `taken` of them; `why` others were not."""

    silent: list[str] = field(default_factory=list)
    good: int = 0
    taken: int = 0
    why: list[str] = field(default_factory=list)


def judged(dirty: DirtyList, plantel: Plantel, ciclo: Ciclo) -> Verdict:
    """Check the list as a worker would, answer its questions, and compare; nothing is kept."""
    with transaction.atomic():
        job, clock = _checked(dirty, plantel, ciclo)
        verdict = Verdict()
        for _ in range(3):
            if job.state == ImportState.CHECKED and not _answered(job, dirty, clock):
                break
        good = {n for n in range(len(dirty.students)) if n not in dirty.bad and not (n in dirty.hidden and not dirty.takes_hidden)}
        verdict.good = len(good)
        if job.state == ImportState.CHECKED:
            _compare(job, dirty, good, verdict)
        else:
            verdict.why.append(job.error)
        transaction.set_rollback(True)
    return verdict


def _checked(dirty: DirtyList, plantel: Plantel, ciclo: Ciclo) -> tuple[Import, JobClock]:
    clock = JobClock.at(TODAY)
    job = jobs.bring(io.BytesIO(dirty.content), dirty.name, plantel=plantel, ciclo=ciclo, now=clock.now())
    work.finish(job, clock)
    return job, clock


def _answered(job: Import, dirty: DirtyList, clock: JobClock) -> bool:
    """Whether something was asked that the truth answers; the list is checked again with it."""
    answers: dict[str, Any] = {"dates": {}}
    for question in job.questions:
        if question["kind"] == "word":
            meaning = dirty.words.get((question["column"], question["word"]))
            if meaning is not None:
                school_words.say(job.plantel, {(question["column"], question["word"]): meaning}, name="Ana", now=clock.now())
        elif question["kind"] == "dates":
            answers["dates"][question["column"]] = _true_reading(question, dirty)
        else:
            answers["hidden"] = "take" if dirty.takes_hidden else "leave"
    if not job.questions or (job.answers and job.answers == answers):
        return False
    jobs.check_with(job, answers)
    work.finish(job, clock)
    return True


def _true_reading(question: dict[str, Any], dirty: DirtyList) -> str:
    """The reading whose days are those of the students."""
    true = {student[question["column"]].isoformat() for student in dirty.students}
    return str(max(question["choices"], key=lambda choice: sum(day in true for _, day in choice[1]))[0])


def _compare(job: Import, dirty: DirtyList, good: set[int], verdict: Verdict) -> None:
    by_curp = {student["curp"]: n for n, student in enumerate(dirty.students)}
    told = set(job.findings.filter(severity=Severity.WARNING).values_list("line", "column"))
    notes = [*map(str, job.notes)]
    taken = set()
    for row in job.rows.exclude(kind=RowKind.INVALID):
        n = by_curp.get(row.curp or "", by_curp.get(row.curp_key, -1))
        if n < 0 or (n in dirty.hidden and not dirty.takes_hidden):
            verdict.silent.append(f"fila {row.line}: no es un alumno de la lista ({row.kind} {row.curp_key} {row.matricula} {row.nombre})")
            continue
        taken.add(n)
        verdict.silent += _differences(row, dirty.students[n], told, notes, job)
    verdict.taken = len(good & taken)
    if verdict.taken < verdict.good:
        errors = job.findings.filter(severity=Severity.ERROR).values_list("column", "value", "reason")
        verdict.why += [f"{n}× {said}" for said, n in Counter(f"{c} «{v}»: {r}" for c, v, r in errors).most_common(3)]


def _differences(row: Row, student: Student, told: set[tuple[int, str]], notes: Iterable[str], job: Import) -> Iterator[str]:
    for name in FIELDS:
        stored, true = _stored(row, name), student[name]
        known = name in (job.mapping or {}) or stored
        if known and stored != (true or "") and (row.line, name) not in told and not _named(name, notes):
            yield f"fila {row.line}, {name}: «{stored}» y es «{true}»"


def _stored(row: Row, name: str) -> Any:
    value = getattr(row, name)
    if value is None and name in _BY_CURP:
        value = getattr(row, _BY_CURP[name])
    return value or ("activo" if name == "estatus" else "")


def _named(name: str, notes: Iterable[str]) -> bool:
    """Whether a remark on the list names the column."""
    return any(note.startswith(f"{BY_NAME[name].label}: ") for note in notes)
