-- A movement and its key stay as they were first sent: a second sending must be the same, or IMSS would take it for another.
-- Python twin: afiliacion/imss/queue/movements.py, which builds a movement once.
-- Test: tests/imss/queue/test_movements.py, test_a_movement_never_changes_once_it_may_have_been_sent.
CREATE OR REPLACE FUNCTION imss_movement_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'errand %: a movement never changes', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'errand_movement_frozen';
END $$;

CREATE OR REPLACE TRIGGER imss_movement_frozen BEFORE UPDATE OF movement, key ON imss_errand FOR EACH ROW
  WHEN ((OLD.movement IS NOT NULL AND NEW.movement IS DISTINCT FROM OLD.movement) OR NEW.key <> OLD.key)
  EXECUTE FUNCTION imss_movement_frozen();
