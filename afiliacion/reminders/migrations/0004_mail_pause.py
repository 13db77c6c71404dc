import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0003_mail_pace"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailPause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="desde")),
                ("until", models.DateTimeField(verbose_name="hasta")),
                ("why", models.CharField(max_length=200, verbose_name="por qué")),
                ("words", models.TextField(verbose_name="lo que dijo el servidor")),
                (
                    "letters",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="avisos que esperan"
                    ),
                ),
            ],
            options={
                "verbose_name": "pausa del correo",
                "verbose_name_plural": "pausas del correo",
                "indexes": [models.Index(fields=["-until"], name="mailpause_latest")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("until__gt", models.F("since"))), name="mailpause_ends_after_it_begins")
                ],
            },
        ),
    ]
