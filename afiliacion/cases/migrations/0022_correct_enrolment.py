"""A wrong enrolment date can be put right: what counts from it moves."""

from django.db import migrations, models

from afiliacion.cases import states


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_answer_awaited"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="verb",
            field=models.CharField(
                choices=[
                    ("open", "Expediente abierto"),
                    ("continue", "Reinscripción"),
                    ("obtain_nss", "NSS obtenido"),
                    ("correct_nss", "NSS corregido"),
                    ("unify_nss", "NSS unificado por el IMSS"),
                    ("disown_nss", "El NSS no es del alumno"),
                    ("deliver_acuse", "Acuse entregado"),
                    ("retract_acuse", "Entrega del acuse deshecha"),
                    ("send_alta", "Alta enviada al IMSS"),
                    ("confirm_vigencia", "Vigencia confirmada por el IMSS"),
                    ("miss_vigencia", "El IMSS no reporta vigencia"),
                    ("reject_alta", "Alta rechazada por el IMSS"),
                    ("declare_cover", "Seguro que ya existía, declarado"),
                    ("retract_cover", "Declaración del seguro deshecha"),
                    ("escalate", "Enviado a la subdelegación"),
                    ("file_at_desk", "Presentado en la subdelegación"),
                    ("retract_filing", "Presentación en la subdelegación deshecha"),
                    ("want_more", "La subdelegación pidió algo más"),
                    ("retract_want_more", "Se deshizo «faltó algo»"),
                    ("return", "Regresó de la subdelegación"),
                    ("renounce", "Renuncia firmada"),
                    ("withdraw_renuncia", "Renuncia retirada"),
                    ("leave", "Baja escolar"),
                    ("undo_leave", "Baja escolar deshecha"),
                    ("send_baja", "Baja enviada al IMSS"),
                    ("operate_baja", "Baja operada por el IMSS"),
                    ("reject_baja", "Baja rechazada por el IMSS"),
                    ("owe_baja", "Falta enviar una baja al IMSS"),
                    ("drop_baja", "La baja ya no procede"),
                    ("lose_alta", "El alta dejó de valer"),
                    ("retract_move", "Cambio de registro patronal deshecho"),
                    ("rejoin", "Reingreso"),
                    ("reopen", "Expediente abierto de nuevo"),
                    ("note_coverage", "Cobertura anotada"),
                    ("note_clinic", "Clínica anotada"),
                    ("receive_papers", "Documentos recibidos"),
                    ("verify_papers", "Documentos verificados"),
                    ("reject_papers", "Documentos rechazados"),
                    ("retract_papers", "Recepción de documentos deshecha"),
                    ("hold", "Plazo en pausa"),
                    ("release", "Plazo reanudado"),
                    ("correct_person", "Datos corregidos"),
                    ("retract_correction", "Corrección de datos deshecha"),
                    ("correct_enrolment", "Fecha de inscripción corregida"),
                    ("merge", "Unido con otro registro de la misma persona"),
                    ("retract_merge", "Unión de registros deshecha"),
                    ("retract_answer", "Respuesta del IMSS deshecha"),
                    ("undo_load", "Carga de lista deshecha"),
                    ("reschedule", "Plazo recalculado"),
                    ("alert", "Atraso avisado a coordinación"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(states.load_transitions, migrations.RunPython.noop),
    ]
