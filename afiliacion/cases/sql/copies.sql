-- A case carries the ciclo, the grupo and the order of the name that the registry has: lists are read off one index (docs/adr/0018).
-- EXECUTE, as in the guards: a plan kept from a session's first update of one row joins thousands to thousands in a loop. min(), as there:
-- for EXISTS the planner counts on finding one soon, and there is none.
-- An enrolment goes with its case from one record of a person to the other when they are merged (afiliacion/cases/identity/merging.py).
-- Python twin: wrong_copies of afiliacion/cases/counters.py, which says what each copy must be.
-- Tests: tests/cases/test_counters.py, test_a_group_and_a_name_changed_in_the_registry_change_in_the_lists;
-- tests/cases/test_machine.py, test_any_order.
CREATE OR REPLACE FUNCTION cases_copy_registry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT e.ciclo_id, e.grupo, s.name_order INTO NEW.ciclo_id, NEW.grupo, NEW.name_order
  FROM students_enrolment e, students_student s WHERE e.id = NEW.enrolment_id AND s.id = NEW.student_id;
  RETURN NEW;
END $$;

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
      AND NOT (n.plantel_id = o.plantel_id AND EXISTS (
        SELECT FROM students_student s WHERE (s.id, s.merged_into_id) IN ((o.student_id, n.student_id), (n.student_id, o.student_id))))
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

CREATE OR REPLACE TRIGGER cases_copy_at_birth BEFORE INSERT ON cases_case FOR EACH ROW WHEN (NEW.ciclo_id IS NULL)
  EXECUTE FUNCTION cases_copy_registry();
CREATE OR REPLACE TRIGGER cases_copy_at_enrolment BEFORE UPDATE ON cases_case FOR EACH ROW
  WHEN (OLD.enrolment_id <> NEW.enrolment_id OR OLD.student_id <> NEW.student_id)
  EXECUTE FUNCTION cases_copy_registry();
CREATE OR REPLACE TRIGGER cases_copy_student AFTER UPDATE ON students_student REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_copy_student();
CREATE OR REPLACE TRIGGER cases_copy_enrolment AFTER UPDATE ON students_enrolment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_copy_enrolment();
