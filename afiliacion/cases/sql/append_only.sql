-- A history, its evidence and the rules of the clock are never changed or deleted: rows are only added. The application's database role
-- has no right to (afiliacion/operations/sql/rights.sql, which knows these tables by this function); this holds the owner, too.
-- No Python twin: no code of ours updates these tables. Tests: tests/cases/test_verbs.py, test_invariants_1_and_11_are_kept_by_the_database;
-- tests/operations/test_migrations.py, test_what_is_append_only_is_neither_changed_nor_deleted.
CREATE OR REPLACE FUNCTION cases_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
END $$;

CREATE OR REPLACE TRIGGER cases_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_event
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
CREATE OR REPLACE TRIGGER cases_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_evidence
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
CREATE OR REPLACE TRIGGER cases_clockrule_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_clockrule
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
