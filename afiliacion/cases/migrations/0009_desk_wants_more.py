from django.db import migrations, models

from afiliacion.cases import states

#: A presentation noted at an earlier stay was taken for one of this stay. The night's reschedule then moves the due date.
HEAL = """
ALTER TABLE cases_case DISABLE TRIGGER cases_guard_move;
UPDATE cases_case c SET filed_on = NULL, turn = 'escuela'
WHERE c.state = 'EN_SUBDELEGACION' AND c.filed_on IS NOT NULL AND NOT EXISTS (
  SELECT FROM cases_event f WHERE f.case_id = c.id AND f.verb = 'file_at_desk'
    AND f.seq > (SELECT max(e.seq) FROM cases_event e WHERE e.case_id = c.id AND e.verb = 'escalate'));
ALTER TABLE cases_case ENABLE TRIGGER cases_guard_move;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_covers"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="wanted_on",
            field=models.DateField(null=True, verbose_name="la subdelegación pidió más"),
        ),
        migrations.AlterField(
            model_name="event",
            name="verb",
            field=models.CharField(
                choices=[
                    ("open", "Expediente abierto"),
                    ("continue", "Reinscripción"),
                    ("obtain_nss", "NSS obtenido"),
                    ("correct_nss", "NSS corregido"),
                    ("disown_nss", "El NSS no es del alumno"),
                    ("deliver_acuse", "Acuse entregado"),
                    ("retract_acuse", "Entrega del acuse deshecha"),
                    ("send_alta", "Alta enviada al IMSS"),
                    ("confirm_vigencia", "Vigencia confirmada por el IMSS"),
                    ("miss_vigencia", "El IMSS no reporta vigencia"),
                    ("reject_alta", "Alta rechazada por el IMSS"),
                    ("escalate", "Enviado a la subdelegación"),
                    ("file_at_desk", "Presentado en la subdelegación"),
                    ("retract_filing", "Presentación en la subdelegación deshecha"),
                    ("want_more", "La subdelegación pidió algo más"),
                    ("retract_want_more", "Se deshizo «faltó algo»"),
                    ("return", "Regresó de la subdelegación"),
                    ("renounce", "Renuncia firmada"),
                    ("withdraw_renuncia", "Renuncia retirada"),
                    ("leave", "Baja escolar"),
                    ("send_baja", "Baja enviada al IMSS"),
                    ("operate_baja", "Baja operada por el IMSS"),
                    ("rejoin", "Reingreso"),
                    ("note_coverage", "Cobertura anotada"),
                    ("note_clinic", "Clínica anotada"),
                    ("receive_papers", "Documentos recibidos"),
                    ("verify_papers", "Documentos verificados"),
                    ("reject_papers", "Documentos rechazados"),
                    ("retract_papers", "Recepción de documentos deshecha"),
                    ("hold", "Plazo en pausa"),
                    ("release", "Plazo reanudado"),
                    ("undo_load", "Carga de lista deshecha"),
                    ("reschedule", "Plazo recalculado"),
                    ("alert", "Atraso avisado a coordinación"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(states.load_transitions),
        migrations.RunSQL(HEAL),
    ]
