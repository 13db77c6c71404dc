from django.db import migrations

# EXECUTE, as in the guards: a plan kept from a session's first update of one row joins thousands to thousands in a loop. min(), as there:
# for EXISTS the planner counts on finding one soon, and there is none.
COPIES = """
CREATE OR REPLACE FUNCTION cases_copy_student() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE $query$
    UPDATE cases_case c SET name_order = n.name_order FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE c.student_id = n.id AND n.name_order <> o.name_order
  $query$;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cases_copy_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved bigint;
BEGIN
  EXECUTE $query$
    SELECT min(n.id) FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN cases_case c ON c.enrolment_id = n.id
    WHERE (n.student_id, n.plantel_id) <> (o.student_id, o.plantel_id)
  $query$ INTO moved;
  IF moved IS NOT NULL THEN
    RAISE EXCEPTION 'an enrolment with a case stays with its student and plantel'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'case_of_enrolment';
  END IF;
  EXECUTE $query$
    UPDATE cases_case c SET ciclo_id = n.ciclo_id, grupo = n.grupo FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE c.enrolment_id = n.id AND (n.ciclo_id, n.grupo) <> (o.ciclo_id, o.grupo)
  $query$;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_sheet_refused")]

    operations = [migrations.RunSQL(COPIES, migrations.RunSQL.noop)]
