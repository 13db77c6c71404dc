-- What people and IMSS wrote in a history may be erased (a row deleted), never changed, nor emptied but by a test.
-- Python twin: afiliacion/cases/history/erasure.py, the only code that deletes; nothing updates.
-- Tests: tests/cases/test_erasure.py, test_a_text_may_be_erased_but_not_changed;
-- tests/cases/test_erasure.py, test_m4_a_text_that_was_changed_or_added_is_found.
CREATE OR REPLACE TRIGGER cases_eventdetail_append_only BEFORE UPDATE OR TRUNCATE ON cases_eventdetail
  FOR EACH STATEMENT EXECUTE FUNCTION cases_append_only();
