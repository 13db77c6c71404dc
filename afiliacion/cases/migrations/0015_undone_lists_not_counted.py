"""Cases of lists that were undone are counted and listed no more: out of the counters, and of the indexes of the lists."""

from django.db import migrations, models

from afiliacion.database import datafiles

# The counters are sums of differences: one more makes them forget what they had counted.
FORGET = """
INSERT INTO cases_standingtally (plantel_id, ciclo_id, state, turn, coverage, reached, n)
SELECT plantel_id, ciclo_id, state, turn, coverage, reached, -count(*) FROM cases_case WHERE baja_kind = 'deshecha'
GROUP BY GROUPING SETS ((plantel_id, ciclo_id, state, turn, coverage, reached), (ciclo_id, state, turn, coverage, reached));
INSERT INTO cases_duetally (plantel_id, state, turn, due_on, alerted, n)
SELECT plantel_id, state, turn, due_on, alerted, -count(*)
FROM (SELECT plantel_id, state, turn, due_on, alerted_on IS NOT NULL AS alerted FROM cases_case
      WHERE turn <> 'nadie' AND baja_kind = 'deshecha') c
GROUP BY GROUPING SETS ((plantel_id, state, turn, due_on, alerted), (state, turn, due_on, alerted));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_reopen"),
        ("students", "0002_rules"),
    ]

    operations = [
        # No case changes between the two.
        migrations.RunSQL("LOCK TABLE cases_case IN SHARE ROW EXCLUSIVE MODE"),
        datafiles.sql("cases", "counters"),
        migrations.RunSQL(FORGET),
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_due",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_of_plantel_by_due",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_of_plantel_by_name",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_of_all_by_due",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_name",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_alerted_by_due",
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("baja_kind", "deshecha"), _negated=True), fields=["due_order", "id"], name="case_by_due"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("baja_kind", "deshecha"), _negated=True),
                fields=["plantel", "state", "due_order", "id"],
                include=("turn", "ciclo", "grupo", "coverage", "reached"),
                name="case_of_plantel_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("baja_kind", "deshecha"), _negated=True),
                fields=["plantel", "name_order", "id"],
                include=("state", "turn", "due_order", "ciclo", "grupo", "coverage", "reached"),
                name="case_of_plantel_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("baja_kind", "deshecha"), _negated=True),
                fields=["state", "coverage", "ciclo", "due_order", "id"],
                include=("plantel", "turn", "reached"),
                name="case_of_all_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("baja_kind", "deshecha"), _negated=True),
                fields=["name_order", "id"],
                include=("state", "turn", "due_order", "ciclo", "coverage", "reached"),
                name="case_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("alerted_on__isnull", False), models.Q(("baja_kind", "deshecha"), _negated=True)),
                fields=["plantel", "due_order", "id"],
                include=("state", "turn", "ciclo", "grupo", "coverage", "reached"),
                name="case_alerted_by_due",
            ),
        ),
    ]
