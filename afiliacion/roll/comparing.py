"""What only the whole list, or the database, can say of a row: doubles, other people's numbers, what is on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.conf import settings

from afiliacion.cases.states import BajaKind, State
from afiliacion.roll.columns import label
from afiliacion.roll.findings import Finding
from afiliacion.roll.staging import rows_of, stream
from students.curp import ENTITIES, SEXES
from students.models import Enrolment
from students.nss import masked

#: How many other rows, at most, a remark names.
_NAMED: Final = 5

# A key that stands in several rows. `kinds`: how many different rows; `people`: how many different CURP.
_DOUBLES: Final = """
WITH double AS (SELECT {key} AS k FROM roll_rows WHERE {key} <> '' GROUP BY k HAVING count(*) > 1),
keyed AS (SELECT r.*, k FROM roll_rows r JOIN double ON {key} = k),
described AS (
  SELECT k, (array_agg(line ORDER BY line))[1:%(named)s] AS lines, count(DISTINCT md5((to_jsonb(keyed) - 'line')::text)) AS kinds,
         count(DISTINCT curp_key) AS people
  FROM keyed GROUP BY k
)
SELECT line, lines, kinds, people, k FROM keyed JOIN described USING (k) ORDER BY k, line
"""


def _doubles(key: str) -> Iterator[tuple[int, str, int, int, str]]:
    """(line, the other lines in words, kinds, people, value) of every row whose `key` another row has too."""
    for line, lines, kinds, people, value in stream(_DOUBLES.replace("{key}", key), {"named": _NAMED + 1}):
        yield line, _in_words([other for other in lines if other != line][:_NAMED]), kinds, people, value


def _in_words(lines: Sequence[int]) -> str:
    return f"la fila {lines[0]}" if len(lines) == 1 else f"las filas {', '.join(map(str, lines[:-1]))} y {lines[-1]}"


def repeated() -> Iterator[Finding]:
    """The rows that only repeat an earlier one, word for word."""
    last = ""
    for line, others, kinds, _, curp in _doubles("curp_key"):
        if kinds == 1 and curp == last:
            yield Finding(line, "", curp, f"Repite {others} palabra por palabra: se contó una vez.")
        last = curp


def _same_curp() -> Iterator[Finding]:
    for line, others, kinds, _, curp in _doubles("curp_key"):
        if kinds > 1:
            yield Finding(line, "curp", curp, f"La misma CURP está en {others} con datos distintos: no se cargó ninguna. Deje la correcta.")


def _same_nss() -> Iterator[Finding]:
    for line, others, _, people, nss in _doubles("nss"):
        if people > 1:
            reason = f"El mismo NSS está en {others} con otra CURP: no se cargó ninguna. Compruebe en la hoja del IMSS de quién es."
            yield Finding(line, "nss", nss, reason)


def _same_matricula() -> Iterator[Finding]:
    for line, others, _, people, matricula in _doubles("matricula"):
        if people > 1:
            yield Finding(line, "matricula", matricula, f"La misma matrícula está en {others} con otra CURP: no se cargó ninguna.")


# Joined whole, not looked up one by one: a school's list is most of its table.
_SHARED_EMAIL: Final = """
SELECT DISTINCT m.line, m.correo FROM roll_rows m JOIN students_student s ON lower(s.email) = lower(m.correo)
WHERE s.curp IS DISTINCT FROM m.curp AND s.email <> '' AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.curp = s.curp)
"""


def _same_email() -> Iterator[Finding]:
    for line, others, _, people, email in _doubles("lower(correo)"):
        if people > 1:
            yield Finding(line, "correo", email, f"También es el de {others}: el IMSS liga cada correo a una sola CURP.")


def _email_of_another() -> Iterator[Finding]:
    for line, email in stream(_SHARED_EMAIL):
        yield Finding(line, "correo", email, "Ya es el correo de otro alumno registrado: el IMSS liga cada correo a una sola CURP.")


#: Rows that cannot all be right: neither wins, each names the others. A question each, so that others can work between them.
ERRORS_IN_FILE: Final = (_same_curp, _same_nss, _same_matricula)
#: What two rows, or a row and somebody on record, share and should not.
WARNINGS_IN_FILE: Final = (_same_email, _email_of_another)


# Each row is looked up, as in staging.match; not those that bring what is on record as their own.
_ON_RECORD: Final = {
    "curp": """
        SELECT line, curp, old_matricula FROM roll_matched
        WHERE old_matricula <> matricula AND NOT (case_here AND case_baja = 'deshecha')""",
    "matricula": """
        SELECT m.line, m.matricula, '' FROM roll_matched m
        CROSS JOIN LATERAL (
          SELECT e.student_id FROM students_enrolment e
          WHERE e.plantel_id = %(plantel)s AND e.ciclo_id = %(ciclo)s AND e.matricula = m.matricula OFFSET 0
        ) e
        WHERE m.matricula IS DISTINCT FROM m.old_matricula AND e.student_id IS DISTINCT FROM m.student_id""",
    "nss": """
        SELECT m.line, m.nss, '' FROM roll_matched m
        CROSS JOIN LATERAL (SELECT s.id FROM students_student s WHERE s.nss = m.nss OFFSET 0) s
        WHERE m.nss IS DISTINCT FROM m.old_nss AND s.id IS DISTINCT FROM m.student_id""",
    "nss otro": "SELECT line, nss, '' FROM roll_matched WHERE old_nss <> nss",
}
_REFUSALS: Final = {
    "curp": "Esta CURP ya está inscrita en el plantel y ciclo con la matrícula {}: corrija la que esté mal.",
    "matricula": "Esta matrícula ya es de otro alumno en el plantel y ciclo: corrija la matrícula o la CURP.",
    "nss": "Este NSS ya está registrado para otra persona: compruebe en la hoja del IMSS que no sea el de un familiar.",
    "nss otro": "El alumno ya tiene otro NSS registrado: si el de la lista es el correcto, use «Corregir NSS» en su expediente.",
}


def errors_on_record(parameters: dict[str, Any]) -> Iterator[Finding]:
    """Matched rows that what is on record contradicts; `parameters`: those of the target."""
    for question, sql in _ON_RECORD.items():
        for line, value, other in rows_of(sql, parameters):
            yield Finding(line, question.split()[0], value, _REFUSALS[question].format(other))


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
# Not whose data were kept for it: that is told already, and says the same.
_ELSEWHERE: Final = """
SELECT DISTINCT ON (m.line) m.line, p.name, t.clave FROM roll_matched m
CROSS JOIN LATERAL (
  SELECT o.ciclo_id, o.plantel_id FROM students_enrolment o
  WHERE o.student_id = m.student_id AND o.plantel_id <> %(plantel)s AND o.status = ANY(%(entitled)s) OFFSET 0
) o
JOIN students_ciclo t ON t.id = o.ciclo_id AND t.ends_on >= %(today)s
JOIN students_plantel p ON p.id = o.plantel_id
WHERE NOT m.bad AND m.enrolment_id IS NULL AND m.entitled AND NOT EXISTS (SELECT FROM roll_changes c WHERE c.line = m.line AND c.kept)
ORDER BY m.line, t.starts_on DESC, p.name
"""
_KEPT: Final = "SELECT line, array_agg(name) FROM roll_changes WHERE kept GROUP BY line"
_NEW_DATE: Final = """
SELECT c.line, to_char(c.new::date, 'DD/MM/YYYY') FROM roll_changes c JOIN roll_matched m USING (line)
WHERE c.name = 'fecha_inscripcion' AND m.case_here AND m.case_open
"""


def warnings_on_record(parameters: dict[str, Any], *, has_email: bool) -> Iterator[Finding]:
    """What does not stop a row but should be known; `parameters`: those of the target. `has_email`: the list has a column for it."""
    for line, _ in rows_of(_NO_EMAIL) if has_email else ():
        yield Finding(line, "correo", "", "Sin correo no se le puede recordar nada: pídaselo.")
    for line, nss, state in rows_of(_NSS_WAITS):
        where = f"su expediente está en «{State(state).label}»" if state else "su expediente es de otro plantel"
        yield Finding(line, "nss", masked(nss), f"El NSS no se guardó: {where}. Anótelo en el expediente cuando proceda.")
    for line, plantel, ciclo in rows_of(_ELSEWHERE, parameters):
        reason = "También está inscrito ahí: si cambió de plantel, pida a ese plantel su baja; si estudia en los dos, no haga nada."
        yield Finding(line, "", f"{plantel}, ciclo {ciclo}", reason)
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


def shown(name: str, value: str | None) -> str:
    """A value of roll_change as a screen shows it: dates and choices in words, an NSS masked."""
    show = _SHOWN.get(name)
    return show(value) if show and value else value or ""


_LAST_TERM: Final = """
SELECT c.clave, count(*) FROM students_enrolment e JOIN students_ciclo c ON c.id = e.ciclo_id
WHERE e.plantel_id = %(plantel)s AND e.status = ANY(%(entitled)s) AND c.starts_on < %(ciclo_starts)s
GROUP BY c.id ORDER BY c.starts_on DESC LIMIT 1
"""


def whole_list(parameters: dict[str, Any], rows: int) -> list[str]:
    """A question, if the list has so many fewer students than the term before that it may be a part of it (ROLL_WHOLE_PERCENT)."""
    return [
        f"La lista trae {rows:,} alumnos y en el ciclo {clave} el plantel tuvo {before:,}: ¿es la lista completa? A quien falte no se le "
        "hace nada."
        for clave, before in rows_of(_LAST_TERM, parameters)
        if 100 * rows < settings.ROLL_WHOLE_PERCENT * before
    ]


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
