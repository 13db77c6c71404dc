"""What the differences with IMSS are looked for among, beside `a_big_office`: terms that go on, covers, lotes and what IMSS answered.

Two in a hundred do not agree, spread over all differences. Written past the triggers, as the cases are.
"""

from __future__ import annotations

from typing import Any, Final

from grounds.a_big_office import RECOUNT, triggers

#: A registro patronal for every second plantel, so that some are shared.
_REGISTROS: Final = """
INSERT INTO students_registropatronal (plantel_id, registro, added_at)
SELECT id, 'A' || lpad((10 + id / 2 %% 90)::text, 2, '0') || lpad((id / 2)::text, 5, '0') || '32' || '1', NULL FROM students_plantel
"""
#: Open cases go on in the newest ciclo, but for one in a hundred; of those closed IMSS has operated the baja, but for one in a hundred.
_GOING_ON: Final = """
UPDATE students_enrolment e SET ciclo_id = %(ciclo)s FROM cases_case c
WHERE c.enrolment_id = e.id AND c.state NOT IN ('BAJA', 'RENUNCIA') AND c.id %% 100 <> 1
"""
_CASES: Final = """
UPDATE cases_case c SET ciclo_id = e.ciclo_id, registro = CASE WHEN c.alta_on IS NULL THEN '' ELSE r.registro END,
  baja_sent_on = CASE WHEN c.state = 'BAJA' AND c.id %% 100 <> 2 THEN c.state_since END,
  baja_operada_on = CASE WHEN c.state = 'BAJA' AND c.id %% 100 NOT IN (2, 3) THEN c.state_since + 3 END,
  due_on = CASE WHEN c.state = 'ALTA_ENVIADA' AND c.id %% 20 <> 0 THEN %(today)s::date + 14 ELSE c.due_on END,
  coverage = CASE WHEN c.state = 'SIN_VIGENCIA' AND c.id %% 10 <> 0 THEN 'other' ELSE c.coverage END
FROM students_enrolment e, students_registropatronal r WHERE e.id = c.enrolment_id AND r.plantel_id = c.plantel_id
"""
_COVERS: Final = """
INSERT INTO insurance_cover (student_id, nss, registro, whose, status, since, status_on, evidence, baja_sent_on, ended_on, ended_by, stood,
  owed_by_id, version, head_hash)
SELECT c.student_id, coalesce(s.nss, ''), c.registro, 'ours',
  CASE WHEN c.baja_operada_on IS NOT NULL THEN 'ended' WHEN c.state = 'VIGENTE' THEN 'proved' ELSE 'sent' END, c.alta_on,
  coalesce(c.baja_operada_on, c.vigencia_on, c.alta_on), '', c.baja_sent_on, c.baja_operada_on,
  CASE WHEN c.baja_operada_on IS NOT NULL THEN 'baja_operated' ELSE '' END, true,
  CASE WHEN c.state IN ('BAJA', 'RENUNCIA') AND c.baja_operada_on IS NULL THEN c.id END, 1, ''
FROM cases_case c JOIN students_student s ON s.id = c.student_id WHERE c.alta_on IS NOT NULL
"""
#: One in a thousand vigentes under another registro as well.
_TWICE: Final = """
INSERT INTO insurance_cover (student_id, nss, registro, whose, status, since, status_on, evidence, ended_by, stood, version, head_hash)
SELECT student_id, nss, 'Z9900000321', 'ours', 'proved', since, status_on, '', '', true, 1, ''
FROM insurance_cover WHERE status = 'proved' AND id %% 1000 = 5
"""
_LOTES: Final = """
INSERT INTO movements_lote (registro, type, planteles, filename, body, sha256, count, changed_names, made_at, made_name, undone_name,
  sent_on, number, signed_by, sent_name, received_on, received_name)
SELECT r.registro, t.type, '[]', 'lote.txt', '', '', 1, '[]', %(today)s::date - a.ago, 'x', '', %(today)s::date - a.ago,
  a.ago || '-' || r.registro, 'x', 'x', %(today)s::date - a.ago, 'x'
FROM (SELECT DISTINCT registro FROM students_registropatronal) r, (VALUES ('08'), ('02')) t (type), generate_series(1, 60, 2) a (ago)
"""
#: An alta for every alta that IMSS has received, a baja for every baja; the rejections of those that want theirs again.
_MOVEMENTS: Final = """
INSERT INTO movements_movement (lote_id, position, case_id, type, registro, nss, clave, "on", data, status, code, message, answered_on,
  register_name, cleared_name)
SELECT l.id, c.id, c.id, l.type, r.registro, coalesce(s.nss, ''), '', l.sent_on, '{{}}', {status}, '', '',
  CASE WHEN {status} = 'operado' THEN l.sent_on + 2 END, '', ''
FROM cases_case c JOIN students_student s ON s.id = c.student_id JOIN students_registropatronal r ON r.plantel_id = c.plantel_id
JOIN movements_lote l ON l.registro = r.registro AND l.type = '{type}' AND l.sent_on = %(today)s::date - (1 + 2 * (c.id %% 30)::int)
WHERE {which}
"""
_ALTAS: Final = {
    "type": "08", "which": "c.alta_on IS NOT NULL",
    "status": "CASE WHEN c.state = 'ALTA_ENVIADA' AND c.id %% 20 = 1 THEN 'recibido' ELSE 'operado' END",
}  # fmt: skip
_BAJAS: Final = {
    "type": "02", "which": "c.baja_sent_on IS NOT NULL",
    "status": "CASE WHEN c.baja_operada_on IS NULL THEN 'recibido' ELSE 'operado' END",
}  # fmt: skip
_REFUSED: Final = {"type": "08", "which": "c.state = 'ACUSE_ENTREGADO' AND c.id %% 20 = 3", "status": "'de_entrada'"}
#: A document for each lote, a row for each movement that IMSS answered; one in two thousand once more, of a person unknown here.
_DOCUMENTS: Final = """
INSERT INTO movements_answerdocument (id, kind, status, lote_id, planteles, filename, body, sha256, number, folio, headers, reason,
  brought_at, brought_name, applied_at, applied_name, undone_name, counts)
SELECT id, 'detalle', 'aplicado', id, '[]', 'x.csv', '', id::text, number, '', '[]', '', made_at, 'x', made_at, 'x', '', '{}'
FROM movements_lote
"""
_ROWS: Final = """
INSERT INTO movements_answerrow (document_id, position, said, movement_id, finding)
SELECT lote_id, id, jsonb_build_object('nss', nss, 'type', type, 'fecha', "on", 'verdict', 'operado', 'registro_patronal', registro), id,
  'operado' FROM movements_movement WHERE answered_on IS NOT NULL
"""
_STRANGE: Final = """
INSERT INTO movements_answerrow (document_id, position, said, finding)
SELECT lote_id, 10000000 + id, jsonb_build_object('nss', '8' || lpad(id::text, 10, '0'), 'type', '08', 'fecha', "on", 'verdict', 'operado',
  'registro_patronal', registro), 'ajeno' FROM movements_movement WHERE answered_on IS NOT NULL AND id % 2000 = 9
"""
#: Lists of the insured of ten registros patronales, one in two hundred unnamed and one in two hundred named who is not known.
_LISTS: Final = """
INSERT INTO reconciliation_insuredlist (registro, "on", filename, sha256, count, notes, brought_at, brought_name, ended, ended_name)
SELECT DISTINCT registro, %(today)s::date, 'x.csv', '', 1, '[]'::jsonb, now(), 'x', '', '' FROM students_registropatronal
WHERE plantel_id <= 20
"""
_LISTED: Final = """
INSERT INTO reconciliation_insuredrow (list_id, nss, line, curp, name)
SELECT l.id, CASE WHEN c.id % 200 = 1 THEN '9' || lpad(c.id::text, 10, '0') ELSE c.nss END, c.id, '', ''
FROM insurance_cover c JOIN reconciliation_insuredlist l USING (registro) WHERE c.ended_on IS NULL AND c.nss <> ''
"""
_TABLES: Final = (
    "students_registropatronal", "students_enrolment", "cases_case", "cases_standingtally", "cases_duetally", "insurance_cover",
    "movements_lote", "movements_movement", "movements_answerdocument", "movements_answerrow", "reconciliation_insuredlist",
    "reconciliation_insuredrow",
)  # fmt: skip


def insure(cursor: Any, today: Any) -> None:
    """Fill an office of `a_big_office.build` with what was sent to IMSS and what it answered."""
    from students.models import Ciclo

    given = {"today": today, "ciclo": Ciclo.objects.latest("starts_on").pk}
    triggers(cursor, _TABLES, "DISABLE")
    cursor.execute("SET work_mem = '256MB'")
    for statement in (_REGISTROS, _GOING_ON, _CASES, _COVERS, _TWICE, _LOTES):
        cursor.execute(statement, given)
    cursor.execute(f"ANALYZE {', '.join(_TABLES)}")
    for kind in (_ALTAS, _BAJAS, _REFUSED):
        cursor.execute(_MOVEMENTS.format(**kind), given)
    cursor.execute("ANALYZE movements_movement")
    for statement in (_DOCUMENTS, _ROWS, _STRANGE):
        cursor.execute(statement)
    cursor.execute(_LISTS, given)
    cursor.execute(_LISTED)
    cursor.execute("DELETE FROM cases_standingtally")
    cursor.execute("DELETE FROM cases_duetally")
    triggers(cursor, _TABLES, "ENABLE")
    cursor.execute(RECOUNT.read_text())
    for table in _TABLES:
        cursor.execute(f"VACUUM ANALYZE {table}")
    cursor.execute("RESET ALL")
