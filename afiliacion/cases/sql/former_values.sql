-- A former value of a person may be deleted (an undone correction or list, an erasure), never changed, nor emptied but by a test.
-- No Python twin: no code updates these rows. Tests: tests/cases/test_identity.py, test_a_former_value_may_go_but_not_change;
-- tests/operations/test_database_rights.py, test_h2_every_history_has_the_rights_of_one. The function: append_only.sql.
CREATE OR REPLACE TRIGGER students_formervalue_append_only BEFORE UPDATE OR TRUNCATE ON students_formervalue
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
