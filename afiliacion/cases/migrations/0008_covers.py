from django.db import migrations, models

from afiliacion.cases.states import load_transitions
from afiliacion.database import datafiles


def load(apps, schema_editor):
    """The rule by which a student who changes planteles is awaited there."""
    datafiles.load(apps, "cases", "clock_rules", key="traslado")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_consent"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="former_cover",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="former_owed_on",
            field=models.DateField(null=True, verbose_name="se debe la baja de otro NSS o registro desde"),
        ),
        migrations.AddField(
            model_name="case",
            name="former_sent_on",
            field=models.DateField(null=True, verbose_name="baja de otro NSS o registro enviada"),
        ),
        migrations.AddField(
            model_name="case",
            name="keeps_cover",
            field=models.BooleanField(db_default=False, default=False, verbose_name="su seguro sigue en otro plantel"),
        ),
        migrations.AddField(
            model_name="case",
            name="owed_on",
            field=models.DateField(null=True, verbose_name="se supo que se debe la baja"),
        ),
        migrations.AddField(
            model_name="case",
            name="registro",
            field=models.CharField(blank=True, db_default="", max_length=16, verbose_name="registro patronal del alta"),
        ),
        migrations.AlterField(
            model_name="clockrule",
            name="key",
            field=models.CharField(
                choices=[
                    ("acuse", "Entrega del acuse por el alumno"),
                    ("alta", "Envío del alta por la escuela"),
                    ("vigencia", "Respuesta esperada del IMSS"),
                    ("revision", "Nueva consulta de la vigencia"),
                    ("atencion", "Atención de un caso sin vigencia"),
                    ("subdelegacion", "Seguimiento en la subdelegación"),
                    ("baja", "Envío de la baja por la escuela"),
                    ("traslado", "Llegada al otro plantel en un cambio"),
                    ("visto_bueno", "Respuesta de otro plantel a una solicitud"),
                ],
                max_length=20,
                verbose_name="plazo",
            ),
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
                    ("reject_baja", "Baja rechazada por el IMSS"),
                    ("owe_baja", "Falta enviar una baja al IMSS"),
                    ("drop_baja", "La baja ya no procede"),
                    ("lose_alta", "El alta dejó de valer"),
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
        migrations.RunPython(load_transitions),
        migrations.RunPython(load),
    ]
