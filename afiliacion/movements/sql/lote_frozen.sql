-- A lote's bytes never change, nor what is noted once it was sent; a lote that was sent is neither undone nor deleted.
-- Python twin: afiliacion/movements/sending.py, which asks the same first, in words.
-- Test: tests/movements/test_lotes.py, test_the_database_keeps_a_lote_as_it_was_made_and_sent.
CREATE OR REPLACE FUNCTION movements_lote_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'lote %: never deleted', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'lote_frozen';
  END IF;
  IF (NEW.registro, NEW.type, NEW.filename, NEW.body, NEW.sha256, NEW.count, NEW.made_at, NEW.made_name)
     IS DISTINCT FROM (OLD.registro, OLD.type, OLD.filename, OLD.body, OLD.sha256, OLD.count, OLD.made_at, OLD.made_name)
    OR OLD.undone_at IS NOT NULL
    OR OLD.sent_on IS NOT NULL AND (NEW.sent_on, NEW.number, NEW.signed_by, NEW.sent_name, NEW.undone_at)
     IS DISTINCT FROM (OLD.sent_on, OLD.number, OLD.signed_by, OLD.sent_name, OLD.undone_at)
    OR OLD.received_on IS NOT NULL AND NEW.received_on IS NOT NULL AND NEW.received_on <> OLD.received_on THEN
    RAISE EXCEPTION 'lote %: it stays as it was made and sent', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'lote_frozen';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER movements_lote_frozen BEFORE UPDATE OR DELETE ON movements_lote FOR EACH ROW EXECUTE FUNCTION movements_lote_frozen();
