-- What a person wrote about a case, read, downloaded or changed in the settings stays as it is. The function: afiliacion/cases/sql/append_only.sql.
-- No Python twin. Test: tests/operations/test_migrations.py, test_what_is_append_only_is_neither_changed_nor_deleted.
CREATE OR REPLACE TRIGGER dashboard_note_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dashboard_note
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
CREATE OR REPLACE TRIGGER dashboard_disclosure_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dashboard_disclosure
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
CREATE OR REPLACE TRIGGER dashboard_settingchange_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dashboard_settingchange
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
CREATE OR REPLACE TRIGGER dashboard_listexport_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dashboard_listexport
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
