-- The log of a cover is never changed or deleted (afiliacion/cases/sql/append_only.sql, which has the function).
-- No Python twin: no code of ours updates this table. Test: tests/operations/test_migrations.py,
-- test_what_is_append_only_is_neither_changed_nor_deleted.
CREATE OR REPLACE TRIGGER insurance_coverevent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON insurance_coverevent
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
