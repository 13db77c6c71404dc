"""A case's enrolment answers for its student, plantel and ciclo: one reference to check a row, the rest by the guards, a set at a time."""

import django.db.models.deletion
from django.db import migrations, models

# Whom a case is about is who its enrolment is about; rules are never deleted (append-only), so that they exist is asked once.
GUARDS = """
CREATE OR REPLACE FUNCTION cases_guard_birth() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    LEFT JOIN cases_event e ON e.case_id = n.id AND e.seq = n.version AND e.to_state = n.state AND e.hash = n.head_hash
    LEFT JOIN cases_transition t ON t.verb = e.verb AND t.from_state = e.from_state AND t.to_state = e.to_state
    WHERE n.version <> 1 OR t.id IS NULL OR e.from_state <> ''
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % is not born by an event of the transition table', bad USING ERRCODE = 'check_violation', CONSTRAINT = 'case_birth';
  END IF;
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    LEFT JOIN students_enrolment e ON (e.id, e.student_id, e.plantel_id, e.ciclo_id) = (n.enrolment_id, n.student_id, n.plantel_id, n.ciclo_id)
    LEFT JOIN cases_clockrule r ON r.id = n.rule_id
    WHERE e.id IS NULL OR n.rule_id IS NOT NULL AND r.id IS NULL
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % is not about its enrolment', bad USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'case_of_enrolment';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cases_guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    LEFT JOIN cases_event e ON e.case_id = n.id AND e.seq = n.version AND e.from_state = o.state AND e.to_state = n.state
                           AND e.hash = n.head_hash AND e.prev_hash = o.head_hash
    LEFT JOIN cases_transition t ON t.verb = e.verb AND t.from_state = e.from_state AND t.to_state = e.to_state
    WHERE CASE WHEN n.version = o.version
      THEN to_jsonb(n) - ARRAY['ciclo_id', 'grupo', 'name_order'] <> to_jsonb(o) - ARRAY['ciclo_id', 'grupo', 'name_order']
      ELSE n.version <> o.version + 1 OR t.id IS NULL OR n.student_id <> o.student_id OR n.plantel_id <> o.plantel_id END
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % was not moved by an event of the transition table', bad USING ERRCODE = 'check_violation', CONSTRAINT = 'case_move';
  END IF;
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    WHERE (n.enrolment_id, n.ciclo_id) <> (o.enrolment_id, o.ciclo_id)
        AND NOT EXISTS (SELECT FROM students_enrolment e WHERE e.id = n.enrolment_id
                        AND (e.student_id, e.plantel_id, e.ciclo_id) = (n.student_id, n.plantel_id, n.ciclo_id))
      OR n.rule_id IS DISTINCT FROM o.rule_id
        AND n.rule_id IS NOT NULL AND NOT EXISTS (SELECT FROM cases_clockrule r WHERE r.id = n.rule_id)
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % is not about its enrolment', bad USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'case_of_enrolment';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cases_copy_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN cases_case c ON c.enrolment_id = n.id
             WHERE (n.student_id, n.plantel_id) <> (o.student_id, o.plantel_id)) THEN
    RAISE EXCEPTION 'an enrolment with a case stays with its student and plantel'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'case_of_enrolment';
  END IF;
  UPDATE cases_case c SET ciclo_id = n.ciclo_id, grupo = n.grupo FROM new_rows n JOIN old_rows o ON o.id = n.id
  WHERE c.enrolment_id = n.id AND (n.ciclo_id, n.grupo) <> (o.ciclo_id, o.grupo);
  RETURN NULL;
END $$;
"""


def answered_for(name, to, **options):
    kept = models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to=to, **options)
    return migrations.AlterField("case", name, kept)


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_case_of_student"), ("students", "0003_fewer_indexes")]

    operations = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        answered_for("student", "students.student", related_name="cases", verbose_name="alumno"),
        answered_for("plantel", "students.plantel", related_name="cases", verbose_name="plantel"),
        answered_for("ciclo", "students.ciclo", related_name="+", verbose_name="ciclo"),
        answered_for("rule", "cases.clockrule", null=True, verbose_name="regla de plazo"),
    ]
