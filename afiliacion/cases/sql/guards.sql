-- A case is written only with its event, by a move of the transition table, and is about the person, plantel and ciclo of its enrolment.
-- It changes its person only where two records of a person are merged, or taken apart again (docs/adr/0027).
-- The copies of the registry (copies.sql) are all that changes without an event.
-- EXECUTE: a plan kept from a day of single cases would join ten thousand of them row against row.
-- Python twin: afiliacion/cases/states.py (the table: TRANSITIONS) and afiliacion/cases/engine.py (the event of each move).
-- Tests: tests/cases/test_states.py, test_invariant_1_the_database_holds_the_same_table; tests/cases/test_machine.py, test_any_order;
-- tests/cases/test_verbs.py, test_invariants_1_and_11_are_kept_by_the_database; tests/insurance/test_merging.py, test_only_a_merge_gives_a_case_to_another_person.
CREATE OR REPLACE FUNCTION cases_guard_birth() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    LEFT JOIN cases_event e ON e.case_id = n.id AND e.seq = n.version AND e.to_state = n.state AND e.hash = n.head_hash
    LEFT JOIN cases_transition t ON t.verb = e.verb AND t.from_state = e.from_state AND t.to_state = e.to_state
    WHERE n.version <> 1 OR t.id IS NULL OR e.from_state <> ''
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % is not born by an event of the transition table', bad USING ERRCODE = 'check_violation', CONSTRAINT = 'case_birth';
  END IF;
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    LEFT JOIN students_enrolment e ON (e.id, e.student_id, e.plantel_id, e.ciclo_id) = (n.enrolment_id, n.student_id, n.plantel_id, n.ciclo_id)
    LEFT JOIN cases_clockrule r ON r.id = n.rule_id
    WHERE e.id IS NULL OR n.rule_id IS NOT NULL AND r.id IS NULL
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % is not about its enrolment', bad USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'case_of_enrolment';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cases_guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    LEFT JOIN cases_event e ON e.case_id = n.id AND e.seq = n.version AND e.from_state = o.state AND e.to_state = n.state
                           AND e.hash = n.head_hash AND e.prev_hash = o.head_hash
    LEFT JOIN cases_transition t ON t.verb = e.verb AND t.from_state = e.from_state AND t.to_state = e.to_state
    WHERE CASE WHEN n.version = o.version
      THEN to_jsonb(n) - ARRAY['ciclo_id', 'grupo', 'name_order'] <> to_jsonb(o) - ARRAY['ciclo_id', 'grupo', 'name_order']
      ELSE n.version <> o.version + 1 OR t.id IS NULL OR n.plantel_id <> o.plantel_id
        OR n.student_id <> o.student_id AND e.verb NOT IN ('merge', 'retract_merge') END
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % was not moved by an event of the transition table', bad USING ERRCODE = 'check_violation', CONSTRAINT = 'case_move';
  END IF;
  EXECUTE $query$
    SELECT min(n.id)
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    WHERE (n.enrolment_id, n.ciclo_id, n.student_id) <> (o.enrolment_id, o.ciclo_id, o.student_id)
        AND NOT EXISTS (SELECT FROM students_enrolment e WHERE e.id = n.enrolment_id
                        AND (e.student_id, e.plantel_id, e.ciclo_id) = (n.student_id, n.plantel_id, n.ciclo_id))
      OR n.rule_id IS DISTINCT FROM o.rule_id
        AND n.rule_id IS NOT NULL AND NOT EXISTS (SELECT FROM cases_clockrule r WHERE r.id = n.rule_id)
  $query$ INTO bad;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'case % is not about its enrolment', bad USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'case_of_enrolment';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER cases_guard_birth AFTER INSERT ON cases_case REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_guard_birth();
CREATE OR REPLACE TRIGGER cases_guard_move AFTER UPDATE ON cases_case REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION cases_guard_move();
