from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="MailOutage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="desde")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="hasta")),
                ("reason", models.CharField(max_length=500, verbose_name="qué pasó")),
            ],
            options={
                "verbose_name": "interrupción del correo",
                "verbose_name_plural": "interrupciones del correo",
                "ordering": ["-since"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("until",), name="mailoutage_one_at_a_time", nulls_distinct=False
                    )
                ],
            },
        )
    ]
