from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imss", "0004_plain_names")]

    operations = [
        migrations.AddField("connectionstate", "chase_until", models.DateTimeField(null=True)),
        migrations.AddField("connectionstate", "handed_over", models.BooleanField(db_default=False, default=False)),
    ]
