"""The database keeps the case honest whatever code tries: legal moves only, each with its event; a history nobody edits."""

from django.db import migrations

from afiliacion.cases import states

# EXECUTE: a plan kept from a day of single cases would join ten thousand of them row against row.
GUARD_CASES = """
CREATE FUNCTION cases_guard_birth() RETURNS trigger LANGUAGE plpgsql AS $$
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
  RETURN NULL;
END $$;
CREATE FUNCTION cases_guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    LEFT JOIN cases_event e ON e.case_id = n.id AND e.seq = n.version AND e.from_state = o.state AND e.to_state = n.state
                           AND e.hash = n.head_hash AND e.prev_hash = o.head_hash
    LEFT JOIN cases_transition t ON t.verb = e.verb AND t.from_state = e.from_state AND t.to_state = e.to_state
    WHERE n.version <> o.version + 1 OR t.id IS NULL OR n.student_id <> o.student_id OR n.plantel_id <> o.plantel_id
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % was not moved by an event of the transition table', bad USING ERRCODE = 'check_violation', CONSTRAINT = 'case_move';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cases_guard_birth AFTER INSERT ON cases_case REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_guard_birth();
CREATE TRIGGER cases_guard_move AFTER UPDATE ON cases_case REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_guard_move();
"""

# Only a throwaway database (a test's) may set afiliacion.may_truncate.
APPEND_ONLY = """
CREATE FUNCTION cases_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' AND current_setting('afiliacion.may_truncate', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
END $$;
"""

APPEND_ONLY_TABLES = ("cases_event", "cases_evidence", "cases_clockrule")


def protect(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
"""


def load_transitions(apps, schema_editor):
    table = apps.get_model("cases", "Transition")
    table.objects.all().delete()
    table.objects.bulk_create([table(verb=verb, from_state=source, to_state=target) for verb, source, target in states.rows()])


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunPython(load_transitions, migrations.RunPython.noop),
        migrations.RunSQL(
            GUARD_CASES,
            "DROP TRIGGER cases_guard_move ON cases_case; DROP TRIGGER cases_guard_birth ON cases_case;"
            "DROP FUNCTION cases_guard_move(); DROP FUNCTION cases_guard_birth();",
        ),
        migrations.RunSQL(
            APPEND_ONLY + "".join(protect(table) for table in APPEND_ONLY_TABLES),
            "".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in APPEND_ONLY_TABLES) + "DROP FUNCTION cases_append_only();",
        ),
    ]
