-- What the application's role may do: read and write rows, and only add rows to a history. Run by the owner after each migration
-- (afiliacion/operations/database_rights.py), from the start each time, so that a right that is not here is gone.
-- {app} is the role, {read_only} the tables that only migrations write.
-- A history is a table with a trigger that calls cases_append_only() (afiliacion/cases/sql/append_only.sql).
-- Python twin: APPEND_ONLY of tests/operations/test_migrations.py, which lists the histories.
-- Tests: tests/operations/test_database_rights.py, test_h2_every_history_has_the_rights_of_one;
-- tests/operations/test_database_rights.py, test_h2_a_history_is_not_changed_deleted_or_emptied.
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {app};
GRANT USAGE ON SCHEMA public TO {app};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app};
REVOKE INSERT, UPDATE, DELETE ON {read_only} FROM {app};

DO $$
DECLARE found record;
BEGIN
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO {app}', current_database());
  -- tgtype & 16: the trigger fires on UPDATE, & 8: on DELETE (pg_trigger.h).
  FOR found IN
    SELECT tgrelid::regclass AS name, bool_or(tgtype & 16 > 0) AS no_update, bool_or(tgtype & 8 > 0) AS no_delete
    FROM pg_trigger WHERE tgfoid = 'cases_append_only'::regproc GROUP BY 1
  LOOP
    IF found.no_update THEN EXECUTE format('REVOKE UPDATE ON %s FROM {app}', found.name); END IF;
    IF found.no_delete THEN EXECUTE format('REVOKE DELETE ON %s FROM {app}', found.name); END IF;
  END LOOP;
  -- Otherwise a temporary table with the name of one of ours would stand in its place while a trigger checks a row.
  FOR found IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype AND pg_get_userbyid(p.proowner) = current_user
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', found.name);
  END LOOP;
END $$;
