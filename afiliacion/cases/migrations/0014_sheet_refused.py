from django.db import migrations, models

# What the histories already say of the sheets that are refused now. No event moves these cases, so their guard looks away.
FROM_HISTORY = """
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE cases_case DISABLE TRIGGER cases_guard_move;
    UPDATE cases_case c SET sheet_refused_on = (
        SELECT e."on" FROM cases_event e
        WHERE e.case_id = c.id AND e.verb = 'reject_papers' AND e.data @> '{"papers": ["acuse"]}' ORDER BY e.seq DESC LIMIT 1
    )
    WHERE c.papers @> '[["acuse", "rejected"]]';
    ALTER TABLE cases_case ENABLE TRIGGER cases_guard_move;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_sheets_to_review")]

    operations = [
        migrations.AddField("case", "sheet_refused_on", models.DateField("hoja rechazada", null=True)),
        migrations.RunSQL(FROM_HISTORY, migrations.RunSQL.noop),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["state", "sheet_refused_on"], condition=models.Q(sheet_refused_on__isnull=False), name="case_by_sheet_refused"
            ),
        ),
    ]
