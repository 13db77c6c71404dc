"""What a list asks and was answered; the words of a plantel."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roll", "0006_without_curp"),
        ("students", "0007_merged_records"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="answers",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="import",
            name="questions",
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name="SchoolWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("column", models.CharField(max_length=30, verbose_name="columna")),
                ("word", models.CharField(max_length=160)),
                ("written", models.CharField(max_length=160, verbose_name="palabra")),
                ("value", models.CharField(blank=True, max_length=30, verbose_name="significa")),
                ("said_by", models.CharField(max_length=160, verbose_name="lo dijo")),
                ("said_at", models.DateTimeField(verbose_name="cuándo")),
                (
                    "plantel",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="students.plantel"),
                ),
            ],
            options={
                "verbose_name": "palabra de un plantel",
                "verbose_name_plural": "palabras de los planteles",
                "constraints": [models.UniqueConstraint(fields=("plantel", "column", "word"), name="school_word_once")],
            },
        ),
    ]
