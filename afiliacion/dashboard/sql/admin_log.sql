-- What is added, changed or deleted in the admin stands in the same record as the changes in Ajustes (append-only).
-- A trigger, because Django writes several rows of its log at once and sends no signal for them.
-- No Python twin. Test: tests/abuse/test_records.py, test_m3_what_is_changed_in_the_admin_is_recorded_with_the_settings.
CREATE OR REPLACE FUNCTION dashboard_record_admin_log() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO dashboard_settingchange (at, user_id, user_name, section, what, before, after)
  SELECT NEW.action_time, NEW.user_id,
    left(coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username), 160), 'admin',
    left(coalesce(c.model || ': ', '') || NEW.object_repr, 240),
    CASE WHEN NEW.action_flag = 3 THEN jsonb_build_object('fila', NEW.object_repr) ELSE '{}'::jsonb END,
    CASE WHEN NEW.action_flag = 3 THEN '{}'::jsonb ELSE jsonb_build_object('cambio en el admin', NEW.change_message) END
  FROM auth_user u LEFT JOIN django_content_type c ON c.id = NEW.content_type_id
  WHERE u.id = NEW.user_id;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER dashboard_record_admin_log AFTER INSERT ON django_admin_log
  FOR EACH ROW EXECUTE FUNCTION dashboard_record_admin_log();
