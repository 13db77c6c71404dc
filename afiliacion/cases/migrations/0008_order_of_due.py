"""Along the due dates of everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_retract"),
        ("students", "0002_search"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["due_order", "id"], name="case_by_due"),
        ),
    ]
