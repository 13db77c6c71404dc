"""The rules a new office starts with. They are rows: a school adds its own, dated, and the old ones keep ruling the past."""

import datetime as dt

from django.db import migrations

SINCE = dt.date(2000, 1, 1)
FIRST_RULES = [
    ("acuse", 3, "habiles", False, "Regla escolar: el acuse se presenta dentro de los tres días posteriores a la inscripción."),
    ("alta", 5, "habiles", False, "Por analogía con la Ley del Seguro Social, art. 15, fracción I (escrita para patrones)."),
    ("vigencia", 28, "naturales", False, "Práctica escolar: si en cuatro semanas no hay vigencia, se reclama."),
    ("revision", 90, "naturales", False, "Práctica de la oficina: la vigencia se vuelve a consultar cada tres meses."),
    ("atencion", 5, "habiles", False, "Práctica de la oficina: un caso sin vigencia se atiende en cinco días."),
    ("subdelegacion", 10, "habiles", False, "Práctica de la oficina: seguimiento en la subdelegación cada dos semanas."),
    ("baja", 5, "habiles", False, "Por analogía con la Ley del Seguro Social, art. 15, fracción I (escrita para patrones)."),
]


def load(apps, schema_editor):
    rule = apps.get_model("cases", "ClockRule")
    rule.objects.bulk_create(
        [rule(key=key, n=n, unit=unit, rolls=rolls, source=source, valid_from=SINCE) for key, n, unit, rolls, source in FIRST_RULES]
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_guards")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
