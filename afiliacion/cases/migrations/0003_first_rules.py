"""The rules a new office starts with. They are rows: a school adds its own, dated, and the old ones keep ruling the past."""

import datetime as dt

from django.db import migrations

SINCE = dt.date(2000, 1, 1)
# key, days, unit, rolls, stops with IMSS, days late until the coordinator is told, source
FIRST_RULES = [
    ("acuse", 3, "habiles", False, True, 7, "Regla escolar: el acuse se presenta dentro de los tres días posteriores a la inscripción."),
    ("alta", 5, "habiles", False, True, 5, "Por analogía con la Ley del Seguro Social, art. 15, fracción I (escrita para patrones)."),
    ("vigencia", 28, "naturales", False, True, 14, "Práctica escolar: si en cuatro semanas no hay vigencia, se reclama."),
    ("revision", 90, "naturales", False, False, None, "Práctica de la oficina: la vigencia se vuelve a consultar cada tres meses."),
    ("atencion", 5, "habiles", False, False, 5, "Práctica de la oficina: un caso sin vigencia se atiende en cinco días."),
    ("subdelegacion", 10, "habiles", False, False, 10, "Práctica de la oficina: seguimiento en la subdelegación cada dos semanas."),
    ("baja", 5, "habiles", False, True, 5, "Por analogía con la Ley del Seguro Social, art. 15, fracción I (escrita para patrones)."),
]

PAPERS = [
    ("acuse", "Acuse del NSS impreso (dos tantos)"),
    ("curp", "CURP"),
    ("acta", "Acta de nacimiento"),
    ("domicilio", "Comprobante de domicilio"),
    ("identificacion", "Identificación"),
    ("manifestacion", "Manifestación de no contar con otra seguridad social"),
    ("renuncia", "Carta de renuncia firmada"),
    ("tutor", "Identificación de la madre, padre o tutor"),
]


def load(apps, schema_editor):
    rule = apps.get_model("cases", "ClockRule")
    names = ("key", "n", "unit", "rolls", "stops_with_imss", "alert_after", "source")
    rule.objects.bulk_create([rule(**dict(zip(names, row, strict=True)), valid_from=SINCE) for row in FIRST_RULES])
    paper = apps.get_model("cases", "PaperKind")
    paper.objects.bulk_create([paper(key=key, label=label) for key, label in PAPERS])


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_guards")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
