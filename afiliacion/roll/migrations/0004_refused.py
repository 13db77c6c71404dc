"""A file that is no list is refused; what a failure of ours stops, fails. Until now both were called failed."""

from django.db import migrations, models
from django.db.models import Q

STATES = [
    "uploaded", "checking", "checked", "confirmed", "running", "done", "done_with_errors", "refused", "failed", "cancelled", "undoing",
    "undone",
]  # fmt: skip
#: How the two reasons began that were never the file's.
OURS = ("El proceso que la atiende se interrumpió", "Un error interno la detuvo")


def tell_apart(apps, schema_editor):
    ours = Q(*(("error__startswith", words) for words in OURS), _connector=Q.OR)
    failed = apps.get_model("roll", "Import").objects.filter(state="failed", checked_at=None, confirmed_at=None)
    failed.exclude(ours).update(state="refused")


def as_before(apps, schema_editor):
    apps.get_model("roll", "Import").objects.filter(state="refused").update(state="failed")


class Migration(migrations.Migration):
    dependencies = [("roll", "0003_undone_by")]

    operations = [
        migrations.RemoveConstraint(model_name="import", name="import_state_known"),
        migrations.AlterField("import", "error", models.TextField(blank=True, verbose_name="por qué se rechazó o falló")),
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("uploaded", "Recibida"), ("checking", "Revisándose"), ("checked", "Revisada: falta confirmar"),
                    ("confirmed", "Confirmada: espera su turno"), ("running", "Cargándose"), ("done", "Cargada"),
                    ("done_with_errors", "Cargada, con filas sin cargar"), ("refused", "Rechazada"),
                    ("failed", "Detenida por una falla"), ("cancelled", "Cancelada"), ("undoing", "Deshaciéndose"), ("undone", "Deshecha"),
                ],
                default="uploaded", max_length=20, verbose_name="estado",
            ),
        ),
        migrations.RunPython(tell_apart, as_before),
        migrations.AddConstraint(
            model_name="import", constraint=models.CheckConstraint(condition=Q(state__in=STATES), name="import_state_known")
        ),
    ]  # fmt: skip
