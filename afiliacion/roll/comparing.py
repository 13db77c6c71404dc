"""What only the whole list, or the database, can say of a row: doubles, other people's numbers, what is on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from afiliacion.cases.states import BajaKind, State
from afiliacion.roll.columns import label
from afiliacion.roll.findings import Absent, Change, Counts, Finding
from afiliacion.roll.staging import Target, joined_by_hash, rows_of
from students.curp import ENTITIES, SEXES
from students.models import Enrolment
from students.nss import masked

#: How many rows, at most, a remark names or a preview shows of each kind.
_NAMED: Final = 5
SAMPLE: Final = 200

# A key that stands in several rows. `kinds`: how many different rows; `people`: how many different CURP.
_DOUBLES: Final = """
WITH keyed AS (SELECT r.*, {key} AS k FROM roll_rows r WHERE {key} <> ''),
double AS (SELECT k FROM keyed GROUP BY k HAVING count(*) > 1),
described AS (
  SELECT k, (array_agg(line ORDER BY line))[1:%(named)s] AS lines, count(DISTINCT md5((to_jsonb(keyed) - 'line')::text)) AS kinds,
         count(DISTINCT curp_key) AS people
  FROM keyed JOIN double USING (k) GROUP BY k
)
SELECT line, lines, kinds, people, k FROM keyed JOIN described USING (k) ORDER BY line
"""


def _doubles(key: str) -> Iterator[tuple[int, str, int, int, str]]:
    """(line, the other lines in words, kinds, people, value) of every row whose `key` another row has too."""
    for line, lines, kinds, people, value in rows_of(_DOUBLES.replace("{key}", key), {"named": _NAMED + 1}):
        yield line, _in_words([other for other in lines if other != line][:_NAMED]), kinds, people, value


def _in_words(lines: Sequence[int]) -> str:
    return f"la fila {lines[0]}" if len(lines) == 1 else f"las filas {', '.join(map(str, lines[:-1]))} y {lines[-1]}"


def repeated() -> list[tuple[int, str, str]]:
    """(line, CURP, the other lines in words) of the rows that only repeat an earlier one, word for word."""
    seen: set[str] = set()
    found = []
    for line, others, kinds, _, curp in _doubles("curp_key"):
        if kinds == 1 and curp in seen:
            found.append((line, curp, others))
        seen.add(curp)
    return found


def errors_in_file() -> Iterator[Finding]:
    """Rows that cannot all be right: neither wins, each names the others."""
    for line, others, kinds, _, curp in _doubles("curp_key"):
        if kinds > 1:
            yield Finding(line, "curp", curp, f"La misma CURP está en {others} con datos distintos: no se cargó ninguna. Deje la correcta.")
    for line, others, _, people, nss in _doubles("nss"):
        if people > 1:
            reason = f"El mismo NSS está en {others} con otra CURP: no se cargó ninguna. Compruebe en la hoja del IMSS de quién es."
            yield Finding(line, "nss", nss, reason)
    for line, others, _, people, matricula in _doubles("matricula"):
        if people > 1:
            yield Finding(line, "matricula", matricula, f"La misma matrícula está en {others} con otra CURP: no se cargó ninguna.")


def warnings_in_file() -> Iterator[Finding]:
    """What two rows share and should not."""
    for line, others, _, people, email in _doubles("lower(correo)"):
        if people > 1:
            yield Finding(line, "correo", email, f"También es el de {others}: el IMSS liga cada correo a una sola CURP.")


_ON_RECORD: Final = {
    "curp": """
        SELECT m.line, m.curp, e.matricula FROM roll_matched m JOIN students_enrolment e ON e.id = m.enrolment_id
        WHERE e.matricula <> m.matricula""",
    "matricula": """
        SELECT m.line, m.matricula, '' FROM roll_matched m
        JOIN students_enrolment e ON e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s AND e.matricula = m.matricula
        WHERE e.student_id IS DISTINCT FROM m.student_id""",
    "nss": """
        SELECT m.line, m.nss, '' FROM roll_matched m JOIN students_student s ON s.nss = m.nss
        WHERE s.id IS DISTINCT FROM m.student_id""",
    "nss otro": "SELECT line, nss, '' FROM roll_matched WHERE old_nss <> nss",
}
_REFUSALS: Final = {
    "curp": "Esta CURP ya está inscrita en el plantel y ciclo con la matrícula {}: corrija la que esté mal.",
    "matricula": "Esta matrícula ya es de otro alumno en el plantel y ciclo: corrija la matrícula o la CURP.",
    "nss": "Este NSS ya está registrado para otra persona: compruebe en la hoja del IMSS que no sea el de un familiar.",
    "nss otro": "El alumno ya tiene otro NSS registrado: si el de la lista es el correcto, use «Corregir NSS» en su expediente.",
}


def errors_on_record(target: Target) -> Iterator[Finding]:
    """Rows that what is on record contradicts."""
    for question, sql in _ON_RECORD.items():
        for line, value, other in rows_of(sql, target.parameters):
            yield Finding(line, question.split()[0], value, _REFUSALS[question].format(other))


_SHARED_EMAIL: Final = """
SELECT DISTINCT m.line, m.correo FROM roll_matched m JOIN students_student s ON lower(s.email) = lower(m.correo)
WHERE s.curp IS DISTINCT FROM m.curp AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.curp = s.curp)
"""
_NO_EMAIL: Final = """
SELECT m.line, '' FROM roll_matched m LEFT JOIN students_student s ON s.id = m.student_id
WHERE NOT m.bad AND m.correo IS NULL AND coalesce(s.email, '') = ''
"""
_NSS_WAITS: Final = """
SELECT line, nss, case_state FROM roll_matched
WHERE NOT bad AND nss IS NOT NULL AND student_id IS NOT NULL AND old_nss IS NULL AND NOT takes_nss
"""
_CLOSED: Final = """
SELECT line, coalesce(estatus, old_status), case_baja FROM roll_matched
WHERE NOT bad AND entitled AND case_here AND case_state = 'BAJA' AND rejoins IS NOT TRUE
"""
_KEPT: Final = "SELECT line, array_agg(name) FROM roll_changes WHERE kept GROUP BY line"
_NEW_DATE: Final = """
SELECT c.line, to_char(c.new::date, 'DD/MM/YYYY') FROM roll_changes c JOIN roll_matched m USING (line)
WHERE c.name = 'fecha_inscripcion' AND m.case_here AND m.case_open
"""


def warnings_on_record(*, has_email: bool) -> Iterator[Finding]:
    """What does not stop a row but should be known. `has_email`: the list has a column for it."""
    # No index helps to look e-mails up, so they are never looked up one by one.
    with joined_by_hash():
        shared = rows_of(_SHARED_EMAIL)
    for line, email in shared:
        yield Finding(line, "correo", email, "Ya es el correo de otro alumno registrado: el IMSS liga cada correo a una sola CURP.")
    for line, _ in rows_of(_NO_EMAIL) if has_email else ():
        yield Finding(line, "correo", "", "Sin correo no se le puede recordar nada: pídaselo.")
    for line, nss, state in rows_of(_NSS_WAITS):
        where = f"su expediente está en «{State(state).label}»" if state else "su expediente es de otro plantel"
        yield Finding(line, "nss", masked(nss), f"El NSS no se guardó: {where}. Anótelo en el expediente cuando proceda.")
    yield from _about_cases()


def _about_cases() -> Iterator[Finding]:
    for line, status, kind in rows_of(_CLOSED):
        closed = BajaKind(kind).label.lower()
        reason = f"La lista lo da con derecho, pero su expediente está cerrado ({closed}): atiéndalo en el expediente."
        yield Finding(line, "estatus", Enrolment.Status(status).label, reason)
    for line, fields in rows_of(_KEPT):
        which = ", ".join(label(name) for name in sorted(fields))
        yield Finding(line, "", which, "También está inscrito en otro plantel: sus datos personales no se cambiaron. Pídalo a ese plantel.")
    for line, date in rows_of(_NEW_DATE):
        yield Finding(
            line, "fecha_inscripcion", date, "Cambió la fecha de inscripción; el plazo de su expediente sigue contando desde la anterior."
        )


_COUNTS: Final = """
SELECT count(*) FILTER (WHERE NOT bad AND enrolment_id IS NULL),
       count(*) FILTER (WHERE NOT bad AND enrolment_id IS NULL AND student_id IS NOT NULL),
       count(*) FILTER (WHERE NOT bad AND enrolment_id IS NOT NULL AND changed),
       count(*) FILTER (WHERE NOT bad AND enrolment_id IS NOT NULL AND NOT changed),
       count(*) FILTER (WHERE bad)
FROM (SELECT m.*, EXISTS (SELECT FROM roll_changes c WHERE c.line = m.line AND NOT c.kept) AS changed FROM roll_matched m) m
"""
# Whoever has already left is not missed.
_MISSING: Final = """
FROM students_enrolment e JOIN students_student s ON s.id = e.student_id
WHERE e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s AND e.status = ANY(%(entitled)s)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.curp_key = s.curp)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.matricula = e.matricula)
"""
_CHANGED: Final = """
SELECT c.line, m.matricula, c.name, coalesce(c.old, ''), c.new FROM roll_changes c JOIN roll_matched m USING (line)
WHERE NOT c.kept ORDER BY c.line, c.name LIMIT %(sample)s
"""


def counts(target: Target) -> Counts:
    """Rows by what they mean (`repeated` is the caller's to fill), and how many people the list leaves out."""
    new, known, changed, unchanged, invalid = rows_of(_COUNTS)[0]
    missing = rows_of(f"SELECT count(*) {_MISSING}", target.parameters)[0][0]
    return Counts(new=new, known=known, changed=changed, unchanged=unchanged, invalid=invalid, missing=missing)


def missing(target: Target) -> list[Absent]:
    """The first people enrolled in the plantel and ciclo whom the list does not name, in name order."""
    sql = f"SELECT e.matricula, s.nombre, s.primer_apellido, s.segundo_apellido {_MISSING} ORDER BY s.name_order, s.id LIMIT %(sample)s"
    found = rows_of(sql, {**target.parameters, "sample": SAMPLE})
    return [Absent(matricula, f"{primero} {segundo}".strip() + f", {nombre}") for matricula, nombre, primero, segundo in found]


def changes() -> list[Change]:
    """The first fields that the list changes, old and new, as a screen shows them."""
    return [
        Change(line, matricula, name, _shown(name, old), _shown(name, new))
        for line, matricula, name, old, new in rows_of(_CHANGED, {"sample": SAMPLE})
    ]


def _shown(name: str, value: str) -> str:
    show = _SHOWN.get(name)
    return show(value) if show and value else value


def _day(iso: str) -> str:
    return f"{dt.date.fromisoformat(iso):%d/%m/%Y}"


_SHOWN: Final[dict[str, Callable[[str], str]]] = {
    "fecha_nacimiento": _day,
    "fecha_inscripcion": _day,
    "nss": masked,
    "sexo": SEXES.__getitem__,
    "entidad_nacimiento": ENTITIES.__getitem__,
    "estatus": lambda value: str(Enrolment.Status(value).label),
}
