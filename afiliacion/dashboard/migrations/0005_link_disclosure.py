from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_defaults"),
        ("dashboard", "0004_notes_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="disclosure",
            name="disclosure_what_known",
        ),
        migrations.AlterField(
            model_name="disclosure",
            name="what",
            field=models.CharField(
                choices=[
                    ("numbers", "CURP y NSS completos"),
                    ("paper", "Documento del expediente"),
                    ("link", "Documento con la liga personal del alumno"),
                ],
                max_length=10,
                verbose_name="qué",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(condition=models.Q(("what__in", ["numbers", "paper", "link"])), name="disclosure_what_known"),
        ),
    ]
