-- What was done in the administration stays noted. The function: afiliacion/cases/sql/append_only.sql.
-- No Python twin. Test: tests/operations/test_migrations.py, test_what_is_append_only_is_neither_changed_nor_deleted.
CREATE OR REPLACE TRIGGER django_admin_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON django_admin_log
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
