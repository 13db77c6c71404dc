"""What IMSS made of a movement stands on its errand; what is under way becomes a view (afiliacion/movements/migrations/0003_by_service.py)."""

from django.conf import settings
from django.db import migrations, models


# The code of an answer that decided a movement, and its words, were kept only among the last things that were known.
RESULTS = """
UPDATE imss_errand SET result = 'rechazado', resolved_on = coalesce(last_result_at::date, received_on), result_text = message
WHERE kind IN ('send_alta', 'send_baja') AND received_on IS NOT NULL AND code <> '' AND message LIKE 'El IMSS rechazó %';
UPDATE imss_errand SET result = 'operado', resolved_on = coalesce(last_result_at::date, received_on)
WHERE kind IN ('send_alta', 'send_baja') AND received_on IS NOT NULL AND status = 'done' AND message LIKE 'El IMSS operó %';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_answer_awaited"),
        ("imss", "0010_channels"),
        ("insurance", "0005_taken_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="movementunderway",
            options={"managed": False, "verbose_name": "movimiento en camino", "verbose_name_plural": "movimientos en camino"},
        ),
        migrations.AddField(
            model_name="errand",
            name="register_name",
            field=models.CharField(blank=True, db_default="", max_length=120, verbose_name="nombre en el IMSS"),
        ),
        migrations.AddField(
            model_name="errand",
            name="resolved_on",
            field=models.DateField(null=True, verbose_name="resuelto"),
        ),
        migrations.AddField(
            model_name="errand",
            name="result",
            field=models.CharField(
                blank=True,
                choices=[("operado", "Operado"), ("rechazado", "Rechazado")],
                db_default="",
                max_length=10,
                verbose_name="resultado",
            ),
        ),
        migrations.AddField(
            model_name="errand",
            name="result_text",
            field=models.TextField(blank=True, db_default="", verbose_name="lo que dijo el IMSS"),
        ),
        migrations.AddConstraint(
            model_name="errand",
            constraint=models.CheckConstraint(condition=models.Q(("result__in", ["", "operado", "rechazado"])), name="errand_result_known"),
        ),
        migrations.AddConstraint(
            model_name="errand",
            constraint=models.CheckConstraint(
                condition=models.Q(("result", ""), ("received_on__isnull", False), _connector="OR"),
                name="errand_resolved_what_was_received",
            ),
        ),
        migrations.RunSQL(RESULTS),
    ]
