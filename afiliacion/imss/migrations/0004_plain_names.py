"""Models under the field's standard terms. The tables keep their names; three columns change theirs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("imss", "0003_defaults")]

    operations = [
        # The table's name is fixed first: a RenameModel then leaves it alone, and renames the content type.
        migrations.AlterModelTable("manners", "imss_manners"),
        migrations.RenameModel("Manners", "ImssSettings"),
        migrations.AlterModelTable("line", "imss_line"),
        migrations.RenameModel("Line", "ConnectionState"),
        migrations.AlterModelTable("asker", "imss_asker"),
        migrations.RenameModel("Asker", "WorkerShare"),
        migrations.RenameField("workershare", "among", "divisor"),
        migrations.RenameField("workershare", "asks_until", "valid_until"),
        migrations.RenameField("errand", "told_at", "last_result_at"),
    ]
