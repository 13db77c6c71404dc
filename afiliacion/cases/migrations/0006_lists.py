"""What the lists are read off: copies of the registry on each case, computed columns, their indexes, and maintained counters."""

import datetime as dt

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

# The copies change without a step of the case; nothing else may.
GUARD_MOVE = """
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
  RETURN NULL;
END $$;
"""

FILL = """
ALTER TABLE cases_case DISABLE TRIGGER cases_guard_move;
UPDATE cases_case c SET ciclo_id = e.ciclo_id, grupo = e.grupo, name_order = s.name_order
FROM students_enrolment e, students_student s WHERE e.id = c.enrolment_id AND s.id = c.student_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE cases_case ENABLE TRIGGER cases_guard_move;
"""

COPIES = """
CREATE FUNCTION cases_copy_registry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT e.ciclo_id, e.grupo, s.name_order INTO NEW.ciclo_id, NEW.grupo, NEW.name_order
  FROM students_enrolment e, students_student s WHERE e.id = NEW.enrolment_id AND s.id = NEW.student_id;
  RETURN NEW;
END $$;
CREATE TRIGGER cases_copy_at_birth BEFORE INSERT ON cases_case FOR EACH ROW WHEN (NEW.ciclo_id IS NULL)
  EXECUTE FUNCTION cases_copy_registry();
CREATE TRIGGER cases_copy_at_enrolment BEFORE UPDATE ON cases_case FOR EACH ROW WHEN (OLD.enrolment_id <> NEW.enrolment_id)
  EXECUTE FUNCTION cases_copy_registry();

CREATE FUNCTION cases_copy_student() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases_case c SET name_order = n.name_order FROM new_rows n JOIN old_rows o ON o.id = n.id
  WHERE c.student_id = n.id AND n.name_order <> o.name_order;
  RETURN NULL;
END $$;
CREATE TRIGGER cases_copy_student AFTER UPDATE ON students_student REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_copy_student();

CREATE FUNCTION cases_copy_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases_case c SET ciclo_id = n.ciclo_id, grupo = n.grupo FROM new_rows n JOIN old_rows o ON o.id = n.id
  WHERE c.enrolment_id = n.id AND (n.ciclo_id, n.grupo) <> (o.ciclo_id, o.grupo);
  RETURN NULL;
END $$;
CREATE TRIGGER cases_copy_enrolment AFTER UPDATE ON students_enrolment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_copy_enrolment();
"""

# Differences only: no row is updated, so nobody waits. EXECUTE for the same reason as in the guards.
COUNTERS = """
CREATE FUNCTION cases_tally() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  came text := 'SELECT plantel_id, ciclo_id, state, turn, coverage, reached, due_on, alerted_on IS NOT NULL AS alerted, 1 AS d FROM new_rows';
  went text := 'SELECT plantel_id, ciclo_id, state, turn, coverage, reached, due_on, alerted_on IS NOT NULL AS alerted, -1 AS d FROM old_rows';
  moved text := CASE TG_OP WHEN 'INSERT' THEN came WHEN 'DELETE' THEN went ELSE came || ' UNION ALL ' || went END;
BEGIN
  EXECUTE 'INSERT INTO cases_standingtally (plantel_id, ciclo_id, state, turn, coverage, reached, n)
    SELECT plantel_id, ciclo_id, state, turn, coverage, reached, sum(d) FROM (' || moved || ') m
    GROUP BY GROUPING SETS ((plantel_id, ciclo_id, state, turn, coverage, reached), (ciclo_id, state, turn, coverage, reached))
    HAVING sum(d) <> 0';
  EXECUTE 'INSERT INTO cases_duetally (plantel_id, state, turn, due_on, alerted, n)
    SELECT plantel_id, state, turn, due_on, alerted, sum(d) FROM (' || moved || ') m WHERE turn <> ''nadie''
    GROUP BY GROUPING SETS ((plantel_id, state, turn, due_on, alerted), (state, turn, due_on, alerted))
    HAVING sum(d) <> 0';
  RETURN NULL;
END $$;
CREATE TRIGGER cases_tally_born AFTER INSERT ON cases_case REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_tally();
CREATE TRIGGER cases_tally_moved AFTER UPDATE ON cases_case REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_tally();
CREATE TRIGGER cases_tally_gone AFTER DELETE ON cases_case REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_tally();
"""

COUNT = """
INSERT INTO cases_standingtally (plantel_id, ciclo_id, state, turn, coverage, reached, n)
SELECT plantel_id, ciclo_id, state, turn, coverage, reached, count(*) FROM cases_case
GROUP BY GROUPING SETS ((plantel_id, ciclo_id, state, turn, coverage, reached), (ciclo_id, state, turn, coverage, reached));
INSERT INTO cases_duetally (plantel_id, state, turn, due_on, alerted, n)
SELECT plantel_id, state, turn, due_on, alerted, count(*)
FROM (SELECT plantel_id, state, turn, due_on, alerted_on IS NOT NULL AS alerted FROM cases_case WHERE turn <> 'nadie') c
GROUP BY GROUPING SETS ((plantel_id, state, turn, due_on, alerted), (state, turn, due_on, alerted));
"""

NOTHING = migrations.RunSQL.noop


def plantel(**options):
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="students.plantel", **options
    )


def ciclo(**options):
    return models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="students.ciclo", **options)


def own_id():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_fewer_indexes"), ("students", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD_MOVE, NOTHING),
        migrations.AddField(
            "case",
            "ciclo",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="students.ciclo",
                verbose_name="ciclo",
            ),
        ),
        migrations.AddField("case", "grupo", models.CharField(blank=True, max_length=30, null=True)),
        migrations.AddField("case", "name_order", models.TextField(db_collation="C", null=True)),
        migrations.RunSQL(FILL, NOTHING),
        migrations.AlterField(
            "case",
            "ciclo",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="students.ciclo", verbose_name="ciclo"
            ),
        ),
        migrations.AlterField("case", "grupo", models.CharField(blank=True, max_length=30)),
        migrations.AlterField("case", "name_order", models.TextField(db_collation="C")),
        migrations.RunSQL(
            COPIES,
            "DROP TRIGGER cases_copy_enrolment ON students_enrolment; DROP FUNCTION cases_copy_enrolment();"
            "DROP TRIGGER cases_copy_student ON students_student; DROP FUNCTION cases_copy_student();"
            "DROP TRIGGER cases_copy_at_enrolment ON cases_case; DROP TRIGGER cases_copy_at_birth ON cases_case;"
            "DROP FUNCTION cases_copy_registry();",
        ),
        migrations.AddField(
            "case",
            "reached",
            models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(clinic_on__isnull=False, then=models.Value(5), vigencia_on__isnull=False),
                    models.When(then=models.Value(4), vigencia_on__isnull=False),
                    models.When(alta_on__isnull=False, then=models.Value(3)),
                    models.When(acuse_on__isnull=False, then=models.Value(2)),
                    models.When(nss_on__isnull=False, then=models.Value(1)),
                    default=models.Value(0),
                ),
                output_field=models.PositiveSmallIntegerField(),
            ),
        ),
        migrations.AddField(
            "case",
            "due_order",
            models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce("due_on", models.Value(dt.date(9999, 12, 31))),
                output_field=models.DateField(),
            ),
        ),
        migrations.RemoveIndex("case", "case_by_plantel_state"),
        migrations.RemoveIndex("case", "case_due"),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["plantel", "state", "due_order", "id"],
                include=("turn", "ciclo", "grupo", "coverage", "reached"),
                name="case_of_plantel_by_due",
            ),
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["plantel", "name_order", "id"],
                include=("state", "turn", "due_order", "ciclo", "grupo", "coverage", "reached"),
                name="case_of_plantel_by_name",
            ),
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["state", "coverage", "ciclo", "due_order", "id"], include=("plantel", "turn", "reached"), name="case_of_all_by_due"
            ),
        ),
        migrations.CreateModel(
            "StandingTally",
            [
                ("id", own_id()),
                ("plantel", plantel(null=True, db_constraint=False)),
                ("ciclo", ciclo(db_constraint=False)),
                ("state", models.CharField(max_length=20)),
                ("turn", models.CharField(max_length=10)),
                ("coverage", models.CharField(max_length=14)),
                ("reached", models.PositiveSmallIntegerField()),
                ("n", models.IntegerField()),
            ],
            options={"indexes": [models.Index(fields=["plantel"], name="standingtally_of_plantel")]},
        ),
        migrations.CreateModel(
            "DueTally",
            [
                ("id", own_id()),
                ("plantel", plantel(null=True, db_constraint=False)),
                ("state", models.CharField(max_length=20)),
                ("turn", models.CharField(max_length=10)),
                ("due_on", models.DateField(null=True)),
                ("alerted", models.BooleanField()),
                ("n", models.IntegerField()),
            ],
            options={"indexes": [models.Index(fields=["plantel"], name="duetally_of_plantel")]},
        ),
        migrations.CreateModel(
            "FunnelDay",
            [
                ("id", own_id()),
                ("plantel", plantel()),
                ("ciclo", ciclo()),
                ("date", models.DateField()),
                ("reached", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("ciclo", "date", "plantel"), name="funnelday_once")]},
        ),
        migrations.RunSQL(COUNT, NOTHING),
        migrations.RunSQL(
            COUNTERS,
            "DROP TRIGGER cases_tally_gone ON cases_case; DROP TRIGGER cases_tally_moved ON cases_case;"
            "DROP TRIGGER cases_tally_born ON cases_case; DROP FUNCTION cases_tally();",
        ),
    ]
