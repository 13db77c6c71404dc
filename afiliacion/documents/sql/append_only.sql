-- A document in the register of what was issued is never changed or deleted. The function: afiliacion/cases/sql/append_only.sql.
-- No Python twin. Test: tests/documents/test_register.py, test_the_register_is_append_only.
CREATE OR REPLACE TRIGGER documents_issued_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON documents_issued
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
