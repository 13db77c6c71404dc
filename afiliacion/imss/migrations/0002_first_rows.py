"""The rows a new office starts with, and the guard that keeps a movement as it was first sent."""

from django.db import migrations

CADENCES = [
    # kind, state, anchor, from day, every so many days
    ("locate_nss", "SIN_NSS", "state", 0, 1),
    ("check_vigencia", "ALTA_ENVIADA", "state", 3, 2),
    ("check_vigencia", "SIN_VIGENCIA", "state", 1, 7),
    ("check_vigencia", "VIGENTE", "due", 0, 1),
    # What became of a movement IMSS has received.
    ("send_alta", "ALTA_ENVIADA", "state", 0, 1),
    ("send_baja", "BAJA", "state", 0, 1),
    ("send_baja", "RENUNCIA", "state", 0, 1),
]

REFUSALS = [
    ("EN_PROCESO", "wait", "El IMSS sigue trabajando en la solicitud; se vuelve a preguntar."),
    ("ACUDIR_SUBDELEGACION", "escalate", "No se resuelve en línea: el responsable del plantel lo lleva a la subdelegación."),
    ("CURP_INVALIDA", "park", "Revise la CURP del alumno contra su constancia y corríjala."),
    ("NSS_INVALIDO", "park", "Revise el NSS del alumno contra la hoja del IMSS y corríjalo."),
    ("CORREO_INVALIDO", "park", "Pida al alumno un correo que funcione y corríjalo."),
    ("CORREO_DE_OTRA_CURP", "park", "Ese correo ya lo usó otra persona en el IMSS: pida al alumno uno propio y corríjalo."),
    ("SIN_REGISTRO", "park", "El NSS y la CURP no van juntos en el IMSS: compruebe que el NSS no sea el de un familiar."),
    ("REGISTRO_PATRONAL_INVALIDO", "park", "Revise el registro patronal del plantel (11 posiciones, modalidad 32)."),
    ("FECHA_INVALIDA", "park", "La fecha del movimiento no procede: vuelva a pedirlo."),
    ("CAUSA_BAJA_INVALIDA", "park", "Revise la tabla de causas de baja y vuelva a pedirla."),
    ("CLAVE_REUTILIZADA", "park", "El IMSS ya tiene otro movimiento con esa clave: avise a sistemas."),
    ("MOVIMIENTO_DESCONOCIDO", "park", "El IMSS dice no tener un movimiento que había recibido: avise a sistemas."),
]

# No source says which cause students take (domain notes, 4.4): a proposal, for the office to change.
CAUSES = [("temporal", "6"), ("definitiva", "2"), ("egreso", "1"), ("desercion", "3"), ("traslado", "6"), ("renuncia", "2")]

FROZEN = """
CREATE FUNCTION imss_movement_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'errand %: a movement never changes', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'errand_movement_frozen';
END $$;
CREATE TRIGGER imss_movement_frozen BEFORE UPDATE OF movement, key ON imss_errand FOR EACH ROW
  WHEN ((OLD.movement IS NOT NULL AND NEW.movement IS DISTINCT FROM OLD.movement) OR NEW.key <> OLD.key)
  EXECUTE FUNCTION imss_movement_frozen();
"""
THAWED = "DROP TRIGGER imss_movement_frozen ON imss_errand; DROP FUNCTION imss_movement_frozen();"


def load(apps, schema_editor):
    cadence, refusal, cause = (apps.get_model("imss", name) for name in ("Cadence", "KnownRefusal", "BajaCause"))
    names = ("kind", "state", "anchor", "after_days", "every_days")
    cadence.objects.bulk_create([cadence(**dict(zip(names, row, strict=True))) for row in CADENCES])
    refusal.objects.bulk_create([refusal(code=code, do=do, meaning=meaning) for code, do, meaning in REFUSALS])
    cause.objects.bulk_create([cause(reason=reason, causa=causa) for reason, causa in CAUSES])
    apps.get_model("imss", "Manners").objects.create(pk=1)
    apps.get_model("imss", "Line").objects.create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("imss", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop), migrations.RunSQL(FROZEN, THAWED)]
