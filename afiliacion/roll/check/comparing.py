"""What only the whole list, or the database, can say of a row: doubles, other people's numbers, what is on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.conf import settings

from afiliacion.cases.baja_kinds import SILENT
from afiliacion.cases.states import BajaKind, State
from afiliacion.database.statements import rows_of, stream
from afiliacion.roll.check.checking import WITHOUT
from afiliacion.roll.check.sharing import hidden
from afiliacion.roll.findings import RowFinding
from students.curp import ENTITIES, SEXES
from students.curp import masked as masked_curp
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


def repeated() -> Iterator[RowFinding]:
    """The rows that only repeat an earlier one, word for word."""
    last = ""
    for line, others, kinds, _, curp in _doubles("curp_key"):
        if kinds == 1 and curp == last:
            yield RowFinding(line, "", curp, f"Repite {others} palabra por palabra: se contó una vez.")
        last = curp


def _same_curp() -> Iterator[RowFinding]:
    for line, others, kinds, _, curp in _doubles("curp_key"):
        if kinds > 1 and curp.startswith(WITHOUT):
            reason = f"La misma matrícula, sin CURP, está en {others} con datos distintos: no se anotó ninguna. Deje la correcta."
            yield RowFinding(line, "matricula", curp.removeprefix(WITHOUT).strip(), reason)
        elif kinds > 1:
            yield RowFinding(
                line, "curp", curp, f"La misma CURP está en {others} con datos distintos: no se cargó ninguna. Deje la correcta."
            )


def _same_nss() -> Iterator[RowFinding]:
    for line, others, _, people, nss in _doubles("nss"):
        if people > 1:
            reason = f"El mismo NSS está en {others} con otra CURP: no se cargó ninguna. Compruebe en la hoja del IMSS de quién es."
            yield RowFinding(line, "nss", nss, reason)


def _same_matricula() -> Iterator[RowFinding]:
    for line, others, _, people, matricula in _doubles("matricula"):
        if people > 1:
            yield RowFinding(line, "matricula", matricula, f"La misma matrícula está en {others} con otra CURP: no se cargó ninguna.")


# Joined whole, not looked up one by one: a school's list is most of its table. Of persons of the importer's planteles alone.
_SHARED_EMAIL: Final = """
SELECT DISTINCT m.line, m.correo FROM roll_rows m JOIN students_student s ON lower(s.email) = lower(m.correo)
WHERE s.curp IS DISTINCT FROM m.curp AND s.email <> '' AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.curp = s.curp)
  AND (%(everywhere)s OR EXISTS (SELECT FROM students_enrolment o WHERE o.student_id = s.id AND o.plantel_id = ANY(%(own)s)))
"""


def _same_email() -> Iterator[RowFinding]:
    for line, others, _, people, email in _doubles("lower(correo)"):
        if people > 1:
            yield RowFinding(line, "correo", email, f"También es el de {others}: el IMSS liga cada correo a una sola CURP.")


def email_of_another(parameters: dict[str, Any]) -> Iterator[RowFinding]:
    """Rows with the address of a person on record whom the list does not name; `parameters`: those of the target."""
    for line, email in stream(_SHARED_EMAIL, parameters):
        yield RowFinding(line, "correo", email, "Ya es el correo de otro alumno registrado: el IMSS liga cada correo a una sola CURP.")


#: Rows that cannot all be right: neither wins, each names the others. A question each, so that others can work between them.
ERRORS_IN_FILE: Final = (_same_curp, _same_nss, _same_matricula)
#: What two rows share and should not.
WARNINGS_IN_FILE: Final = (_same_email,)


# Each row is looked up, as in matching.match; not those that bring what is on record as their own.
_ON_RECORD: Final = {
    "nss": f"""
        SELECT m.line, m.nss FROM roll_matched m
        CROSS JOIN LATERAL (SELECT s.id FROM students_student s WHERE s.nss = m.nss AND NOT {hidden("s.id")} OFFSET 0) s
        WHERE m.nss IS DISTINCT FROM m.old_nss AND s.id IS DISTINCT FROM m.student_id""",  # noqa: S608 - our own condition
    "nss otro": "SELECT line, nss FROM roll_matched WHERE old_nss <> nss",
}
_REFUSALS: Final = {
    "nss": "Este NSS ya está registrado para otra persona: compruebe en la hoja del IMSS que no sea el de un familiar.",
    "nss otro": "El alumno ya tiene otro NSS registrado: si el de la lista es el correcto, use «Corregir NSS» en su expediente.",
}


def errors_on_record(parameters: dict[str, Any]) -> Iterator[RowFinding]:
    """Matched rows whose NSS contradicts what is on record; `parameters`: those of the target. Matrículas: matriculas.py."""
    for question, sql in _ON_RECORD.items():
        for line, value in rows_of(sql, parameters):
            yield RowFinding(line, question.split()[0], value, _REFUSALS[question])


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
_REJOINS: Final = "SELECT line, estatus, case_baja FROM roll_matched WHERE NOT bad AND rejoins AND case_baja <> 'temporal'"
# Of the importer's own planteles alone: it is not said who is known at others.
_ELSEWHERE: Final = """
SELECT DISTINCT ON (m.line) m.line, p.name, t.clave FROM roll_matched m
CROSS JOIN LATERAL (
  SELECT o.ciclo_id, o.plantel_id FROM students_enrolment o
  WHERE o.student_id = m.student_id AND o.plantel_id <> %(plantel)s AND o.status = ANY(%(entitled)s)
    AND (%(everywhere)s OR o.plantel_id = ANY(%(own)s)) OFFSET 0
) o
JOIN students_ciclo t ON t.id = o.ciclo_id AND t.ends_on >= %(today)s
JOIN students_plantel p ON p.id = o.plantel_id
WHERE NOT m.bad AND m.enrolment_id IS NULL AND m.entitled
ORDER BY m.line, t.starts_on DESC, p.name
"""
#: Of the importer's own planteles alone, as above.
_DEAD: Final = f"""
SELECT m.line FROM roll_matched m
WHERE NOT m.bad AND m.entitled AND m.student_id IS NOT NULL AND EXISTS (
  SELECT FROM cases_case d WHERE d.student_id = m.student_id AND d.baja_kind IN ({", ".join(f"'{kind}'" for kind in SILENT)})
  AND d.enrolment_id IS DISTINCT FROM m.enrolment_id AND (%(everywhere)s OR d.plantel_id = ANY(%(own)s)) OFFSET 0)
"""  # noqa: S608 - our own kinds
_NEW_MATRICULA: Final = """
SELECT c.line, c.new, c.old FROM roll_changes c JOIN roll_matched m USING (line) WHERE c.name = 'matricula'
"""


def warnings_on_record(parameters: dict[str, Any], *, has_email: bool) -> Iterator[RowFinding]:
    """What does not stop a row but should be known; `parameters`: those of the target. `has_email`: the list has a column for it."""
    for line, _ in rows_of(_NO_EMAIL) if has_email else ():
        yield RowFinding(line, "correo", "", "Sin correo no se le puede recordar nada: pídaselo.")
    for line, nss, state in rows_of(_NSS_WAITS):
        where = f"su expediente está en «{State(state).label}»" if state else "no tiene aquí un expediente abierto"
        yield RowFinding(line, "nss", masked(nss), f"El NSS no se guardó: {where}. Anótelo en el expediente cuando proceda.")
    for line, plantel, ciclo in rows_of(_ELSEWHERE, parameters):
        reason = "También está inscrito ahí: si cambió de plantel, pida a ese plantel su baja; si estudia en los dos, no haga nada."
        yield RowFinding(line, "", f"{plantel}, ciclo {ciclo}", reason)
    for (line,) in rows_of(_DEAD, parameters):
        reason = "En otro expediente suyo consta su defunción: compruebe que sea la misma persona. No se le escribe nada."
        yield RowFinding(line, "", "", reason)
    yield from _about_cases()


def _about_cases() -> Iterator[RowFinding]:
    for line, status, kind in rows_of(_CLOSED):
        closed = BajaKind(kind).label.lower()
        reason = f"La lista lo da con derecho, pero su expediente está cerrado ({closed}): si regresó o fue un error, use «Reingreso»."
        yield RowFinding(line, "estatus", Enrolment.Status(status).label, reason)
    for line, status, kind in rows_of(_REJOINS):
        reason = f"Su expediente está cerrado ({BajaKind(kind).label.lower()}): al cargar la lista se vuelve a abrir, como reingreso."
        yield RowFinding(line, "estatus", Enrolment.Status(status).label, reason)
    for line, new, old in rows_of(_NEW_MATRICULA):
        reason = f"Cambia la matrícula del alumno, que era {old}: compruébela. La anterior se guarda y con ella se le encuentra también."
        yield RowFinding(line, "matricula", new, reason)


def shown(name: str, value: str | None) -> str:
    """A value of roll_change as a screen shows it: dates and choices in words, an NSS or CURP masked."""
    show = _SHOWN.get(name)
    return show(value) if show and value else value or ""


# Of two that begin on one day, the larger.
_LAST_TERM: Final = """
SELECT c.clave, count(*) FROM students_enrolment e JOIN students_ciclo c ON c.id = e.ciclo_id
WHERE e.plantel_id = %(plantel)s AND e.status = ANY(%(entitled)s) AND c.starts_on < %(ciclo_starts)s
GROUP BY c.id ORDER BY c.starts_on DESC, count(*) DESC, c.clave LIMIT 1
"""


_LEAVING: Final = """
SELECT estatus, count(*), count(*) FILTER (WHERE case_owes) FROM roll_matched WHERE NOT bad AND leaves GROUP BY estatus
"""


def leaving() -> list[tuple[str, int, int]]:
    """Of the matched rows that close a case: (status, how many, how many of them leave IMSS owed a baja)."""
    return [(status, n, owing) for status, n, owing in rows_of(_LEAVING)]


def whole_list(parameters: dict[str, Any], rows: int) -> list[str]:
    """A question, if the list has so many fewer students than the term before that it may be a part of it (ROLL_WHOLE_PERCENT)."""
    return [
        f"La lista trae {rows:,} alumno{'' if rows == 1 else 's'} y en el ciclo {clave} el plantel tuvo {before:,}: "
        "¿es la lista completa? A quien falte no se le hace nada."
        for clave, before in rows_of(_LAST_TERM, parameters)
        if 100 * rows < settings.ROLL_WHOLE_PERCENT * before
    ]


def _day(iso: str) -> str:
    return f"{dt.date.fromisoformat(iso):%d/%m/%Y}"


_SHOWN: Final[dict[str, Callable[[str], str]]] = {
    "curp": masked_curp,
    "fecha_nacimiento": _day,
    "fecha_inscripcion": _day,
    "nss": masked,
    "sexo": SEXES.__getitem__,
    "entidad_nacimiento": ENTITIES.__getitem__,
    "estatus": lambda value: str(Enrolment.Status(value).label),
}
