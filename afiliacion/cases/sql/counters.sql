-- How many cases stand where and are due when: each statement adds its differences and updates no row, so no writer waits (docs/adr/0018).
-- Cases of lists that were undone (baja_kind 'deshecha') are not counted: Python twin IS_COUNTED of afiliacion/cases/models/case.py.
-- EXECUTE for the same reason as in the guards.
-- Python twin: differences of afiliacion/cases/counters.py, which counts the cases; recount.sql starts the counters over.
-- Tests: tests/cases/test_machine.py, test_any_order; tests/cases/test_counters.py, test_folding_keeps_every_sum;
-- tests/conftest.py, after each test that commits.
CREATE OR REPLACE FUNCTION cases_tally() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  came text := 'SELECT plantel_id, ciclo_id, state, turn, coverage, reached, due_on, alerted_on IS NOT NULL AS alerted, 1 AS d
    FROM new_rows WHERE baja_kind <> ''deshecha''';
  went text := 'SELECT plantel_id, ciclo_id, state, turn, coverage, reached, due_on, alerted_on IS NOT NULL AS alerted, -1 AS d
    FROM old_rows WHERE baja_kind <> ''deshecha''';
  moved text := CASE TG_OP WHEN 'INSERT' THEN came WHEN 'DELETE' THEN went ELSE came || ' UNION ALL ' || went END;
BEGIN
  EXECUTE 'INSERT INTO cases_standingtally (plantel_id, ciclo_id, state, turn, coverage, reached, n)
    SELECT plantel_id, ciclo_id, state, turn, coverage, reached, sum(d) FROM (' || moved || ') m
    GROUP BY GROUPING SETS ((plantel_id, ciclo_id, state, turn, coverage, reached), (ciclo_id, state, turn, coverage, reached))
    HAVING sum(d) <> 0';
  EXECUTE 'INSERT INTO cases_duetally (plantel_id, state, turn, due_on, alerted, n)
    SELECT plantel_id, state, turn, due_on, alerted, sum(d) FROM (' || moved || ') m WHERE turn <> ''nadie''
    GROUP BY GROUPING SETS ((plantel_id, state, turn, due_on, alerted), (state, turn, due_on, alerted))
    HAVING sum(d) <> 0';
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER cases_tally_born AFTER INSERT ON cases_case REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_tally();
CREATE OR REPLACE TRIGGER cases_tally_moved AFTER UPDATE ON cases_case REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_tally();
CREATE OR REPLACE TRIGGER cases_tally_gone AFTER DELETE ON cases_case REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_tally();
