from django.conf import settings
from django.db import migrations, models

from afiliacion.cases import states
from afiliacion.database import datafiles


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_clock_starts"),
        ("students", "0006_former_values"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="recordchange",
            name="recordchange_what_known",
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
                    ("correct_person", "Datos corregidos"),
                    ("retract_correction", "Corrección de datos deshecha"),
                    ("undo_load", "Carga de lista deshecha"),
                    ("reschedule", "Plazo recalculado"),
                    ("alert", "Atraso avisado a coordinación"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="recordchange",
            name="what",
            field=models.CharField(
                choices=[
                    ("contact", "Correo o teléfono"),
                    ("tutor", "Madre, padre o tutor"),
                    ("link", "Liga de su página"),
                    ("address", "Dirección que vuelve a servir"),
                    ("identity", "Datos de la persona"),
                ],
                max_length=10,
                verbose_name="qué",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__in", ["contact", "tutor", "link", "address", "identity"])), name="recordchange_what_known"
            ),
        ),
        migrations.RunPython(states.load_transitions, migrations.RunPython.noop),
        datafiles.sql("cases", "former_values"),
    ]
