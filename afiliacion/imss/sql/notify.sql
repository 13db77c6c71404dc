-- The workers that ask IMSS hear at once, by NOTIFY, what the rows say: a pause, the switch that stops all, a worker that joined.
-- Python twin: afiliacion/imss/rate/notify.py (CHANNEL, STOP, LOOK), which listens.
-- Test: tests/imss/rate/test_pace.py, test_the_database_and_the_listener_use_the_same_words.
CREATE OR REPLACE FUNCTION imss_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('imss', TG_ARGV[0]);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER imss_ring_pause AFTER UPDATE ON imss_line FOR EACH ROW
  WHEN (NEW.quiet_until > coalesce(OLD.quiet_until, '-infinity') OR (OLD.probe_at IS NULL AND NEW.probe_at IS NOT NULL))
  EXECUTE FUNCTION imss_ring('stop');
CREATE OR REPLACE TRIGGER imss_ring_switch AFTER UPDATE OF paused ON imss_manners FOR EACH ROW WHEN (NEW.paused AND NOT OLD.paused)
  EXECUTE FUNCTION imss_ring('stop');
CREATE OR REPLACE TRIGGER imss_ring_newcomer AFTER INSERT ON imss_asker FOR EACH ROW EXECUTE FUNCTION imss_ring('look');
