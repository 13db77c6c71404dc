-- Each errand that sends an alta or baja has its movement, which says what is sent by it and what became of it; and what is under way by
-- either channel is a view of the movements, which the room of errands reads (`MovementUnderWay`).
-- Python twin: afiliacion/imss/chase/settle.py, which notes on the errand what IMSS said.
-- Test: tests/movements/test_by_service.py, test_the_movement_of_an_errand_says_what_became_of_it.
CREATE OR REPLACE FUNCTION movements_status_of(errand imss_errand, status_before text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN errand.result <> '' THEN errand.result
    WHEN errand.received_on IS NOT NULL THEN 'recibido'
    WHEN errand.in_doubt THEN 'en_duda'
    -- Refused: an answer came, so that no attempt without one counts against it. Another errand may have taken its place since.
    WHEN errand.code <> '' AND errand.strikes = 0 AND (errand.status = 'parked' OR errand.status = 'done' AND status_before = 'parked')
      THEN 'de_entrada'
    WHEN errand.status = 'done' THEN 'anulado'
    ELSE 'servicio'
  END $$;

-- What is sent, by the names of MovementData (afiliacion/lotes/line/record.py).
CREATE OR REPLACE FUNCTION movements_data_of(movement jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN movement IS NULL THEN '{}' ELSE jsonb_build_object(
    'registro_patronal', movement -> 'registro_patronal', 'nss', movement -> 'nss', 'curp', movement -> 'curp',
    'primer_apellido', movement -> 'primer_apellido', 'segundo_apellido', movement -> 'segundo_apellido', 'nombre', movement -> 'nombre',
    'fecha', movement -> 'on', 'causa', movement -> 'causa_baja') END $$;

CREATE OR REPLACE FUNCTION movements_of_errand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := CASE NEW.kind WHEN 'send_alta' THEN '08' ELSE '02' END;
  standing text := movements_status_of(NEW, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status ELSE '' END);
  its_code text := CASE WHEN standing IN ('rechazado', 'de_entrada') THEN NEW.code ELSE '' END;
  its_message text := CASE standing WHEN 'rechazado' THEN NEW.result_text WHEN 'de_entrada' THEN NEW.message ELSE '' END;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO movements_movement (errand_id, errand_open, case_id, cover_id, type, registro, nss, clave, "on", data, status, code, message,
      register_name, cleared_name, previous_id)
    VALUES (NEW.id, NEW.status <> 'done', NEW.case_id, NEW.cover_id, kind, NEW.registro, NEW.nss, '', NEW.requested_on,
      movements_data_of(NEW.movement), standing, its_code, its_message, NEW.register_name, '',
      (SELECT CASE WHEN last.status IN ('rechazado', 'de_entrada') THEN last.id END FROM movements_movement last
       WHERE last.case_id = NEW.case_id AND last.type = kind AND last.status <> 'anulado' ORDER BY last.id DESC LIMIT 1));
    RETURN NULL;
  END IF;
  UPDATE movements_movement m SET
    errand_open = NEW.status <> 'done', case_id = NEW.case_id, cover_id = NEW.cover_id, registro = NEW.registro, nss = NEW.nss,
    status = standing, code = its_code, answered_on = NEW.resolved_on, register_name = NEW.register_name,
    -- Erased texts stay erased: they are copied when they come, once.
    data = CASE WHEN NEW.movement IS DISTINCT FROM OLD.movement THEN movements_data_of(NEW.movement) ELSE m.data END,
    message = CASE WHEN standing = m.status THEN m.message ELSE its_message END
  WHERE m.errand_id = NEW.id;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER movements_of_errand_opened AFTER INSERT ON imss_errand FOR EACH ROW
  WHEN (NEW.kind IN ('send_alta', 'send_baja')) EXECUTE FUNCTION movements_of_errand();
CREATE OR REPLACE TRIGGER movements_of_errand_changed AFTER UPDATE ON imss_errand FOR EACH ROW
  WHEN (NEW.kind IN ('send_alta', 'send_baja')
    AND (OLD.status, OLD.case_id, OLD.cover_id, OLD.nss, OLD.registro, OLD.in_doubt, OLD.received_on, OLD.result, OLD.movement)
    IS DISTINCT FROM (NEW.status, NEW.case_id, NEW.cover_id, NEW.nss, NEW.registro, NEW.in_doubt, NEW.received_on, NEW.result, NEW.movement))
  EXECUTE FUNCTION movements_of_errand();

CREATE OR REPLACE VIEW imss_movementunderway AS
  SELECT id, type, nss, registro, lote_id IS NOT NULL AS by_lote FROM movements_movement
  WHERE (status IN ('en_lote', 'enviado') OR errand_open) AND NOT nss = '';
