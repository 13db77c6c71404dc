from django.db import migrations


class Migration(migrations.Migration):
    """A name of its own for the row that limits mails a minute. The table keeps its name: no row is touched."""

    dependencies = [("reminders", "0002_defaults")]

    operations = [
        migrations.AlterModelTable(name="pace", table="reminders_pace"),
        migrations.RenameModel(old_name="Pace", new_name="MailPace"),
    ]
