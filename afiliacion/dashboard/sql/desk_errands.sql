-- What becomes of a case at the subdelegación answers the errand of the visit it is on, whichever way it was noted: on the case page, in the
-- room, by a list, by IMSS. An answer that is taken back opens the errand again; a later visit it was gathered for goes without it.
-- Python twin: answered of tests/dashboard/subdelegacion/test_one_truth.py.
-- Test: tests/dashboard/subdelegacion/test_one_truth.py, test_room_case_page_counters_and_work_list_agree.
CREATE OR REPLACE FUNCTION dashboard_answer_errand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE dashboard_deskerrand
  SET result = CASE WHEN NEW.verb = 'want_more' THEN 'again'
                    WHEN NEW.verb = 'return' AND (NEW.data ->> 'resend_alta')::boolean THEN 'resend'
                    WHEN NEW.verb = 'return' THEN 'solved'
                    ELSE 'moved' END,
      answered_on = NEW."on", answer_seq = NEW.seq
  WHERE case_id = NEW.case_id AND result = '';
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION dashboard_reopen_errand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE dashboard_deskerrand SET result = 'dropped' WHERE case_id = NEW.case_id AND result = '';
  UPDATE dashboard_deskerrand SET result = '', answered_on = NULL, answer_seq = NULL
  WHERE case_id = NEW.case_id AND answer_seq = (
    SELECT max(seq) FROM cases_event
    WHERE case_id = NEW.case_id AND seq < NEW.seq AND from_state = 'EN_SUBDELEGACION'
      AND (verb = 'want_more' OR to_state <> 'EN_SUBDELEGACION'));
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER dashboard_desk_answered AFTER INSERT ON cases_event FOR EACH ROW
  WHEN (NEW.from_state = 'EN_SUBDELEGACION' AND (NEW.to_state <> 'EN_SUBDELEGACION' OR NEW.verb = 'want_more'))
  EXECUTE FUNCTION dashboard_answer_errand();
CREATE OR REPLACE TRIGGER dashboard_desk_reopened AFTER INSERT ON cases_event FOR EACH ROW
  WHEN (NEW.to_state = 'EN_SUBDELEGACION' AND (NEW.verb = 'retract_want_more' OR NEW.verb = 'undo_load' AND NEW.from_state <> 'EN_SUBDELEGACION'))
  EXECUTE FUNCTION dashboard_reopen_errand();
