from django.db import migrations, models

from afiliacion.database import datafiles

#: Errands that stayed open although their case had left the subdelegación.
CLOSE = """
UPDATE dashboard_deskerrand d SET result = 'moved', answered_on = e."on", answer_seq = e.seq
FROM cases_case c, LATERAL (
  SELECT seq, "on" FROM cases_event
  WHERE case_id = c.id AND from_state = 'EN_SUBDELEGACION' AND to_state <> 'EN_SUBDELEGACION' ORDER BY seq DESC LIMIT 1) e
WHERE d.result = '' AND c.id = d.case_id AND c.state <> 'EN_SUBDELEGACION';
"""
#: That something was missing was noted beside the case, whose history said nothing of it: it waits for an answer as its facts say, and
#: the page offers the one that was typed.
REOPEN = """
UPDATE dashboard_deskerrand d SET result = '', answered_on = NULL
FROM cases_case c
WHERE d.result = 'again' AND c.id = d.case_id AND c.state = 'EN_SUBDELEGACION' AND c.filed_on <= d.answered_on
  AND NOT EXISTS (SELECT FROM dashboard_deskerrand later WHERE later.case_id = d.case_id AND later.id > d.id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_desk_wants_more"),
        ("dashboard", "0005_link_disclosure"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="deskerrand",
            name="deskerrand_result_known",
        ),
        migrations.AddField(
            model_name="deskerrand",
            name="answer_seq",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="deskerrand",
            name="result",
            field=models.CharField(
                blank=True,
                choices=[
                    ("solved", "Resuelto: el trámite sigue"),
                    ("resend", "Hay que volver a enviar el alta"),
                    ("again", "Faltó algo: hay que volver a ir"),
                    ("dropped", "No se llevó"),
                    ("moved", "Dejó de estar en la subdelegación por otro motivo"),
                ],
                max_length=10,
                verbose_name="resultado",
            ),
        ),
        migrations.AddConstraint(
            model_name="deskerrand",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["", "solved", "resend", "again", "dropped", "moved"])), name="deskerrand_result_known"
            ),
        ),
        migrations.RunSQL(CLOSE),
        migrations.RunSQL(REOPEN),
        datafiles.sql("dashboard", "desk_errands"),
    ]
