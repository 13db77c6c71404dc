-- The record of changes of a person's data is never changed or deleted. The function: append_only.sql.
-- No Python twin. Test: tests/abuse/test_records.py, test_m3_the_record_of_changes_is_append_only.
CREATE OR REPLACE TRIGGER cases_recordchange_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_recordchange
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
