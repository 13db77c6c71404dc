-- A root is never changed or deleted. The function: append_only.sql.
-- No Python twin. Test: tests/operations/test_migrations.py, test_what_is_append_only_is_neither_changed_nor_deleted.
CREATE OR REPLACE TRIGGER cases_historyroot_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_historyroot
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
