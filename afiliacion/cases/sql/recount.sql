-- Fills empty counters with the counts of all cases: for cases written past the triggers (benchmarks/grounds/a_big_office.py) and for
-- counters that were emptied by hand. No migration runs it. Delete the rows of both tables first, in the same transaction.
-- Python twin: differences of afiliacion/cases/counters.py. Test: tests/cases/test_counters.py, test_emptied_counters_are_counted_anew.
INSERT INTO cases_standingtally (plantel_id, ciclo_id, state, turn, coverage, reached, n)
SELECT plantel_id, ciclo_id, state, turn, coverage, reached, count(*) FROM cases_case WHERE baja_kind <> 'deshecha'
GROUP BY GROUPING SETS ((plantel_id, ciclo_id, state, turn, coverage, reached), (ciclo_id, state, turn, coverage, reached));
INSERT INTO cases_duetally (plantel_id, state, turn, due_on, alerted, n)
SELECT plantel_id, state, turn, due_on, alerted, count(*)
FROM (SELECT plantel_id, state, turn, due_on, alerted_on IS NOT NULL AS alerted FROM cases_case
      WHERE turn <> 'nadie' AND baja_kind <> 'deshecha') c
GROUP BY GROUPING SETS ((plantel_id, state, turn, due_on, alerted), (state, turn, due_on, alerted));
