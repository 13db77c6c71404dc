from django.db import migrations, models

from afiliacion.database import datafiles


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_record_change"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoryRoot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="fecha")),
                ("at", models.DateTimeField(verbose_name="anotada")),
                ("last_event", models.BigIntegerField(verbose_name="último hecho")),
                ("cases", models.PositiveIntegerField(verbose_name="expedientes")),
                ("root", models.CharField(max_length=64, verbose_name="sello")),
            ],
            options={
                "verbose_name": "sello de las historias",
                "verbose_name_plural": "sellos de las historias",
                "ordering": ["date"],
                "constraints": [models.UniqueConstraint(fields=("date",), name="historyroot_once_a_date")],
            },
        ),
        # Again, without the variable that switched the guard off for any session that set it.
        datafiles.sql("cases", "append_only"),
        datafiles.sql("cases", "history_roots"),
    ]
