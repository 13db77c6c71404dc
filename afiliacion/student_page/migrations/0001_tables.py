from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("student_page", "0001_initial"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("since", models.DateTimeField()),
                ("n", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "intentos",
                "verbose_name_plural": "intentos",
                "constraints": [models.UniqueConstraint(fields=("key",), name="tries_once_per_key")],
            },
        ),
    ]
