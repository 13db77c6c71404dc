-- An alta or baja is under way by one channel only, the service or a lote: each unfinished errand that sends one has a row in
-- imss_movementunderway, whose unique constraint (underway_by_one_channel) movements/sql/under_way.sql shares.
-- Python twin: afiliacion/imss/queue/movements.py, which asks the same first, in words.
-- Test: tests/movements/test_channels.py, test_the_database_keeps_a_movement_to_one_channel.
CREATE OR REPLACE FUNCTION imss_errand_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.status IN ('open', 'parked') THEN
    DELETE FROM imss_movementunderway
    WHERE NOT by_lote AND (nss, registro, type) = (OLD.nss, OLD.registro, CASE OLD.kind WHEN 'send_alta' THEN '08' ELSE '02' END);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.status IN ('open', 'parked') AND NEW.nss <> '' THEN
    INSERT INTO imss_movementunderway (nss, registro, type, by_lote)
    VALUES (NEW.nss, NEW.registro, CASE NEW.kind WHEN 'send_alta' THEN '08' ELSE '02' END, false);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER imss_errand_under_way_opened AFTER INSERT ON imss_errand FOR EACH ROW
  WHEN (NEW.kind IN ('send_alta', 'send_baja')) EXECUTE FUNCTION imss_errand_under_way();
CREATE OR REPLACE TRIGGER imss_errand_under_way_changed AFTER UPDATE OF status, nss, registro ON imss_errand FOR EACH ROW
  WHEN (NEW.kind IN ('send_alta', 'send_baja')
    AND (OLD.status IN ('open', 'parked'), OLD.nss, OLD.registro) IS DISTINCT FROM (NEW.status IN ('open', 'parked'), NEW.nss, NEW.registro))
  EXECUTE FUNCTION imss_errand_under_way();
CREATE OR REPLACE TRIGGER imss_errand_under_way_gone AFTER DELETE ON imss_errand FOR EACH ROW
  WHEN (OLD.kind IN ('send_alta', 'send_baja')) EXECUTE FUNCTION imss_errand_under_way();
