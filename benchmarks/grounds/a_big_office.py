"""An office of millions of cases, made inside the database: schema, counters and indexes are the real ones, the people invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

RECOUNT: Final = Path(__file__).parents[2] / "afiliacion/cases/sql/recount.sql"
TABLES: Final = ("students_student", "students_enrolment", "cases_case", "cases_event")

# Luhn over the ten digits of the serial; names by weight, so that some are common, most are not, and one in a thousand is one of a kind.
_PEOPLE: Final = r"""
INSERT INTO students_student
  (id, curp, nombre, primer_apellido, segundo_apellido, birth_date, sex, entity, email, phone, nss, name_order, name_search)
SELECT g, chr(65 + g / 17576 %% 26) || chr(65 + g / 676 %% 26) || chr(65 + g / 26 %% 26) || chr(65 + g %% 26)
         || to_char(born, 'YYMMDD') || 'HJC' || chr(65 + g / 456976 %% 26) || chr(65 + g / 11881376 %% 26) || 'RA' || g %% 10,
       n.shown, a.shown, b.shown, born, 'H', 'JC', 'a' || g || '@alumnos.example.mx', '',
       CASE WHEN g %% 100 < 85 THEN digits || (10 - s %% 10) %% 10 END,
       a.ordered || E'\x1f' || b.ordered || E'\x1f' || n.ordered, n.plain || ' ' || a.plain || ' ' || b.plain
FROM (SELECT g, lpad((3000000000 + g::bigint)::text, 10, '0') AS digits, date '2003-01-01' + (g::bigint * 7919 %% 1800)::int AS born,
             power(random(), 2) AS x, power(random(), 2) AS y, power(random(), 2) AS z
      FROM generate_series(%(first)s::int, %(last)s::int) g) r
CROSS JOIN LATERAL (SELECT sum(CASE WHEN i %% 2 = 1 THEN d ELSE d * 2 - 9 * (d / 5) END) AS s
                    FROM (SELECT i, substr(digits, i, 1)::int AS d FROM generate_series(1, 10) i) t) l
JOIN name n ON n.kind = 'n' AND n.i = floor(r.x * %(n)s)
JOIN name a ON a.kind = 'a' AND a.i = CASE WHEN g %% 1000 = 7 THEN %(a)s + g / 1000 %% 2000 ELSE floor(r.y * %(a)s) END
JOIN name b ON b.kind = 'a' AND b.i = floor(r.z * %(a)s)
"""
_ENROLMENTS: Final = """
INSERT INTO students_enrolment (id, student_id, plantel_id, ciclo_id, matricula, grupo, enrolled_on, status)
SELECT g, g, 1 + floor(%(planteles)s * power(r, 1.5)), c.id, 'M' || lpad(g::text, 8, '0'),
       (1 + g %% 6) || '-' || chr(65 + g / 6 %% 8), c.starts_on + 3, 'activo'
FROM (SELECT g, random() AS r, random() AS w FROM generate_series(%(first)s::int, %(last)s::int) g) e
JOIN students_ciclo c ON c.id = 1 + floor(%(ciclos)s * power(w, 0.5))
"""
_CASES: Final = """
INSERT INTO cases_case
  (id, student_id, plantel_id, enrolment_id, version, head_hash, state, state_since, turn, due_on, enrolled_on, nss_on, acuse_on,
  alta_on, vigencia_on, vigencia_evidence, baja_kind, coverage, umf, clinic_on, pauses, papers, alerted_on, ciclo_id, grupo,
  name_order)
SELECT e.id, e.student_id, e.plantel_id, e.id, 1, md5(e.id::text) || md5(e.id::text), t.state, e.enrolled_on + 5, t.turn,
  CASE WHEN t.state IN ('BAJA', 'RENUNCIA') OR t.r < 0.004 THEN NULL
       WHEN t.state = 'VIGENTE' THEN %(today)s::date + (t.r * 90)::int ELSE %(today)s::date - 40 + (t.r * 60)::int END,
  e.enrolled_on, CASE WHEN t.step >= 1 THEN e.enrolled_on + 1 END, CASE WHEN t.step >= 2 THEN e.enrolled_on + 2 END,
  CASE WHEN t.step >= 3 THEN e.enrolled_on + 4 END, CASE WHEN t.step >= 4 THEN e.enrolled_on + 20 END,
  CASE WHEN t.step >= 4 THEN repeat('a', 64) ELSE '' END, CASE WHEN t.state = 'BAJA' THEN 'egreso' ELSE '' END,
  CASE WHEN t.step >= 4 THEN 'ours' WHEN t.r < 0.05 THEN 'other' ELSE 'none' END, '', CASE WHEN t.step >= 5 THEN e.enrolled_on + 30 END,
  '[]', '[]', CASE WHEN t.r < 0.02 THEN %(today)s::date - 10 END, e.ciclo_id, e.grupo, s.name_order
FROM students_enrolment e JOIN students_student s ON s.id = e.student_id
CROSS JOIN LATERAL (SELECT random() AS r, random() AS w, e.id) d
CROSS JOIN LATERAL (SELECT d.r, k.* FROM (VALUES
    ('SIN_NSS', 'alumno', 0, 0.05, 0.14), ('NSS_OBTENIDO', 'alumno', 1, 0.07, 0.26), ('ACUSE_ENTREGADO', 'escuela', 2, 0.09, 0.34),
    ('ALTA_ENVIADA', 'imss', 3, 0.11, 0.44), ('SIN_VIGENCIA', 'escuela', 3, 0.12, 0.47), ('EN_SUBDELEGACION', 'escuela', 3, 0.125, 0.48),
    ('RENUNCIA', 'nadie', 1, 0.15, 0.52), ('BAJA', 'nadie', 3, 0.45, 0.54), ('VIGENTE', 'nadie', 4, 0.60, 0.70),
    ('VIGENTE', 'nadie', 5, 1.1, 1.1)
  ) k (state, turn, step, upto_before, upto_now)
  WHERE d.w < CASE WHEN e.ciclo_id = %(ciclos)s THEN k.upto_now ELSE k.upto_before END ORDER BY k.upto_before LIMIT 1) t
WHERE e.id BETWEEN %(first)s AND %(last)s
"""
_EVENTS: Final = """
INSERT INTO cases_event
  (case_id, seq, verb, from_state, to_state, "on", at, actor_kind, actor_name, data, evidence, prev_hash, hash)
SELECT id, 1, 'open', '', 'SIN_NSS', enrolled_on, enrolled_on, 'import', 'Carga de lista', '{"due_on": null}', '', '', head_hash
FROM cases_case WHERE id BETWEEN %(first)s AND %(last)s
"""
CHUNK: Final = 250_000


def build(cursor: Any, cases: int, planteles: int, today: dt.date) -> None:
    """Fill an empty, migrated database. Triggers rest meanwhile and indexes are built at the end, as a restore would do it."""
    from afiliacion.operations.simulation.invented_people import MEN, SURNAMES, WOMEN
    from students.models import Ciclo, Plantel
    from students.names import search_key, sort_key

    Plantel.objects.bulk_create([Plantel(id=i, clave=f"P{i:03d}", name=f"Preparatoria Regional Núm. {i}") for i in range(1, planteles + 1)])
    terms = [today.replace(day=1) - dt.timedelta(days=182 * back + 60) for back in range(7, -1, -1)]
    Ciclo.objects.bulk_create(
        [Ciclo(id=i, clave=f"C{i}", starts_on=start, ends_on=start + dt.timedelta(days=170)) for i, start in enumerate(terms, 1)]
    )
    given, surnames = (*WOMEN, *MEN), _surnames(SURNAMES)
    cursor.execute("CREATE TEMPORARY TABLE name (kind text, i int, shown text, ordered text, plain text)")
    rows = [("n", i, name) for i, name in enumerate(given)] + [("a", i, name) for i, name in enumerate(surnames)]
    cursor.executemany(
        "INSERT INTO name VALUES (%s, %s, %s, %s, %s)",
        [(kind, i, name, sort_key(name, "", "").split("\x1f")[0], search_key(name)) for kind, i, name in rows],
    )
    cursor.execute("ANALYZE name")
    for setting in ("maintenance_work_mem = '1GB'", "work_mem = '256MB'", "synchronous_commit = off"):
        cursor.execute(f"SET {setting}")
    triggers(cursor, TABLES, "DISABLE")
    indexes = _without_indexes(cursor)
    cursor.execute("SELECT setseed(0.42)")
    known = {"planteles": planteles, "ciclos": len(terms), "today": today, "n": len(given), "a": len(surnames) - 2000}
    for first in range(1, cases + 1, CHUNK):
        for table in (_PEOPLE, _ENROLMENTS, _CASES, _EVENTS):
            cursor.execute(table, known | {"first": first, "last": min(cases, first + CHUNK - 1)})
    for definition in indexes:
        cursor.execute(definition)
    triggers(cursor, TABLES, "ENABLE")
    cursor.execute(RECOUNT.read_text())
    cursor.execute("DROP TABLE name")
    for table in TABLES:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608 - our own names
        cursor.execute(f"VACUUM ANALYZE {table}")
    for table in ("cases_standingtally", "cases_duetally"):
        cursor.execute(f"VACUUM ANALYZE {table}")
    cursor.execute("RESET ALL")


def triggers(cursor: Any, tables: Iterable[str], switch: str) -> None:
    """DISABLE or ENABLE the triggers of these tables, as their owner may: the superuser of the embedded server never logs in."""
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} {switch} TRIGGER USER")


def _surnames(common: tuple[str, ...]) -> list[str]:
    """The common ones, four hundred made of two of them, and two thousand that hardly anybody has."""
    double = [f"{one} {other}" for one in common for other in common if one != other][:400]
    rare = [f"{a}{b}{c}" for a in ("Xo", "Tze", "Ku", "Cha", "Ma", "Na", "Pox", "Yu", "Zi", "Hu") for b in _MIDDLES for c in _ENDS]
    return [*common, *double, *rare[:2000]]


_MIDDLES: Final = ("cha", "lo", "mi", "tu", "qui", "ba", "re", "so", "ne", "pa", "du", "fi", "go", "ya")
_ENDS: Final = ("l", "n", "tl", "c", "b", "ch", "x", "tz", "m", "p", "r", "s", "t", "k", "j")


def _without_indexes(cursor: Any) -> list[str]:
    """Drop what can be built afterwards, and return how."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i WHERE indrelid = ANY(%s::regclass[]) "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(TABLES)],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]
