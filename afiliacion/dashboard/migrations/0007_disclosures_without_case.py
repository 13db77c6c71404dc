"""A document of which it is not known yet whose it is can be looked at, and that is written down too."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_answer_awaited"),
        ("dashboard", "0006_desk_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="disclosure",
            name="case",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disclosures",
                to="cases.case",
                verbose_name="expediente",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("case__isnull", False), models.Q(("what", "paper"), models.Q(("detail", ""), _negated=True)), _connector="OR"
                ),
                name="disclosure_of_something",
            ),
        ),
    ]
