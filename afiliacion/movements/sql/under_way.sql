-- An alta or baja is under way by one channel only, the service or a lote: each movement in a lote that IMSS has not received has a row in
-- imss_movementunderway, whose unique constraint (underway_by_one_channel) imss/sql/under_way.sql shares.
-- Python twin: afiliacion/movements/ready.py, which holds back what goes by the service.
-- Test: tests/movements/test_channels.py, test_the_database_keeps_a_movement_to_one_channel.
CREATE OR REPLACE FUNCTION movements_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.status IN ('en_lote', 'enviado') THEN
    DELETE FROM imss_movementunderway WHERE by_lote AND (nss, registro, type) = (OLD.nss, OLD.registro, OLD.type);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.status IN ('en_lote', 'enviado') THEN
    INSERT INTO imss_movementunderway (nss, registro, type, by_lote) VALUES (NEW.nss, NEW.registro, NEW.type, true);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER movements_under_way_made AFTER INSERT ON movements_movement FOR EACH ROW EXECUTE FUNCTION movements_under_way();
CREATE OR REPLACE TRIGGER movements_under_way_changed AFTER UPDATE OF status, nss, registro ON movements_movement FOR EACH ROW
  WHEN ((OLD.status IN ('en_lote', 'enviado'), OLD.nss, OLD.registro) IS DISTINCT FROM (NEW.status IN ('en_lote', 'enviado'), NEW.nss, NEW.registro))
  EXECUTE FUNCTION movements_under_way();
CREATE OR REPLACE TRIGGER movements_under_way_gone AFTER DELETE ON movements_movement FOR EACH ROW EXECUTE FUNCTION movements_under_way();
