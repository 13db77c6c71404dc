from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("roll", "0004_refused"),
    ]

    operations = [
        # Compressing a list in the database takes longer than reading it; a list is kept for weeks, not for years.
        migrations.RunSQL(
            "ALTER TABLE roll_part ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE roll_part ALTER COLUMN body SET STORAGE EXTENDED",
        ),
    ]
